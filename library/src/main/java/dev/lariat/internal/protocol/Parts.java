package dev.lariat.internal.protocol;

import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * What is sent on a stream part by part. Parts are written in order and in pieces, as long as the
 * lane takes them. A part stays here until it is wholly written, so each is answered exactly once.
 */
public final class Parts {
  /** Bytes that are written before the lane is asked again whether it takes more. */
  private static final int PIECE = 64 << 10;

  /** How a protocol writes what is sent. By default it writes the bytes as they are. */
  public interface Form {
    /** Bytes as they are. */
    Form PLAIN = new Form() {};

    /** Writes a piece of a part, without changing the buffer. */
    default void data(ByteBuffer piece, Out out) {
      out.write(Unpooled.wrappedBuffer(piece));
    }

    /** Writes a piece of a file. */
    default void file(SentFile file, long position, long size, Out out) throws IOException {
      out.write(file, position, size);
    }

    /** Writes what ends the whole. The last part is written. */
    default void end(Command.OfBody last, Out out) {}
  }

  /** The parts that are not wholly written. */
  private final Deque<Command.OfBody> parts = new ArrayDeque<>(2);

  /** How many bytes of the first of {@code parts} are written. */
  private long written;

  /** Whether the last part was added. */
  private boolean whole;

  /**
   * Sends this part after those that wait.
   *
   * @return false after the last part, which nothing may follow
   */
  public boolean add(Command.OfBody part) {
    if (whole) {
      return false;
    }
    whole = part.last();
    return parts.add(part);
  }

  /** Whether nothing waits to be written. */
  public boolean isEmpty() {
    return parts.isEmpty();
  }

  /**
   * Writes what waits, as long as the lane takes it.
   *
   * @return whether the last part is written now
   * @throws IOException if a file cannot be read, or is shorter than it was
   */
  public boolean drain(Form form, Out out) throws IOException {
    while (!parts.isEmpty() && out.writable()) {
      Command.OfBody part = parts.element();
      boolean all =
          switch (part) {
            case Command.Data data -> write(data, form, out);
            case Command.SendFile file -> write(file, form, out);
          };
      if (all) {
        parts.remove();
        written = 0;
        if (part.last()) {
          part.stream().gate().ended();
          return true;
        }
      }
    }
    return false;
  }

  private boolean write(Command.Data data, Form form, Out out) {
    ByteBuffer payload = data.payload();
    int from = payload.position() + (int) written;
    int size = Math.min(PIECE, payload.limit() - from);
    if (size > 0) {
      form.data(payload.slice(from, size), out);
      written += size;
    }
    if (written < payload.remaining()) {
      return false;
    }
    if (data.last()) {
      form.end(data, out);
    }
    data.gate().left(data.bytes());
    Fate fate = data.fate();
    if (fate != null && data.last()) {
      out.follow(fate);
    }
    return true;
  }

  private boolean write(Command.SendFile file, Form form, Out out) throws IOException {
    long size = Math.min(PIECE, file.size() - written);
    if (size > 0) {
      form.file(file.file(), file.position() + written, size, out);
      written += size;
    }
    if (written < file.size()) {
      return false;
    }
    form.end(file, out);
    out.follow(file.fate());
    return true;
  }

  /** Sends nothing more. Gives the parts that are not wholly written, which must be answered. */
  public List<Command.OfBody> removeAll() {
    List<Command.OfBody> unwritten = new ArrayList<>(parts);
    parts.clear();
    return unwritten;
  }
}
