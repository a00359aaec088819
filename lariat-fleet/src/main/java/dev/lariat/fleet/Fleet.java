package dev.lariat.fleet;

import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Many feeds, each alive on exactly one node. A feed is a live connection: when it is lost, it
 * reconnects and continues after the last event that it received. Events go to a {@link Sink}, and
 * when that has them, the positions go to a {@link PositionStore}. So after a restart every feed
 * continues after the last event whose position was stored: no event is lost, and after a crash
 * some arrive again.
 *
 * <pre>{@code
 * try (Fleet fleet = Fleet.open(PositionStore.file(path), Sink.files(folder))) {
 *   fleet.put(
 *       Feed.webSocket("btc", "wss://stream.example.com/btc")
 *           .position(PositionFinder.json("/seq"))
 *           .resume(Resume.query("after")));
 *   …
 * }
 * }</pre>
 *
 * <p>You can add, change and remove feeds while it runs. You can call all methods from any thread.
 */
public final class Fleet implements AutoCloseable {
  private final PositionStore positions;
  private final Sink sink;
  private final FleetLoop loop;
  private final Duration closing;

  private final Lock lock = new ReentrantLock();
  private final Map<String, Feed> feeds = new HashMap<>(); // under the lock
  private boolean closed; // under the lock

  private Fleet(PositionStore positions, Sink sink, FleetOptions options) {
    this.positions = positions;
    this.sink = sink;
    this.loop = new FleetLoop(positions, sink, options);
    this.closing = options.closing();
  }

  /**
   * Opens a fleet without feeds, with the default options.
   *
   * @param positions where positions are kept. The fleet closes it
   * @param sink where events go. The fleet closes it
   * @return the fleet
   * @throws IOException if the store cannot be used
   */
  public static Fleet open(PositionStore positions, Sink sink) throws IOException {
    return open(positions, sink, FleetOptions.DEFAULT);
  }

  /**
   * Opens a fleet without feeds. If several nodes share its slots, the node first opens a
   * connection to itself on the loopback address, so that its classes are loaded when it gets
   * feeds. That takes 5 s at most; nothing happens if it is not possible.
   *
   * @param positions where positions are kept. The fleet closes it
   * @param sink where events go. The fleet closes it
   * @param options the options
   * @return the fleet
   * @throws IOException if the store cannot be used, or the placement cannot be joined
   * @throws IllegalArgumentException if several nodes would not share their positions
   */
  public static Fleet open(PositionStore positions, Sink sink, FleetOptions options)
      throws IOException {
    Allowed.present("fleet.positions", positions);
    Allowed.present("fleet.sink", sink);
    Placement placement = options.placement();
    if (placement.shared() && !positions.shared()) {
      throw Allowed.refused(
          "fleet.positions",
          "a store of one machine",
          "a shared one with several nodes: the positions would be lost with the machine");
    }
    Fleet fleet = new Fleet(positions, sink, options);
    positions.open(options.slots());
    if (placement.shared()) {
      WarmUp.run();
    }
    try {
      fleet.loop.begin(placement.join(options.slots(), fleet.loop));
    } catch (IOException | RuntimeException e) {
      positions.close();
      throw e;
    }
    return fleet;
  }

  // ---- its feeds

  /**
   * Adds a feed, or changes the one with the same id. A changed feed closes, and opens again with
   * its new configuration after the last event that it had received. Does nothing if the feed is
   * equal to that one and has not ended for good.
   *
   * @param feed the feed
   * @throws IllegalArgumentException if its parts do not fit together, as a pair, an overlap or a
   *     stand-by of a WebSocket whose events have no position
   * @throws IllegalStateException if the fleet is closed
   */
  public void put(Feed feed) {
    Allowed.present("fleet.feed", feed).refuseIncomplete();
    lock.lock();
    try {
      refuseClosed();
      feeds.put(feed.id(), feed);
      loop.put(feed);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Removes a feed: it closes. Its position is kept, so it would continue there if you put it back.
   * Does nothing if there is none.
   *
   * @param id the id of the feed
   * @throws IllegalStateException if the fleet is closed
   */
  public void remove(String id) {
    lock.lock();
    try {
      refuseClosed();
      if (feeds.remove(Allowed.present("fleet.feed", id)) != null) {
        loop.remove(id);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Replaces all feeds: adds those that are new, changes those that differ, and removes the others.
   *
   * @param all the feeds
   * @throws IllegalArgumentException if two of them have the same id, or one is refused as by
   *     {@link #put}
   * @throws IllegalStateException if the fleet is closed
   */
  public void feeds(Collection<Feed> all) {
    Set<String> ids = new HashSet<>();
    for (Feed feed : all) {
      if (!ids.add(Allowed.present("fleet.feed", feed).id())) {
        throw Allowed.refused("fleet.feeds", "two with the id " + feed.id(), "one for each id");
      }
      feed.refuseIncomplete();
    }
    lock.lock();
    try {
      refuseClosed();
      for (String id : Set.copyOf(feeds.keySet())) {
        if (!ids.contains(id)) {
          remove(id);
        }
      }
      all.forEach(this::put);
    } finally {
      lock.unlock();
    }
  }

  // ---- what is said to their servers

  /**
   * Sends a frame on the live connection of a feed, as {@code LiveWebSocket.deliver} does: an open
   * session sends it, or it waits in the outbox of the feed. If another node has the feed, the
   * placement carries the frame to it, if it can. A frame that reaches a node as the feed moves is
   * dropped.
   *
   * <p>If the feed is on this node, the call blocks while its outbox is full, as the options of the
   * feed say.
   *
   * @param feed the id of the feed, which must be a WebSocket
   * @param frame the frame
   * @return what becomes of the frame. The future does not fail. Actions that depend on it must not
   *     block
   * @throws IllegalArgumentException if the configuration has no such feed, if it is a feed of
   *     server-sent events, if the frame is a close frame, or if a text has an unpaired surrogate
   * @throws IllegalStateException if the fleet is closed
   */
  public CompletableFuture<SendResult> send(String feed, Frame frame) {
    Allowed.present("fleet.send.feed", feed);
    if (Allowed.present("fleet.send.frame", frame) instanceof Close) {
      throw Allowed.refused("fleet.send.frame", frame, "a text, binary, ping or pong");
    }
    refuseNoSocket(feed);
    return loop.send(feed, frame);
  }

  private void refuseNoSocket(String id) {
    lock.lock();
    try {
      refuseClosed();
      Feed feed = feeds.get(id);
      if (feed == null) {
        throw Allowed.refused("fleet.send.feed", id, "the id of a feed of the configuration");
      }
      if (feed.webSocketOptions() == null) {
        throw Allowed.refused("fleet.send.feed", id + " of server-sent events", "a WebSocket");
      }
    } finally {
      lock.unlock();
    }
  }

  private void refuseClosed() {
    if (closed) {
      throw new IllegalStateException("the fleet is closed");
    }
  }

  /** {@return how the fleet stands on this node} */
  public FleetInfo info() {
    return loop.info();
  }

  int slots() {
    return loop.options.slots();
  }

  /**
   * Adds a listener, beside that of the options. It receives what happens from now on.
   *
   * @param listener the listener
   */
  public void listen(FleetListener listener) {
    loop.listeners.add(Allowed.present("fleet.listener", listener));
  }

  /**
   * Removes a listener. Does nothing if it was not added.
   *
   * @param listener the listener
   */
  public void unlisten(FleetListener listener) {
    loop.listeners.remove(listener);
  }

  // ---- the end

  /**
   * Closes all feeds, writes what they received and stores their positions, for at most {@code
   * closing}; then closes the sink and the store. Blocks until that is done. A placement may move
   * slots to other nodes before, for as long as it says. Does nothing if it is closed.
   *
   * @throws IOException if the sink or the store fails as it is closed
   */
  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
    } finally {
      lock.unlock();
    }
    loop.shutDown();
    boolean interrupted = awaitEnd();
    try {
      sink.close();
    } finally {
      positions.close();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Whether the thread was interrupted as it waited. */
  private boolean awaitEnd() {
    boolean interrupted = false;
    try {
      loop.awaitEnd(closing.plusSeconds(1));
    } catch (InterruptedException e) {
      interrupted = true; // then it ends at once
    }
    try {
      loop.abandon();
    } catch (InterruptedException e) {
      interrupted = true;
    }
    return interrupted;
  }
}
