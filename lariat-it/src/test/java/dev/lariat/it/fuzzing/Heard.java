package dev.lariat.it.fuzzing;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Something that a case heard of its client. */
record Heard(Kind kind, ByteBuffer payload) {
  /** What it was. */
  enum Kind {
    TEXT,
    BINARY,
    PING,
    PONG,
    /** Nothing, for as long as the case waited; the payload names the wait. */
    SILENCE,
    CLOSE,
    /** The end of the connection; the payload is the rule that the client broke, if it was that. */
    END
  }

  static Heard of(Kind kind, byte[] payload) {
    return new Heard(kind, ByteBuffer.wrap(payload));
  }

  static Heard of(Kind kind, String payload) {
    return of(kind, payload.getBytes(StandardCharsets.UTF_8));
  }

  static Heard text(String text) {
    return of(Kind.TEXT, text);
  }

  static Heard pong(String payload) {
    return of(Kind.PONG, payload);
  }

  static Heard silence(String name) {
    return of(Kind.SILENCE, name);
  }

  /** The payload, where it is known to be text. */
  String words() {
    return StandardCharsets.UTF_8.decode(payload.duplicate()).toString();
  }

  /** The kind and the size, for people. */
  @Override
  public String toString() {
    return kind + "[" + payload.remaining() + "]";
  }
}
