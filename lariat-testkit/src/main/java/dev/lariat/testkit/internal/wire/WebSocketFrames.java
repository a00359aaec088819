package dev.lariat.testkit.internal.wire;

import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Ping;
import dev.lariat.message.Pong;
import dev.lariat.message.Text;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** WebSocket frames as a server reads and writes them (RFC 6455 section 5), without extensions. */
public final class WebSocketFrames {
  private static final int LARGEST = 64 << 20; // of a message: a test's client has gone mad
  private static final int LARGEST_CONTROL = 125;

  private WebSocketFrames() {}

  private static int opcode(Frame frame) {
    return switch (frame) {
      case Text text -> Opcode.TEXT;
      case Binary binary -> Opcode.BINARY;
      case Ping ping -> Opcode.PING;
      case Pong pong -> Opcode.PONG;
      case Close close -> Opcode.CLOSE;
    };
  }

  private static byte[] payload(Frame frame) {
    return switch (frame) {
      case Text(var text) -> text.getBytes(StandardCharsets.UTF_8);
      case Binary(var bytes) -> bytes.toArray();
      case Ping(var payload) -> payload.toArray();
      case Pong(var payload) -> payload.toArray();
      case Close(var code, var text) -> close(code, text);
    };
  }

  private static byte[] close(int code, String text) {
    if (code == Close.NO_CODE) {
      return new byte[0];
    }
    byte[] words = text.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(2 + words.length).putShort((short) code).put(words).array();
  }

  /** This frame in the form of the wire. */
  public static byte[] encode(Frame frame) {
    return encode(opcode(frame), true, payload(frame));
  }

  /** A message as fragments of so many bytes at the most, each in the form of the wire. */
  public static byte[][] fragments(Frame message, int largest) {
    byte[] payload = payload(message);
    int count = Math.max(1, (payload.length + largest - 1) / largest);
    byte[][] fragments = new byte[count][];
    for (int i = 0; i < count; i++) {
      byte[] part =
          Arrays.copyOfRange(payload, i * largest, Math.min(payload.length, (i + 1) * largest));
      int opcode = i == 0 ? opcode(message) : Opcode.CONTINUATION;
      fragments[i] = encode(opcode, i == count - 1, part);
    }
    return fragments;
  }

  /** A frame in the form of the wire, without a mask, as a server sends it. */
  public static byte[] encode(int opcode, boolean fin, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(10 + payload.length);
    frame.put((byte) (opcode | (fin ? 0x80 : 0)));
    if (payload.length <= 125) {
      frame.put((byte) payload.length);
    } else if (payload.length <= 0xffff) {
      frame.put((byte) 126).putShort((short) payload.length);
    } else {
      frame.put((byte) 127).putLong(payload.length);
    }
    frame.put(payload).flip();
    byte[] bytes = new byte[frame.remaining()];
    frame.get(bytes);
    return bytes;
  }

  /** Reads the frames of one client, and makes messages of fragments. */
  static final class Reader {
    private final Input in;
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private int begun = -1; // the opcode of the message that is not complete

    Reader(Input in) {
      this.in = in;
    }

    /**
     * The next message or control frame; empty when the client has ended its side.
     *
     * @throws ProtocolException if the client breaks a rule
     */
    Optional<Frame> next() throws IOException {
      while (in.hasNext()) {
        Optional<Frame> frame = frame();
        if (frame.isPresent()) {
          return frame;
        }
      }
      return Optional.empty();
    }

    private Optional<Frame> frame() throws IOException {
      int first = in.next();
      int second = in.next();
      boolean fin = (first & 0x80) != 0;
      int opcode = first & 0x0f;
      refuseIf((first & 0x70) != 0, "a reserved bit is set", "5.2");
      refuseIf((second & 0x80) == 0, "a client's frame is not masked", "5.1");
      long length = second & 0x7f;
      boolean control = opcode >= Opcode.CLOSE;
      refuseIf(control && length > LARGEST_CONTROL, "a control frame is too long", "5.5");
      refuseIf(control && !fin, "a control frame is fragmented", "5.5");
      if (length == 126) {
        length = in.number(2);
        refuseIf(length < 126, "a length takes more bytes than it needs", "5.2");
      } else if (length == 127) {
        length = in.number(8);
        refuseIf(length >= 0 && length <= 0xffff, "a length takes more bytes than it needs", "5.2");
      }
      if (length < 0 || length + message.size() > LARGEST) {
        throw new ProtocolException("a message is longer than " + LARGEST + " bytes");
      }
      byte[] key = in.next(4);
      byte[] payload = in.next((int) length);
      for (int i = 0; i < payload.length; i++) {
        payload[i] ^= key[i & 3];
      }
      return control ? Optional.of(control(opcode, payload)) : data(opcode, fin, payload);
    }

    private static Frame control(int opcode, byte[] payload) throws IOException {
      return switch (opcode) {
        case Opcode.PING -> new Ping(Bytes.wrap(payload));
        case Opcode.PONG -> new Pong(Bytes.wrap(payload));
        case Opcode.CLOSE -> closed(payload);
        default -> throw new ProtocolException("opcode " + opcode + " (RFC 6455 section 5.2)");
      };
    }

    private static Close closed(byte[] payload) throws IOException {
      if (payload.length == 0) {
        return Close.EMPTY;
      }
      refuseIf(payload.length == 1, "a close frame has half a code", "5.5.1");
      int code = (payload[0] & 0xff) << 8 | payload[1] & 0xff;
      refuseIf(!Close.isAllowed(code), "a close frame has the code " + code, "7.4");
      return new Close(code, utf8(Arrays.copyOfRange(payload, 2, payload.length)));
    }

    private Optional<Frame> data(int opcode, boolean fin, byte[] payload) throws IOException {
      if (opcode == Opcode.CONTINUATION) {
        refuseIf(begun < 0, "there is no message to continue", "5.4");
      } else {
        refuseIf(begun >= 0, "a message begins within another", "5.4");
        refuseIf(opcode > Opcode.BINARY, "opcode " + opcode, "5.2");
        begun = opcode;
      }
      message.write(payload);
      if (!fin) {
        return Optional.empty();
      }
      byte[] whole = message.toByteArray();
      boolean text = begun == Opcode.TEXT;
      message.reset();
      begun = -1;
      return Optional.of(text ? new Text(utf8(whole)) : new Binary(Bytes.wrap(whole)));
    }

    private static String utf8(byte[] bytes) throws IOException {
      try {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      } catch (CharacterCodingException e) {
        throw new ProtocolException("a text is not UTF-8 (RFC 6455 section 8.1)");
      }
    }

    private static void refuseIf(boolean broken, String what, String section) throws IOException {
      if (broken) {
        throw new ProtocolException(what + " (RFC 6455 section " + section + ")");
      }
    }
  }
}
