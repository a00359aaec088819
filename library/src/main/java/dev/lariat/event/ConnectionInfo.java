package dev.lariat.event;

import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Protocol;
import dev.lariat.message.Receiver;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a connection stood when its event loop was asked.
 *
 * @param connection the connection
 * @param owner who owns it
 * @param state its state
 * @param inState for how long it had been in that state
 * @param protocol what is spoken; empty while there is no transport
 * @param local this end's address; empty if there is no transport, or if it has none
 * @param remote the other end's address, a proxy's where there is one; empty while there is no
 *     transport
 * @param tls what TLS agreed on; empty without TLS or transport
 * @param streams how many requests and WebSockets have begun and not ended, those that wait for the
 *     connection included
 * @param bytesWaiting bytes that were written and that the operating system has not taken yet
 * @param intermediaries the proxies on the way, the nearest first; none as yet
 */
public record ConnectionInfo(
    ConnectionRef connection,
    Receiver owner,
    State state,
    Duration inState,
    Optional<Protocol> protocol,
    Optional<SocketAddress> local,
    Optional<SocketAddress> remote,
    Optional<TlsSession> tls,
    int streams,
    long bytesWaiting,
    List<Intermediary> intermediaries) {

  /** Copies the list. */
  public ConnectionInfo {
    intermediaries = List.copyOf(intermediaries);
  }

  /** The states of a connection. */
  public enum State {
    /** An attempt to connect runs. */
    DIALING,
    /** Established. */
    UP,
    /** It is closing: queued bytes are written, and the server is expected to close. */
    CLOSING,
    /** For the next attempt. */
    WAITING,
    /** Ended for good. */
    TERMINATED
  }

  /**
   * A proxy.
   *
   * @param authority where it is, as {@code host:port}
   * @param protocol what is spoken to it
   */
  public record Intermediary(String authority, Protocol protocol) {}
}
