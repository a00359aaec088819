package dev.lariat.internal.http1;

import dev.lariat.internal.http1.RequestWriter.Fields;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Fate;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.Refusals;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The rest of the newest request's body: what was given of it and waits for the transport, or for
 * the server's consent.
 */
final class BodyWriter {
  /** Bytes: so much is written at a time, before the transport is asked whether it takes more. */
  private static final int PIECE = 64 << 10;

  final Stream stream;
  final boolean chunked;

  private final Deque<Command.OfBody> parts = new ArrayDeque<>(2);
  private long written; // of the first part
  private @Nullable Duration patience; // for the server's consent, while it is awaited
  private long deadline = Engine.NEVER; // of that, or of the body, once the response has ended

  /**
   * A body of which nothing was sent yet.
   *
   * @param patience for the server's consent; null where the body needs none
   */
  BodyWriter(Stream stream, boolean chunked, @Nullable Duration patience) {
    this.stream = stream;
    this.chunked = chunked;
    this.patience = patience;
  }

  /**
   * Sends this behind what waits.
   *
   * @return whether there is room for it: not behind the last part
   */
  boolean add(Command.OfBody part) {
    if (!parts.isEmpty() && parts.getLast().last()) {
      return false;
    }
    return parts.add(part);
  }

  // ---- the server's consent

  boolean awaitsConsent() {
    return patience != null;
  }

  /** The response is the next: the time for the consent begins. */
  void expectConsent(long now) {
    if (patience != null) {
      deadline = now + patience.toNanos();
    }
  }

  void consent() {
    patience = null;
    deadline = Engine.NEVER;
  }

  // ---- the end of the time

  long deadline() {
    return deadline;
  }

  /** The response has ended: the body has this long to go on, if that is up to its sender. */
  void hurry(long now, long time) {
    deadline = now + time;
  }

  /** Whether its sender has nothing here to be written. */
  boolean isStarved() {
    return parts.isEmpty();
  }

  // ---- writing

  /**
   * Writes what waits, as long as the transport takes it.
   *
   * @return whether the body is complete
   * @throws IOException if it is a file that cannot be read as far as it was to go
   */
  boolean drain(Out out) throws IOException {
    while (patience == null && !parts.isEmpty() && out.writable()) {
      boolean whole =
          switch (parts.element()) {
            case Command.Data data -> write(data, out);
            case Command.SendFile file -> write(file, out);
          };
      if (whole) {
        written = 0;
        if (parts.remove().last()) {
          stream.gate().ended();
          return true;
        }
      }
    }
    return false;
  }

  private boolean write(Command.Data data, Out out) {
    ByteBuffer payload = data.payload();
    int from = payload.position() + (int) written;
    int size = Math.min(PIECE, payload.limit() - from);
    written += size;
    boolean whole = written == payload.remaining();
    if (size > 0) {
      beginChunk(size, out);
      RequestWriter.content(payload.slice(from, size), out);
      endChunk(out);
    }
    if (whole && data.last()) {
      end(data, out);
    }
    if (whole) {
      data.gate().left(data.bytes());
      Fate fate = data.fate();
      if (fate != null && data.last()) {
        out.follow(fate);
      }
    }
    return whole;
  }

  /** The line before a chunk (RFC 9112 section 7.1), where the body is chunked. */
  private void beginChunk(long size, Out out) {
    if (chunked) {
      String line = Long.toHexString(size);
      RequestWriter.newLine(RequestWriter.put(out.room(line.length() + 2), line));
    }
  }

  private void endChunk(Out out) {
    if (chunked) {
      RequestWriter.newLine(out.room(2));
    }
  }

  /** The last chunk, and the trailers behind it. */
  private void end(Command.OfBody last, Out out) {
    if (!chunked) {
      return;
    }
    Fields trailers = new Fields(FieldNames.PLAIN);
    if (last instanceof Command.Data data) {
      trailers = new Fields(data.names());
      for (Headers.Field field : data.trailers()) {
        trailers.add(field.name(), field.value());
      }
    }
    ByteBuf room = out.room(3 + trailers.size());
    RequestWriter.newLine(room.writeByte('0'));
    trailers.write(room);
  }

  private boolean write(Command.SendFile file, Out out) throws IOException {
    long size = Math.min(PIECE, file.size() - written);
    if (size > 0) {
      beginChunk(size, out);
      out.write(file.file(), file.position() + written, size);
      endChunk(out);
      written += size;
    }
    if (written < file.size()) {
      return false;
    }
    end(file, out);
    out.follow(file.fate());
    return true;
  }

  /** Sends nothing more of it, and answers what waits. */
  void drop(Reason reason, Reason why, Out out) {
    while (!parts.isEmpty()) {
      Refusals.refuse(parts.remove(), reason, why, out);
    }
    stream.gate().ended();
  }
}
