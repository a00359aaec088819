package dev.lariat.internal.websocket;

import dev.lariat.internal.protocol.Change;
import dev.lariat.message.Frame;
import dev.lariat.message.Headers;
import dev.lariat.message.StreamRef;
import dev.lariat.message.SubprotocolMessage;
import dev.lariat.message.WebSocketHandler;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A handler of the user's on one WebSocket, and what it may do there while it is called. */
final class HandlerSession implements WebSocketHandler.Session {
  private final WebSocketEngine engine;
  private final Change.SpeakWebSocket start;
  private final WebSocketHandler handler;
  private @Nullable Thread caller; // while it is called: no other thread ever finds itself here

  /** Makes the handler. */
  @SuppressWarnings("ThisEscape") // the factory gets what its handler will have
  HandlerSession(
      WebSocketEngine engine, Change.SpeakWebSocket start, WebSocketHandler.Factory factory) {
    this.engine = engine;
    this.start = start;
    caller = Thread.currentThread();
    try {
      handler = Objects.requireNonNull(factory.begin(this), "the factory made no handler");
    } finally {
      caller = null;
    }
  }

  void frame(Frame frame) {
    caller = Thread.currentThread();
    try {
      handler.frame(frame);
    } finally {
      caller = null;
    }
  }

  void part(Frame data, boolean fin) {
    caller = Thread.currentThread();
    try {
      handler.part(data, fin);
    } finally {
      caller = null;
    }
  }

  @Override
  public StreamRef stream() {
    return start.stream().ref();
  }

  @Override
  public Headers headers() {
    return start.headers();
  }

  @Override
  public Optional<String> subprotocol() {
    return start.agreement().subprotocol();
  }

  @Override
  public Optional<Object> userOptions() {
    return start.options().subprotocols().userOptions();
  }

  @Override
  public void tell(Frame frame) {
    Thread own = leave();
    try {
      engine.tell(frame);
    } finally {
      caller = own;
    }
  }

  @Override
  public void tell(Object value) {
    Thread own = leave();
    try {
      engine.tell(new SubprotocolMessage(stream(), value));
    } finally {
      caller = own;
    }
  }

  @Override
  public boolean trySend(Frame frame) {
    Thread own = leave();
    try {
      return engine.trySend(frame);
    } finally {
      caller = own;
    }
  }

  /** Goes back into the engine, which may call a receiver: that has no part in the session. */
  private Thread leave() {
    Thread own = Thread.currentThread();
    if (caller != own) {
      throw new IllegalStateException(
          "a session is used within its handler's calls only, on their thread");
    }
    caller = null;
    return own;
  }
}
