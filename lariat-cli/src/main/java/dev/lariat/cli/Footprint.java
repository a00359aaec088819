package dev.lariat.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keeps the memory of a program that waits small. The start touches nearly every page of the
 * ahead-of-time cache and half of the JVM's code; what waits for messages needs few of them. The
 * others leave this process; those that are needed again come back from the kernel's copy of their
 * file. On Linux only.
 */
final class Footprint {
  private static final Path MAPPINGS = Path.of("/proc/self/smaps");
  private static final long FIRST = 5_000; // ms, when the start is mostly over
  private static final long MOST = 60_000; // ms, between two times

  /**
   * A file that a process reads or runs. Only those that stay where they are as long as the JVM
   * lives, so that nothing else can take their addresses.
   */
  private static final Pattern HEAD =
      Pattern.compile("([0-9a-f]+)-([0-9a-f]+) r-[-x]p .*(?:\\.aot|\\.so[.\\d]*|/modules)");

  private Footprint() {}

  /** Pages of a file that nobody has changed, so that the kernel can drop and restore them. */
  record Clean(long address, long size) {}

  /** Does so from now on, in the background. */
  static void keepSmall() {
    if (Files.isReadable(MAPPINGS)) {
      Thread thread = new Thread(Footprint::run, "lariat-footprint");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private static void run() {
    try {
      long pause = FIRST;
      do {
        Thread.sleep(pause);
        pause = Math.min(pause * 2, MOST); // a busy machine starts slowly
      } while (shrink());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Does so once; false if this JVM has no way. */
  static boolean shrink() {
    try (BufferedReader mappings = Files.newBufferedReader(MAPPINGS)) {
      // The way of a MappedByteBuffer, which the manifest opens: java.lang.foreign would add 400
      // classes, which take more than 2 MiB.
      Method unload =
          Class.forName("java.nio.MappedMemoryUtils")
              .getDeclaredMethod("unload", long.class, boolean.class, long.class);
      unload.setAccessible(true);
      for (Clean pages : clean(mappings)) {
        unload.invoke(null, pages.address(), false, pages.size());
      }
      return true;
    } catch (IOException | ReflectiveOperationException | RuntimeException e) {
      return false; // the program does not need it
    }
  }

  /**
   * The pages of files that can leave: those that this process can only read, and has not changed.
   *
   * @param mappings as the kernel lists them in {@code /proc/PID/smaps}
   */
  static List<Clean> clean(BufferedReader mappings) throws IOException {
    List<Clean> clean = new ArrayList<>();
    boolean candidate = false;
    for (String line = mappings.readLine(); line != null; line = mappings.readLine()) {
      if (!Character.isUpperCase(line.charAt(0))) { // the head of the next one, and not a figure
        Matcher head = HEAD.matcher(line);
        candidate = head.matches();
        if (candidate) {
          long from = Long.parseUnsignedLong(head.group(1), 16);
          clean.add(new Clean(from, Long.parseUnsignedLong(head.group(2), 16) - from));
        }
      } else if (candidate && isChange(line)) {
        clean.removeLast();
        candidate = false;
      }
    }
    return clean;
  }

  private static boolean isChange(String figure) {
    return (figure.startsWith("Anonymous:") || figure.startsWith("Swap:"))
        && !figure.endsWith(" 0 kB");
  }
}
