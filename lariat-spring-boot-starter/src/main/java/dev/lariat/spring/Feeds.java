package dev.lariat.spring;

import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.live.Session;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * The feeds of the application: the live connections under {@code lariat.feeds}.
 *
 * <p>Feeds with methods open when the application starts, before its web server does. They close
 * after the web server has ended its last requests, so that requests can use them. They have the
 * time that {@code spring.lifecycle.timeout-per-shutdown-phase} gives to send what waits, and to
 * take leave of their servers.
 *
 * <p>You can call all methods from any thread.
 */
public final class Feeds implements SmartLifecycle {
  /** Before the web server's start, and after its graceful end. */
  static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 4096;

  private static final Logger LOG = System.getLogger("dev.lariat.spring");
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration GOODBYE = Duration.ofSeconds(10);

  private final Map<String, LariatProperties.Feed> properties;
  private final FeedPlans plans;
  private final Secrets secrets;
  private final @Nullable ValueCodecs codecs;
  private final Clock clock;
  private final Map<String, List<FeedMethod>> methods = new TreeMap<>(); // under this
  private final Map<String, FeedRun> runs = new TreeMap<>(); // under this
  private @Nullable ScheduledExecutorService looks; // under this; looks at the feeds
  private final CountDownLatch started = new CountDownLatch(1);
  private volatile boolean running;

  Feeds(
      Map<String, LariatProperties.Feed> properties,
      FeedPlans plans,
      Secrets secrets,
      @Nullable ValueCodecs codecs,
      Clock clock) {
    this.properties = new TreeMap<>(properties);
    this.plans = plans;
    this.secrets = secrets;
    this.codecs = codecs;
    this.clock = clock;
  }

  /** Lets a method have what a feed receives. */
  synchronized void add(String name, FeedMethod method) {
    LariatProperties.Feed feed = feed(name, "@LariatFeed on " + method);
    if (!method.suits(FeedPlans.isWebSocket(name, feed.uri()))) {
      throw new IllegalStateException(
          "@LariatFeed on " + method + ": the feed " + name + " has nothing of that type");
    }
    if (method.isTyped()) {
      if (codecs == null) {
        throw new IllegalStateException(
            "@LariatFeed on " + method + ": its type needs lariat-jackson, which was excluded");
      }
      method.readBy(codecs.of(method.type()));
    }
    if (running && runs.containsKey(name)) {
      throw new IllegalStateException(
          "@LariatFeed on "
              + method
              + ": the feed "
              + name
              + " is open already; do not make its"
              + " bean lazy");
    }
    methodsOf(name).add(method);
  }

  private LariatProperties.Feed feed(String name, String who) {
    LariatProperties.Feed feed = properties.get(name);
    if (feed == null) {
      throw new BadPropertyException(
          "lariat.feeds." + name, "missing", who + " names it, and there are " + names());
    }
    return feed;
  }

  /** {@return the names of all feeds} */
  public Set<String> names() {
    return properties.keySet();
  }

  /**
   * {@return the live connection of a WebSocket feed} It opens, if it is not open yet.
   *
   * @param name the name of the feed
   * @throws BadPropertyException if there is no such feed
   * @throws IllegalArgumentException if it is a feed of server-sent events
   */
  public LiveWebSocket webSocket(String name) {
    if (run(name).ref() instanceof LiveWebSocket its) {
      return its;
    }
    throw new IllegalArgumentException("feed: " + name + ", allowed one of a WebSocket");
  }

  /**
   * {@return the live connection of a feed of server-sent events} It opens, if it is not open yet.
   *
   * @param name the name of the feed
   * @throws BadPropertyException if there is no such feed
   * @throws IllegalArgumentException if it is a feed of a WebSocket
   */
  public LiveEvents events(String name) {
    if (run(name).ref() instanceof LiveEvents its) {
      return its;
    }
    throw new IllegalArgumentException("feed: " + name + ", allowed one of server-sent events");
  }

  /** {@return how each feed stands, by name} */
  public List<FeedInfo> info() {
    return names().stream().map(this::info).toList();
  }

  /**
   * {@return how a feed stands}
   *
   * @param name the name of the feed
   * @throws BadPropertyException if there is no such feed
   */
  public FeedInfo info(String name) {
    LariatProperties.Feed feed = feed(name, "info");
    FeedRun run;
    synchronized (this) {
      run = runs.get(name);
    }
    return run != null ? run.info() : unused(name, feed);
  }

  private FeedInfo unused(String name, LariatProperties.Feed feed) {
    return new FeedInfo(
        name,
        shown(feed),
        FeedInfo.State.UNUSED,
        0,
        Instant.EPOCH,
        0,
        0,
        Optional.empty(),
        Optional.empty());
  }

  /** Without a query: it may be a secret. */
  private static String shown(LariatProperties.Feed feed) {
    return String.valueOf(feed.uri()).replaceAll("\\?.*", "").replaceAll("//[^/]*@", "//");
  }

  private synchronized FeedRun run(String name) {
    FeedRun run = runs.get(name);
    return run != null ? run : open(name, feed(name, "a bean"));
  }

  private FeedRun open(String name, LariatProperties.Feed feed) {
    List<FeedMethod> its = methodsOf(name);
    LiveFeed live =
        FeedPlans.isWebSocket(name, feed.uri())
            ? plans.webSocket(name, feed, session -> open(session, its))
            : plans.events(name, feed);
    FeedRun run = new FeedRun(name, shown(feed), live, its, clock);
    runs.put(name, run);
    String bundle = feed.ssl().bundle();
    if (bundle != null) {
      secrets.whenChanged("lariat.feeds." + name + ".ssl.bundle", bundle, any -> live.rotate());
    }
    if (running) {
      run.begin();
    }
    return run;
  }

  private List<FeedMethod> methodsOf(String name) {
    return methods.computeIfAbsent(name, its -> new CopyOnWriteArrayList<>());
  }

  /** A feed that is injected opens before the methods of all beans are known. */
  private void open(Session session, List<FeedMethod> its) throws Exception {
    if (!running) {
      started.await();
    }
    for (FeedMethod method : its) {
      if (method.isOpening()) {
        method.open(session);
      }
    }
  }

  // ---- with the application

  @Override
  public synchronized void start() {
    running = true;
    started.countDown(); // all beans are there, so all methods are known
    for (String name : names()) {
      if (!methodsOf(name).isEmpty()) {
        run(name).begin();
      } else if (!runs.containsKey(name)) {
        LOG.log(
            Level.INFO,
            () -> "Feed " + name + " stays closed until a bean asks for it: no method reads it");
      }
    }
    looks = Executors.newSingleThreadScheduledExecutor(Feeds::thread);
    looks.scheduleAtFixedRate(this::info, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static Thread thread(Runnable body) {
    return Thread.ofPlatform().daemon().name("lariat-feeds").unstarted(body);
  }

  /** Ends all feeds, and returns when they have ended, or after 10 s. */
  @Override
  public void stop() {
    List<FeedRun> all = leave();
    long end = System.nanoTime() + GOODBYE.toNanos();
    try {
      for (FeedRun run : all) {
        run.live().awaitTermination(Duration.ofNanos(end - System.nanoTime()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    all.forEach(run -> run.live().close());
  }

  @Override
  public void stop(Runnable callback) {
    Thread.ofVirtual()
        .name("lariat-feeds-stop")
        .start(
            () -> {
              stop();
              callback.run();
            });
  }

  private synchronized List<FeedRun> leave() {
    running = false;
    if (looks != null) {
      looks.shutdownNow();
      looks = null;
    }
    List<FeedRun> all = List.copyOf(runs.values());
    runs.clear();
    all.forEach(run -> run.live().shutdown());
    return all;
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return PHASE;
  }
}
