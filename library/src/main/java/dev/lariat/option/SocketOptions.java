package dev.lariat.option;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How the sockets of a connection are set up. What is empty is left to the system. A Unix-domain
 * socket has the two buffers and nothing else of this; a simulated one has none of it.
 *
 * @param noDelay whether small writes go out at once, without waiting for the acknowledgement of
 *     those before ({@code TCP_NODELAY}); by default they do
 * @param keepAlive whether the system probes a peer that has been silent ({@code SO_KEEPALIVE}); by
 *     default it does, after two hours on most systems
 * @param keepAliveIdle the silence before the first probe ({@code TCP_KEEPIDLE}): 1 s to 32767 s,
 *     counted in whole seconds, the last one begun
 * @param keepAliveInterval the time between two probes ({@code TCP_KEEPINTVL}): 1 s to 32767 s,
 *     counted as well
 * @param keepAliveCount how many probes may stay unanswered ({@code TCP_KEEPCNT}): 1 to 127
 * @param userTimeout how long what was sent may stay unacknowledged before the connection is lost
 *     ({@code TCP_USER_TIMEOUT}): 1 ms to 24 days; on Linux, with Netty's native transport. It sees
 *     what {@link Timeouts#write()} does not: a peer that is gone while the system's buffer still
 *     takes what is written
 * @param sendBuffer the bytes that the system holds of what is sent ({@code SO_SNDBUF}): 1 KiB to 1
 *     GiB; the system may make something else of it
 * @param receiveBuffer the bytes that the system holds of what has come ({@code SO_RCVBUF}): 1 KiB
 *     to 1 GiB, likewise. It bounds the window of TCP
 * @param local the address of this side, port 0 being any. Only addresses of its family are dialed,
 *     unless it is a wildcard
 * @param reuseAddress whether {@code local} may be taken while an earlier connection of it is still
 *     remembered ({@code SO_REUSEADDR}), which a connection that comes back to one port needs; not
 *     by default
 */
public record SocketOptions(
    boolean noDelay,
    boolean keepAlive,
    Optional<Duration> keepAliveIdle,
    Optional<Duration> keepAliveInterval,
    OptionalInt keepAliveCount,
    Optional<Duration> userTimeout,
    OptionalInt sendBuffer,
    OptionalInt receiveBuffer,
    Optional<InetSocketAddress> local,
    boolean reuseAddress) {

  /** No delay, the system's probes, and the system's word on all else. */
  public static final SocketOptions DEFAULT =
      new SocketOptions(
          true,
          true,
          Optional.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          false);

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration LONGEST_PROBE = Duration.ofSeconds(Short.MAX_VALUE); // Linux's
  private static final Duration LONGEST_WAIT = Duration.ofDays(24); // an int of milliseconds

  /** Checks every component. */
  public SocketOptions {
    keepAliveIdle.ifPresent(
        time -> Range.check("sockets.keepAliveIdle", time, SECOND, LONGEST_PROBE));
    keepAliveInterval.ifPresent(
        time -> Range.check("sockets.keepAliveInterval", time, SECOND, LONGEST_PROBE));
    keepAliveCount.ifPresent(count -> Range.check("sockets.keepAliveCount", count, 1, 127));
    userTimeout.ifPresent(
        time -> Range.check("sockets.userTimeout", time, Range.MIN, LONGEST_WAIT));
    sendBuffer.ifPresent(size -> Range.check("sockets.sendBuffer", size, 1 << 10, 1 << 30));
    receiveBuffer.ifPresent(size -> Range.check("sockets.receiveBuffer", size, 1 << 10, 1 << 30));
    local.ifPresent(
        address -> {
          if (address.isUnresolved()) {
            throw Range.refused("sockets.local", address, "an address, not a name");
          }
        });
  }

  /** The same with small writes that go out at once, or wait. */
  public SocketOptions noDelay(boolean noDelay) {
    return new SocketOptions(
        noDelay,
        keepAlive,
        keepAliveIdle,
        keepAliveInterval,
        keepAliveCount,
        userTimeout,
        sendBuffer,
        receiveBuffer,
        local,
        reuseAddress);
  }

  /** The same with the system's probes, or without. */
  public SocketOptions keepAlive(boolean keepAlive) {
    return new SocketOptions(
        noDelay,
        keepAlive,
        keepAliveIdle,
        keepAliveInterval,
        keepAliveCount,
        userTimeout,
        sendBuffer,
        receiveBuffer,
        local,
        reuseAddress);
  }

  /** The same with another silence before the first probe. */
  public SocketOptions keepAliveIdle(Duration idle) {
    return new SocketOptions(
        noDelay,
        keepAlive,
        Optional.of(idle),
        keepAliveInterval,
        keepAliveCount,
        userTimeout,
        sendBuffer,
        receiveBuffer,
        local,
        reuseAddress);
  }

  /** The same with another time between two probes. */
  public SocketOptions keepAliveInterval(Duration interval) {
    return new SocketOptions(
        noDelay,
        keepAlive,
        keepAliveIdle,
        Optional.of(interval),
        keepAliveCount,
        userTimeout,
        sendBuffer,
        receiveBuffer,
        local,
        reuseAddress);
  }

  /** The same with another number of probes. */
  public SocketOptions keepAliveCount(int count) {
    return new SocketOptions(
        noDelay,
        keepAlive,
        keepAliveIdle,
        keepAliveInterval,
        OptionalInt.of(count),
        userTimeout,
        sendBuffer,
        receiveBuffer,
        local,
        reuseAddress);
  }

  /** The same with a limit for acknowledgements. */
  public SocketOptions userTimeout(Duration timeout) {
    return new SocketOptions(
        noDelay,
        keepAlive,
        keepAliveIdle,
        keepAliveInterval,
        keepAliveCount,
        Optional.of(timeout),
        sendBuffer,
        receiveBuffer,
        local,
        reuseAddress);
  }

  /** The same with another buffer of what is sent. */
  public SocketOptions sendBuffer(int bytes) {
    return new SocketOptions(
        noDelay,
        keepAlive,
        keepAliveIdle,
        keepAliveInterval,
        keepAliveCount,
        userTimeout,
        OptionalInt.of(bytes),
        receiveBuffer,
        local,
        reuseAddress);
  }

  /** The same with another buffer of what has come. */
  public SocketOptions receiveBuffer(int bytes) {
    return new SocketOptions(
        noDelay,
        keepAlive,
        keepAliveIdle,
        keepAliveInterval,
        keepAliveCount,
        userTimeout,
        sendBuffer,
        OptionalInt.of(bytes),
        local,
        reuseAddress);
  }

  /** The same from any port of this address. */
  public SocketOptions local(InetAddress address) {
    return local(new InetSocketAddress(address, 0));
  }

  /** The same from this address and port. */
  public SocketOptions local(InetSocketAddress local) {
    return new SocketOptions(
        noDelay,
        keepAlive,
        keepAliveIdle,
        keepAliveInterval,
        keepAliveCount,
        userTimeout,
        sendBuffer,
        receiveBuffer,
        Optional.of(local),
        reuseAddress);
  }

  /** The same with this side's address taken early, or not. */
  public SocketOptions reuseAddress(boolean reuse) {
    return new SocketOptions(
        noDelay,
        keepAlive,
        keepAliveIdle,
        keepAliveInterval,
        keepAliveCount,
        userTimeout,
        sendBuffer,
        receiveBuffer,
        local,
        reuse);
  }
}
