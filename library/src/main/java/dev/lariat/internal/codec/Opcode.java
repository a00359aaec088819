package dev.lariat.internal.codec;

import dev.lariat.event.FrameType;
import dev.lariat.message.Binary;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Ping;
import dev.lariat.message.Pong;
import dev.lariat.message.Text;

/** The opcodes of RFC 6455 section 5.2. */
final class Opcode {
  static final int CONTINUATION = 0x0;
  static final int TEXT = 0x1;
  static final int BINARY = 0x2;
  static final int CLOSE = 0x8;
  static final int PING = 0x9;
  static final int PONG = 0xa;

  private Opcode() {}

  /** The opcode of a frame that is not a fragment. */
  static int of(Frame frame) {
    return switch (frame) {
      case Text text -> TEXT;
      case Binary binary -> BINARY;
      case Ping ping -> PING;
      case Pong pong -> PONG;
      case Close close -> CLOSE;
    };
  }

  /** What a known opcode means. */
  static FrameType type(int opcode) {
    return switch (opcode) {
      case CONTINUATION -> FrameType.CONTINUATION;
      case TEXT -> FrameType.TEXT;
      case BINARY -> FrameType.BINARY;
      case PING -> FrameType.PING;
      case PONG -> FrameType.PONG;
      default -> FrameType.CLOSE;
    };
  }

  static boolean isControl(int opcode) {
    return (opcode & 0x8) != 0;
  }

  static boolean isKnown(int opcode) {
    return opcode <= BINARY || opcode >= CLOSE && opcode <= PONG;
  }
}
