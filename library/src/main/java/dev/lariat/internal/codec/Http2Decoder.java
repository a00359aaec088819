package dev.lariat.internal.codec;

import static dev.lariat.internal.codec.Http2Frames.*;

import dev.lariat.message.Bytes;
import dev.lariat.message.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads the frames of HTTP/2 that a server sends, cut anywhere (RFC 9113 sections 4 and 6), and
 * checks all that a frame says of itself. What depends on streams and windows is the sink's.
 *
 * <p>Its states:
 *
 * <ul>
 *   <li><b>between frames</b>: the next octets are a frame's header, of which {@code head} may hold
 *       a part;
 *   <li><b>in DATA</b>: the content is handed on as it comes, and nothing of it is kept;
 *   <li><b>in another frame</b>: its payload is gathered in {@code gathered} if it is cut, and
 *       handed on when it is whole; that of an unknown type is passed over;
 *   <li><b>in a field block</b>: a HEADERS or PUSH_PROMISE frame did not end it, and only the
 *       CONTINUATION frames of its stream may follow. Its octets gather in {@code block}.
 * </ul>
 */
public final class Http2Decoder {
  /** Frames of one field block; more of them carry little each. */
  private static final int MOST_FRAMES_OF_BLOCK = 64;

  private static final int PRIORITY_FIELDS = 5; // octets
  private static final String OTHER_PROTOCOL = "HTTP/"; // how a response of HTTP/1 begins

  /** Who is told what the frames say. */
  public interface Sink {
    /**
     * A DATA frame has begun.
     *
     * @param flow how many octets of it count for the windows, its padding among them
     * @param content how many of them are content
     */
    void dataBegins(int stream, int flow, int content) throws Violation;

    /**
     * The next octets of a DATA frame's content: all that are readable. The buffer is the caller's
     * again when the call returns.
     *
     * @param last whether the stream's content ends with them; they may then be none
     */
    void data(int stream, ByteBuf content, boolean last) throws Violation;

    /** A field block, whole and still compressed. It must be decoded, whosever it is. */
    void fields(int stream, ByteBuf block, boolean last) throws Violation;

    /** The server promises a stream. The block must be decoded. */
    void promise(int stream, int promised, ByteBuf block) throws Violation;

    void reset(int stream, long code) throws Violation;

    /** The payload of a SETTINGS frame: parameters of six octets each. */
    void settings(ByteBuf parameters) throws Violation;

    void settingsAcknowledged() throws Violation;

    void ping(long data, boolean acknowledges) throws Violation;

    void goAway(int last, long code, Bytes debug) throws Violation;

    void windowUpdate(int stream, int increment) throws Violation;

    /** A frame that means nothing to this side: PRIORITY, or of a type that it does not know. */
    void ignored() throws Violation;
  }

  private final Sink sink;
  private final int blockLimit;

  /** The header of the next frame, as far as it has come. */
  private final byte[] head = new byte[HEADER];

  /** How many octets of {@code head} have come. */
  private int headed;

  /** Whether the server's first frame was read, which is SETTINGS. */
  private boolean begun;

  /** How many octets of the payload are still to come; -1 between frames. */
  private int left = -1;

  private int length;
  private int type;
  private int flags;
  private int stream;

  /** Octets of padding behind the content of a DATA frame. -1 until the frame says how many. */
  private int padding;

  /** The payload of a frame that was cut, as far as it has come; null without one. */
  private @Nullable ByteBuf gathered;

  /** The field block that is not whole yet; null without one. */
  private @Nullable ByteBuf block;

  /** How many frames of the block have come. */
  private int blockFrames;

  /** Whether the stream ends with the block. */
  private boolean blockLast;

  /** The stream that the block promises; 0 if it promises none. */
  private int blockPromised;

  /** The stream of the block. */
  private int blockStream;

  /**
   * A decoder for a connection that was just made.
   *
   * @param blockLimit octets of a field block, as it is on the wire
   */
  public Http2Decoder(int blockLimit, Sink sink) {
    this.blockLimit = blockLimit;
    this.sink = sink;
  }

  /**
   * Reads up to the end of a frame, or of the bytes if that comes first.
   *
   * @throws Violation if the server broke a rule; nothing can be read after it
   */
  public void decode(ByteBuf bytes) throws Violation {
    if (left < 0 && !header(bytes)) {
      return;
    }
    if (type == DATA) {
      data(bytes);
    } else if (isPassedOver()) {
      int passed = Math.min(left, bytes.readableBytes());
      bytes.skipBytes(passed);
      left -= passed;
      if (left == 0) {
        left = -1;
        sink.ignored();
      }
    } else {
      payload(bytes);
    }
  }

  /** Frees what it holds. */
  public void release() {
    if (gathered != null) {
      gathered.release();
      gathered = null;
    }
    if (block != null) {
      block.release();
      block = null;
    }
  }

  // ---- headers of frames

  /** Reads the header of a frame; false if more of it must come. */
  private boolean header(ByteBuf bytes) throws Violation {
    int count = Math.min(HEADER - headed, bytes.readableBytes());
    bytes.readBytes(head, headed, count);
    headed += count;
    if (!begun) {
      checkSpoken();
    }
    if (headed < HEADER) {
      return false;
    }
    headed = 0;
    length = (head[0] & 0xff) << 16 | (head[1] & 0xff) << 8 | head[2] & 0xff;
    type = head[3] & 0xff;
    flags = head[4] & 0xff;
    stream =
        (head[5] & 0x7f) << 24 | (head[6] & 0xff) << 16 | (head[7] & 0xff) << 8 | head[8] & 0xff;
    check();
    left = length;
    padding = (flags & PADDED) == 0 ? 0 : -1;
    if (type == DATA && padding == 0) {
      sink.dataBegins(stream, length, length);
    }
    return true;
  }

  /** A server that speaks HTTP/1 sends what reads as a frame of 4,740,180 octets. */
  private void checkSpoken() throws Violation {
    int compared = Math.min(headed, OTHER_PROTOCOL.length());
    String first = new String(head, 0, compared, StandardCharsets.ISO_8859_1);
    if (first.equals(OTHER_PROTOCOL)) {
      throw protocol("the server answers with HTTP/1, and speaks no HTTP/2", "3.4");
    }
  }

  private void check() throws Violation {
    if (!begun) {
      if (type != SETTINGS || (flags & ACK) != 0) {
        throw protocol("the server's first frame is not SETTINGS", "3.4");
      }
      begun = true;
    }
    if (length > MAX_PAYLOAD) {
      throw size("a frame of " + length + " octets is larger than 16384", "4.2");
    }
    if (block != null && (type != CONTINUATION || stream != blockStream)) {
      throw protocol("another frame came within a field block", "6.10");
    }
    switch (type) {
      case DATA -> onStream("DATA", "6.1");
      case HEADERS -> onStream("HEADERS", "6.2");
      case PRIORITY -> {
        onStream("PRIORITY", "6.3");
        sized(PRIORITY_FIELDS, "PRIORITY", "6.3");
      }
      case RST_STREAM -> {
        onStream("RST_STREAM", "6.4");
        sized(4, "RST_STREAM", "6.4");
      }
      case SETTINGS -> {
        onConnection("SETTINGS", "6.5");
        if ((flags & ACK) != 0 ? length != 0 : length % 6 != 0) {
          throw size("a SETTINGS frame has " + length + " octets", "6.5");
        }
      }
      case PUSH_PROMISE -> onStream("PUSH_PROMISE", "6.6");
      case PING -> {
        onConnection("PING", "6.7");
        sized(8, "PING", "6.7");
      }
      case GOAWAY -> {
        onConnection("GOAWAY", "6.8");
        if (length < 8) {
          throw size("a GOAWAY frame has " + length + " octets", "6.8");
        }
      }
      case WINDOW_UPDATE -> sized(4, "WINDOW_UPDATE", "6.9");
      case CONTINUATION -> {
        if (block == null) {
          throw protocol("a CONTINUATION frame continues nothing", "6.10");
        }
      }
      case PRIORITY_UPDATE ->
          throw Violation.protocol(
              "the server sent PRIORITY_UPDATE, which only clients send",
              "RFC 9218 section 7.1",
              PROTOCOL_ERROR);
      default -> {}
    }
  }

  private void onStream(String name, String section) throws Violation {
    if (stream == 0) {
      throw protocol("a " + name + " frame is on no stream", section);
    }
  }

  private void onConnection(String name, String section) throws Violation {
    if (stream != 0) {
      throw protocol("a " + name + " frame is on a stream", section);
    }
  }

  private void sized(int octets, String name, String section) throws Violation {
    if (length != octets) {
      throw size("a " + name + " frame has " + length + " octets", section);
    }
  }

  private boolean isPassedOver() {
    return type == PRIORITY || type > CONTINUATION;
  }

  // ---- DATA

  private void data(ByteBuf bytes) throws Violation {
    if (padding < 0) {
      if (left == 0) {
        throw size("a padded frame has no octets", "6.1");
      }
      if (!bytes.isReadable()) {
        return;
      }
      padding = bytes.readUnsignedByte();
      left--;
      if (padding > left) {
        throw protocol("the padding is longer than its frame", "6.1");
      }
      sink.dataBegins(stream, length, left - padding);
    }
    int content = Math.min(left - padding, bytes.readableBytes());
    if (content < 0) {
      content = 0; // within the padding
    }
    boolean any = content > 0;
    left -= content;
    int skipped = left <= padding ? Math.min(left, bytes.readableBytes() - content) : 0;
    left -= skipped;
    boolean last = left == 0 && (flags & END_STREAM) != 0;
    if (left == 0) {
      left = -1; // before the sink is called, which may find a violation
    }
    if (any || last) {
      int end = bytes.writerIndex();
      int next = bytes.readerIndex() + content + skipped;
      bytes.writerIndex(bytes.readerIndex() + content);
      try {
        sink.data(stream, bytes, last);
      } finally {
        bytes.writerIndex(end).readerIndex(next);
      }
    } else {
      bytes.skipBytes(skipped);
    }
  }

  // ---- other frames

  private void payload(ByteBuf bytes) throws Violation {
    if (gathered == null && bytes.readableBytes() >= left) {
      int end = bytes.writerIndex();
      int next = bytes.readerIndex() + left;
      left = -1;
      bytes.writerIndex(next);
      try {
        whole(bytes);
      } finally {
        bytes.writerIndex(end).readerIndex(next);
      }
      return;
    }
    ByteBuf part = gathered == null ? Unpooled.buffer(length) : gathered;
    gathered = part;
    int count = Math.min(left, bytes.readableBytes());
    part.writeBytes(bytes, count);
    left -= count;
    if (left == 0) {
      left = -1;
      gathered = null;
      try {
        whole(part);
      } finally {
        part.release();
      }
    }
  }

  /** Reads a payload that is whole: all that is readable. */
  private void whole(ByteBuf payload) throws Violation {
    switch (type) {
      case HEADERS -> {
        unpad(payload, "6.2");
        if ((flags & WITH_PRIORITY) != 0) {
          if (payload.readableBytes() < PRIORITY_FIELDS) {
            throw size("a HEADERS frame is too short for its priority", "6.2");
          }
          payload.skipBytes(PRIORITY_FIELDS);
        }
        beginBlock((flags & END_STREAM) != 0, 0);
        block(payload);
      }
      case PUSH_PROMISE -> {
        unpad(payload, "6.6");
        if (payload.readableBytes() < 4) {
          throw size("a PUSH_PROMISE frame is too short for its promise", "6.6");
        }
        int promised = payload.readInt() & MAX_WINDOW;
        if (promised == 0) {
          throw protocol("a PUSH_PROMISE frame promises no stream", "6.6");
        }
        beginBlock(false, promised);
        block(payload);
      }
      case CONTINUATION -> block(payload);
      case RST_STREAM -> sink.reset(stream, payload.readUnsignedInt());
      case SETTINGS -> {
        if ((flags & ACK) != 0) {
          sink.settingsAcknowledged();
        } else {
          sink.settings(payload);
        }
      }
      case PING -> sink.ping(payload.readLong(), (flags & ACK) != 0);
      case GOAWAY -> {
        int last = payload.readInt() & MAX_WINDOW;
        long code = payload.readUnsignedInt();
        byte[] debug = new byte[payload.readableBytes()];
        payload.readBytes(debug);
        sink.goAway(last, code, Bytes.wrap(debug));
      }
      case WINDOW_UPDATE -> sink.windowUpdate(stream, payload.readInt() & MAX_WINDOW);
      default -> throw new IllegalStateException("type " + type);
    }
  }

  private void unpad(ByteBuf payload, String section) throws Violation {
    if ((flags & PADDED) == 0) {
      return;
    }
    if (!payload.isReadable()) {
      throw size("a padded frame has no octets", section);
    }
    int pad = payload.readUnsignedByte();
    if (pad > payload.readableBytes()) {
      throw protocol("the padding is longer than its frame", section);
    }
    payload.writerIndex(payload.writerIndex() - pad);
  }

  private void beginBlock(boolean last, int promised) {
    blockStream = stream;
    blockLast = last;
    blockPromised = promised;
    blockFrames = 0;
  }

  /** Takes the next octets of a field block, which the frame may end. */
  private void block(ByteBuf part) throws Violation {
    blockFrames++;
    int before = block == null ? 0 : block.readableBytes();
    if (before + part.readableBytes() > blockLimit || blockFrames > MOST_FRAMES_OF_BLOCK) {
      throw Violation.of(
          new Reason.Limit(Reason.Bound.HEADER_BLOCK, blockLimit), ENHANCE_YOUR_CALM);
    }
    boolean ends = (flags & END_HEADERS) != 0;
    if (ends && block == null) {
      told(part);
      return;
    }
    if (block == null) {
      block = Unpooled.buffer(2 * part.readableBytes());
    }
    block.writeBytes(part);
    if (ends) {
      ByteBuf whole = block;
      block = null;
      try {
        told(whole);
      } finally {
        whole.release();
      }
    }
  }

  private void told(ByteBuf whole) throws Violation {
    if (blockPromised == 0) {
      sink.fields(blockStream, whole, blockLast);
    } else {
      sink.promise(blockStream, blockPromised, whole);
    }
  }

  // ---- violations

  private static Violation protocol(String rule, String section) {
    return Violation.protocol(rule, "RFC 9113 section " + section, PROTOCOL_ERROR);
  }

  private static Violation size(String rule, String section) {
    return Violation.protocol(rule, "RFC 9113 section " + section, FRAME_SIZE_ERROR);
  }
}
