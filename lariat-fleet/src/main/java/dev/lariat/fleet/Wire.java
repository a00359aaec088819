package dev.lariat.fleet;

import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Ping;
import dev.lariat.message.Pong;
import dev.lariat.message.Text;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What nodes say to each other, as bytes. A request is a version, the type of the frame, the id of
 * the feed behind its length, and the content of the frame. An answer is the type of the result,
 * and why.
 */
final class Wire {
  private static final byte VERSION = 1;
  private static final byte TEXT = 1;
  private static final byte BINARY = 2;
  private static final byte PING = 3;
  private static final byte PONG = 4;

  private static final byte WRITTEN = 1;
  private static final byte ACKNOWLEDGED = 2;
  private static final byte DROPPED = 3;
  private static final byte UNKNOWN = 4;

  private Wire() {}

  /** A frame for a feed. */
  record Request(String feed, Frame frame) {

    byte[] encoded() {
      byte[] id = feed.getBytes(StandardCharsets.UTF_8);
      byte[] content =
          switch (frame) {
            case Text(var text) -> utf8(text);
            case Binary(var bytes) -> bytes.toArray();
            case Ping(var payload) -> payload.toArray();
            case Pong(var payload) -> payload.toArray();
            case Close close -> throw new IllegalArgumentException("no feed sends " + close);
          };
      return ByteBuffer.allocate(4 + id.length + content.length)
          .put(VERSION)
          .put(type())
          .putShort((short) id.length) // of 200 characters at most
          .put(id)
          .put(content)
          .array();
    }

    private static byte[] utf8(String text) {
      if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
        throw Allowed.refused("fleet.send.frame", "an unpaired surrogate", "characters");
      }
      return text.getBytes(StandardCharsets.UTF_8);
    }

    private byte type() {
      return switch (frame) {
        case Text text -> TEXT;
        case Binary binary -> BINARY;
        case Ping ping -> PING;
        case Pong pong -> PONG;
        case Close close -> throw new IllegalArgumentException("no feed sends " + close);
      };
    }

    /** Empty if it is not one that this version knows. */
    static Optional<Request> decoded(byte[] encoded) {
      try {
        ByteBuffer bytes = ByteBuffer.wrap(encoded);
        if (bytes.get() != VERSION) {
          return Optional.empty();
        }
        byte type = bytes.get();
        String feed = text(bytes, bytes.getShort());
        return frame(type, bytes).map(frame -> new Request(feed, frame));
      } catch (BufferUnderflowException | IllegalArgumentException e) {
        return Optional.empty(); // too short, or no such frame
      }
    }

    private static Optional<Frame> frame(byte type, ByteBuffer content) {
      return Optional.ofNullable(
          switch (type) {
            case TEXT -> new Text(text(content, content.remaining()));
            case BINARY -> new Binary(rest(content));
            case PING -> new Ping(Bytes.wrap(rest(content)));
            case PONG -> new Pong(Bytes.wrap(rest(content)));
            default -> null;
          });
    }
  }

  static byte[] encoded(SendResult result) {
    return switch (result) {
      case SendResult.Written() -> answer(WRITTEN, "");
      case SendResult.Acknowledged() -> answer(ACKNOWLEDGED, "");
      case SendResult.Dropped(var why) -> answer(DROPPED, why);
      case SendResult.Unknown(var why) -> answer(UNKNOWN, why);
      case SendResult.Elsewhere elsewhere -> answer(DROPPED, "the feed has moved to another node");
    };
  }

  private static byte[] answer(byte type, String why) {
    byte[] text = why.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(1 + text.length).put(type).put(text).array();
  }

  static SendResult result(byte[] encoded) {
    ByteBuffer bytes = ByteBuffer.wrap(encoded);
    byte type = bytes.hasRemaining() ? bytes.get() : 0;
    String why = text(bytes, bytes.remaining());
    return switch (type) {
      case WRITTEN -> new SendResult.Written();
      case ACKNOWLEDGED -> new SendResult.Acknowledged();
      case DROPPED -> new SendResult.Dropped(why);
      case UNKNOWN -> new SendResult.Unknown(why);
      default -> new SendResult.Unknown("the other node has another version of Lariat");
    };
  }

  private static String text(ByteBuffer bytes, int length) {
    if (length < 0 || length > bytes.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] text = new byte[length];
    bytes.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private static byte[] rest(ByteBuffer bytes) {
    byte[] rest = new byte[bytes.remaining()];
    bytes.get(rest);
    return rest;
  }
}
