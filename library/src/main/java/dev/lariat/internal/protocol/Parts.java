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

    /**
     * Writes a piece of a part, without changing the buffer.
     *
     * @param ends whether the whole ends with it, without trailers
     */
    default void data(ByteBuffer piece, boolean ends, Out out) {
      out.write(Unpooled.wrappedBuffer(piece));
    }

    /**
     * Writes a piece of a file.
     *
     * @param ends whether the whole ends with it
     */
    default void file(SentFile file, long position, long size, boolean ends, Out out)
        throws IOException {
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
      if (next(PIECE, form, out)) {
        return true;
      }
    }
    return false;
  }

  /** Whether what is to be written next has bytes: it may be an end only. */
  public boolean hasBytes() {
    Command.OfBody part = parts.peek();
    return part != null
        && switch (part) {
          case Command.Data data -> written < data.payload().remaining();
          case Command.SendFile file -> written < file.size();
        };
  }

  /**
   * Writes the next piece of the first part; there is one.
   *
   * @param most bytes that may be written
   * @return whether the last part is written now
   * @throws IOException if a file cannot be read, or is shorter than it was
   */
  public boolean next(int most, Form form, Out out) throws IOException {
    Command.OfBody part = parts.element();
    boolean all =
        switch (part) {
          case Command.Data data -> write(data, most, form, out);
          case Command.SendFile file -> write(file, most, form, out);
        };
    if (!all) {
      return false;
    }
    parts.remove();
    written = 0;
    if (part.last()) {
      part.stream().gate().ended();
    }
    return part.last();
  }

  private boolean write(Command.Data data, int most, Form form, Out out) {
    ByteBuffer payload = data.payload();
    int from = payload.position() + (int) written;
    int size = Math.min(most, payload.limit() - from);
    if (size > 0) {
      boolean all = written + size == payload.remaining();
      form.data(payload.slice(from, size), all && data.last() && data.trailers().isEmpty(), out);
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
    if (fate != null && (data.last() || fate.ofEachPart())) {
      out.follow(fate);
    }
    return true;
  }

  private boolean write(Command.SendFile file, int most, Form form, Out out) throws IOException {
    long size = Math.min(most, file.size() - written);
    if (size > 0) {
      boolean ends = written + size == file.size();
      form.file(file.file(), file.position() + written, size, ends, out);
      written += size;
    }
    if (written < file.size()) {
      return false;
    }
    form.end(file, out);
    out.follow(file.fate());
    return true;
  }

  /**
   * Nothing more is sent, and nothing may follow. Gives the parts that are not wholly written,
   * which must be answered.
   */
  public List<Command.OfBody> removeAll() {
    List<Command.OfBody> unwritten = new ArrayList<>(parts);
    parts.clear();
    whole = true;
    return unwritten;
  }
}
