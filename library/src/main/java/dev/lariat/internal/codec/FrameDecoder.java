package dev.lariat.internal.codec;

import dev.lariat.event.FrameType;
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

    /** A part of a text message, in whole code points. */
    void part(String text, boolean fin);

    /** A part of a binary message. */
    void part(Bytes bytes, boolean fin);
  }

  /** Is called with every frame, not only with the messages that are made of them. */
  public interface Watch {
    /** The first octet of a frame is there. */
    void started();

    /** Its header is there, and valid. */
    void header(FrameType type, boolean fin, boolean compressed, long bytes);

    /** Its payload is complete; what is made of it follows. */
    void ended();
  }

  /** Inflated bytes after which other connections get their turn: about a millisecond of work. */
  static final int ENOUGH = 256 << 10;

  private static final int MESSAGE_WORK = 256; // the work of one message, in inflated bytes
  private static final int PIECE = 4 << 10; // compressed bytes that are inflated between two checks

  /** The most bytes that one part of a message has. */
  public static final int PART = 64 << 10;

  private static final int FIN = 0x80;
  private static final int RSV1 = 0x40;
  private static final int RSV2_RSV3 = 0x30;
  private static final int OPCODE = 0x0f;
  private static final int MASKED = 0x80;
  private static final int MAX_CONTROL = 125;
  private static final int MAX_HEADER = 10;
  private static final String FRAMING = "RFC 6455 section 5.2";

  private final int maxMessage; // bytes of the largest message, inflated and joined
  private final boolean parts; // whether messages are given in parts as they come
  private final @Nullable Inflation inflation; // null if no compression was agreed
  private final byte[] scratch; // the loop's, for use during one call
  private final Sink sink;

  private @Nullable Watch watch; // while it is set, every frame takes the long way

  private long credit; // messages or parts that may still be given
  private boolean finished; // whether a close frame or a violation was met
  private int work; // bytes inflated since goOn(), and MESSAGE_WORK for each message

  private final TokenBucket useless = new TokenBucket(); // pays for frames that carry nothing
  private int pongsDue; // pings without an answer; one pong may answer several (section 5.5.3)

  // An unfinished header.
  private byte @Nullable [] header; // the octets of a header that the input cut; null without one
  private int headerLength; // how many octets of the header have come; 0 without one

  // An unfinished frame.
  private boolean inFrame; // whether a header is complete and its payload is not
  private int first; // the first octet of the frame: FIN, reserved bits, opcode
  private long remaining; // bytes of the frame's payload that are to come
  private byte @Nullable [] control; // the payload of a control frame; null in a data frame
  private int controlLength; // how many bytes of the control frame's payload have come

  // An unfinished data message. Control frames may come between its fragments.
  private int opcode; // TEXT or BINARY; 0 between messages
  private boolean compressed; // whether the message is compressed
  private boolean gives; // whether anything was inflated of the message
  private @Nullable MessageBuffer message; // what has come of the message, or of its next part
  private final Utf8Validator utf8 = new Utf8Validator(); // checks text as its octets come

  /**
   * A decoder at the beginning of a stream.
   *
   * @param maxMessage the largest message in bytes, inflated and joined
   * @param parts whether messages are given in parts as they come, of any size, and never joined
   * @param credit how many messages or parts may be given before {@link #credit} allows more
   * @param inflation the agreed decompression; null when none was agreed
   * @param scratch room for the decoder's use during a call; may be shared by decoders of one
   *     thread
   */
  public FrameDecoder(
      int maxMessage,
      boolean parts,
      long credit,
      @Nullable Inflation inflation,
      byte[] scratch,
      Sink sink) {
    this.maxMessage = maxMessage;
    this.parts = parts;
    this.credit = credit;
    this.inflation = inflation;
    this.scratch = scratch;
    this.sink = sink;
  }

  /** Calls this watch with every frame from now on. */
  public void watch(Watch watch) {
    this.watch = watch;
  }

  /** Allows so many more messages or parts; {@link #decode} then goes on where it stopped. */
  public void credit(long more) {
    credit = credit + more < 0 ? Long.MAX_VALUE : credit + more;
  }

  /** Whether a message has begun to arrive that there is no credit for. */
  public boolean starved() {
    return credit == 0 && inFrame && control == null && !finished;
  }

  /**
   * Whether so much was inflated that other connections should get their turn before more is read;
   * {@link #goOn} then lets {@link #decode} go on where it stopped.
   */
  public boolean hasEnough() {
    return work >= ENOUGH && !finished;
  }

  /** Begins a new count of work: the other connections had their turn. */
  public void goOn() {
    work = 0;
  }

  /** Gives the time, and when reading last resumed. */
  public void at(long now, long unreadUntil) {
    useless.at(now, unreadUntil);
    if (inflation != null) {
      inflation.at(now);
    }
  }

  /** This side has sent a ping, so that a pong is due. */
  public void pinged() {
    pongsDue++;
  }

  /** Reads nothing more, and frees what the decoder holds; may be called from the sink. */
  public void release() {
    finished = true;
    message = null;
    if (inflation != null) {
      inflation.release();
    }
  }

  /**
   * Reads the input up to a message that there is no credit for, or until it {@linkplain #hasEnough
   * has enough}. Mostly that is all of it. It copies what it keeps, and never keeps the buffer.
   */
  public void decode(ByteBuf in) throws Violation {
    decode(in, Integer.MAX_VALUE);
  }

  /**
   * Reads the input as {@link #decode(ByteBuf)} does, but stops at the first frame that begins
   * after this many bytes.
   */
  public void decode(ByteBuf in, int enough) throws Violation {
    int length = in.readableBytes();
    ByteBuffer octets =
        in.nioBufferCount() == 1
            ? in.internalNioBuffer(in.readerIndex(), length)
            : in.nioBuffer(in.readerIndex(), length);
    int from = octets.position();
    try {
      in.skipBytes(decode(octets, from, octets.limit(), enough) - from);
    } catch (Violation v) {
      salvage();
      finished = true;
      throw v;
    }
  }

  /** Decodes from one index to another; returns the index that it reached. */
  private int decode(ByteBuffer in, int from, int end, int enough) throws Violation {
    int at = from;
    while (!finished) {
      if (work >= ENOUGH) {
        return at;
      }
      if (inFrame) {
        if (starved()) {
          return at;
        }
        if (remaining == 0) {
          end();
          continue;
        }
        if (at == end) {
          break;
        }
        at = payload(in, at, end);
        continue;
      }
      if (at == end) {
        break;
      }
      if (at - from >= enough) {
        return at;
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
      // A message that is all there takes the short way: FIN without reserved bits, text or binary,
      // no message unfinished, the shortest form of its length, and credit for it.
      boolean plain = b0 == (FIN | Opcode.TEXT) || b0 == (FIN | Opcode.BINARY);
      if (plain
          && opcode == 0
          && length <= end - at
          && (b1 < 126 || isWellFormed(b1, length))
          && credit > 0
          && !parts
          && watch == null) {
        if (length > maxMessage) {
          throw Violation.limit(Bound.MESSAGE, maxMessage);
        }
        credit--;
        int size = (int) length;
        if (size > 0) {
          useless.earn();
        } else {
          useless.spend(Bound.USELESS_FRAMES);
        }
        if (b0 == (FIN | Opcode.TEXT)) {
          sink.text(text(in, at, size));
        } else {
          sink.binary(bytes(in, at, size));
        }
        at += size;
      } else {
        started();
        begin(b0, b1, length);
      }
    }
    part(); // a message in parts gives what has come of it
    return end;
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

  /** Takes octets of a header that the input cut. */
  private int header(ByteBuffer in, int from, int end) throws Violation {
    byte[] kept = header;
    if (kept == null) {
      kept = header = new byte[MAX_HEADER];
    }
    int at = from;
    while (at < end) {
      kept[headerLength++] = in.get(at++);
      if (headerLength == 1) {
        started();
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
        gives = false;
        message = new MessageBuffer(parts ? PART : maxMessage, parts);
      }
      if (!parts) {
        if (!compressed) {
          joined().expect(length);
        } else if (length > Integer.MAX_VALUE) { // no compressed form needs more than its message
          throw Violation.limit(Bound.MESSAGE, maxMessage);
        }
      }
    }
    if (length == 0 || Opcode.isControl(b0 & OPCODE)) {
      count(b0 & OPCODE);
    } else if (!compressed) {
      useless.earn();
    }
    inFrame = true;
    remaining = length;
    if (watch != null) {
      watch.header(Opcode.type(b0 & OPCODE), (b0 & FIN) != 0, (b0 & RSV1) != 0, length);
    }
  }

  /** Counts a frame that carries nothing, unless it is one that was asked for, or the last. */
  private void count(int op) throws Violation {
    if (op == Opcode.PONG && pongsDue > 0) {
      pongsDue--;
    } else if (op != Opcode.CLOSE) {
      useless.spend(Bound.USELESS_FRAMES);
    }
  }

  private void started() {
    if (watch != null) {
      watch.started();
    }
  }

  private void ended() {
    inFrame = false;
    if (watch != null) {
      watch.ended();
    }
  }

  /** Checks what the second octet shows before the length is known. */
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

  /** Checks the first octet alone. */
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

  /** Takes what has come of the current frame's payload, as far as there is room for it. */
  private int payload(ByteBuffer in, int at, int end) throws Violation {
    int size = (int) Math.min(remaining, end - at);
    byte[] payload = control;
    if (payload != null) {
      in.get(at, payload, controlLength, size);
      controlLength += size;
      checkClosing(payload);
    } else if (joined().isFull()) {
      part(false);
      return at; // the next part may want credit
    } else if (compressed) {
      size = Math.min(size, PIECE);
      ByteBuffer part = in.duplicate().position(at).limit(at + size);
      inflate(part);
      size -= part.remaining();
    } else {
      MessageBuffer joined = joined();
      size = Math.min(size, joined.room(size));
      joined.append(in, at, size);
      checkText(joined, joined.length() - size);
    }
    remaining -= size;
    return at + size;
  }

  /** The payload of the current frame is complete. */
  private void end() throws Violation {
    byte[] payload = control;
    if (payload != null) {
      control = null;
      ended();
      part(); // what came before the control frame
      if (!finished) {
        control(first & OPCODE, payload);
      }
    } else if ((first & FIN) == 0) {
      ended();
    } else {
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
    inflated(joined.length() - before);
    checkText(joined, before);
  }

  private void inflated(int size) {
    work += size;
    if (size > 0) {
      gives = true;
      useless.earn();
    }
  }

  private void checkText(MessageBuffer joined, int from) throws Violation {
    if (opcode == Opcode.TEXT && !utf8.accepts(joined.array(), from, joined.length())) {
      throw notUtf8();
    }
  }

  /** The last fragment is complete. The inflater may still hold octets, which may fill a part. */
  private void message() throws Violation {
    MessageBuffer joined = joined();
    if (compressed) {
      if (joined.isFull()) {
        part(false);
        return;
      }
      int before = joined.length();
      boolean more = inflation().finish(joined);
      inflated(joined.length() - before);
      checkText(joined, before);
      if (more) {
        return;
      }
      work += MESSAGE_WORK;
      if (!gives) {
        useless.spend(Bound.USELESS_FRAMES);
      }
    }
    if (opcode == Opcode.TEXT && !utf8.ends()) {
      throw notUtf8();
    }
    ended();
    if (parts) {
      part(true);
    } else {
      credit--;
      if (opcode == Opcode.BINARY) {
        sink.binary(Bytes.wrap(joined.toArray()));
      } else {
        sink.text(joined.text(joined.length()));
      }
    }
    opcode = 0;
    message = null;
  }

  /** Gives what was gathered, if a message in parts is unfinished. */
  private void part() {
    if (parts && opcode != 0 && !finished) {
      part(false);
    }
  }

  /** Gives what was gathered before an error; of text, only what is valid. */
  private void salvage() {
    if (parts && opcode == Opcode.TEXT && !finished) {
      utf8.ends();
      MessageBuffer joined = joined();
      int valid = 0;
      while (valid < joined.length() && utf8.accepts(joined.array(), valid, valid + 1)) {
        valid++;
      }
      joined.truncate(valid);
    }
    part();
  }

  /** Gives a part with what was gathered. Without anything it gives the last part only. */
  private void part(boolean fin) {
    MessageBuffer joined = joined();
    int size = opcode == Opcode.TEXT && !fin ? joined.wholeCodePoints() : joined.length();
    if (size == 0 && !fin) {
      return;
    }
    credit--;
    if (opcode == Opcode.TEXT) {
      sink.part(joined.text(size), fin);
    } else {
      sink.part(Bytes.wrap(Arrays.copyOf(joined.array(), size)), fin);
    }
    joined.drop(size);
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

  /**
   * A message, or what is gathered of one for its next part. It grows by what has come, never by
   * what a header promises.
   */
  static final class MessageBuffer {
    private static final int STEP = 64 << 10; // the most that is allocated before any octet came

    private final int max; // bytes that it may hold
    private final boolean part; // whether it is emptied when it is full, so it is never too large
    private byte[] array = Bytes.EMPTY.toArray();
    private int length; // how many bytes of the array are in use
    private long expected; // the length with the frame that was announced last

    MessageBuffer(int max, boolean part) {
      this.max = max;
      this.part = part;
    }

    /** Announces a frame of this length; fails if the message would become too large. */
    void expect(long frame) throws Violation {
      if (frame > max - length) {
        throw Violation.limit(Bound.MESSAGE, max);
      }
      expected = length + frame;
    }

    /** Whether the part that was gathered must be given before anything is added. */
    boolean isFull() {
      return part && length == max;
    }

    /** How many of these bytes it takes. */
    int room(int size) {
      return part ? Math.min(size, max - length) : size;
    }

    void append(ByteBuffer in, int at, int size) {
      if (array.length - length < size) {
        long doubled = Math.max(2L * length, STEP);
        long wanted = Math.max(expected, array.length * 3L / 2); // many small fragments may follow
        grow((int) Math.max(length + size, Math.min(Math.min(wanted, doubled), max)));
      }
      in.get(at, array, length, size);
      length += size;
    }

    /**
     * Makes sure that there is room after what has come, unless it is full. There is room for one
     * byte more than the largest message, so that a larger one is noticed.
     */
    void room() {
      if (array.length == length && !isFull()) {
        grow((int) Math.min(part ? max : max + 1L, Math.max(1024L, 2L * length)));
      }
    }

    /** Counts bytes that were put into the room; fails if the message became too large. */
    void added(int size) throws Violation {
      length += size;
      if (length > max) {
        throw Violation.limit(Bound.MESSAGE, max);
      }
    }

    /** Forgets the first bytes. */
    void drop(int size) {
      System.arraycopy(array, size, array, 0, length - size);
      length -= size;
    }

    /** Forgets all but the first bytes. */
    void truncate(int size) {
      length = size;
    }

    /** How many bytes there are up to the last whole code point of valid UTF-8. */
    int wholeCodePoints() {
      int lead = length - 1;
      while (lead >= 0 && length - lead < 4 && (array[lead] & 0xc0) == 0x80) {
        lead--;
      }
      if (lead < 0) {
        return length;
      }
      int first = array[lead] & 0xff;
      int size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
      return lead + size > length ? lead : length;
    }

    private void grow(int capacity) {
      array = Arrays.copyOf(array, capacity);
    }

    String text(int size) {
      return new String(array, 0, size, StandardCharsets.UTF_8);
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
