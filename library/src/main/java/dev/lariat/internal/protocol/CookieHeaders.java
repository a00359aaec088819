package dev.lariat.internal.protocol;

import dev.lariat.cookie.Cookie;
import dev.lariat.cookie.CookieStore;
import dev.lariat.cookie.RequestUri;
import dev.lariat.internal.codec.SetCookie;
import dev.lariat.message.Headers;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Cookies;
import dev.lariat.option.Request;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Between the headers of a connection and the user's store of cookies: puts {@code Cookie} into
 * requests and takes {@code Set-Cookie} from responses, whatever the version of HTTP. What the
 * store throws harms nothing else.
 */
public final class CookieHeaders {
  private static final Logger LOG = System.getLogger("dev.lariat");

  private final @Nullable Cookies cookies;
  private final boolean secure;

  /**
   * The cookie headers of a connection.
   *
   * @param cookies empty if the connection keeps none
   * @param secure whether it has TLS
   */
  public CookieHeaders(Optional<Cookies> cookies, boolean secure) {
    this.cookies = cookies.orElse(null);
    this.secure = secure;
  }

  /** The cookie headers of a connection with these options; {@code secure} if it uses TLS. */
  public static CookieHeaders of(ConnectionOptions options) {
    return new CookieHeaders(options.cookies(), options.tls().isPresent());
  }

  /**
   * The URI of a request, for what follows; null where there are no cookies.
   *
   * @param authority the connection's own
   * @param users the request's headers, which may name another host
   * @param target what is asked for
   */
  public @Nullable RequestUri uri(String authority, Headers users, String target) {
    return cookies == null
        ? null
        : RequestUri.of(secure, users.first("host").orElse(authority), target);
  }

  /** The same for this request; null as well if it is to have no cookies. */
  public @Nullable RequestUri uri(String authority, Request request) {
    return request.cookies() ? uri(authority, request.headers(), request.target()) : null;
  }

  /** The request with the cookies that go with it. */
  public Request with(Request request, @Nullable RequestUri uri) {
    Headers headers = with(request.headers(), uri);
    return headers == request.headers() ? request : request.headers(headers);
  }

  /**
   * The headers with the cookies that go with them: in one {@code Cookie} header (RFC 6265bis
   * section 5.8.1), the last of all, behind what the user has put into one.
   */
  public Headers with(Headers users, @Nullable RequestUri uri) {
    List<Cookie> kept = uri == null ? List.of() : kept(uri);
    if (kept.isEmpty()) {
      return users;
    }
    List<Headers.Field> fields = new ArrayList<>();
    List<String> pairs = new ArrayList<>();
    for (Headers.Field field : users) {
      if (!field.name().equals("cookie")) {
        fields.add(field);
      } else if (!field.value().isBlank()) {
        pairs.add(field.value());
      }
    }
    pairs.add(kept.stream().map(Cookie::pair).collect(Collectors.joining("; ")));
    fields.add(new Headers.Field("cookie", String.join("; ", pairs)));
    return Headers.of(fields);
  }

  private List<Cookie> kept(RequestUri uri) {
    try {
      return List.copyOf(store().cookies(uri));
    } catch (Throwable e) { // a user's code
      LOG.log(Level.WARNING, "The cookie store threw. The request is sent without cookies.", e);
      return List.of();
    }
  }

  /**
   * Keeps what a response sets.
   *
   * @param uri that of its request
   */
  public void received(@Nullable RequestUri uri, int status, Headers response) {
    boolean informational = status >= 100 && status < 200;
    if (uri == null || informational && cookies != null && cookies.ignoreInformational()) {
      return;
    }
    for (String header : response.all("set-cookie")) {
      try {
        CookieStore store = store();
        SetCookie.parse(header, uri, store.now()).ifPresent(cookie -> store.store(cookie, uri));
      } catch (Throwable e) { // a user's code
        LOG.log(Level.WARNING, "The cookie store threw. The cookie is not stored.", e);
      }
    }
  }

  private CookieStore store() {
    if (cookies == null) {
      throw new IllegalStateException("there is a URI, and there are no cookies");
    }
    return cookies.store();
  }
}
