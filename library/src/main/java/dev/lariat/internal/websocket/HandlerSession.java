package dev.lariat.internal.websocket;

import dev.lariat.internal.protocol.Change;
import dev.lariat.message.Frame;
import dev.lariat.message.Headers;
import dev.lariat.message.StreamRef;
import dev.lariat.message.SubprotocolMessage;
import dev.lariat.message.WebSocketHandler;
import java.util.Objects;
import java.util.Optional;

/** A handler of the user's on one WebSocket, and what it may do there while it is called. */
final class HandlerSession implements WebSocketHandler.Session {
  private final WebSocketEngine engine;
  private final Change.SpeakWebSocket start;
  private final WebSocketHandler handler;
  private boolean called;

  /** Makes the handler. */
  @SuppressWarnings("ThisEscape") // the factory gets what its handler will have
  HandlerSession(
      WebSocketEngine engine, Change.SpeakWebSocket start, WebSocketHandler.Factory factory) {
    this.engine = engine;
    this.start = start;
    called = true;
    try {
      handler = Objects.requireNonNull(factory.begin(this), "the factory made no handler");
    } finally {
      called = false;
    }
  }

  void frame(Frame frame) {
    called = true;
    try {
      handler.frame(frame);
    } finally {
      called = false;
    }
  }

  void part(Frame data, boolean fin) {
    called = true;
    try {
      handler.part(data, fin);
    } finally {
      called = false;
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
    checkCalled();
    engine.tell(frame);
  }

  @Override
  public void tell(Object value) {
    checkCalled();
    engine.tell(new SubprotocolMessage(stream(), value));
  }

  @Override
  public boolean trySend(Frame frame) {
    checkCalled();
    return engine.trySend(frame);
  }

  private void checkCalled() {
    if (!called) {
      throw new IllegalStateException("a session is used within its handler's calls only");
    }
  }
}
