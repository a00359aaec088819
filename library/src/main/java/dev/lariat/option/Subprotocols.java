package dev.lariat.option;

import dev.lariat.message.Headers;
import dev.lariat.message.WebSocketHandler;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The subprotocols of a WebSocket (RFC 6455 section 1.9), and who speaks them.
 *
 * @param names offered in this order: different tokens; none by default
 * @param required whether the upgrade fails when the server chooses none of them; not by default
 * @param handlers who speaks a subprotocol that the server chose, by its name; where there is none,
 *     frames go to the receiver as they are
 * @param otherwise who speaks when the server chose none; by default frames go to the receiver as
 *     they are
 * @param userOptions handed to the handlers; none by default
 */
public record Subprotocols(
    List<String> names,
    boolean required,
    Map<String, WebSocketHandler.Factory> handlers,
    Optional<WebSocketHandler.Factory> otherwise,
    Optional<Object> userOptions) {

  /** None. */
  public static final Subprotocols NONE =
      new Subprotocols(List.of(), false, Map.of(), Optional.empty(), Optional.empty());

  /** Checks every component. */
  public Subprotocols {
    names = List.copyOf(names);
    for (String name : names) {
      if (!Headers.isToken(name)) {
        throw Range.refused(
            "webSocket.subprotocols", '"' + name + '"', "tokens (RFC 9110 section 5.6.2)");
      }
    }
    if (new HashSet<>(names).size() < names.size()) {
      throw Range.refused("webSocket.subprotocols", names, "each name once (RFC 6455 section 4.1)");
    }
    if (required && names.isEmpty()) {
      throw Range.refused(
          "webSocket.subprotocols.required", true, "only where a subprotocol is offered");
    }
    handlers = Map.copyOf(handlers);
    for (String name : handlers.keySet()) {
      if (!names.contains(name)) {
        throw Range.refused(
            "webSocket.subprotocols.handlers", '"' + name + '"', "the offered names " + names);
      }
    }
  }

  /** These names, which no handler speaks. */
  public static Subprotocols of(String... names) {
    return new Subprotocols(List.of(names), false, Map.of(), Optional.empty(), Optional.empty());
  }

  /** The same with one more, the least wanted so far, and who speaks it. */
  public Subprotocols and(String name, WebSocketHandler.Factory handler) {
    List<String> more = new ArrayList<>(names);
    more.add(name);
    Map<String, WebSocketHandler.Factory> speakers = new LinkedHashMap<>(handlers);
    speakers.put(name, handler);
    return new Subprotocols(more, required, speakers, otherwise, userOptions);
  }

  /** The same, where the server must choose one, or need not. */
  public Subprotocols required(boolean required) {
    return new Subprotocols(names, required, handlers, otherwise, userOptions);
  }

  /** The same with this handler for when the server chose none. */
  public Subprotocols otherwise(WebSocketHandler.Factory handler) {
    return new Subprotocols(names, required, handlers, Optional.of(handler), userOptions);
  }

  /** The same with these options for the handlers. */
  public Subprotocols userOptions(Object userOptions) {
    return new Subprotocols(names, required, handlers, otherwise, Optional.of(userOptions));
  }
}
