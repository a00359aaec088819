package dev.lariat.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;

/** The newest lines of a tape, in memory: the first one stays, and of the rest the oldest go. */
final class Reel extends OutputStream {
  private static final int LIMIT = 8 << 20; // bytes: the prompt must stay small over days

  // under the lock
  private byte[] head = {};
  private final Deque<byte[]> lines = new ArrayDeque<>();
  private long bytes;
  private long dropped;

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b});
  }

  /** Takes a line. */
  @Override
  public synchronized void write(byte[] line) {
    if (head.length == 0) {
      head = line;
      return;
    }
    lines.add(line);
    bytes += line.length;
    while (bytes > LIMIT) {
      bytes -= lines.remove().length;
      dropped++;
    }
  }

  /** How many lines did not fit. */
  synchronized long dropped() {
    return dropped;
  }

  /**
   * Writes the lines into a new file, and gives their number without the first.
   *
   * @throws java.nio.file.FileAlreadyExistsException if there is one
   */
  synchronized int save(Path file) throws IOException {
    try (OutputStream out =
        new BufferedOutputStream(Files.newOutputStream(file, StandardOpenOption.CREATE_NEW))) {
      out.write(head);
      for (byte[] line : lines) {
        out.write(line);
      }
    }
    return lines.size();
  }
}
