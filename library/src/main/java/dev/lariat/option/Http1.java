package dev.lariat.option;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** How a connection speaks HTTP/1.1 (RFC 9112). */
public final class Http1 {

  /** HTTP/1.1, with one request at a time. */
  public static final Http1 DEFAULT = new Http1(new Values());

  /** The HTTP version of the requests. */
  public enum Version {
    /**
     * HTTP/1.0, for servers that support nothing newer. A body needs a {@code Content-Length}, so
     * {@code connection.begin} requires one. {@code expectContinue} has no effect, and there are no
     * WebSockets and no other upgrades. The connection carries one request at a time. It ends after
     * the response and reconnects, unless both the request and the response have {@code Connection:
     * keep-alive}.
     */
    HTTP_1_0,
    /** HTTP/1.1. */
    HTTP_1_1
  }

  /** A set of request methods. */
  public enum Methods {
    /**
     * The idempotent methods, whose requests you can safely send again if the connection is lost
     * (RFC 9110 section 9.2.2): DELETE, GET, HEAD, OPTIONS, PUT and TRACE. Lariat writes a request
     * with another method, such as POST, after all earlier responses have ended, and writes the
     * next request after its response has ended.
     */
    IDEMPOTENT,
    /**
     * All methods. If the connection is lost, you cannot know on which requests the server has
     * acted. It is not safe to send again those that are not idempotent.
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

  /** {@return after how long without a write Lariat writes an empty line} */
  public Optional<Duration> keepalive() {
    return values.keepalive;
  }

  /**
   * Sets after how long without a write Lariat writes an empty line, so that devices between you
   * and the server do not drop the idle connection: 1 ms to 365 days, never by default. It writes
   * none during a request body, while an upgrade is unanswered, or while the connection ends.
   *
   * <p>This is a workaround. Section 2.2 asks servers to ignore one such line before a request, and
   * asks user agents not to send any. Some servers answer it with 400.
   *
   * @param interval the interval
   * @return a copy of these options with this value
   */
  public Http1 keepalive(Duration interval) {
    return with(draft -> draft.keepalive = Range.some("keepalive", interval));
  }

  /** {@return the function that spells the names of headers} */
  public Optional<UnaryOperator<String>> spelling() {
    return values.spelling;
  }

  /**
   * Sets a function that spells the names of headers, for servers that accept a name in one case
   * only. The function receives the name in lower case and returns it in any case. By default
   * Lariat writes names in lower case.
   *
   * <p>Lariat calls the function for every name, including those of trailers and those that it
   * adds. {@code open} and the methods that send headers call it, in the caller's thread. They
   * throw what it throws, and an {@code IllegalArgumentException} if it returns another name.
   *
   * @param spelling the spelling of a name in lower case
   * @return a copy of these options with this value
   */
  public Http1 spelling(UnaryOperator<String> spelling) {
    return with(draft -> draft.spelling = Range.some("spelling", spelling));
  }

  /** {@return how many requests may be outstanding on the connection at a time} */
  public int pipelining() {
    return values.pipelining;
  }

  /**
   * Sets how many requests may be outstanding on the connection at a time: 1 to 10000, 1 by
   * default. A request is outstanding if it is written and its response has not ended. Further
   * requests wait, up to {@code limits.heldCommands}. With more than one, a slow response delays
   * those after it, and more requests are lost with a connection. Some servers, mostly in small
   * devices, lose a request that arrives before they have answered the previous one.
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
   * Sets which requests may be outstanding together with others; by default the idempotent ones, as
   * RFC 9112 section 9.3.2 recommends.
   *
   * @param methods the methods
   * @return a copy of these options with this value
   */
  public Http1 pipelinedMethods(Methods methods) {
    return with(draft -> draft.pipelinedMethods = methods);
  }

  /** {@return whether to accept responses that break some rules} */
  public boolean tolerant() {
    return values.tolerant;
  }

  /**
   * Sets whether to accept responses that break rules as some devices do: lines that end with LF
   * alone, and {@code chunked} twice. False by default: if a proxy reads such a response
   * differently, an attacker can use that to mix up the responses of a connection (RFC 9112 section
   * 11.1).
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
      Range.check("http1.keepalive", keepalive, Range.MIN);
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
