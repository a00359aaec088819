package dev.lariat.spring;

import dev.lariat.message.Gone;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Message;
import dev.lariat.message.Open;
import dev.lariat.message.Reason;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.UnreadableException;
import dev.lariat.message.Waiting;
import dev.lariat.message.WebSocketFrame;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A feed that is open: reads it for its methods, and knows how it stands. */
final class FeedRun {
  private static final Logger LOG = System.getLogger("dev.lariat.spring");

  private final String name;
  private final String uri;
  private final LiveFeed live;
  private final List<FeedMethod> methods;
  private final Clock clock;

  // Written by the reader, but for the first three.
  private boolean open; // under this
  private Instant since; // under this
  private boolean reads; // under this; whether a thread reads it
  private final AtomicLong sessions = new AtomicLong();
  private final AtomicLong received = new AtomicLong();
  private volatile @Nullable Instant lastReceived;
  private volatile @Nullable Reason reason;
  private volatile boolean gone;

  FeedRun(String name, String uri, LiveFeed live, List<FeedMethod> methods, Clock clock) {
    this.name = name;
    this.uri = uri;
    this.live = live;
    this.methods = methods;
    this.clock = clock;
    this.since = clock.instant();
  }

  LiveRef ref() {
    return live.ref();
  }

  LiveFeed live() {
    return live;
  }

  /** Begins to read, if a method wants it. Otherwise the bean reads that has asked for the feed. */
  synchronized void begin() {
    if (!reads && isRead()) {
      Iterable<Message> messages = live.messages(); // throws if a customizer has set an owner
      reads = true;
      Thread.ofVirtual().name("lariat-feed-" + name).start(() -> read(messages));
    }
  }

  private boolean isRead() {
    return methods.stream().anyMatch(method -> !method.isOpening());
  }

  private void read(Iterable<Message> messages) {
    for (Message message : messages) {
      note(message);
      for (FeedMethod method : methods) {
        pass(message, method);
      }
    }
  }

  private void note(Message message) {
    switch (message) {
      case Open opened -> {
        sessions.incrementAndGet();
        reason = null;
      }
      case Waiting waiting when !waiting.open() -> {
        reason = waiting.reason();
        LOG.log(Level.INFO, () -> "Feed " + name + " waits: " + waiting.reason().sentence());
      }
      case Gone ended -> {
        reason = ended.reason();
        gone = true;
        if (!(ended.reason() instanceof Reason.Closed
            || ended.reason() instanceof Reason.OwnerClosed)) { // the end of the application
          LOG.log(
              Level.ERROR,
              () -> "Feed " + name + " has ended for good: " + ended.reason().sentence());
        }
      }
      case WebSocketFrame frame -> arrived();
      case ServerSentEvent event -> arrived();
      default -> {}
    }
  }

  private void arrived() {
    received.incrementAndGet();
    lastReceived = clock.instant();
  }

  private void pass(Message message, FeedMethod method) {
    Optional<Object> part;
    try {
      part = method.part(message);
    } catch (UnreadableException e) {
      LOG.log(
          Level.ERROR, () -> "Feed " + name + ": nothing for " + method + ": " + e.getMessage());
      return;
    }
    try {
      if (part.isPresent()) {
        method.call(part.get(), live.ref());
      }
    } catch (Exception e) {
      LOG.log(Level.ERROR, "Feed " + name + ": " + method + " threw", e);
    }
  }

  /** How it stands. To be called at least once a second, since only that sees changes. */
  synchronized FeedInfo info() {
    long session = live.session();
    boolean now = session > 0;
    if (now != open) {
      open = now;
      since = clock.instant();
    }
    FeedInfo.State state =
        now
            ? FeedInfo.State.OPEN
            : gone || live.hasEnded() ? FeedInfo.State.GONE : FeedInfo.State.CONNECTING;
    return new FeedInfo(
        name,
        uri,
        state,
        session,
        since,
        reads ? sessions.get() : session,
        received.get(),
        Optional.ofNullable(lastReceived),
        now ? Optional.empty() : Optional.ofNullable(reason).map(Reason::sentence));
  }
}
