package dev.lariat.spring;

import static dev.lariat.spring.Setting.set;

import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.live.Session;
import dev.lariat.message.Frame;
import dev.lariat.message.Text;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Credentials;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Endpoints;
import dev.lariat.option.EventOptions;
import dev.lariat.option.Healing;
import dev.lariat.option.Keepalive;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Outbox;
import dev.lariat.option.Proxy;
import dev.lariat.option.Rotation;
import dev.lariat.option.Silence;
import dev.lariat.option.Subprotocols;
import dev.lariat.option.WebSocketOptions;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Makes the plan of a feed of its properties. */
final class FeedPlans {
  private static final Set<String> WEB_SOCKET = Set.of("ws", "wss");
  private static final Set<String> EVENTS = Set.of("http", "https");

  private final Secrets secrets;
  private final List<ConnectionCustomizer> connections;
  private final List<FeedCustomizer> customizers;

  FeedPlans(
      Secrets secrets, List<ConnectionCustomizer> connections, List<FeedCustomizer> customizers) {
    this.secrets = secrets;
    this.connections = connections;
    this.customizers = customizers;
  }

  /** Whether a URI is that of a WebSocket, and not of server-sent events. */
  static boolean isWebSocket(String name, @Nullable URI uri) {
    String property = "lariat.feeds." + name + ".uri";
    if (uri == null) {
      throw new BadPropertyException(property, "missing", "allowed ws, wss, http and https URIs");
    }
    String scheme = String.valueOf(uri.getScheme());
    if (!WEB_SOCKET.contains(scheme) && !EVENTS.contains(scheme)) {
      throw new BadPropertyException(property, uri, "allowed ws, wss, http and https URIs");
    }
    return WEB_SOCKET.contains(scheme);
  }

  LiveFeed webSocket(String name, LariatProperties.Feed feed, LiveWebSocket.Step opening) {
    LiveOptions options =
        LiveOptions.DEFAULT
            .connection(connection(name, feed))
            .webSocket(webSocketOptions(name, feed))
            .healing(healing(name, feed.healing()))
            .rotation(rotation(name, feed))
            .outbox(outbox(name, feed.outbox()));
    if (feed.silence() != null) {
      options = options.silence(silence(name, feed.silence()));
    }
    LiveWebSocket.Plan plan =
        LiveWebSocket.to(endpoints(name, feed))
            .options(options)
            .onOpen(
                session -> {
                  say(session, feed);
                  opening.run(session);
                });
    for (FeedCustomizer customizer : customizers) {
      plan = customizer.webSocket(name, plan);
    }
    return new LiveFeed.OfWebSocket(plan.open());
  }

  private static void say(Session session, LariatProperties.Feed feed) {
    if (!feed.onOpen().isEmpty()) {
      session.send(feed.onOpen().stream().map(Text::new).toArray(Frame[]::new));
    }
  }

  LiveFeed events(String name, LariatProperties.Feed feed) {
    EventOptions options =
        EventOptions.DEFAULT
            .connection(connection(name, feed))
            .healing(healing(name, feed.healing()))
            .rotation(rotation(name, feed));
    options = set(options, at(name, "silence"), feed.silence(), EventOptions::between);
    LiveEvents.Plan plan = LiveEvents.to(endpoints(name, feed)).options(options);
    plan = set(plan, at(name, "last-event-id"), feed.lastEventId(), LiveEvents.Plan::lastEventId);
    for (FeedCustomizer customizer : customizers) {
      plan = customizer.events(name, plan);
    }
    return new LiveFeed.OfEvents(plan.open());
  }

  private static String at(String feed, String key) {
    return "lariat.feeds." + feed + "." + key;
  }

  /**
   * Each attempt has the newest certificates of the bundle, and resumes the TLS session of those.
   */
  private Endpoints endpoints(String name, LariatProperties.Feed feed) {
    URI uri = Objects.requireNonNull(feed.uri());
    Endpoint endpoint =
        set(Endpoint.of("ws://host"), at(name, "uri"), uri, (o, u) -> Endpoint.of(u));
    for (Map.Entry<String, String> header : feed.headers().entrySet()) {
      String key = header.getKey();
      endpoint =
          set(
              endpoint,
              at(name, "headers." + key),
              header.getValue(),
              (its, value) -> its.header(key, value));
    }
    if (!feed.subprotocols().isEmpty()) {
      endpoint =
          set(
              endpoint,
              at(name, "subprotocols"),
              feed.subprotocols(),
              (its, names) -> its.subprotocols(Subprotocols.of(names.toArray(String[]::new))));
    }
    if (feed.token() != null) {
      endpoint = endpoint.credentials(Credentials.bearer(feed.token()));
    } else if (feed.username() != null && feed.password() != null) {
      endpoint = endpoint.credentials(Credentials.of(feed.username(), feed.password()));
    }
    String bundle = feed.ssl().bundle();
    if (bundle == null) {
      Endpoint always = endpoint;
      return (attempt, last) -> always;
    }
    String property = at(name, "ssl.bundle");
    Endpoint plain = endpoint;
    var current = new AtomicReference<>(plain.tls(secrets.of(property, bundle)));
    secrets.whenChanged(property, bundle, tls -> current.set(plain.tls(tls)));
    return (attempt, last) -> current.get();
  }

  private ConnectionOptions connection(String name, LariatProperties.Feed feed) {
    ConnectionOptions options = ConnectionOptions.DEFAULT;
    options =
        set(options, at(name, "proxy"), feed.proxy(), (its, proxy) -> its.via(Proxy.of(proxy)));
    for (ConnectionCustomizer customizer : connections) {
      options = customizer.customize(options);
    }
    return options;
  }

  private static WebSocketOptions webSocketOptions(String name, LariatProperties.Feed feed) {
    WebSocketOptions options =
        feed.compress() ? WebSocketOptions.compressed() : WebSocketOptions.DEFAULT;
    LariatProperties.Keepalive its = feed.keepalive();
    Keepalive keepalive = options.keepalive();
    keepalive =
        set(
            keepalive,
            at(name, "keepalive.interval"),
            its.interval(),
            (old, interval) -> new Keepalive(interval, old.deadline()));
    keepalive = set(keepalive, at(name, "keepalive.deadline"), its.deadline(), Keepalive::deadline);
    return options.keepalive(keepalive);
  }

  private static Healing healing(String feed, LariatProperties.Healing its) {
    String at = at(feed, "healing.");
    Backoff backoff = Healing.DEFAULT.retry();
    backoff = set(backoff, at + "attempts", its.attempts(), Backoff::attempts);
    backoff =
        set(
            backoff,
            at + "first",
            its.first(),
            (old, first) -> old.delays(first, later(first, old.cap())));
    backoff =
        set(
            backoff,
            at + "cap",
            its.cap(),
            (old, cap) ->
                old.delays(its.first() == null ? earlier(old.first(), cap) : old.first(), cap));
    backoff = set(backoff, at + "factor", its.factor(), Backoff::factor);
    backoff = set(backoff, at + "stable", its.stable(), Backoff::stable);
    Healing healing = Healing.DEFAULT.retry(backoff);
    healing = set(healing, at + "spread", its.spread(), Healing::spread);
    healing =
        set(
            healing,
            at + "longest-retry-after",
            its.longestRetryAfter(),
            Healing::longestRetryAfter);
    return set(healing, at + "repeats", its.repeats(), Healing::repeats);
  }

  private static Duration later(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private static Duration earlier(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static Rotation rotation(String name, LariatProperties.Feed feed) {
    return set(Rotation.DEFAULT, at(name, "max-age"), feed.maxAge(), Rotation::maxAge);
  }

  private static Outbox outbox(String name, LariatProperties.Outbox its) {
    Outbox outbox = Outbox.DEFAULT;
    outbox = set(outbox, at(name, "outbox.messages"), its.messages(), Outbox::messages);
    outbox =
        set(
            outbox,
            at(name, "outbox.bytes"),
            its.bytes(),
            (old, bytes) -> old.bytes(bytes.toBytes()));
    return set(outbox, at(name, "outbox.overflow"), its.overflow(), Outbox::overflow);
  }

  private static Silence silence(String name, Duration limit) {
    return set(
        Silence.of(Duration.ofMinutes(1)),
        at(name, "silence"),
        limit,
        (old, its) -> Silence.of(its));
  }
}
