package dev.lariat.option;

import dev.lariat.message.Headers;
import dev.lariat.message.WebSocketHandler;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The subprotocols of a WebSocket (RFC 6455 section 1.9), and who speaks them. */
public final class Subprotocols {

  /** None. */
  public static final Subprotocols NONE = new Subprotocols(new Values());

  private final Values values;

  private Subprotocols(Values values) {
    values.check();
    this.values = values;
  }

  /**
   * {@return these names, which no handler speaks}
   *
   * @param names different tokens, most wanted first
   */
  public static Subprotocols of(String... names) {
    return NONE.with(draft -> draft.names = List.of(names));
  }

  /** {@return the names that are offered, in this order} */
  public List<String> names() {
    return values.names;
  }

  /** {@return whether the upgrade fails when the server chooses none of the names} */
  public boolean required() {
    return values.required;
  }

  /**
   * Sets whether the upgrade fails when the server chooses none of the names; false by default.
   * Only if a name is offered.
   *
   * @param required whether a subprotocol is required
   * @return a copy of these options with this value
   */
  public Subprotocols required(boolean required) {
    return with(draft -> draft.required = required);
  }

  /** {@return who speaks a subprotocol that the server chose, by its name} */
  public Map<String, WebSocketHandler.Factory> handlers() {
    return values.handlers;
  }

  /**
   * Offers one more subprotocol, the least wanted so far.
   *
   * @param name a token that is not offered yet
   * @param handler who speaks it
   * @return a copy of these options with this value
   */
  public Subprotocols and(String name, WebSocketHandler.Factory handler) {
    return with(
        draft -> {
          List<String> more = new ArrayList<>(draft.names);
          more.add(name);
          draft.names = List.copyOf(more);
          Map<String, WebSocketHandler.Factory> speakers = new LinkedHashMap<>(draft.handlers);
          speakers.put(name, handler);
          draft.handlers = Map.copyOf(speakers);
        });
  }

  /** {@return who speaks if the server chose none} */
  public Optional<WebSocketHandler.Factory> otherwise() {
    return values.otherwise;
  }

  /**
   * Sets who speaks if the server chose none; by default frames go to the receiver as they are.
   *
   * @param handler makes the handler of a WebSocket
   * @return a copy of these options with this value
   */
  public Subprotocols otherwise(WebSocketHandler.Factory handler) {
    return with(draft -> draft.otherwise = Optional.of(handler));
  }

  /** {@return the options that are handed to the handlers} */
  public Optional<Object> userOptions() {
    return values.userOptions;
  }

  /**
   * Sets the options that are handed to the handlers; none by default.
   *
   * @param userOptions any object of yours
   * @return a copy of these options with this value
   */
  public Subprotocols userOptions(Object userOptions) {
    return with(draft -> draft.userOptions = Optional.of(userOptions));
  }

  private Subprotocols with(Consumer<Values> change) {
    return new Subprotocols(values.with(change));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Subprotocols its && values.equals(its.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return "Subprotocols" + values;
  }

  private static final class Values extends Draft<Values> {
    List<String> names = List.of();
    boolean required = false;
    Map<String, WebSocketHandler.Factory> handlers = Map.of();
    Optional<WebSocketHandler.Factory> otherwise = Optional.empty();
    Optional<Object> userOptions = Optional.empty();

    @Override
    void check() {
      for (String name : names) {
        if (!Headers.isToken(name)) {
          throw Range.refused(
              "webSocket.subprotocols", '"' + name + '"', "tokens (RFC 9110 section 5.6.2)");
        }
      }
      if (new HashSet<>(names).size() < names.size()) {
        throw Range.refused(
            "webSocket.subprotocols", names, "each name once (RFC 6455 section 4.1)");
      }
      if (required && names.isEmpty()) {
        throw Range.refused(
            "webSocket.subprotocols.required", true, "only if a subprotocol is offered");
      }
      for (String name : handlers.keySet()) {
        if (!names.contains(name)) {
          throw Range.refused(
              "webSocket.subprotocols.handlers", '"' + name + '"', "the offered names " + names);
        }
      }
    }

    @Override
    Object[] parts() {
      return new Object[] {
        "names", names,
        "required", required,
        "handlers", handlers,
        "otherwise", otherwise,
        "userOptions", userOptions
      };
    }
  }
}
