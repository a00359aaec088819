package dev.lariat.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The JIT compiler of this process. On one core it takes the processor from the client, and from
 * the client with more code for longer. The time that it says itself ({@code CompilationMXBean})
 * counts what is done, and C2 may need seconds for one method; so the CPU time of its threads is
 * asked for, of the kernel.
 */
final class Compiler {
  /** How long to wait for it at most, in seconds; {@link Run} gives a client this time. */
  static final int LONGEST = 60;

  private static final int QUIET = 3; // seconds in a row
  private static final long LITTLE = 10_000_000; // nanoseconds of compilation in a second
  private static final Path THREADS = Path.of("/proc/self/task");

  private final Map<Path, Long> used = new HashMap<>(); // by its threads, some of which have ended

  /** The nanoseconds of CPU that it has taken since the program began, or this was first asked. */
  long cpu() {
    try (Stream<Path> threads = Files.list(THREADS)) {
      threads
          .filter(thread -> says(thread, "comm").matches("C[12] Compiler.*\\s"))
          .forEach(this::look);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return used.values().stream().mapToLong(Long::longValue).sum();
  }

  private void look(Path thread) {
    String first = says(thread, "schedstat").split(" ")[0];
    if (!first.isEmpty()) {
      used.put(thread, Long.parseLong(first));
    }
  }

  private static String says(Path thread, String file) {
    try {
      return Files.readString(thread.resolve(file));
    } catch (IOException e) {
      return ""; // it has ended
    }
  }

  /**
   * Waits until it rests.
   *
   * @return for how many seconds
   */
  int awaitRest() throws InterruptedException {
    int seconds = 0;
    long before = cpu();
    for (int quiet = 0; quiet < QUIET && seconds < LONGEST; seconds++) {
      Thread.sleep(1000);
      long now = cpu();
      quiet = now - before <= LITTLE ? quiet + 1 : 0;
      before = now;
    }
    return seconds;
  }
}
