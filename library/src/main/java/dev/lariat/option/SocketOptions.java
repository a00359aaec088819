package dev.lariat.option;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How the sockets of a connection are set up. What is empty is left to the system. A Unix-domain
 * socket has the two buffers and nothing else of this; a simulated one has none of it.
 */
public final class SocketOptions {

  /** No delay, the system's probes, and the system's choice of all else. */
  public static final SocketOptions DEFAULT = new SocketOptions(new Values());

  private final Values values;

  private SocketOptions(Values values) {
    values.check();
    this.values = values;
  }

  /** {@return whether small writes go out at once} */
  public boolean noDelay() {
    return values.noDelay;
  }

  /**
   * Sets whether small writes go out at once, without waiting for the acknowledgement of those
   * before ({@code TCP_NODELAY}); true by default.
   *
   * @param noDelay whether small writes are sent at once
   * @return a copy of these options with this value
   */
  public SocketOptions noDelay(boolean noDelay) {
    return with(draft -> draft.noDelay = noDelay);
  }

  /** {@return whether the system probes a peer that has been silent} */
  public boolean keepAlive() {
    return values.keepAlive;
  }

  /**
   * Sets whether the system probes a peer that has been silent, after two hours on most systems
   * ({@code SO_KEEPALIVE}); true by default.
   *
   * @param keepAlive whether probes are sent
   * @return a copy of these options with this value
   */
  public SocketOptions keepAlive(boolean keepAlive) {
    return with(draft -> draft.keepAlive = keepAlive);
  }

  /** {@return the silence before the first probe} */
  public Optional<Duration> keepAliveIdle() {
    return values.keepAliveIdle;
  }

  /**
   * Sets the silence before the first probe ({@code TCP_KEEPIDLE}): 1 s to 32767 s, rounded up to
   * whole seconds; the system's by default.
   *
   * @param idle the idle time
   * @return a copy of these options with this value
   */
  public SocketOptions keepAliveIdle(Duration idle) {
    return with(draft -> draft.keepAliveIdle = Optional.of(idle));
  }

  /** {@return the time between two probes} */
  public Optional<Duration> keepAliveInterval() {
    return values.keepAliveInterval;
  }

  /**
   * Sets the time between two probes ({@code TCP_KEEPINTVL}): 1 s to 32767 s, rounded up to whole
   * seconds; the system's by default.
   *
   * @param interval the interval
   * @return a copy of these options with this value
   */
  public SocketOptions keepAliveInterval(Duration interval) {
    return with(draft -> draft.keepAliveInterval = Optional.of(interval));
  }

  /** {@return how many probes may stay unanswered} */
  public OptionalInt keepAliveCount() {
    return values.keepAliveCount;
  }

  /**
   * Sets how many probes may stay unanswered ({@code TCP_KEEPCNT}): 1 to 127; the system's by
   * default.
   *
   * @param count the number of probes
   * @return a copy of these options with this value
   */
  public SocketOptions keepAliveCount(int count) {
    return with(draft -> draft.keepAliveCount = OptionalInt.of(count));
  }

  /** {@return how long what was sent may stay unacknowledged before the connection is lost} */
  public Optional<Duration> userTimeout() {
    return values.userTimeout;
  }

  /**
   * Sets how long what was sent may stay unacknowledged before the connection is lost ({@code
   * TCP_USER_TIMEOUT}): 1 ms to 24 days; the system's by default. Only on Linux, with Netty's
   * native transport. It sees what {@link Timeouts#write()} does not: a peer that is gone while the
   * system's buffer still takes what is written.
   *
   * @param timeout the timeout
   * @return a copy of these options with this value
   */
  public SocketOptions userTimeout(Duration timeout) {
    return with(draft -> draft.userTimeout = Optional.of(timeout));
  }

  /** {@return how many bytes the system holds of what is sent} */
  public OptionalInt sendBuffer() {
    return values.sendBuffer;
  }

  /**
   * Sets how many bytes the system holds of what is sent ({@code SO_SNDBUF}): 1 KiB to 1 GiB; the
   * system's by default. The system may round it.
   *
   * @param bytes the number of bytes
   * @return a copy of these options with this value
   */
  public SocketOptions sendBuffer(int bytes) {
    return with(draft -> draft.sendBuffer = OptionalInt.of(bytes));
  }

  /** {@return how many bytes the system holds of what has come} */
  public OptionalInt receiveBuffer() {
    return values.receiveBuffer;
  }

  /**
   * Sets how many bytes the system holds of what has come ({@code SO_RCVBUF}): 1 KiB to 1 GiB; the
   * system's by default. The system may round it. It bounds the window of TCP.
   *
   * @param bytes the number of bytes
   * @return a copy of these options with this value
   */
  public SocketOptions receiveBuffer(int bytes) {
    return with(draft -> draft.receiveBuffer = OptionalInt.of(bytes));
  }

  /** {@return the address and port of this side} */
  public Optional<InetSocketAddress> local() {
    return values.local;
  }

  /**
   * Sets the address of this side, with any port. Only addresses of its family are dialed, unless
   * it is a wildcard.
   *
   * @param address the address of this machine
   * @return a copy of these options with this value
   */
  public SocketOptions local(InetAddress address) {
    return local(new InetSocketAddress(address, 0));
  }

  /**
   * Sets the address and port of this side, port 0 being any; the system's by default. Only
   * addresses of its family are dialed, unless it is a wildcard.
   *
   * @param local the address and the port
   * @return a copy of these options with this value
   */
  public SocketOptions local(InetSocketAddress local) {
    return with(draft -> draft.local = Optional.of(local));
  }

  /**
   * {@return whether {@code local} may be taken while the system still remembers an earlier
   * connection of it}
   */
  public boolean reuseAddress() {
    return values.reuseAddress;
  }

  /**
   * Sets whether {@code local} may be taken while the system still remembers an earlier connection
   * of it ({@code SO_REUSEADDR}), which a connection that reconnects to one port needs; false by
   * default.
   *
   * @param reuse whether the address may be used again
   * @return a copy of these options with this value
   */
  public SocketOptions reuseAddress(boolean reuse) {
    return with(draft -> draft.reuseAddress = reuse);
  }

  private SocketOptions with(Consumer<Values> change) {
    return new SocketOptions(values.with(change));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SocketOptions its && values.equals(its.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return "SocketOptions" + values;
  }

  private static final class Values extends Draft<Values> {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration LONGEST_PROBE = Duration.ofSeconds(Short.MAX_VALUE); // Linux's
    private static final Duration LONGEST_WAIT = Duration.ofDays(24); // an int of milliseconds

    boolean noDelay = true;
    boolean keepAlive = true;
    Optional<Duration> keepAliveIdle = Optional.empty();
    Optional<Duration> keepAliveInterval = Optional.empty();
    OptionalInt keepAliveCount = OptionalInt.empty();
    Optional<Duration> userTimeout = Optional.empty();
    OptionalInt sendBuffer = OptionalInt.empty();
    OptionalInt receiveBuffer = OptionalInt.empty();
    Optional<InetSocketAddress> local = Optional.empty();
    boolean reuseAddress = false;

    @Override
    void check() {
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

    @Override
    Object[] parts() {
      return new Object[] {
        "noDelay", noDelay,
        "keepAlive", keepAlive,
        "keepAliveIdle", keepAliveIdle,
        "keepAliveInterval", keepAliveInterval,
        "keepAliveCount", keepAliveCount,
        "userTimeout", userTimeout,
        "sendBuffer", sendBuffer,
        "receiveBuffer", receiveBuffer,
        "local", local,
        "reuseAddress", reuseAddress
      };
    }
  }
}
