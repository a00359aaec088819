package dev.lariat.internal.http2;

import static dev.lariat.internal.codec.Http2Frames.MAX_WINDOW;

import dev.lariat.message.StreamRef;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The streams of one connection that have begun and are not closed (RFC 9113 section 5.1.1). */
final class Streams {
  private static final int LAST = MAX_WINDOW; // the largest number that a stream can have

  private final IntObjectMap<Http2Stream> byId = new IntObjectHashMap<>(8);

  /** The same by their users' handles, but for those that another engine has. */
  private final Map<StreamRef, Http2Stream> byRef = new HashMap<>();

  /** The number of this side's next stream. */
  private long next = 1;

  /** The number of the newest stream that the server has promised. */
  private int promised;

  /** How many of them the server has promised. */
  private int pushed;

  /** The stream of this number; null if it is closed or has not begun. */
  @Nullable Http2Stream of(int id) {
    return byId.get(id);
  }

  /** The user's stream; null if it is closed, or another engine has it. */
  @Nullable Http2Stream of(StreamRef ref) {
    return byRef.get(ref);
  }

  /** Whether this stream is not closed. */
  boolean has(Http2Stream stream) {
    return byId.get(stream.id) == stream;
  }

  /** Whether no stream of this number has begun. */
  boolean isIdle(int id) {
    return id % 2 == 0 ? id > promised : id >= next;
  }

  /** How many of them this side has begun. */
  int size() {
    return byId.size() - pushed;
  }

  /** How many of them the server has promised. */
  int pushed() {
    return pushed;
  }

  boolean isEmpty() {
    return byId.isEmpty();
  }

  /** All of them, in no particular order, for a loop in which none begins or ends. */
  Iterable<Http2Stream> each() {
    return byId.values();
  }

  /** All of them as they are now, the oldest first. */
  List<Http2Stream> all() {
    List<Http2Stream> all = new ArrayList<>(byId.values());
    all.sort(Comparator.comparingInt(stream -> stream.id));
    return all;
  }

  /** The number of the stream that this side begins next. */
  int next() {
    return (int) next;
  }

  /** Whether no number is left for another stream. */
  boolean areUsedUp() {
    return next > LAST;
  }

  void add(Http2Stream stream) {
    byId.put(stream.id, stream);
    byRef.put(stream.stream.ref(), stream);
    if (stream.isPushed()) {
      pushed++;
    } else {
      next = stream.id + 2L;
    }
  }

  /** The server promises a stream of this number; false if it must not have that number. */
  boolean promise(int id) {
    if (id % 2 != 0 || id <= promised) {
      return false;
    }
    promised = id;
    return true;
  }

  /** The newest stream of the server's; 0 if it has promised none. */
  int lastPromised() {
    return promised;
  }

  /** Another engine has the stream from now on. */
  void lend(Http2Stream stream) {
    byRef.remove(stream.stream.ref());
  }

  /** A stream is closed; false if it was before. */
  boolean remove(Http2Stream stream) {
    byRef.remove(stream.stream.ref(), stream);
    boolean removed = byId.remove(stream.id) != null;
    if (removed && stream.isPushed()) {
      pushed--;
    }
    return removed;
  }
}
