package dev.lariat.internal.entrance;

import dev.lariat.FailedException;
import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.codec.Violation;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Redirects;
import dev.lariat.option.Request;
import dev.lariat.option.SocketOptions;
import dev.lariat.option.Tls;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where redirects have led a request (RFC 9110 section 15.4; fetch standard, 4.4), and what becomes
 * of it on its way. It is used by one thread at a time.
 */
public final class Redirection {
  private static final Set<Integer> STATUSES = Set.of(301, 302, 303, 307, 308);

  /** What concerns one origin only, and is not told to another. */
  private static final Set<String> OF_THE_ORIGIN =
      Set.of("authorization", "cookie", "host", "proxy-authorization");

  /** What speaks of a body, and goes with it (RFC 9110 section 15.4; RFC 9530). */
  private static final Set<String> OF_THE_BODY =
      Set.of(
          "content-digest",
          "content-encoding",
          "content-language",
          "content-length",
          "content-location",
          "content-range",
          "content-type",
          "digest",
          "last-modified",
          "repr-digest");

  private final Redirects redirects;
  private HttpUri uri;
  private Request request;
  private int followed;

  /** Begins with this request, to there. */
  public Redirection(Redirects redirects, HttpUri uri, Request request) {
    this.redirects = redirects;
    this.uri = uri;
    this.request = request;
  }

  public static boolean isRedirect(int status) {
    return STATUSES.contains(status);
  }

  /** The URI that the redirects have led to. */
  public HttpUri uri() {
    return uri;
  }

  /** The request for that URI. */
  public Request request() {
    return request;
  }

  /**
   * Goes on to where this response leads.
   *
   * @throws FailedException if it may not, with why
   */
  public void follow(int status, Headers response) {
    HttpUri next = location(response);
    boolean elsewhere = !next.sameOrigin(uri);
    if (elsewhere && uri.secure() && !next.secure() && !redirects.unsecured()) {
      throw refused(next, "it leads from https to http (redirects.unsecured)");
    }
    if (elsewhere && !redirects.otherOrigins()) {
      throw refused(next, "it leads to another origin (redirects.otherOrigins)");
    }
    if (++followed > redirects.limit()) {
      throw new FailedException(new Reason.Limit(Reason.Bound.REDIRECTS, redirects.limit()));
    }
    request = redirected(status, next, elsewhere);
    uri = next;
  }

  private HttpUri location(Headers response) {
    List<String> locations = response.all("location");
    if (locations.size() != 1) {
      String what = locations.isEmpty() ? "without a Location" : "with several Locations";
      throw new FailedException(
          new Reason.Protocol("the server redirects " + what, "RFC 9110 section 15.4"));
    }
    try {
      return uri.resolve(locations.getFirst());
    } catch (Violation e) {
      throw new FailedException(e.reason());
    }
  }

  public static FailedException refused(HttpUri next, String why) {
    return new FailedException(new Reason.RedirectRefused(next.toString(), why));
  }

  /** The options of a connection, for one to another origin: with this TLS, from any port. */
  public static ConnectionOptions elsewhere(ConnectionOptions options, Optional<Tls> tls) {
    SocketOptions sockets = options.sockets();
    return options
        .tls(tls)
        .sockets(sockets.local().map(local -> sockets.local(local.getAddress())).orElse(sockets));
  }

  /** The request that a redirect asks for. */
  private Request redirected(int status, HttpUri next, boolean elsewhere) {
    boolean post = request.method().equals("POST") && (status == 301 || status == 302);
    boolean see =
        status == 303 && !request.method().equals("GET") && !request.method().equals("HEAD");
    boolean bare = post || see;
    Headers kept = Headers.EMPTY;
    for (Headers.Field field : request.headers()) {
      String name = field.name();
      boolean drops =
          elsewhere && OF_THE_ORIGIN.contains(name) || bare && OF_THE_BODY.contains(name);
      kept = drops ? kept : kept.with(name, field.value());
    }
    Request moved = request.target(next.target()).headers(kept);
    if (elsewhere) {
      moved = moved.credentials(Optional.empty());
    }
    return bare ? moved.method("GET").body(Bytes.EMPTY) : moved;
  }
}
