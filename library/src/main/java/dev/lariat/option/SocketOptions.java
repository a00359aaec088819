package dev.lariat.option;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The options of a connection's sockets. The operating system decides on those that are empty. A
 * Unix-domain socket uses only the two buffer sizes, and a simulated socket uses none of these
 * options.
 */
public final class SocketOptions {

  /** {@code TCP_NODELAY}, the system's probes, and the system's defaults for everything else. */
  public static final SocketOptions DEFAULT = new SocketOptions(new Values());

  private final Values values;

  private SocketOptions(Values values) {
    values.check();
    this.values = values;
  }

  /** {@return whether small writes are sent at once} */
  public boolean noDelay() {
    return values.noDelay;
  }

  /**
   * Sets whether small writes are sent at once, without waiting for the acknowledgement of earlier
   * ones ({@code TCP_NODELAY}); true by default.
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
    return with(draft -> draft.keepAliveIdle = Range.some("keepAliveIdle", idle));
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
    return with(draft -> draft.keepAliveInterval = Range.some("keepAliveInterval", interval));
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

  /** {@return how long sent bytes may stay unacknowledged before the connection is lost} */
  public Optional<Duration> userTimeout() {
    return values.userTimeout;
  }

  /**
   * Sets how long sent bytes may stay unacknowledged before the connection is lost ({@code
   * TCP_USER_TIMEOUT}): 1 ms to 24 days; the system's by default. It works only on Linux, with
   * Netty's native transport. It detects what {@link Timeouts#write()} cannot detect: a dead peer
   * while the system's buffer still accepts what Lariat writes.
   *
   * @param timeout the timeout
   * @return a copy of these options with this value
   */
  public SocketOptions userTimeout(Duration timeout) {
    return with(draft -> draft.userTimeout = Range.some("userTimeout", timeout));
  }

  /** {@return the size of the system's send buffer, in bytes} */
  public OptionalInt sendBuffer() {
    return values.sendBuffer;
  }

  /**
   * Sets the size of the system's send buffer, in bytes ({@code SO_SNDBUF}): 1 KiB to 1 GiB; the
   * system's by default. The system may round it.
   *
   * @param bytes the number of bytes
   * @return a copy of these options with this value
   */
  public SocketOptions sendBuffer(int bytes) {
    return with(draft -> draft.sendBuffer = OptionalInt.of(bytes));
  }

  /** {@return the size of the system's receive buffer, in bytes} */
  public OptionalInt receiveBuffer() {
    return values.receiveBuffer;
  }

  /**
   * Sets the size of the system's receive buffer, in bytes ({@code SO_RCVBUF}): 1 KiB to 1 GiB; the
   * system's by default. The system may round it. It limits the TCP window.
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
   * Sets the address of this side, with any port. Lariat then connects only to addresses of the
   * same family, unless it is a wildcard address.
   *
   * @param address the address of this machine
   * @return a copy of these options with this value
   */
  public SocketOptions local(InetAddress address) {
    return local(new InetSocketAddress(Range.present("local", address, "null"), 0));
  }

  /**
   * Sets the address and port of this side; port 0 means any port. By default the system chooses.
   * Lariat then connects only to addresses of the same family, unless it is a wildcard address.
   *
   * @param local the address and the port
   * @return a copy of these options with this value
   */
  public SocketOptions local(InetSocketAddress local) {
    return with(draft -> draft.local = Range.some("local", local));
  }

  /**
   * {@return whether {@code local} can be used while the system still remembers an earlier
   * connection from it}
   */
  public boolean reuseAddress() {
    return values.reuseAddress;
  }

  /**
   * Sets whether {@code local} can be used while the system still remembers an earlier connection
   * from it ({@code SO_REUSEADDR}). A connection that reconnects from a fixed port needs this.
   * False by default.
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
      Range.check("sockets.keepAliveIdle", keepAliveIdle, SECOND, LONGEST_PROBE);
      Range.check("sockets.keepAliveInterval", keepAliveInterval, SECOND, LONGEST_PROBE);
      Range.check("sockets.keepAliveCount", keepAliveCount, 1, 127);
      Range.check("sockets.userTimeout", userTimeout, Range.MIN, LONGEST_WAIT);
      Range.check("sockets.sendBuffer", sendBuffer, 1 << 10, 1 << 30);
      Range.check("sockets.receiveBuffer", receiveBuffer, 1 << 10, 1 << 30);
      if (local.isPresent() && local.get().isUnresolved()) {
        throw Range.refused("sockets.local", local.get(), "an address, not a name");
      }
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
