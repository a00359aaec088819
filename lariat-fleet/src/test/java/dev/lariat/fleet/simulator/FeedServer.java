package dev.lariat.fleet.simulator;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The server of all feeds. Each feed has numbered events, one after the other as time passes. */
final class FeedServer {
  static final long PERIOD = 400 * Timeline.MS;

  private final Timeline time;
  private final Predicate<String> resumes; // whether a feed can begin where it is asked to
  private final int most; // events that a connection is behind, and one more
  private final Map<String, List<Connection>> open = new HashMap<>();
  private final Set<String> refused = new HashSet<>(); // feeds that it does not serve
  private boolean stopped;
  private long stoppedAt;

  /** A connection of one run, which receives the events after a position. */
  final class Connection {
    final Node node;
    final long run;
    final String feed;
    Consumer<List<Long>> toLine; // what is sent
    Runnable lost; // when the server ends it
    private final long behind = time.chance(0.3) ? time.random.nextInt(most) : 0; // in events
    final long first; // it has all events after this one
    private long sent;
    boolean early; // of a node that does not have the slot yet
    private boolean abandoned; // closed by its node at once, which this server has not seen yet
    private boolean closed;

    Connection(Node node, long run, String feed, long position, boolean early) {
      this.early = early;
      this.node = node;
      this.run = run;
      this.feed = feed;
      this.first = position;
      this.sent = position;
    }

    private void pump() {
      if (closed) {
        return;
      }
      List<Long> events = new ArrayList<>();
      long last = stopped ? newest() : newest() - behind;
      while (sent < last && events.size() < 20) {
        events.add(++sent);
      }
      if (!events.isEmpty()) {
        toLine.accept(events);
      }
      time.after(PERIOD, this::pump);
    }

    /** Its node reads nothing more of it. */
    void abandon() {
      abandoned = true;
      toLine = events -> {};
      lost = () -> {};
    }

    boolean isOpen() {
      return !closed;
    }

    void close() {
      closed = true;
      open.get(feed).remove(this);
    }
  }

  /**
   * One of which some connections are behind others.
   *
   * @param most how many events, and one more
   * @param resumes whether a feed can begin where it is asked to. Others begin with what the last
   *     connection has not received yet
   */
  FeedServer(Timeline time, int most, Predicate<String> resumes) {
    this.time = time;
    this.resumes = resumes;
    this.most = most;
  }

  /** The number of the newest event of every feed. */
  long newest() {
    return (stopped ? stoppedAt : time.now()) / PERIOD;
  }

  /** No feed has further events. */
  void stop() {
    stoppedAt = time.now();
    stopped = true;
  }

  void refuse(String feed) {
    refused.add(feed);
  }

  void serve(String feed) {
    refused.remove(feed);
  }

  boolean refuses(String feed) {
    return refused.contains(feed);
  }

  Connection open(Node node, long run, String feed, long position, boolean early) {
    long newer = Math.max(early ? 0 : position, newest() - most); // never twice without an overlap
    long first = resumes.test(feed) ? position : newer;
    Connection connection = new Connection(node, run, feed, first, early);
    if (!early) {
      refuseSecond(connection);
    }
    open.computeIfAbsent(feed, none -> new ArrayList<>(1)).add(connection);
    time.after(Timeline.MS, connection::pump);
    return connection;
  }

  /** The node of this connection has its slot now. */
  void taken(Connection connection) {
    connection.early = false;
    refuseSecond(connection);
  }

  private void refuseSecond(Connection its) {
    for (Connection other : connections(its.feed)) {
      boolean own = other.node == its.node && (other.run == its.run || other.abandoned);
      if (!own && !other.early && !other.node.wasFrozen()) {
        throw time.broken(
            its.feed + " is open on " + its.node + ", and " + other.node + " has it open, awake");
      }
    }
  }

  /** Ends one of the connections of a feed, if there is one. */
  void cut(String feed) {
    List<Connection> its = connections(feed);
    if (!its.isEmpty()) {
      Connection one = its.get(time.random.nextInt(its.size()));
      time.trace("the server ends a connection of " + feed + " to " + one.node);
      one.close();
      one.lost.run();
    }
  }

  List<Connection> connections(String feed) {
    return List.copyOf(open.getOrDefault(feed, List.of()));
  }
}
