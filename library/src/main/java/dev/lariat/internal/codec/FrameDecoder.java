package dev.lariat.internal.codec;

import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Reason.Bound;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads a server's frames (RFC 6455 section 5) from bytes cut anywhere, and gives whole messages
 * and control frames.
 *
 * <p>There are two ways through it. A whole, unfragmented, uncompressed message that lies in the
 * input in full is made from there, with no object but the message ({@link #decode}): that is
 * nearly every frame of a busy connection. Everything else goes octet by octet through {@link
 * #begin}, {@link #payload} and {@link #end}, which keep what an unfinished frame or message needs
 * and nothing between messages. What that way takes is checked as early as it can be: the header
 * before any payload is held, text as its octets come, the size before it is allocated.
 *
 * <p>A {@link Violation} comes after everything before it has been given to the sink; the decoder
 * then takes nothing more, just as after a close frame (section 1.4).
 */
public final class FrameDecoder {

  /** Where decoded messages go. */
  public interface Sink {
    /** A text message. */
    void text(String text);

    /** A binary message. */
    void binary(Bytes bytes);

    /** A ping. */
    void ping(Bytes payload);

    /** A pong. */
    void pong(Bytes payload);

    /** A close frame; nothing follows. */
    void close(Close close);
  }

  private static final int FIN = 0x80;
  private static final int RSV1 = 0x40;
  private static final int RSV2_RSV3 = 0x30;
  private static final int OPCODE = 0x0f;
  private static final int MASKED = 0x80;
  private static final int MAX_CONTROL = 125;
  private static final int MAX_HEADER = 10;
  private static final String FRAMING = "RFC 6455 section 5.2";

  private final int maxMessage;
  private final @Nullable Inflation inflation;
  private final byte[] scratch;
  private final Sink sink;

  private boolean finished; // a close frame or a violation was met

  // an unfinished header
  private byte @Nullable [] header;
  private int headerLength;

  // an unfinished frame
  private boolean inFrame;
  private int first; // its first octet
  private int remaining; // of its payload
  private byte @Nullable [] control; // a control frame's payload so far
  private int controlLength;

  // an unfinished data message, which control frames may interrupt
  private int opcode; // 0 when there is none
  private boolean compressed;
  private @Nullable MessageBuffer message;
  private final Utf8Validator utf8 = new Utf8Validator();

  /**
   * A decoder at the beginning of a stream.
   *
   * @param maxMessage the largest message in bytes, inflated and joined
   * @param inflation the agreed decompression; null when none was agreed
   * @param scratch room for the decoder's use during a call; may be shared by decoders of one
   *     thread
   */
  public FrameDecoder(int maxMessage, @Nullable Inflation inflation, byte[] scratch, Sink sink) {
    this.maxMessage = maxMessage;
    this.inflation = inflation;
    this.scratch = scratch;
    this.sink = sink;
  }

  /** Whether the input so far ends inside a frame or between the fragments of a message. */
  public boolean unfinished() {
    return inFrame || headerLength > 0 || opcode != 0;
  }

  /** Gives back what the decoder holds; nothing may be decoded after it. */
  public void release() {
    finished = true;
    message = null;
    if (inflation != null) {
      inflation.release();
    }
  }

  /** Reads all of the input; what is unfinished is kept, the buffer itself is not. */
  public void decode(ByteBuf in) throws Violation {
    int length = in.readableBytes();
    ByteBuffer octets =
        in.nioBufferCount() == 1
            ? in.internalNioBuffer(in.readerIndex(), length)
            : in.nioBuffer(in.readerIndex(), length);
    in.skipBytes(length);
    try {
      decode(octets, octets.position(), octets.limit());
    } catch (Violation v) {
      finished = true;
      throw v;
    }
  }

  private void decode(ByteBuffer in, int from, int end) throws Violation {
    int at = from;
    while (at < end && !finished) {
      if (inFrame) {
        at = payload(in, at, end);
        continue;
      }
      if (headerLength > 0) {
        at = header(in, at, end);
        continue;
      }
      int available = end - at;
      int need = available < 2 ? 2 : headerSize(in.get(at + 1));
      if (available < need) {
        at = header(in, at, end);
        continue;
      }
      int b0 = in.get(at) & 0xff;
      int b1 = in.get(at + 1) & 0xff;
      long length =
          need == 2 ? b1 & 0x7f : need == 4 ? in.getShort(at + 2) & 0xffff : in.getLong(at + 2);
      at += need;
      // the message that is all there: FIN without reserved bits, text or binary, none unfinished,
      // minimal length
      boolean plain = b0 == (FIN | Opcode.TEXT) || b0 == (FIN | Opcode.BINARY);
      if (plain && opcode == 0 && length <= end - at && (b1 < 126 || isWellFormed(b1, length))) {
        if (length > maxMessage) {
          throw Violation.limit(Bound.MESSAGE, maxMessage);
        }
        int size = (int) length;
        if (b0 == (FIN | Opcode.TEXT)) {
          sink.text(text(in, at, size));
        } else {
          sink.binary(bytes(in, at, size));
        }
        at += size;
      } else {
        begin(b0, b1, length);
      }
    }
  }

  private static int headerSize(byte second) {
    int length = second & 0x7f;
    return length < 126 ? 2 : length == 126 ? 4 : MAX_HEADER;
  }

  private static boolean isWellFormed(int second, long length) {
    return second == 126 ? length >= 126 : second == 127 && length >= 1 << 16;
  }

  // ---- the message that is all there

  private String text(ByteBuffer in, int at, int size) throws Violation {
    byte[] octets = scratch;
    if (size > octets.length) {
      octets = new byte[size];
    }
    in.get(at, octets, 0, size);
    String text = new String(octets, 0, size, StandardCharsets.UTF_8);
    // The JDK puts U+FFFD for what is not UTF-8; a string without it came from valid octets. A real
    // U+FFFD is legal.
    if (text.indexOf('\uFFFD') >= 0 && !(utf8.accepts(octets, 0, size) & utf8.ends())) {
      throw notUtf8();
    }
    return text;
  }

  private static Bytes bytes(ByteBuffer in, int at, int size) {
    byte[] octets = new byte[size];
    in.get(at, octets, 0, size);
    return Bytes.wrap(octets);
  }

  // ---- everything else

  /** Takes octets of a header that the input cuts. */
  private int header(ByteBuffer in, int from, int end) throws Violation {
    byte[] kept = header;
    if (kept == null) {
      kept = header = new byte[MAX_HEADER];
    }
    int at = from;
    while (at < end) {
      kept[headerLength++] = in.get(at++);
      if (headerLength == 1) {
        checkFirst(kept[0] & 0xff); // fails at once, not when the rest comes
        continue;
      }
      if (headerLength == 2) {
        checkSecond(kept[0] & 0xff, kept[1] & 0xff);
      }
      if (headerLength == headerSize(kept[1])) {
        ByteBuffer whole = ByteBuffer.wrap(kept);
        int b1 = kept[1] & 0xff;
        long length =
            headerLength == 2
                ? b1 & 0x7f
                : headerLength == 4 ? whole.getShort(2) & 0xffff : whole.getLong(2);
        headerLength = 0;
        header = null;
        begin(kept[0] & 0xff, b1, length);
        return at;
      }
    }
    return at;
  }

  /** Checks a frame's header, before any of its payload. */
  private void begin(int b0, int b1, long length) throws Violation {
    checkFirst(b0);
    checkSecond(b0, b1);
    if (length < 0) {
      throw Violation.protocol("a frame's length has its highest bit set", FRAMING);
    }
    if (b1 >= 126 && !isWellFormed(b1, length)) {
      throw Violation.protocol("a frame's length does not use the fewest bytes", FRAMING);
    }
    first = b0;
    if (Opcode.isControl(b0 & OPCODE)) {
      control = new byte[(int) length];
      controlLength = 0;
    } else {
      if ((b0 & OPCODE) != Opcode.CONTINUATION) {
        opcode = b0 & OPCODE;
        compressed = (b0 & RSV1) != 0;
        message = new MessageBuffer(maxMessage);
      }
      MessageBuffer joined = joined();
      if (!compressed) {
        joined.expect(length);
      }
      if (length > Integer.MAX_VALUE) { // of a compressed frame: any other has failed by now
        throw Violation.limit(Bound.MESSAGE, maxMessage);
      }
    }
    inFrame = true;
    remaining = (int) length;
    if (remaining == 0) {
      end();
    }
  }

  /** What the second octet shows before the length is known. */
  private static void checkSecond(int b0, int b1) throws Violation {
    if ((b1 & MASKED) != 0) {
      throw Violation.protocol("the server masked a frame", "RFC 6455 section 5.1");
    }
    if (Opcode.isControl(b0 & OPCODE) && b1 > MAX_CONTROL) {
      throw Violation.protocol(
          "a control frame has an extended length, though it may have 125 bytes at the most",
          "RFC 6455 section 5.5");
    }
  }

  /** What the first octet alone can be wrong about. */
  private void checkFirst(int b0) throws Violation {
    int op = b0 & OPCODE;
    if ((b0 & RSV2_RSV3) != 0) {
      throw Violation.protocol("a frame has reserved bits set", FRAMING);
    }
    if (!Opcode.isKnown(op)) {
      throw Violation.protocol("a frame has the reserved opcode " + op, FRAMING);
    }
    if ((b0 & RSV1) != 0) {
      if (inflation == null) {
        throw Violation.protocol("a frame has reserved bits set", FRAMING);
      }
      if (Opcode.isControl(op) || op == Opcode.CONTINUATION) {
        throw Violation.protocol(
            "a frame that does not begin a message is marked as compressed",
            "RFC 7692 section 6.1");
      }
    }
    if (Opcode.isControl(op)) {
      if ((b0 & FIN) == 0) {
        throw Violation.protocol("a control frame is fragmented", "RFC 6455 section 5.5");
      }
    } else if (op == Opcode.CONTINUATION && opcode == 0) {
      throw Violation.protocol("a continuation frame continues nothing", "RFC 6455 section 5.4");
    } else if (op != Opcode.CONTINUATION && opcode != 0) {
      throw Violation.protocol(
          "a new message begins inside a fragmented one", "RFC 6455 section 5.4");
    }
  }

  /** Takes what there is of the current frame's payload. */
  private int payload(ByteBuffer in, int at, int end) throws Violation {
    int size = Math.min(remaining, end - at);
    byte[] payload = control;
    if (payload != null) {
      in.get(at, payload, controlLength, size);
      controlLength += size;
      checkClosing(payload);
    } else if (compressed) {
      ByteBuffer part = in.duplicate().position(at).limit(at + size);
      inflate(part);
    } else {
      MessageBuffer joined = joined();
      joined.append(in, at, size);
      checkText(joined, joined.length() - size);
    }
    remaining -= size;
    if (remaining == 0) {
      end();
    }
    return at + size;
  }

  /** The payload of the current frame is complete. */
  private void end() throws Violation {
    inFrame = false;
    byte[] payload = control;
    if (payload != null) {
      control = null;
      control(first & OPCODE, payload);
    } else if ((first & FIN) != 0) {
      message();
    }
  }

  private void control(int op, byte[] payload) throws Violation {
    switch (op) {
      case Opcode.PING -> sink.ping(Bytes.wrap(payload));
      case Opcode.PONG -> sink.pong(Bytes.wrap(payload));
      default -> {
        if (payload.length == 1) {
          throw Violation.protocol(
              "a close frame's payload is one byte long", "RFC 6455 section 5.5.1");
        }
        finished = true;
        if (payload.length == 0) {
          sink.close(Close.EMPTY);
        } else {
          int code = code(payload);
          if (!utf8.ends()) {
            throw notUtf8();
          }
          sink.close(
              new Close(code, new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8)));
        }
      }
    }
  }

  /** Fails a close frame as soon as its code or its text is known to be wrong. */
  private void checkClosing(byte[] payload) throws Violation {
    if ((first & OPCODE) != Opcode.CLOSE || controlLength < 2) {
      return;
    }
    int code = code(payload);
    if (!Close.isAllowed(code)) {
      throw Violation.protocol("a close frame has the code " + code, "RFC 6455 section 7.4");
    }
    // A message that the close frame interrupts is lost, and with it the state of its text.
    utf8.ends();
    if (!utf8.accepts(payload, 2, controlLength)) {
      throw notUtf8();
    }
  }

  private static int code(byte[] payload) {
    return (payload[0] & 0xff) << 8 | payload[1] & 0xff;
  }

  private void inflate(ByteBuffer part) throws Violation {
    MessageBuffer joined = joined();
    int before = joined.length();
    inflation().inflate(part, joined);
    checkText(joined, before);
  }

  private void checkText(MessageBuffer joined, int from) throws Violation {
    if (opcode == Opcode.TEXT && !utf8.accepts(joined.array(), from, joined.length())) {
      throw notUtf8();
    }
  }

  /** The last fragment is complete. */
  private void message() throws Violation {
    MessageBuffer joined = joined();
    if (compressed) {
      int before = joined.length();
      inflation().finish(joined);
      checkText(joined, before);
    }
    int op = opcode;
    opcode = 0;
    message = null;
    if (op == Opcode.BINARY) {
      sink.binary(Bytes.wrap(joined.toArray()));
      return;
    }
    if (!utf8.ends()) {
      throw notUtf8();
    }
    sink.text(new String(joined.array(), 0, joined.length(), StandardCharsets.UTF_8));
  }

  private MessageBuffer joined() {
    MessageBuffer joined = message;
    if (joined == null) {
      throw new IllegalStateException("no message has begun");
    }
    return joined;
  }

  private Inflation inflation() {
    Inflation agreed = inflation;
    if (agreed == null) {
      throw new IllegalStateException("no compression was agreed");
    }
    return agreed;
  }

  private static Violation notUtf8() {
    return Violation.invalidData("text is not UTF-8", "RFC 6455 section 8.1");
  }

  /** A message that grows by what has come, never by what a header promises. */
  static final class MessageBuffer {
    private static final int STEP = 64 << 10; // allocated on a header's word at the most

    private final int max;
    private byte[] array = Bytes.EMPTY.toArray();
    private int length;
    private long expected;

    MessageBuffer(int max) {
      this.max = max;
    }

    /** Announces a frame of this length; fails if the message would become too large. */
    void expect(long frame) throws Violation {
      if (frame > max - length) {
        throw Violation.limit(Bound.MESSAGE, max);
      }
      expected = length + frame;
    }

    void append(ByteBuffer in, int at, int size) {
      if (array.length - length < size) {
        long doubled = Math.max(2L * length, STEP);
        grow((int) Math.max(length + size, Math.min(expected, doubled)));
      }
      in.get(at, array, length, size);
      length += size;
    }

    /**
     * Makes sure that there is room behind what has come: up to one byte past the largest message,
     * to see the excess by.
     */
    void room() {
      if (array.length == length) {
        grow((int) Math.min(max + 1L, Math.max(1024L, 2L * length)));
      }
    }

    /** Takes what was put behind what had come; fails if the message became too large. */
    void added(int size) throws Violation {
      length += size;
      if (length > max) {
        throw Violation.limit(Bound.MESSAGE, max);
      }
    }

    private void grow(int capacity) {
      array = Arrays.copyOf(array, capacity);
    }

    byte[] array() {
      return array;
    }

    int length() {
      return length;
    }

    byte[] toArray() {
      return length == array.length ? array : Arrays.copyOf(array, length);
    }
  }
}
