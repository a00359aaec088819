package dev.lariat.option;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** How HTTP/1.1 is spoken (RFC 9112). */
public final class Http1 {

  /** HTTP/1.1 as it is meant, one request after the other. */
  public static final Http1 DEFAULT = new Http1(new Values());

  /** What requests call themselves. */
  public enum Version {
    /**
     * HTTP/1.0, for servers that cannot do more. A body has a {@code Content-Length}, which {@code
     * connection.headers} requires; {@code expectContinue} does nothing; there is no WebSocket and
     * no other upgrade. One request is out at a time. The connection ends after its response and
     * reconnects, unless both the request and the response say {@code Connection: keep-alive}.
     */
    HTTP_1_0,
    /** HTTP/1.1. */
    HTTP_1_1
  }

  /** Which methods of requests. */
  public enum Methods {
    /**
     * Those that are idempotent, so that a request is safe to send again if its connection is lost
     * (RFC 9110 section 9.2.2): DELETE, GET, HEAD, OPTIONS, PUT and TRACE. A request with another
     * method, such as POST, is written when all responses have ended, and nothing is written before
     * its own has.
     */
    IDEMPOTENT,
    /**
     * All methods. If the connection is lost, nobody knows which requests the server has acted
     * upon, and those that are not idempotent are not safe to send again.
     */
    ALL
  }

  private final Values values;

  private Http1(Values values) {
    values.check();
    this.values = values;
  }

  /** {@return the version of the requests} */
  public Version version() {
    return values.version;
  }

  /**
   * Sets the version of the requests; HTTP/1.1 by default.
   *
   * @param version the version
   * @return a copy of these options with this value
   */
  public Http1 version(Version version) {
    return with(draft -> draft.version = version);
  }

  /** {@return how long this side may write nothing before it writes an empty line} */
  public Optional<Duration> keepalive() {
    return values.keepalive;
  }

  /**
   * Sets how long this side may write nothing before it writes an empty line, so that nobody on the
   * way forgets the connection: 1 ms to 365 days, never by default. None is written while a body is
   * sent, an upgrade is not answered or the connection ends.
   *
   * <p>It is a makeshift: section 2.2 asks servers to pass over one such line before a request, and
   * user agents not to send any. Some servers answer it by 400.
   *
   * @param interval the interval
   * @return a copy of these options with this value
   */
  public Http1 keepalive(Duration interval) {
    return with(draft -> draft.keepalive = Optional.of(interval));
  }

  /** {@return how the name of a header is written} */
  public Optional<UnaryOperator<String>> spelling() {
    return values.spelling;
  }

  /**
   * Sets how the name of a header is written, for servers that know it in one case only: the
   * function is given the name in lower case and returns it in any. In lower case by default.
   *
   * <p>The function is asked forevery name, also those of trailers and those that Lariat adds.
   * {@code open} and what sends headers call it, in the caller's thread. What it throws is thrown
   * there, and an {@code IllegalArgumentException} if it returns another name.
   *
   * @param spelling the spelling of a name in lower case
   * @return a copy of these options with this value
   */
  public Http1 spelling(UnaryOperator<String> spelling) {
    return with(draft -> draft.spelling = Optional.of(spelling));
  }

  /** {@return how many requests may be outstanding on the connection} */
  public int pipelining() {
    return values.pipelining;
  }

  /**
   * Sets how many requests may be outstanding on the connection, which means that they are written
   * and their responses have not ended: 1 to 10000, 1 by default. Further requests wait, up to
   * {@code limits.heldCommands}. With more than one, a slow response delays those after it, a
   * connection that is lost takes more requests with it, and some servers, mostly those of small
   * devices, lose a request that comes before they have answered the one before it.
   *
   * @param requests the number of requests
   * @return a copy of these options with this value
   */
  public Http1 pipelining(int requests) {
    return with(draft -> draft.pipelining = requests);
  }

  /** {@return which requests may be outstanding together with others} */
  public Methods pipelinedMethods() {
    return values.pipelinedMethods;
  }

  /**
   * Sets which requests may be outstanding together with others; the idempotent ones by default, as
   * RFC 9112 section 9.3.2 has it.
   *
   * @param methods the methods
   * @return a copy of these options with this value
   */
  public Http1 pipelinedMethods(Methods methods) {
    return with(draft -> draft.pipelinedMethods = methods);
  }

  /** {@return whether a response may also break rules that some devices break} */
  public boolean tolerant() {
    return values.tolerant;
  }

  /**
   * Sets whether a response may also break rules that some devices break: a line that ends with LF
   * alone, and {@code chunked} that is said twice. False by default: a proxy on the way that reads
   * such a response differently can be made to mix up the responses of a connection (RFC 9112
   * section 11.1).
   *
   * @param tolerant whether the decoder is tolerant
   * @return a copy of these options with this value
   */
  public Http1 tolerant(boolean tolerant) {
    return with(draft -> draft.tolerant = tolerant);
  }

  private Http1 with(Consumer<Values> change) {
    return new Http1(values.with(change));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Http1 its && values.equals(its.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return "Http1" + values;
  }

  private static final class Values extends Draft<Values> {
    Version version = Version.HTTP_1_1;
    Optional<Duration> keepalive = Optional.empty();
    Optional<UnaryOperator<String>> spelling = Optional.empty();
    int pipelining = 1;
    Methods pipelinedMethods = Methods.IDEMPOTENT;
    boolean tolerant = false;

    @Override
    void check() {
      Range.check("http1.pipelining", pipelining, 1, 10_000);
      keepalive.ifPresent(interval -> Range.check("http1.keepalive", interval, Range.MIN));
    }

    @Override
    Object[] parts() {
      return new Object[] {
        "version", version,
        "keepalive", keepalive,
        "spelling", spelling,
        "pipelining", pipelining,
        "pipelinedMethods", pipelinedMethods,
        "tolerant", tolerant
      };
    }
  }
}
