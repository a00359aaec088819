package dev.lariat.cli;

import dev.lariat.Exchange;
import dev.lariat.message.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request, in the pieces of which it consists.
 *
 * @param type its Content-Type, unless the user sets another one; null for none
 */
record Payload(@Nullable String type, List<Piece> pieces) {
  static final Payload NONE = new Payload(null, List.of());

  private static final int CHUNK = 1 << 16;

  /** A part of it. */
  sealed interface Piece {}

  /** Bytes in memory. */
  record Held(Bytes bytes) implements Piece {}

  /** A file, which is read as it is sent, each time. */
  record Stored(Path file) implements Piece {}

  /** Standard input, which can be read once. */
  record Piped(InputStream in) implements Piece {}

  static Payload of(@Nullable String type, byte[] bytes) {
    return new Payload(type, List.of(new Held(Bytes.wrap(bytes))));
  }

  boolean isNone() {
    return pieces.isEmpty();
  }

  /** Whether all of it is in memory, so that it can be sent with the request. */
  boolean isHeld() {
    return pieces.stream().allMatch(Held.class::isInstance);
  }

  /** Whether it can be sent once more. */
  boolean isRepeatable() {
    return pieces.stream().noneMatch(Piped.class::isInstance);
  }

  /** All of it, if it is in memory. */
  Bytes held() {
    if (pieces.size() == 1 && pieces.getFirst() instanceof Held(var bytes)) {
      return bytes;
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    pieces.forEach(piece -> all.writeBytes(((Held) piece).bytes().toArray()));
    return Bytes.wrap(all.toByteArray());
  }

  /** Its size, if that is known before it is read. */
  OptionalLong length() throws IOException {
    long length = 0;
    for (Piece piece : pieces) {
      switch (piece) {
        case Held(var bytes) -> length += bytes.size();
        case Stored(var file) -> {
          if (!Files.isRegularFile(file)) {
            return OptionalLong.empty();
          }
          length += Files.size(file);
        }
        case Piped _ -> {
          return OptionalLong.empty();
        }
      }
    }
    return OptionalLong.of(length);
  }

  /** Counts what is sent. */
  @FunctionalInterface
  interface Count {
    void sent(long bytes);
  }

  /** Sends all of it. */
  void send(Exchange exchange, Count count) throws IOException {
    for (Piece piece : pieces) {
      switch (piece) {
        case Held(var bytes) -> {
          exchange.data(bytes, false);
          count.sent(bytes.size());
        }
        case Stored(var file) -> {
          try (InputStream in = Files.newInputStream(file)) {
            send(in, exchange, count);
          }
        }
        case Piped(var in) -> send(in, exchange, count);
      }
    }
    exchange.data(Bytes.EMPTY, true);
  }

  private static void send(InputStream in, Exchange exchange, Count count) throws IOException {
    byte[] chunk = new byte[CHUNK];
    for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
      exchange.data(Bytes.copyOf(Arrays.copyOf(chunk, read)), false);
      count.sent(read);
    }
  }
}
