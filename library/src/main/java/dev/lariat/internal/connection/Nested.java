package dev.lariat.internal.connection;

import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamRef;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The engines that are hosted on streams of the connection's own: which of them has a stream, and
 * which has the next deadline. There are none while HTTP/1.1, a WebSocket or raw bytes have the
 * connection for themselves.
 */
final class Nested {

  /** When a hosting was to be called; out of date if it is no longer the hosting's own time. */
  private record Due(long at, Hosting hosting) {}

  /** The hosting of each stream, the oldest first; a constant before there was one. */
  private Map<Stream, Hosting> byStream = Map.of();

  /** The deadlines, the earliest first; null before there was one. */
  private @Nullable PriorityQueue<Due> dues;

  void add(Stream stream, Hosting hosting) {
    if (byStream.isEmpty()) {
      byStream = new LinkedHashMap<>();
    }
    byStream.put(stream, hosting);
  }

  void remove(Hosting hosting) {
    byStream.values().remove(hosting);
  }

  /** The hosting that has this stream. */
  @Nullable Hosting of(Stream stream) {
    return byStream.isEmpty() ? null : byStream.get(stream);
  }

  /** All of them, as they are now, the oldest first. */
  List<Hosting> all() {
    return byStream.isEmpty() ? List.of() : List.copyOf(byStream.values());
  }

  /**
   * Ends those whose lanes keep nothing, or all.
   *
   * @return the streams that this killed
   */
  List<StreamRef> end(Reason reason, boolean all) {
    List<StreamRef> killed = new ArrayList<>(0);
    for (Hosting each : all()) {
      if (all || !each.keeps()) {
        each.close(reason);
        killed.addAll(each.casualties().killed());
      }
    }
    return killed;
  }

  void shutdown(long closing) {
    all().forEach(each -> each.shutdown(closing));
  }

  void applyReading() {
    all().forEach(Hosting::applyReading);
  }

  // ---- time

  /** When to call {@link #elapsed}, or earlier. */
  long deadline() {
    return dues == null || dues.isEmpty() ? Engine.NEVER : dues.element().at;
  }

  /** Notes a deadline that has come nearer. One that moves away, as keepalive's, is not noted. */
  void rearm(Hosting hosting) {
    long at = hosting.deadline();
    if (at >= hosting.due()) {
      return;
    }
    if (dues == null) {
      dues = new PriorityQueue<>(Comparator.comparingLong(Due::at));
    }
    hosting.due(at);
    dues.add(new Due(at, hosting));
  }

  /** Calls those whose time has come, each once: one that goes on at once does so in its turn. */
  void elapsed(long now) {
    List<Due> come = new ArrayList<>(0);
    while (dues != null && !dues.isEmpty() && dues.element().at <= now) {
      come.add(dues.remove());
    }
    for (Due due : come) {
      Hosting hosting = due.hosting;
      if (hosting.due() == due.at) {
        hosting.due(Engine.NEVER);
        hosting.elapsed();
        rearm(hosting);
      }
    }
  }
}
