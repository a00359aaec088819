package dev.lariat.event;

import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Protocol;
import dev.lariat.message.Receiver;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The state of a connection at the moment at which its event loop answered.
 *
 * @param connection the connection
 * @param owner its owner
 * @param state its state
 * @param inState how long it had been in that state
 * @param protocol its protocol; empty while there is no network connection
 * @param local the address of this side; empty if there is no network connection, or if it has no
 *     address
 * @param remote the address of the other side; empty while there is no network connection
 * @param tls the result of the TLS handshake; empty without TLS, and while there is no network
 *     connection
 * @param streams how many requests and WebSockets have begun and not ended, including those that
 *     wait for the connection
 * @param maxStreams how many of them can run at a time over HTTP/2: the smaller of {@code
 *     http2.maxStreams} and the server's limit; empty before the server's SETTINGS, and over
 *     HTTP/1.1
 * @param draining whether no more of them begin on this network connection, which ends when the
 *     running ones have: after a GOAWAY of HTTP/2, after {@code shutdown}, or after a response of
 *     HTTP/1.1 that closes the connection
 * @param bytesWaiting how many bytes Lariat has written that the operating system has not accepted
 *     yet
 * @param intermediaries the proxies between the two sides, the nearest first; empty without
 *     proxies, and while there is no network connection
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
    OptionalLong maxStreams,
    boolean draining,
    long bytesWaiting,
    List<Intermediary> intermediaries) {

  /** Copies the list. */
  public ConnectionInfo {
    intermediaries = List.copyOf(intermediaries);
  }

  /** The states of a connection. */
  public enum State {
    /** It is connecting. */
    DIALING,
    /** It is established. */
    UP,
    /** It is closing: it writes queued bytes, and waits for the server to close. */
    CLOSING,
    /** It waits for the next attempt. */
    WAITING,
    /** It has ended for good. */
    TERMINATED
  }

  /**
   * A proxy.
   *
   * @param uri its URI, without credentials: {@code socks5h://proxy.example:1080}
   * @param protocol which HTTP it speaks; empty for SOCKS
   */
  public record Intermediary(String uri, Optional<Protocol> protocol) {}
}
