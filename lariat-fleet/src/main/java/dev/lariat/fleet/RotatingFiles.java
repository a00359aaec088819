package dev.lariat.fleet;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Lines of JSON in files. What a batch has written stays as a whole or not at all: a write that
 * fails is cut off, since the same batch comes again.
 */
final class RotatingFiles implements Sink {
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS").withZone(ZoneOffset.UTC);
  private static final String START = "feeds-";
  private static final String END = ".jsonl";

  private final Path folder;
  private final FileOptions options;
  private final Lock lock = new ReentrantLock();
  private @Nullable FileChannel file; // null until the first batch, and after a failure
  private long begun; // by the monotonic clock
  private long length;
  private boolean closed;

  RotatingFiles(Path folder, FileOptions options) {
    this.folder = folder;
    this.options = options;
  }

  @Override
  public void write(Batch batch) throws IOException {
    ByteBuffer lines = ByteBuffer.wrap(JsonLines.lines(batch));
    lock.lock();
    try {
      FileChannel its = current();
      int size = lines.remaining();
      try {
        while (lines.hasRemaining()) {
          its.write(lines);
        }
        its.force(false);
        length += size;
      } catch (IOException e) {
        abandon(its);
        throw e;
      }
    } finally {
      lock.unlock();
    }
  }

  private FileChannel current() throws IOException {
    if (closed) {
      throw new IOException("the sink is closed");
    }
    FileChannel its = file;
    boolean full = length >= options.bytes();
    boolean old = System.nanoTime() - begun >= options.age().toNanos();
    if (its != null && !full && !old) {
      return its;
    }
    file = null;
    if (its != null) {
      its.close();
    }
    Files.createDirectories(folder);
    its = create();
    file = its;
    length = 0;
    begun = System.nanoTime();
    deleteOld();
    return its;
  }

  /** Names grow, also if many files begin within a millisecond. */
  private FileChannel create() throws IOException {
    String time = NAME.format(Instant.now());
    List<Path> all = all();
    String newest = all.isEmpty() ? "" : all.getLast().getFileName().toString();
    for (int i = 0; ; i++) {
      String name = START + time + String.format("-%04d", i) + END;
      if (name.compareTo(newest) > 0 || i > 9999) {
        return FileChannel.open(
            folder.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      }
    }
  }

  private void deleteOld() throws IOException {
    List<Path> all = all();
    for (Path old : all.subList(0, Math.max(0, all.size() - options.keep()))) {
      Files.deleteIfExists(old);
    }
  }

  /** Its files, the oldest first. */
  private List<Path> all() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(path -> path.getFileName().toString().matches("feeds-[0-9T.-]+\\.jsonl"))
          .sorted()
          .toList();
    }
  }

  /** Cuts what a failed write has left, and begins another file with the next batch. */
  private void abandon(FileChannel its) {
    file = null;
    try (its) {
      its.truncate(length);
    } catch (IOException e) {
      // the disk does not even do this: an incomplete line stays, as after a crash
    }
  }

  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      closed = true;
      if (file != null) {
        file.close();
      }
    } finally {
      lock.unlock();
    }
  }
}
