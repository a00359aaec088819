package dev.lariat.option;

import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How long each step of a connection may take. Each timeout is 1 ms to 365 days. */
public final class Timeouts {

  /** The defaults of every option. */
  public static final Timeouts DEFAULT = new Timeouts(new Values());

  private final Values values;

  private Timeouts(Values values) {
    values.check();
    this.values = values;
  }

  /** {@return how long the lookup of the host's name may take} */
  public Duration lookup() {
    return values.lookup;
  }

  /**
   * Sets how long the lookup of the host's name may take: 1 ms to 365 days, 10 s by default.
   *
   * @param lookup the timeout
   * @return a copy of these options with this value
   */
  public Timeouts lookup(Duration lookup) {
    return with(draft -> draft.lookup = lookup);
  }

  /** {@return how long connecting may take, over all addresses together} */
  public Duration connect() {
    return values.connect;
  }

  /**
   * Sets how long connecting may take, over all addresses together: 1 ms to 365 days, 15 s by
   * default.
   *
   * @param connect the timeout
   * @return a copy of these options with this value
   */
  public Timeouts connect(Duration connect) {
    return with(draft -> draft.connect = connect);
  }

  /** {@return how long Lariat tries one address before it also tries the next} */
  public Duration attemptDelay() {
    return values.attemptDelay;
  }

  /**
   * Sets how long Lariat tries one address before it also tries the next (RFC 8305 section 5): 1 ms
   * to 365 days, 250 ms by default.
   *
   * @param attemptDelay the delay
   * @return a copy of these options with this value
   */
  public Timeouts attemptDelay(Duration attemptDelay) {
    return with(draft -> draft.attemptDelay = attemptDelay);
  }

  /** {@return how long the TLS handshake may take} */
  public Duration tls() {
    return values.tls;
  }

  /**
   * Sets how long the TLS handshake may take: 1 ms to 365 days, 10 s by default.
   *
   * @param tls the timeout
   * @return a copy of these options with this value
   */
  public Timeouts tls(Duration tls) {
    return with(draft -> draft.tls = tls);
  }

  /** {@return how long the server may take to answer the upgrade request of a WebSocket} */
  public Duration upgrade() {
    return values.upgrade;
  }

  /**
   * Sets how long the server may take to answer the upgrade request of a WebSocket, from the end of
   * the previous response: 1 ms to 365 days, 10 s by default. Time during which this side does not
   * read does not count.
   *
   * @param upgrade the timeout
   * @return a copy of these options with this value
   */
  public Timeouts upgrade(Duration upgrade) {
    return with(draft -> draft.upgrade = upgrade);
  }

  /** {@return how long the server may accept no byte while bytes wait for it} */
  public Duration write() {
    return values.write;
  }

  /**
   * Sets how long the server may accept no byte while bytes wait for it: 1 ms to 365 days, 30 s by
   * default. Time during which this side does not read does not count, since the server may be
   * waiting for this side.
   *
   * @param write the timeout
   * @return a copy of these options with this value
   */
  public Timeouts write(Duration write) {
    return with(draft -> draft.write = write);
  }

  /** {@return how long the end of a connection may take} */
  public Duration closing() {
    return values.closing;
  }

  /**
   * Sets how long the end of a connection may take, after {@code shutdown} and after a close frame
   * of either side: 1 ms to 365 days, 15 s by default.
   *
   * @param closing the timeout
   * @return a copy of these options with this value
   */
  public Timeouts closing(Duration closing) {
    return with(draft -> draft.closing = closing);
  }

  /**
   * {@return how long the server may take to send its SETTINGS, and to acknowledge those of this
   * side}
   */
  public Duration settings() {
    return values.settings;
  }

  /**
   * Sets how long the server may take to send its HTTP/2 SETTINGS, and to acknowledge those of this
   * side (RFC 9113 section 6.5.3): 1 ms to 365 days, 10 s by default.
   *
   * @param settings the timeout
   * @return a copy of these options with this value
   */
  public Timeouts settings(Duration settings) {
    return with(draft -> draft.settings = settings);
  }

  private Timeouts with(Consumer<Values> change) {
    return new Timeouts(values.with(change));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Timeouts its && values.equals(its.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return "Timeouts" + values;
  }

  private static final class Values extends Draft<Values> {
    Duration lookup = Duration.ofSeconds(10);
    Duration connect = Duration.ofSeconds(15);
    Duration attemptDelay = Duration.ofMillis(250);
    Duration tls = Duration.ofSeconds(10);
    Duration upgrade = Duration.ofSeconds(10);
    Duration write = Duration.ofSeconds(30);
    Duration closing = Duration.ofSeconds(15);
    Duration settings = Duration.ofSeconds(10);

    @Override
    void check() {
      Range.check("timeouts.lookup", lookup, Range.MIN);
      Range.check("timeouts.connect", connect, Range.MIN);
      Range.check("timeouts.attemptDelay", attemptDelay, Range.MIN);
      Range.check("timeouts.tls", tls, Range.MIN);
      Range.check("timeouts.upgrade", upgrade, Range.MIN);
      Range.check("timeouts.write", write, Range.MIN);
      Range.check("timeouts.closing", closing, Range.MIN);
      Range.check("timeouts.settings", settings, Range.MIN);
    }

    @Override
    Object[] parts() {
      return new Object[] {
        "lookup", lookup,
        "connect", connect,
        "attemptDelay", attemptDelay,
        "tls", tls,
        "upgrade", upgrade,
        "write", write,
        "closing", closing,
        "settings", settings
      };
    }
  }
}
