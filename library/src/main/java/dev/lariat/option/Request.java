package dev.lariat.option;

import dev.lariat.internal.uri.Mask;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Receiver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * An HTTP request (RFC 9110).
 *
 * @param method a token, in its own case: {@code GET}
 * @param target what is asked for, in origin form: a path with an optional query, or {@code *} for
 *     {@code OPTIONS} (RFC 9112 section 3.2)
 * @param headers its headers. {@code Host} is added when absent, {@code Content-Length} where there
 *     is a body or the method expects one. A {@code Content-Length} of the user's own says how long
 *     a body will be that follows. A second {@code Host}, and what else frames the message, is
 *     refused here
 * @param body its whole body, which may be empty
 * @param replyTo where its messages go; the connection's owner by default
 * @param timeout how long it may take from here to the end of its response, the wait for a
 *     connection included: 1 ms to 365 days, none by default. When it is over the stream fails with
 *     {@code Timeout(RESPONSE)}, and is given up as by {@code exchange.cancel}
 * @param credit how many {@code Data} messages that are not empty may be told before {@code
 *     exchange.credit} allows more: 0 to 2^63 - 1, which stands for no limit and is the default. A
 *     connection does not read from its server where the next message has no credit, so responses
 *     behind it wait too
 * @param expectContinue how long the body is held back for the server's consent: {@code Expect:
 *     100-continue} is sent where there is a body, which waits for an interim response 100, or for
 *     this long from when the response is the next; 1 ms to 365 days, none by default. A final
 *     response that comes first leaves the body unsent, and is the last of its connection (RFC 9110
 *     section 10.1.1)
 * @param highWater how many bytes of a body that follows may wait to be written before its sender
 *     is held back: 1 to 1 TiB, 1 MiB by default
 * @param sendTimeout how long a sender waits for that: 1 ms to 365 days, 30 s by default
 * @param content what becomes of the response's body before it is told; nothing by default
 * @param credentials what is shown to the connection's own origin; none by default. Where the
 *     server has to ask for them, the request is sent once more and its challenge is not told,
 *     unless the connection ends with that or the body follows its request
 */
public record Request(
    String method,
    String target,
    Headers headers,
    Bytes body,
    Optional<Receiver> replyTo,
    Optional<Duration> timeout,
    long credit,
    Optional<Duration> expectContinue,
    long highWater,
    Duration sendTimeout,
    Content content,
    Optional<Credentials> credentials) {

  /** A credit that is never used up. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  private static final Set<String> FRAMING = Set.of("expect", "transfer-encoding", "upgrade");
  private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}"); // fits a long
  private static final String CONTENT_LENGTH = "content-length";

  /**
   * Checks every component.
   *
   * @throws IllegalArgumentException if the method is not a token, the target is not in origin
   *     form, a header is one that Lariat sets itself, there are two {@code Host}, a {@code
   *     Content-Length} is not that of the body, or a number is out of range
   */
  public Request {
    if (!Headers.isToken(method)) {
      throw Range.refused("method", '"' + method + '"', "a token (RFC 9110 section 9.1)");
    }
    if (method.equals("CONNECT")) {
      throw Range.refused("method", method, "any but CONNECT, which makes a tunnel");
    }
    checkTarget(method, target);
    for (Headers.Field field : headers) {
      if (FRAMING.contains(field.name())) {
        throw Range.refused(
            "header",
            field.name(),
            "any but " + FRAMING.stream().sorted().toList() + ", which Lariat sets");
      }
    }
    checkHost(headers);
    checkLength(headers, body);
    credentials.ifPresent(own -> checkHasNone("request.credentials", headers));
    timeout.ifPresent(time -> Range.check("request.timeout", time, Range.MIN));
    Range.check("request.credit", credit, 0, UNLIMITED);
    expectContinue.ifPresent(wait -> Range.check("request.expectContinue", wait, Range.MIN));
    Range.check("request.highWater", highWater, 1, 1L << 40);
    Range.check("request.sendTimeout", sendTimeout, Range.MIN);
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

  /** A request without headers and body. */
  public static Request of(String method, String target) {
    return new Request(
        method,
        target,
        Headers.EMPTY,
        Bytes.EMPTY,
        Optional.empty(),
        Optional.empty(),
        UNLIMITED,
        Optional.empty(),
        1 << 20,
        Duration.ofSeconds(30),
        Content.PLAIN,
        Optional.empty());
  }

  /** How long the headers say that the body is. */
  public OptionalLong contentLength() {
    Optional<String> length = headers.first(CONTENT_LENGTH);
    return length.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(length.get()));
  }

  /** The same with one more header. */
  public Request header(String name, String value) {
    return headers(headers.with(name, value));
  }

  /** The same with other headers. */
  public Request headers(Headers headers) {
    return new Request(
        method,
        target,
        headers,
        body,
        replyTo,
        timeout,
        credit,
        expectContinue,
        highWater,
        sendTimeout,
        content,
        credentials);
  }

  /** The same with this body. */
  public Request body(Bytes body) {
    return new Request(
        method,
        target,
        headers,
        body,
        replyTo,
        timeout,
        credit,
        expectContinue,
        highWater,
        sendTimeout,
        content,
        credentials);
  }

  /** The same with a receiver of its own. */
  public Request replyTo(Receiver receiver) {
    return new Request(
        method,
        target,
        headers,
        body,
        Optional.of(receiver),
        timeout,
        credit,
        expectContinue,
        highWater,
        sendTimeout,
        content,
        credentials);
  }

  /** The same with this time for all of it. */
  public Request timeout(Duration time) {
    return new Request(
        method,
        target,
        headers,
        body,
        replyTo,
        Optional.of(time),
        credit,
        expectContinue,
        highWater,
        sendTimeout,
        content,
        credentials);
  }

  /** The same with this credit to begin with. */
  public Request credit(long credit) {
    return new Request(
        method,
        target,
        headers,
        body,
        replyTo,
        timeout,
        credit,
        expectContinue,
        highWater,
        sendTimeout,
        content,
        credentials);
  }

  /** The same, with a body that waits this long for the server's consent. */
  public Request expectContinue(Duration wait) {
    return new Request(
        method,
        target,
        headers,
        body,
        replyTo,
        timeout,
        credit,
        Optional.of(wait),
        highWater,
        sendTimeout,
        content,
        credentials);
  }

  /** The same with another number of bytes that may wait. */
  public Request highWater(long highWater) {
    return new Request(
        method,
        target,
        headers,
        body,
        replyTo,
        timeout,
        credit,
        expectContinue,
        highWater,
        sendTimeout,
        content,
        credentials);
  }

  /** The same with another time that a sender waits. */
  public Request sendTimeout(Duration sendTimeout) {
    return new Request(
        method,
        target,
        headers,
        body,
        replyTo,
        timeout,
        credit,
        expectContinue,
        highWater,
        sendTimeout,
        content,
        credentials);
  }

  /** The same with a form as its body, and its {@code Content-Type} in place of any other. */
  public Request body(Form form) {
    return type(Form.TYPE).body(form.bytes());
  }

  /**
   * The same with these parts as its body, and their {@code Content-Type} in place of any other.
   */
  public Request body(Multipart multipart) {
    return type(multipart.type()).body(multipart.bytes());
  }

  private Request type(String type) {
    List<Headers.Field> fields = new ArrayList<>();
    for (Headers.Field field : headers) {
      if (!field.name().equals("content-type")) {
        fields.add(field);
      }
    }
    return headers(Headers.of(fields).with("content-type", type));
  }

  /** The same with something made of the response's body before it is told. */
  public Request content(Content content) {
    return new Request(
        method,
        target,
        headers,
        body,
        replyTo,
        timeout,
        credit,
        expectContinue,
        highWater,
        sendTimeout,
        content,
        credentials);
  }

  /** The same with these credentials. */
  public Request credentials(Credentials credentials) {
    return credentials(Optional.of(credentials));
  }

  /** The same with these credentials, or without any. */
  public Request credentials(Optional<Credentials> credentials) {
    return new Request(
        method,
        target,
        headers,
        body,
        replyTo,
        timeout,
        credit,
        expectContinue,
        highWater,
        sendTimeout,
        content,
        credentials);
  }

  /**
   * Checks a request target in origin form: visible ASCII that begins with a slash, or the asterisk
   * of {@code OPTIONS}.
   *
   * @throws IllegalArgumentException if it is not
   */
  static void checkTarget(String method, String target) {
    boolean asterisk = method.equals("OPTIONS") && target.equals("*");
    boolean visible = target.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '#');
    if (!asterisk && !(target.startsWith("/") && visible)) {
      throw Range.refused(
          "path",
          '"' + Mask.refused(target) + '"',
          "a path that begins with / and is percent-encoded (RFC 9112 section 3.2.1)");
    }
  }
}
