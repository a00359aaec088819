package dev.lariat.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Standard output. Unlike a {@link java.io.PrintStream} it throws when it cannot write: a full disk
 * must not look like success, and a pipe whose reader has left must end the command.
 */
final class Output {
  private final Noting stream;
  private boolean withinLine; // under the lock

  Output(OutputStream stream) {
    this.stream = new Noting(stream);
  }

  void println(String line) {
    write((line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Writes these bytes through to the system. */
  synchronized void write(byte[] bytes) {
    try {
      stream.write(bytes);
      stream.flush();
      withinLine = bytes.length == 0 ? withinLine : bytes[bytes.length - 1] != '\n';
    } catch (IOException e) {
      throw new OutputException(e);
    }
  }

  /** Whether what was written last was no line's end. */
  synchronized boolean isWithinLine() {
    return withinLine;
  }

  /** A writer for picocli, which swallows failures; {@link #check} throws them afterwards. */
  PrintWriter writer() {
    return new PrintWriter(stream, true, StandardCharsets.UTF_8);
  }

  void check() {
    IOException failure = stream.failure;
    if (failure != null) {
      throw new OutputException(failure);
    }
  }

  private static final class Noting extends FilterOutputStream {
    private volatile @Nullable IOException failure;

    Noting(OutputStream stream) {
      super(stream);
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        out.write(bytes, offset, length);
      } catch (IOException e) {
        failure = e;
        throw e;
      }
    }

    @Override
    public void flush() throws IOException {
      try {
        out.flush();
      } catch (IOException e) {
        failure = e;
        throw e;
      }
    }
  }
}
