package dev.lariat.event;

import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import java.net.SocketAddress;

/**
 * The trace of one request. Lariat calls it on the event loop of the request's connection, except
 * {@link #failed}. Its methods must not block. If one throws, the request continues without a
 * trace, and the logger {@code dev.lariat} says so.
 */
public interface Trace {

  /** The trace of a request that nobody traces. */
  Trace NONE =
      new Trace() {
        @Override
        public Headers headers(Protocol protocol, SocketAddress remote) {
          return Headers.EMPTY;
        }

        @Override
        public void event(Event.OfStream event) {}

        @Override
        public void failed(Reason reason) {}
      };

  /**
   * {@return headers for the request, which is written next} They replace headers of the same name.
   * Headers that frame the message are not allowed, nor is {@code Host}. If the server challenges a
   * request that has credentials, the same request is written again, and this method is called
   * again.
   *
   * @param protocol the protocol of the connection
   * @param remote the address that the connection leads to: the server's, or that of the first
   *     proxy
   */
  Headers headers(Protocol protocol, SocketAddress remote);

  /**
   * Receives an event of the request: those from {@link Event.RequestStart} to the last one,
   * without those of frames. The order is that of {@link Event}.
   *
   * @param event the event
   */
  void event(Event.OfStream event);

  /**
   * The request has failed. If nothing of it was written, for example because there is no
   * connection, this is all that is reported. Otherwise events report it too, before or after this.
   * Called on the event loop, or on the thread that waits for a connection.
   *
   * @param reason why it failed
   */
  void failed(Reason reason);
}
