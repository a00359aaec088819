package dev.lariat.option;

import dev.lariat.internal.text.Priority;
import dev.lariat.internal.uri.Mask;
import dev.lariat.message.BodyCodec;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Receiver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** An HTTP request (RFC 9110). */
public final class Request {

  /** A credit that is never used up. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  private static final Set<String> FRAMING = Set.of("expect", "transfer-encoding", "upgrade");
  private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}"); // fits a long
  private static final String CONTENT_LENGTH = "content-length";
  private static final String CONTENT_TYPE = "content-type";

  private final Values values;

  private Request(Values values) {
    values.check();
    this.values = values;
  }

  /**
   * {@return a request without headers and body}
   *
   * @param method a token, case-sensitive, such as {@code GET}; any except {@code CONNECT}
   * @param target the request target, in origin form: a path with an optional query, or {@code *}
   *     for {@code OPTIONS} (RFC 9112 section 3.2)
   * @throws IllegalArgumentException if the method is not a token, or the target is not in origin
   *     form
   */
  public static Request of(String method, String target) {
    return new Request(new Values(method, target));
  }

  /** {@return how long the headers say that the body is} */
  public OptionalLong contentLength() {
    Optional<String> length = values.headers.first(CONTENT_LENGTH);
    return length.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(length.get()));
  }

  /** {@return the method} */
  public String method() {
    return values.method;
  }

  /**
   * Sets the method: a token, case-sensitive, such as {@code GET}; any except {@code CONNECT}.
   *
   * @param method the method
   * @return a copy of these options with this value
   */
  public Request method(String method) {
    return with(draft -> draft.method = method);
  }

  /** {@return the request target, in origin form} */
  public String target() {
    return values.target;
  }

  /**
   * Sets the request target, in origin form: a path with an optional query, or {@code *} for {@code
   * OPTIONS} (RFC 9112 section 3.2).
   *
   * @param target the path and query, or {@code *}
   * @return a copy of these options with this value
   */
  public Request target(String target) {
    return with(draft -> draft.target = target);
  }

  /** {@return the headers} */
  public Headers headers() {
    return values.headers;
  }

  /**
   * Adds a header, after the existing ones. A {@code Content-Type} replaces any other, also that of
   * a form or of a value, since a body has only one (RFC 9110 section 8.3). A second {@code Host}
   * is not allowed, nor is another header that frames the message.
   *
   * @param name the name of the header
   * @param value the value
   * @return a copy of these options with this value
   */
  public Request header(String name, String value) {
    return CONTENT_TYPE.equalsIgnoreCase(name)
        ? type(value)
        : headers(values.headers.with(name, value));
  }

  /**
   * Sets the headers; none by default. Lariat adds {@code Host} if it is absent, and {@code
   * Content-Length} if there is a body or the method expects one. If you set {@code
   * Content-Length}, it is the length of a body that you send later. A second {@code Host} is not
   * allowed, nor is another header that frames the message.
   *
   * @param headers the headers
   * @return a copy of these options with this value
   */
  public Request headers(Headers headers) {
    return with(draft -> draft.headers = headers);
  }

  /**
   * Sets how much you want the response, by the header {@code priority} (RFC 9218), in place of any
   * other. A server that knows it sends more urgent responses first. Without this header, servers
   * assume an urgency of 3, and that the response is not incremental.
   *
   * <p>Over HTTP/2 the header also orders the bodies that you send. More urgent ones go first, and
   * a request without the header has an urgency of 3. Bodies of one urgency take turns, frame by
   * frame, except those whose requests are not incremental: they go one after the other. {@code
   * exchange.priority} changes the priority later.
   *
   * @param urgency 0, the most urgent, to 7
   * @param incremental whether you can use the parts of the response before the whole has come
   * @return a copy of these options with this value
   * @throws IllegalArgumentException if the urgency is out of range
   */
  public Request priority(int urgency, boolean incremental) {
    return replace(Priority.FIELD, new Priority(urgency, incremental).value());
  }

  /** {@return the whole body} */
  public Bytes body() {
    return values.body;
  }

  /**
   * Sets the whole body; empty by default.
   *
   * @param body the whole body
   * @return a copy of these options with this value
   */
  public Request body(Bytes body) {
    return with(draft -> draft.body = body);
  }

  /**
   * Sets a form as the body, and its {@code Content-Type} instead of any other.
   *
   * @param form the form
   * @return a copy of these options with this value
   */
  public Request body(Form form) {
    return type(Form.TYPE).body(Range.present("body", form, "null").bytes());
  }

  /**
   * Sets a form with files as the body, and its {@code Content-Type} instead of any other.
   *
   * @param multipart the body
   * @return a copy of these options with this value
   */
  public Request body(Multipart multipart) {
    Range.present("body", multipart, "null");
    return type(multipart.type()).body(multipart.bytes());
  }

  /**
   * Sets a value as the body, for example {@code body(json(Order.class), order)}. Sets the codec's
   * {@code Content-Type} if this request has none, so set another one first.
   *
   * @param <T> the type of the value
   * @param codec the codec, which writes the value at once
   * @param value the value
   * @return a copy of these options with this value
   * @throws IllegalArgumentException if the value cannot be written
   */
  public <T> Request body(BodyCodec<T> codec, T value) {
    Range.present("codec", codec, "null");
    Bytes body = codec.write(Range.present("value", value, "null"));
    boolean typed = values.headers.contains(CONTENT_TYPE);
    return (typed ? this : header(CONTENT_TYPE, codec.mediaType())).body(body);
  }

  /** {@return the receiver of this request's messages, if it is not the owner} */
  public Optional<Receiver> replyTo() {
    return values.replyTo;
  }

  /**
   * Sets the receiver of this request's messages; by default the connection's owner.
   *
   * @param receiver the receiver of the messages
   * @return a copy of these options with this value
   */
  public Request replyTo(Receiver receiver) {
    return with(draft -> draft.replyTo = Range.some("replyTo", receiver));
  }

  /** {@return how long the request may take} */
  public Optional<Duration> timeout() {
    return values.timeout;
  }

  /**
   * Sets how long the request may take, from the call that sends it to the end of its response,
   * including the wait for a connection: 1 ms to 365 days, no limit by default. After that, the
   * stream fails with {@code Timeout(RESPONSE)}, and the request is cancelled as by {@code
   * exchange.cancel}. If the response has ended, and the body of the request has not, only the body
   * is given up, with the reason {@code BodyUnfinished}.
   *
   * @param time the timeout
   * @return a copy of these options with this value
   */
  public Request timeout(Duration time) {
    return with(draft -> draft.timeout = Range.some("timeout", time));
  }

  /**
   * {@return how many {@code Data} messages that are not empty may arrive before you call {@code
   * exchange.credit}}
   */
  public long credit() {
    return values.credit;
  }

  /**
   * Sets how many {@code Data} messages that are not empty may arrive before {@code
   * exchange.credit} allows more: 0 to {@link #UNLIMITED}, which is the default. Over HTTP/1.1, a
   * connection does not read if the next message has no credit, so later responses wait too.
   *
   * @param credit the number of messages
   * @return a copy of these options with this value
   */
  public Request credit(long credit) {
    return with(draft -> draft.credit = credit);
  }

  /** {@return how long the body waits for the server to accept it} */
  public Optional<Duration> expectContinue() {
    return values.expectContinue;
  }

  /**
   * Sets how long the body waits for the server to accept it: 1 ms to 365 days; by default it does
   * not wait. Lariat sends {@code Expect: 100-continue} if there is a body. The body then waits for
   * an informational response 100, but at most this long from the moment at which this response is
   * the next one. If a final response arrives first, the body is not sent, and the connection ends
   * after that response (RFC 9110 section 10.1.1).
   *
   * @param wait the longest time to wait
   * @return a copy of these options with this value
   */
  public Request expectContinue(Duration wait) {
    return with(draft -> draft.expectContinue = Range.some("expectContinue", wait));
  }

  /**
   * {@return how many bytes of a body that you send later may wait to be written before the sender
   * blocks}
   */
  public long sendQueue() {
    return values.sendQueue;
  }

  /**
   * Sets how many bytes of a body that you send later may wait to be written before the sender
   * blocks: 1 byte to 1 TiB, 1 MiB by default.
   *
   * @param sendQueue the number of bytes
   * @return a copy of these options with this value
   */
  public Request sendQueue(long sendQueue) {
    return with(draft -> draft.sendQueue = sendQueue);
  }

  /** {@return how long a sender blocks before it fails} */
  public Duration sendTimeout() {
    return values.sendTimeout;
  }

  /**
   * Sets how long a sender blocks before it fails: 1 ms to 365 days, 30 s by default.
   *
   * @param sendTimeout the timeout
   * @return a copy of these options with this value
   */
  public Request sendTimeout(Duration sendTimeout) {
    return with(draft -> draft.sendTimeout = sendTimeout);
  }

  /** {@return what happens to the response's body before it is delivered} */
  public Content content() {
    return values.content;
  }

  /**
   * Sets what happens to the response's body before it is delivered; nothing by default.
   *
   * @param content the content
   * @return a copy of these options with this value
   */
  public Request content(Content content) {
    return with(draft -> draft.content = content);
  }

  /** {@return the credentials for the connection's origin} */
  public Optional<Credentials> credentials() {
    return values.credentials;
  }

  /**
   * Sets the credentials for the connection's origin; none by default. If the server asks for them,
   * Lariat sends the request again with them and does not deliver the challenge. It delivers the
   * challenge if the connection ends after it, or if you send the body after the request.
   *
   * @param credentials the credentials
   * @return a copy of these options with this value
   */
  public Request credentials(Credentials credentials) {
    return credentials(Range.some("credentials", credentials));
  }

  /**
   * Sets the credentials for the connection's origin, or none if empty.
   *
   * @param credentials the credentials
   * @return a copy of these options with this value
   */
  public Request credentials(Optional<Credentials> credentials) {
    return with(draft -> draft.credentials = credentials);
  }

  /** {@return whether the connection's cookies apply to this request} */
  public boolean cookies() {
    return values.cookies;
  }

  /**
   * Sets whether the connection's {@link ConnectionOptions#cookies cookies} apply to this request;
   * true by default. If not, the request is sent without cookies of the store, and the store keeps
   * none of its response. A {@code Cookie} header that you set is sent in any case.
   *
   * @param cookies whether they apply
   * @return a copy of these options with this value
   */
  public Request cookies(boolean cookies) {
    return with(draft -> draft.cookies = cookies);
  }

  private Request type(String type) {
    return replace(CONTENT_TYPE, type);
  }

  private Request replace(String name, String value) {
    List<Headers.Field> fields = new ArrayList<>();
    for (Headers.Field field : values.headers) {
      if (!field.name().equals(name)) {
        fields.add(field);
      }
    }
    return headers(Headers.of(fields).with(name, value));
  }

  /** Servers refuse two, or each believes another (RFC 9112 section 3.2). */
  static void checkHost(Headers headers) {
    List<String> hosts = headers.all("host");
    if (hosts.size() > 1) {
      throw Range.refused("host", String.join(", ", hosts), "one, once (RFC 9112 section 3.2)");
    }
  }

  /** Two would be shown. */
  static void checkHasNone(String option, Headers headers) {
    if (headers.contains("authorization")) {
      throw Range.refused(
          option,
          "some beside an Authorization header",
          "one of the two (RFC 9110 section 11.6.2)");
    }
  }

  private static void checkLength(Headers headers, Bytes body) {
    List<String> lengths = headers.all(CONTENT_LENGTH);
    if (lengths.isEmpty()) {
      return;
    }
    String length = String.join(", ", lengths);
    if (!LENGTH.matcher(length).matches()) {
      throw Range.refused(CONTENT_LENGTH, length, "a number of up to 18 digits, once");
    }
    if (!body.isEmpty() && Long.parseLong(length) != body.size()) {
      throw Range.refused(CONTENT_LENGTH, length, body.size() + ", the size of the body");
    }
  }

  /**
   * Checks a request target in origin form: visible ASCII that begins with a slash, or the asterisk
   * of {@code OPTIONS}.
   *
   * @throws IllegalArgumentException if it is not in that form
   */
  static void checkTarget(String method, String target) {
    boolean asterisk = method.equals("OPTIONS") && target.equals("*");
    if (!asterisk && !(target.startsWith("/") && isVisible(target))) {
      throw Range.refused(
          "path",
          '"' + Mask.refused(target) + '"',
          "a path that begins with / and is percent-encoded (RFC 9112 section 3.2.1)");
    }
  }

  private static boolean isVisible(String target) {
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == '#') {
        return false;
      }
    }
    return true;
  }

  private Request with(Consumer<Values> change) {
    return new Request(values.with(change));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Request its && values.equals(its.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return "Request" + values;
  }

  private static final class Values extends Draft<Values> {
    private static final Duration SEND_TIMEOUT = Duration.ofSeconds(30);

    String method;
    String target;
    Headers headers = Headers.EMPTY;
    Bytes body = Bytes.EMPTY;
    Optional<Receiver> replyTo = Optional.empty();
    Optional<Duration> timeout = Optional.empty();
    long credit = UNLIMITED;
    Optional<Duration> expectContinue = Optional.empty();
    long sendQueue = 1 << 20;
    Duration sendTimeout = SEND_TIMEOUT;
    Content content = Content.PLAIN;
    Optional<Credentials> credentials = Optional.empty();
    boolean cookies = true;

    Values(String method, String target) {
      this.method = method;
      this.target = target;
    }

    @Override
    void check() {
      if (!Headers.isToken(method)) {
        throw Range.refused("method", '"' + method + '"', "a token (RFC 9110 section 9.1)");
      }
      if (method.equals("CONNECT")) {
        throw Range.refused("method", method, "any except CONNECT, which makes a tunnel");
      }
      checkTarget(method, target);
      for (Headers.Field field : headers) {
        if (FRAMING.contains(field.name())) {
          throw Range.refused(
              "header",
              field.name(),
              "any except " + FRAMING.stream().sorted().toList() + ", which Lariat sets");
        }
      }
      checkHost(headers);
      checkLength(headers, body);
      if (credentials.isPresent()) {
        checkHasNone("request.credentials", headers);
      }
      Range.check("request.timeout", timeout, Range.MIN);
      Range.check("request.credit", credit, 0, UNLIMITED);
      Range.check("request.expectContinue", expectContinue, Range.MIN);
      Range.check("request.sendQueue", sendQueue, 1, 1L << 40);
      Range.check("request.sendTimeout", sendTimeout, Range.MIN);
    }

    @Override
    Object[] parts() {
      return new Object[] {
        "method", method,
        "target", target,
        "headers", headers,
        "body", body,
        "replyTo", replyTo,
        "timeout", timeout,
        "credit", credit,
        "expectContinue", expectContinue,
        "sendQueue", sendQueue,
        "sendTimeout", sendTimeout,
        "content", content,
        "credentials", credentials,
        "cookies", cookies
      };
    }
  }
}
