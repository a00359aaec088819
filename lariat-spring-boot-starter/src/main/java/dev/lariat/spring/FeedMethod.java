package dev.lariat.spring;

import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.live.Session;
import dev.lariat.message.Binary;
import dev.lariat.message.BodyCodec;
import dev.lariat.message.Bytes;
import dev.lariat.message.Frame;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Message;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.Text;
import dev.lariat.message.WebSocketFrame;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A method that gets what a feed receives, or that opens its sessions. */
final class FeedMethod {
  private final Object bean;
  private final Method method;
  private final Class<?> wanted; // the type of the first parameter
  private final Type generic;
  private final boolean withFeed;
  private @Nullable BodyCodec<?> codec; // set before the feed is read

  /**
   * Checks the method.
   *
   * @throws IllegalStateException if a feed cannot call it
   */
  FeedMethod(Object bean, Method method) {
    this.bean = bean;
    this.method = method;
    Class<?>[] types = method.getParameterTypes();
    boolean two = types.length == 2 && LiveRef.class.isAssignableFrom(types[1]);
    if (types.length != 1 && !two || two && types[0] == Session.class) {
      throw new IllegalStateException(
          "@LariatFeed on "
              + method
              + ": allowed one parameter, and if it is no Session, the LiveWebSocket or LiveEvents"
              + " as a second");
    }
    this.wanted = types[0];
    this.generic = method.getGenericParameterTypes()[0];
    this.withFeed = two;
    method.setAccessible(true); // methods of package-private classes, too
  }

  boolean isOpening() {
    return wanted == Session.class;
  }

  /** Whether it wants the JSON of texts as values. */
  boolean isTyped() {
    return wanted != String.class
        && wanted != Bytes.class
        && wanted != byte[].class
        && !isOpening()
        && !Frame.class.isAssignableFrom(wanted)
        && !Message.class.isAssignableFrom(wanted);
  }

  Type type() {
    return generic;
  }

  /** Has a codec for its type. */
  void readBy(BodyCodec<?> codec) {
    this.codec = codec;
  }

  /** Whether a feed of this kind has what it wants. */
  boolean suits(boolean webSocket) {
    if (withFeed && method.getParameterTypes()[1] != LiveRef.class) {
      Class<?> feed = webSocket ? LiveWebSocket.class : LiveEvents.class;
      if (method.getParameterTypes()[1] != feed) {
        return false;
      }
    }
    if (isOpening() || Frame.class.isAssignableFrom(wanted) || wanted == Bytes.class) {
      return webSocket;
    }
    return wanted != ServerSentEvent.class || !webSocket;
  }

  /**
   * What it wants of a message, if that has it.
   *
   * @throws dev.lariat.message.UnreadableException if it wants a value, and the text is none
   */
  Optional<Object> part(Message message) {
    if (wanted.isInstance(message)) {
      return Optional.of(message);
    }
    return switch (message) {
      case WebSocketFrame(var socket, var frame) when wanted.isInstance(frame) ->
          Optional.of(frame);
      case WebSocketFrame(var socket, Text(var text)) -> ofText(text);
      case WebSocketFrame(var socket, Binary(var bytes)) when wanted == Bytes.class ->
          Optional.of(bytes);
      case WebSocketFrame(var socket, Binary(var bytes)) when wanted == byte[].class ->
          Optional.of(bytes.toArray());
      case ServerSentEvent event -> ofText(event.data());
      default -> Optional.empty();
    };
  }

  private Optional<Object> ofText(String text) {
    if (wanted == String.class) {
      return Optional.of(text);
    }
    return codec == null ? Optional.empty() : Optional.of(codec.read(text));
  }

  /** Runs it as the opening step of a session. */
  void open(Session session) throws Exception {
    invoke(session);
  }

  void call(Object part, LiveRef feed) throws Exception {
    if (withFeed) {
      invoke(part, feed);
    } else {
      invoke(part);
    }
  }

  private void invoke(Object... arguments) throws Exception {
    try {
      method.invoke(bean, arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof Exception own) {
        throw own;
      }
      throw e;
    }
  }

  @Override
  public String toString() {
    return method.getDeclaringClass().getSimpleName() + "." + method.getName();
  }
}
