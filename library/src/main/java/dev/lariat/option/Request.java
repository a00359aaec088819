package dev.lariat.option;

import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Receiver;
import java.util.Optional;
import java.util.Set;

/**
 * An HTTP request with its whole body (RFC 9110).
 *
 * @param method a token, in its own case: {@code GET}
 * @param target what is asked for, in origin form: a path with an optional query, or {@code *} for
 *     {@code OPTIONS} (RFC 9112 section 3.2)
 * @param headers its headers. {@code Host} is added when absent, {@code Content-Length} where there
 *     is a body or the method expects one; what frames the message is refused here
 * @param body its body, which may be empty
 * @param replyTo where its messages go; the connection's owner by default
 */
public record Request(
    String method, String target, Headers headers, Bytes body, Optional<Receiver> replyTo) {

  private static final Set<String> FRAMING =
      Set.of("content-length", "transfer-encoding", "trailer", "upgrade");

  /**
   * Checks every component.
   *
   * @throws IllegalArgumentException if the method is not a token, the target is not in origin
   *     form, or a header is one that Lariat sets itself
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
  }

  /** A request without headers and body. */
  public static Request of(String method, String target) {
    return new Request(method, target, Headers.EMPTY, Bytes.EMPTY, Optional.empty());
  }

  /** The same with one more header. */
  public Request header(String name, String value) {
    return new Request(method, target, headers.with(name, value), body, replyTo);
  }

  /** The same with other headers. */
  public Request headers(Headers headers) {
    return new Request(method, target, headers, body, replyTo);
  }

  /** The same with this body. */
  public Request body(Bytes body) {
    return new Request(method, target, headers, body, replyTo);
  }

  /** The same with a receiver of its own. */
  public Request replyTo(Receiver receiver) {
    return new Request(method, target, headers, body, Optional.of(receiver));
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
          '"' + target.replaceAll("\\p{Cntrl}", "?") + '"',
          "a path that begins with / and is percent-encoded (RFC 9112 section 3.2.1)");
    }
  }
}
