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
 * <p>Its states, each but the last with or without a message that is unfinished ({@code opcode} is
 * set then):
 *
 * <ul>
 *   <li><b>between frames</b>;
 *   <li><b>in a header</b> ({@code cut} is set): the input has ended inside it;
 *   <li><b>in a frame</b> ({@code inFrame}): its header is read, and {@code remaining} bytes of its
 *       payload are to come. Without credit it goes no further, unless it is a control frame;
 *   <li><b>finished</b>: nothing more is read.
 * </ul>
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
  public interface Tap {
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

  private static final int WHOLE_TEXT = FrameHeader.FIN | Opcode.TEXT; // the first octet
  private static final int WHOLE_BINARY = FrameHeader.FIN | Opcode.BINARY; // the first octet

  private final int maxMessage; // bytes of the largest message, inflated and joined
  private final boolean parts; // whether messages are given in parts as they come
  private final @Nullable Inflation inflation; // null if no compression was agreed
  private final byte[] scratch; // the loop's, for use during one call
  private final Sink sink;

  private @Nullable Tap tap; // while it is set, every frame takes the long way

  private long credit; // messages or parts that may still be given
  private boolean finished; // whether a close frame or a violation was met
  private int work; // bytes inflated since goOn(), and MESSAGE_WORK for each message

  private final TokenBucket useless = new TokenBucket(); // pays for frames that carry nothing
  private int pongsDue; // pings without an answer; one pong may answer several (section 5.5.3)

  private @Nullable FrameHeader cut; // the header that the input cut; null without one

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

  /** Calls this with every frame from now on. */
  public void tap(Tap tap) {
    this.tap = tap;
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
    ByteBuffer octets = Octets.of(in);
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
    if (hasEnough()) {
      return at;
    }
    while (!finished) {
      if (inFrame) {
        if (starved()) {
          return at;
        }
        if (remaining > 0 && at == end) {
          break;
        }
        if (remaining > 0) {
          at = payload(in, at, end);
        } else {
          end();
        }
        if (hasEnough()) { // only what was inflated counts
          return at;
        }
        continue;
      }
      if (at == end) {
        break;
      }
      if (at - from >= enough) {
        return at;
      }
      int header = FrameHeader.size(in, at, end);
      if (header == 0 || cut != null) {
        at = header(in, at, end);
        continue;
      }
      int b0 = in.get(at) & 0xff;
      int b1 = in.get(at + 1) & 0xff;
      long length = FrameHeader.payload(in, at, header);
      at += header;
      // A message that is all there takes the short way: FIN without reserved bits, text or binary,
      // no message unfinished, the shortest form of its length, and credit for it.
      boolean plain = b0 == WHOLE_TEXT || b0 == WHOLE_BINARY;
      if (plain
          && opcode == 0
          && length <= end - at
          && FrameHeader.isShortest(b1, length)
          && credit > 0
          && !parts
          && tap == null) {
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
        if (b0 == WHOLE_TEXT) {
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

  /**
   * Takes octets of a header that the input cut. A wrong one fails at once, not when it is whole.
   */
  private int header(ByteBuffer in, int from, int end) throws Violation {
    FrameHeader gathered = cut;
    if (gathered == null) {
      gathered = cut = new FrameHeader();
      started();
    }
    int at = from;
    while (at < end && !gathered.isWhole()) {
      gathered.add(in.get(at++), inflation != null, opcode != 0);
    }
    if (gathered.isWhole()) {
      cut = null;
      begin(gathered.first(), gathered.second(), gathered.payload());
    }
    return at;
  }

  /** Begins a frame: checks its header, before any of its payload. */
  private void begin(int b0, int b1, long length) throws Violation {
    FrameHeader.check(b0, b1, length, inflation != null, opcode != 0);
    first = b0;
    if (Opcode.isControl(FrameHeader.opcode(b0))) {
      control = new byte[(int) length];
      controlLength = 0;
    } else {
      if (FrameHeader.opcode(b0) != Opcode.CONTINUATION) {
        opcode = FrameHeader.opcode(b0);
        compressed = FrameHeader.isCompressed(b0);
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
    if (length == 0 || Opcode.isControl(FrameHeader.opcode(b0))) {
      count(FrameHeader.opcode(b0));
    } else if (!compressed) {
      useless.earn();
    }
    inFrame = true;
    remaining = length;
    if (tap != null) {
      tap.header(
          Opcode.type(FrameHeader.opcode(b0)),
          FrameHeader.isFinal(b0),
          FrameHeader.isCompressed(b0),
          length);
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
    if (tap != null) {
      tap.started();
    }
  }

  private void ended() {
    inFrame = false;
    if (tap != null) {
      tap.ended();
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
        control(FrameHeader.opcode(first), payload);
      }
    } else if (!FrameHeader.isFinal(first)) {
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
    if (FrameHeader.opcode(first) != Opcode.CLOSE || controlLength < 2) {
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
}
