package dev.lariat.fleet.stage;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A clock of day that jumps, for one process: a library that is loaded before the C library adds
 * the number in a file to each time of day. The monotonic clock stays as it is.
 */
final class Clock {
  private static final String LIBRARY =
      """
      #define _GNU_SOURCE
      #include <fcntl.h>
      #include <stdlib.h>
      #include <sys/mman.h>
      #include <sys/syscall.h>
      #include <sys/time.h>
      #include <time.h>
      #include <unistd.h>

      static volatile long none, *later = &none;

      __attribute__((constructor)) static void begin(void) {
        int file = open(getenv("LARIAT_CLOCK"), O_RDONLY);
        void *its = mmap(NULL, sizeof(long), PROT_READ, MAP_SHARED, file, 0);
        if (its != MAP_FAILED) later = its;
        close(file);
      }

      int clock_gettime(clockid_t id, struct timespec *time) {
        int result = syscall(SYS_clock_gettime, id, time);
        if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE) time->tv_sec += *later;
        return result;
      }

      int gettimeofday(struct timeval *restrict time, void *restrict zone) {
        int result = syscall(SYS_gettimeofday, time, zone);
        time->tv_sec += *later;
        return result;
      }

      time_t time(time_t *to) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        if (to) *to = now.tv_sec;
        return now.tv_sec;
      }
      """;

  private final Path library;
  private final Path later;

  private Clock(Path library, Path later) {
    this.library = library;
    this.later = later;
  }

  /** A right one; none if there is no compiler of C, and tests may be left out for that. */
  static Optional<Clock> create() throws IOException, InterruptedException {
    boolean able = Files.isExecutable(Path.of("/usr/bin/cc"));
    if (!able && System.getenv("LARIAT_REQUIRE_SERVERS") == null) {
      return Optional.empty();
    }
    Path folder = Files.createTempDirectory("lariat-clock");
    Path source = Files.writeString(folder.resolve("clock.c"), LIBRARY);
    Path library = folder.resolve("clock.so");
    Stage.run("cc", "-shared", "-fPIC", "-O1", "-o", library.toString(), source.toString());
    Clock clock = new Clock(library, folder.resolve("later"));
    clock.set(Duration.ZERO);
    for (Path file : List.of(folder, source, library, clock.later)) {
      file.toFile().deleteOnExit(); // the folder last
    }
    return Optional.of(clock);
  }

  /** Sets it to be so much later than it is. */
  void set(Duration length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
    try (RandomAccessFile file = new RandomAccessFile(later.toFile(), "rw")) {
      file.write(bytes.putLong(length.toSeconds()).array());
    }
  }

  /** The words before the command of a process that has it. */
  List<String> command() {
    return List.of("env", "LD_PRELOAD=" + library, "LARIAT_CLOCK=" + later);
  }
}
