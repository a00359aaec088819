package dev.lariat.live;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.derived.Derived;
import dev.lariat.internal.entrance.Authentication;
import dev.lariat.internal.entrance.Core;
import dev.lariat.internal.entrance.Login;
import dev.lariat.internal.entrance.Pooling;
import dev.lariat.internal.entrance.Redirection;
import dev.lariat.internal.protocol.Authorization;
import dev.lariat.internal.uri.Authority;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.message.Receiver;
import dev.lariat.message.Response;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Limits;
import dev.lariat.option.Redirects;
import dev.lariat.option.Request;
import dev.lariat.option.Tls;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The way of one attempt of a live connection: from the endpoint, through redirects and challenges,
 * to the session whose stream the server accepts. Each step is a new session. Credentials are shown
 * at the endpoint's own origin only, and those of a client at the origin that they are for. On the
 * loop.
 */
final class Approach {
  private static final String AUTHORIZATION = "authorization";

  private final LiveLoop<?> live;
  private final Endpoint endpoint;
  private final ConnectionOptions options; // at home
  private final Redirects redirects;
  private final @Nullable Authentication authentication;
  private final HttpUri home;
  private final Redirection way;
  private final Map<String, Authentication> others = new HashMap<>(2); // a client's, by origin
  private final Set<Connection> unusable = new HashSet<>(2); // which could not be used again
  private boolean byHttp1; // whether HTTP/2 was left out of what the newest session may speak

  /**
   * Begins.
   *
   * @param request what is asked for at the endpoint, without its credentials
   * @param login to the endpoint's origin
   */
  Approach(
      LiveLoop<?> live,
      Endpoint endpoint,
      Request request,
      ConnectionOptions options,
      Redirects redirects,
      Optional<Login> login) {
    this.live = live;
    this.endpoint = endpoint;
    boolean own = request.headers().contains(AUTHORIZATION);
    boolean replaced = own && endpoint.credentials().isPresent();
    Request first = replaced ? request.headers(without(request.headers())) : request;
    this.options = endpoint.tls().map(options::tls).orElse(options);
    this.redirects = redirects;
    Authority authority = Authority.of(endpoint.uri(), HttpUri.port(endpoint.secure()));
    boolean secure = endpoint.secure() || this.options.tls().isPresent();
    this.home = HttpUri.of(secure, authority);
    this.way = new Redirection(redirects, home.target(first.target()), first);
    Pooling pooling = live.pooling;
    Optional<Login> its = pooling == null ? login : login.or(() -> pooling.login(home));
    this.authentication = its.filter(any -> !own || replaced).map(Authentication::new).orElse(null);
  }

  private static Headers without(Headers headers) {
    Headers rest = Headers.EMPTY;
    for (Headers.Field field : headers) {
      rest = field.name().equals(AUTHORIZATION) ? rest : rest.with(field.name(), field.value());
    }
    return rest;
  }

  Endpoint endpoint() {
    return endpoint;
  }

  /** The request for the URI that it has come to. */
  Request request() {
    return way.request();
  }

  /** The URI that it has come to. */
  HttpUri uri() {
    return way.uri();
  }

  /** The credentials for the URI that it has come to. */
  Authorization authorization() {
    if (isAtHome()) {
      return authentication == null ? Authorization.NONE : authentication;
    }
    Pooling pooling = live.pooling;
    Login login = pooling == null ? null : pooling.login(uri()).orElse(null);
    return login == null
        ? Authorization.NONE
        : others.computeIfAbsent(uri().origin(), origin -> new Authentication(login));
  }

  /** Whether no session on this connection began anew so far: each is an excuse once. */
  boolean isNews(Connection connection) {
    return unusable.add(connection);
  }

  private boolean isAtHome() {
    return uri().sameOrigin(home);
  }

  /** Whether it is at a Unix-domain socket, whose connections are for one session. */
  boolean isAtUnixSocket() {
    return isAtHome() && endpoint.unixSocket().isPresent();
  }

  /** Begins to connect to the URI that it has come to. */
  Connection open(Receiver owner) {
    Authority server = uri().authority();
    boolean secure = uri().secure();
    Core core = Core.get();
    return isAtUnixSocket()
        ? core.openUnix(
            endpoint.unixSocket().orElseThrow(), server, secure, spoken(), live.loop, owner)
        : core.open(server, secure, spoken(), live.loop, owner);
  }

  /** The connection to the URI that it has come to which these live connections share. */
  SharedConnection connection(Neighbours neighbours) {
    return neighbours.connection(live, uri(), spoken());
  }

  /** The limits of the connection to where it is now. */
  Limits limits() {
    return offered().limits();
  }

  private ConnectionOptions offered() {
    Pooling pooling = live.pooling;
    if (pooling == null) {
      return isAtHome() ? options : elsewhere(uri());
    }
    ConnectionOptions its = pooling.options(uri());
    ConnectionOptions own = isAtHome() ? endpoint.tls().map(its::tls).orElse(its) : its;
    return uri().secure() ? own : live.ofSession(own);
  }

  /** The options of the connection to where it is now. */
  ConnectionOptions spoken() {
    ConnectionOptions its = offered();
    ConnectionOptions spoken = live.spoken(uri().origin(), its);
    byHttp1 = spoken != its;
    return spoken;
  }

  /** Whether HTTP/1.1 may be spoken in place of HTTP/2 where it is now; if so, it is. */
  boolean fallsBack(Reason why) {
    return !byHttp1 && live.fallsBack(uri().origin(), offered(), why);
  }

  /**
   * Why the server does not give the stream. Without TLS, nobody negotiates the protocol: whether
   * the server speaks HTTP/1.1 beside HTTP/2 only shows when it is asked. If it does not, then what
   * it lacks in HTTP/2 is the reason.
   */
  Reason explained(Reason reason) {
    Reason last = reason instanceof Reason.Unprocessed its ? its.last().orElse(its) : reason;
    boolean speaksOther = byHttp1 && !uri().secure() && last instanceof Reason.Protocol;
    return speaksOther && live.whyByHttp1(uri().origin()) instanceof Reason.NotOffered missing
        ? missing
        : reason;
  }

  private ConnectionOptions elsewhere(HttpUri uri) {
    Optional<Tls> tls = options.tls().filter(its -> uri.secure()).map(Approach::elsewhere);
    return Redirection.elsewhere(options, tls);
  }

  /**
   * Whom to trust is the same everywhere; who to be concerns one origin only. Each attempt gets the
   * same object, so that its TLS session is resumed.
   */
  private static Tls elsewhere(Tls tls) {
    return Derived.of(tls)
        .get(
            Tls.class,
            "elsewhere",
            () -> tls.identity(Optional.empty()).serverName(Optional.empty()));
  }

  /**
   * Follows this response if it is a redirect, or a challenge that can be answered.
   *
   * @return whether the attempt goes on by another session
   * @throws FailedException if it is a redirect that may not be followed, with why
   */
  boolean leadsOn(Response response) {
    int status = response.status();
    if (Redirection.isRedirect(status) && redirects.limit() > 0) {
      way.follow(status, asHttp(response.headers()));
      if (authentication != null) {
        authentication.anew();
      }
      others.values().forEach(Authentication::anew);
      return true;
    }
    return authorization().asksAgain(status, response.headers());
  }

  /** A WebSocket's URI is that of an HTTP request (RFC 6455 section 3; fetch standard, 2.2). */
  private static Headers asHttp(Headers headers) {
    List<Headers.Field> fields = new ArrayList<>();
    for (Headers.Field field : headers) {
      String value = field.value().strip();
      String start = value.substring(0, Math.min(4, value.length())).toLowerCase(Locale.ROOT);
      boolean webSocket =
          field.name().equals("location") && (start.equals("wss:") || start.startsWith("ws:"));
      fields.add(webSocket ? new Headers.Field(field.name(), "http" + value.substring(2)) : field);
    }
    return Headers.of(fields);
  }
}
