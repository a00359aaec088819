package dev.lariat.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes a recording: each line goes to the system at once, so that a recorder that is killed
 * leaves all but its last line. It is used by several threads, the event loop among them: a line in
 * the page cache is cheap, and a queue could not keep the order of what was sent and received.
 */
final class Tape implements AutoCloseable {
  private final OutputStream out;
  private final boolean closes;
  private final long start = System.nanoTime();

  // under the lock
  private boolean ended;
  private @Nullable OutputException failure;
  private long entries;

  private Tape(OutputStream out, boolean closes, Recording.Head head) {
    this.out = out;
    this.closes = closes;
    line(head.toString());
  }

  /**
   * Begins a recording.
   *
   * @param file a hyphen for standard output
   * @param replaces whether an existing file may be replaced
   */
  static Tape begin(
      String file, boolean replaces, Output standard, Recording.Kind kind, String url) {
    Recording.Head head = new Recording.Head(kind, url, Instant.now());
    if (file.equals("-")) {
      return new Tape(stream(standard), false, head);
    }
    String name = Line.plain(file);
    try {
      OutputStream out =
          replaces
              ? Files.newOutputStream(Path.of(file))
              : Files.newOutputStream(Path.of(file), StandardOpenOption.CREATE_NEW);
      return new Tape(out, true, head);
    } catch (FileAlreadyExistsException e) {
      throw new UsageException("The file " + name + " exists: --force replaces it.");
    } catch (IOException e) {
      throw OutputException.of(Path.of(file), e);
    }
  }

  /** Begins a recording that goes line by line to this stream. */
  static Tape to(OutputStream out, Recording.Kind kind, String url) {
    return new Tape(out, false, new Recording.Head(kind, url, Instant.now()));
  }

  private static OutputStream stream(Output standard) {
    return new OutputStream() {
      @Override
      public void write(int b) {
        standard.write(new byte[] {(byte) b});
      }

      @Override
      public void write(byte[] bytes) {
        standard.write(bytes);
      }
    };
  }

  /** Writes what happens now. */
  synchronized void add(Function<Duration, Entry> happens) {
    if (!ended) {
      Duration now = Duration.ofNanos(System.nanoTime() - start);
      line(EntryFormat.line(happens.apply(now)));
      entries++;
    }
  }

  private synchronized void line(String line) {
    if (failure != null) {
      return;
    }
    try {
      out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (OutputException e) {
      failure = e;
      throw e;
    } catch (IOException e) {
      failure = new OutputException(e);
      throw failure;
    }
  }

  /** How many lines were written after the first. */
  synchronized long entries() {
    return entries;
  }

  /** Throws if a line could not be written. */
  synchronized void check() {
    if (failure != null) {
      throw failure;
    }
  }

  /** Ends it; what happens after that is not written. */
  @Override
  public synchronized void close() {
    ended = true;
    if (closes) {
      try {
        out.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
