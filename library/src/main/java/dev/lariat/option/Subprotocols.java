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

/** The subprotocols of a WebSocket (RFC 6455 section 1.9), and their handlers. */
public final class Subprotocols {

  /** None. */
  public static final Subprotocols NONE = new Subprotocols(new Values());

  private final Values values;

  private Subprotocols(Values values) {
    values.check();
    this.values = values;
  }

  /**
   * {@return these names, without handlers}
   *
   * @param names different tokens, by preference
   */
  public static Subprotocols of(String... names) {
    return NONE.with(draft -> draft.names = Range.list("names", names));
  }

  /** {@return the names that are offered, in this order} */
  public List<String> names() {
    return values.names;
  }

  /** {@return whether the upgrade fails if the server chooses none of the names} */
  public boolean required() {
    return values.required;
  }

  /**
   * Sets whether the upgrade fails if the server chooses none of the names; false by default. You
   * must offer at least one name.
   *
   * @param required whether a subprotocol is required
   * @return a copy of these options with this value
   */
  public Subprotocols required(boolean required) {
    return with(draft -> draft.required = required);
  }

  /** {@return the handlers of the subprotocols, by name} */
  public Map<String, WebSocketHandler.Factory> handlers() {
    return values.handlers;
  }

  /**
   * Offers one more subprotocol, as the last preference.
   *
   * @param name a token that is not offered yet
   * @param handler makes its handler
   * @return a copy of these options with this value
   */
  public Subprotocols and(String name, WebSocketHandler.Factory handler) {
    return with(
        draft -> {
          List<String> more = new ArrayList<>(draft.names);
          more.add(Range.present("name", name, "null"));
          draft.names = List.copyOf(more);
          Map<String, WebSocketHandler.Factory> speakers = new LinkedHashMap<>(draft.handlers);
          speakers.put(name, Range.present("handler", handler, "null"));
          draft.handlers = Map.copyOf(speakers);
        });
  }

  /** {@return the handler for a WebSocket without a subprotocol} */
  public Optional<WebSocketHandler.Factory> otherwise() {
    return values.otherwise;
  }

  /**
   * Sets the handler for a WebSocket for which the server chose no subprotocol; by default frames
   * go to the receiver as they are.
   *
   * @param handler makes the handler of a WebSocket
   * @return a copy of these options with this value
   */
  public Subprotocols otherwise(WebSocketHandler.Factory handler) {
    return with(draft -> draft.otherwise = Range.some("otherwise", handler));
  }

  /** {@return the value that the handlers receive} */
  public Optional<Object> userOptions() {
    return values.userOptions;
  }

  /**
   * Sets a value that the handlers receive; none by default.
   *
   * @param userOptions any object
   * @return a copy of these options with this value
   */
  public Subprotocols userOptions(Object userOptions) {
    return with(draft -> draft.userOptions = Range.some("userOptions", userOptions));
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
