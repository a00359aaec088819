package dev.lariat.internal.http2;

import static dev.lariat.internal.codec.Http2Frames.*;

import dev.lariat.internal.codec.Hpack;
import dev.lariat.internal.http2.Http2Stream.Waits;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.SentFile;
import dev.lariat.internal.text.Priority;
import dev.lariat.option.Http2;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The sending side of {@link Http2Engine}: frames go to the lane in the order in which they are
 * asked for, and DATA as far as the server's windows allow (RFC 9113 section 5.2).
 *
 * <p>Streams with something to send wait in {@code queue}; each sends one frame in its turn, as
 * long as the lane takes it and the connection's window is open. An end without bytes needs no
 * window: its stream waits in {@code ends}. One whose own window is shut waits in neither.
 *
 * <p>Small writes of an engine on a stream go into a DATA frame that stays open at the end of the
 * lane's buffer, until another frame begins or the lane is flushed: the messages of one turn make
 * one frame. Its length is written then.
 */
final class Sending {
  /** Octets of a native buffer up to which they are copied to the other bytes of the turn. */
  private static final int COPIED = 1024;

  private static final int DEBUG = 256; // octets of words in GOAWAY

  private final Http2Engine engine;
  private final Hpack hpack;

  /** How much DATA the server takes on the connection. */
  private long window = INITIAL_WINDOW;

  /** How much DATA the server takes on a stream that begins. */
  private int initialWindow = INITIAL_WINDOW;

  /** Streams that have something to send. */
  private final Turns queue = new Turns();

  /** Streams that have only their end to send. */
  private final Deque<Http2Stream> ends = new ArrayDeque<>(0);

  /** When the connection's window must let out a byte of the queue; NEVER while it is open. */
  private long dryUntil = Engine.NEVER;

  /** The stream of the DATA frame that is open; null without one. */
  private @Nullable Http2Stream open;

  /** The buffer that the open frame is in. */
  private ByteBuf buffer = Unpooled.EMPTY_BUFFER;

  /** Where in the buffer the open frame begins. */
  private int openAt;

  /** Whether the queue is being served. */
  private boolean pumping;

  @SuppressWarnings("NullAway.Init") // nothing is sent before begin
  private Out out;

  Sending(Http2Engine engine, Hpack hpack) {
    this.engine = engine;
    this.hpack = hpack;
  }

  void begin(Out out) {
    this.out = out;
  }

  // ---- frames

  /** Room for the payload of a frame, behind its header. */
  ByteBuf frame(int length, int type, int flags, int stream) {
    return header(room(HEADER + length), length, type, flags, stream);
  }

  private ByteBuf room(int octets) {
    endData(0);
    return out.room(octets);
  }

  /** The connection preface with this side's settings (section 3.4). */
  void preface(Http2 options, int headerBlock, int connectionWindow) {
    int parameters = (options.push() ? 6 : 5) * 6;
    ByteBuf room = room(PREFACE.length() + 2 * HEADER + parameters + 4);
    room.writeCharSequence(PREFACE, StandardCharsets.US_ASCII);
    header(room, parameters, SETTINGS, 0, 0);
    setting(room, ENABLE_PUSH, options.push() ? 1 : 0);
    if (options.push()) {
      setting(room, MAX_CONCURRENT_STREAMS, options.maxPushes());
    }
    setting(room, INITIAL_WINDOW_SIZE, options.streamWindow());
    setting(room, MAX_HEADER_LIST_SIZE, headerBlock);
    setting(room, ENABLE_CONNECT_PROTOCOL, 1); // some servers refuse clients without it
    setting(room, NO_RFC7540_PRIORITIES, 1);
    header(room, 4, WINDOW_UPDATE, 0, 0).writeInt(connectionWindow - INITIAL_WINDOW);
  }

  /** Writes the field section that was begun, in as many frames as it needs (section 4.3). */
  void fields(int stream, boolean last) {
    int end = last ? END_STREAM : 0;
    int octets = hpack.sentOctets();
    if (octets <= MAX_PAYLOAD) {
      ByteBuf room = room(HEADER + octets);
      int at = room.writerIndex();
      room.writeZero(HEADER);
      hpack.encode(stream, room);
      int length = room.writerIndex() - at - HEADER;
      patch(room, at, length, HEADERS, END_HEADERS | end, stream);
      return;
    }
    ByteBuf block = Unpooled.buffer(octets);
    hpack.encode(stream, block);
    for (int type = HEADERS; type == HEADERS || block.isReadable(); type = CONTINUATION) {
      int length = Math.min(MAX_PAYLOAD, block.readableBytes());
      int flags = length == block.readableBytes() ? END_HEADERS : 0;
      frame(length, type, type == HEADERS ? flags | end : flags, stream).writeBytes(block, length);
    }
    block.release();
  }

  private static void patch(ByteBuf room, int at, int length, int type, int flags, int stream) {
    room.setMedium(at, length).setByte(at + 3, type).setByte(at + 4, flags).setInt(at + 5, stream);
  }

  void reset(int stream, int code) {
    frame(4, RST_STREAM, 0, stream).writeInt(code);
  }

  void windowUpdate(int stream, int increment) {
    if (increment > 0) {
      frame(4, WINDOW_UPDATE, 0, stream).writeInt(increment);
    }
  }

  void priorityUpdate(int stream, Priority priority) {
    String value = priority.value();
    frame(4 + value.length(), PRIORITY_UPDATE, 0, 0)
        .writeInt(stream)
        .writeCharSequence(value, StandardCharsets.US_ASCII);
  }

  void acknowledgeSettings() {
    frame(0, SETTINGS, ACK, 0);
  }

  void ping(long data, boolean acknowledges) {
    frame(8, PING, acknowledges ? ACK : 0, 0).writeLong(data);
  }

  /** Begins the end, after which no stream of the server's but the last one begins. */
  void goAway(int last, int code, String why) {
    byte[] words = why.getBytes(StandardCharsets.UTF_8);
    int count = Math.min(words.length, DEBUG);
    frame(8 + count, GOAWAY, 0, 0).writeInt(last).writeInt(code).writeBytes(words, 0, count);
  }

  // ---- the server's windows

  /** How many octets of DATA may be sent on this stream in a frame now; none if not positive. */
  int allowance(Http2Stream stream) {
    long streams = (long) initialWindow + stream.sendWindow;
    return (int) Math.min(Math.min(window, streams), MAX_PAYLOAD);
  }

  private boolean isShut(Http2Stream stream) {
    return (long) initialWindow + stream.sendWindow <= 0;
  }

  /** The server opens the connection's window; false if it opens it too far. */
  boolean opens(int increment) {
    endData(0); // what is in it is taken from the windows
    window += increment;
    dryUntil = Engine.NEVER;
    return window <= MAX_WINDOW;
  }

  /** The server opens the window of a stream; false if it opens it too far. */
  boolean opens(Http2Stream stream, int increment) {
    endData(0); // what is in it is taken from the windows
    long opened = (long) initialWindow + stream.sendWindow + increment;
    if (opened > MAX_WINDOW) {
      return false;
    }
    stream.sendWindow += increment;
    reopen(stream);
    return true;
  }

  /**
   * The server changes the window that streams begin with, and so all that there are.
   *
   * @return false if that opens one of them too far
   */
  boolean initialWindow(int size, Iterable<Http2Stream> streams) {
    endData(0);
    boolean opens = size > initialWindow;
    if (opens) {
      for (Http2Stream stream : streams) {
        if ((long) size + stream.sendWindow > MAX_WINDOW) {
          return false;
        }
      }
    }
    initialWindow = size;
    if (opens) {
      streams.forEach(this::reopen);
    }
    return true;
  }

  private void reopen(Http2Stream stream) {
    if (stream.waits == Waits.SHUT && !isShut(stream)) {
      stream.waits = Waits.NOWHERE;
      stream.stuckAt = Engine.NEVER;
      enqueue(stream);
    }
  }

  private void took(Http2Stream stream, int octets) {
    window -= octets;
    stream.sendWindow -= octets;
    stream.sentFrames++;
    stream.stuckAt = Engine.NEVER;
  }

  // ---- DATA

  /** The stream has something to send: it does that in its turn. */
  void wants(Http2Stream stream) {
    enqueue(stream);
    pump();
  }

  /** The same, but not before the call that runs has returned. */
  void later(Http2Stream stream) {
    enqueue(stream);
  }

  private void enqueue(Http2Stream stream) {
    if (stream.waits != Waits.NOWHERE) {
      return;
    }
    if (stream.sender != null && !stream.sender.needsWindow()) {
      stream.waits = Waits.TO_END;
      ends.add(stream);
      return;
    }
    if (queue.isEmpty()) {
      dryUntil = Engine.NEVER;
    }
    stream.waits = Waits.QUEUED;
    queue.add(stream);
  }

  /** The stream has this place in the order from now on. */
  void prioritize(Http2Stream stream, Priority priority) {
    boolean queued = stream.waits == Waits.QUEUED;
    if (queued) {
      queue.remove(stream);
    }
    stream.priority = priority;
    if (queued) {
      queue.add(stream);
    }
  }

  /** The stream has nothing to send any more. */
  void forget(Http2Stream stream) {
    if (open == stream) {
      endData(0);
    }
    switch (stream.waits) {
      case QUEUED -> queue.remove(stream);
      case TO_END -> ends.remove(stream);
      case SHUT, NOWHERE -> {}
    }
    stream.waits = Waits.NOWHERE;
    stream.stuckAt = Engine.NEVER;
  }

  /** Serves the streams that have something to send, as long as the lane takes it. */
  void pump() {
    if (pumping) {
      return;
    }
    pumping = true;
    try {
      while (mayServe() && out.writable()) {
        endData(0);
        Http2Stream next = ends.isEmpty() && window > 0 ? queue.next() : ends.poll();
        if (next != null) { // or the frame that was open took the rest of the window
          next.waits = Waits.NOWHERE;
          serve(next);
        }
      }
      if (window <= 0 && !queue.isEmpty() && dryUntil == Engine.NEVER && out.writable()) {
        dryUntil = engine.stuckUntil();
      }
    } finally {
      pumping = false;
    }
  }

  private boolean mayServe() {
    return !ends.isEmpty() || window > 0 && !queue.isEmpty();
  }

  private void serve(Http2Stream stream) {
    Sender sender = stream.sender;
    if (sender == null || !sender.ready()) {
      return;
    }
    if (sender.needsWindow() && allowance(stream) <= 0) {
      if (isShut(stream)) {
        stream.waits = Waits.SHUT;
        stream.stuckAt = engine.stuckUntil();
      } else {
        enqueue(stream);
      }
      return;
    }
    try {
      sender.send(Math.max(0, allowance(stream)));
    } catch (IOException e) {
      engine.unreadable(stream, e);
      return;
    }
    if (sender.ready() && !stream.sentEnd) {
      enqueue(stream);
    }
  }

  /** When the server's windows must have let out a byte of what this stream sends. */
  long stuckAt(Http2Stream stream) {
    return stream.waits == Waits.QUEUED ? dryUntil : stream.stuckAt;
  }

  /**
   * Room in a DATA frame of this stream, which is begun or goes on; null if the windows or the
   * frame have none.
   */
  @Nullable ByteBuf data(Http2Stream stream, int octets) {
    int inFrame = buffer.writerIndex() - openAt - HEADER;
    if (open == stream
        && buffer.writableBytes() >= octets
        && inFrame + octets <= allowance(stream)) {
      return out.room(octets); // the same buffer
    }
    endData(0);
    if (octets > allowance(stream)) {
      return null;
    }
    buffer = out.room(HEADER + octets);
    openAt = buffer.writerIndex();
    buffer.writeZero(HEADER);
    open = stream;
    return buffer;
  }

  /** Ends the DATA frame that is open, if there is one. */
  private void endData(int flags) {
    Http2Stream stream = open;
    if (stream == null) {
      return;
    }
    open = null;
    int length = buffer.writerIndex() - openAt - HEADER;
    if (length == 0 && flags == 0) {
      buffer.writerIndex(openAt);
    } else {
      patch(buffer, openAt, length, DATA, flags, stream.id);
      took(stream, length);
    }
    buffer = Unpooled.EMPTY_BUFFER;
  }

  /** Nothing more is sent. */
  void ended() {
    endData(0);
  }

  /** What was written is about to be flushed. */
  void flushing() {
    pump();
    endData(0);
  }

  /**
   * Sends octets in a frame; they fit the windows. They are copied next to the frame's header: the
   * socket takes native memory only, so somebody copies an array in any case.
   */
  void data(Http2Stream stream, ByteBuffer octets, boolean last) {
    int length = octets.remaining();
    frame(length, DATA, last ? END_STREAM : 0, stream.id).writeBytes(octets.duplicate());
    took(stream, length);
    ended(stream, last);
  }

  /** Sends the next octets of a buffer in a frame; they fit the windows. */
  void data(Http2Stream stream, ByteBuf bytes, int length, boolean last) {
    if (length <= COPIED) {
      frame(length, DATA, last ? END_STREAM : 0, stream.id).writeBytes(bytes, length);
    } else {
      beginData(stream, length, last);
      out.write(bytes.readRetainedSlice(length));
    }
    took(stream, length);
    ended(stream, last);
  }

  /** Sends a piece of a file in a frame; it fits the windows. */
  void data(Http2Stream stream, SentFile file, long position, int length, boolean last)
      throws IOException {
    ByteBuf room = beginData(stream, length, last);
    try {
      out.write(file, position, length);
    } catch (IOException e) {
      room.writerIndex(room.writerIndex() - HEADER); // nothing was written
      throw e;
    }
    took(stream, length);
    ended(stream, last);
  }

  private ByteBuf beginData(Http2Stream stream, int length, boolean last) {
    return header(room(HEADER), length, DATA, last ? END_STREAM : 0, stream.id);
  }

  /** Ends this side of a stream. */
  void end(Http2Stream stream) {
    if (open == stream) {
      endData(END_STREAM);
    } else {
      frame(0, DATA, END_STREAM, stream.id);
    }
    ended(stream, true);
  }

  private void ended(Http2Stream stream, boolean last) {
    if (last) {
      stream.sentEnd = true;
    }
  }

  /** Whether the lane takes more. */
  boolean writable() {
    return out.writable();
  }
}
