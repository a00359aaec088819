package dev.lariat.it.soak;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a part of the soak leaves behind, which must be nothing: no thread, no socket, no buffer
 * that was not released, and no connection in memory. It listens to what Netty and Lariat log
 * meanwhile.
 */
final class Remains extends Handler implements AutoCloseable {
  private static final Duration SHORT = Duration.ofSeconds(20); // for threads and sockets to end
  private static final int ALLOCATIONS = 1000; // Netty tells of a leak at a later one

  private static final Pattern THREAD =
      Pattern.compile("\"tid\": \"([0-9]+)\"[^\\[]*?\"name\": \"([^\"]*)\"");
  private static final Pattern OF_THE_JDK =
      Pattern.compile("(ForkJoinPool|VirtualThread)-.*|process reaper.*|Cleaner-.*");

  private final Logger netty = Logger.getLogger("io.netty.util.ResourceLeakDetector");
  private final Logger lariat = Logger.getLogger("dev.lariat");
  private final Ledger ledger;
  private final long socketsBefore = openSockets();
  private final Set<String> threadsBefore = threads();

  @SuppressWarnings("ThisEscape") // it has everything by then
  Remains(Ledger ledger) throws IOException {
    this.ledger = ledger;
    netty.addHandler(this);
    lariat.addHandler(this);
  }

  /** Something about this process. */
  private interface Condition {
    boolean holds() throws IOException;
  }

  /** Words for what is wrong. */
  private interface Words {
    String say() throws IOException;
  }

  /** Complains of what is still there when it has had its time to end. */
  void look() throws IOException {
    await(
        () -> openSockets() - socketsBefore + " sockets are left",
        () -> openSockets() <= socketsBefore);
    await(() -> "left: " + left(), () -> left().isEmpty());
    await(() -> ledger.left() + " objects are left in memory", this::nothingIsLeftInMemory);
    for (int i = 0; i < ALLOCATIONS; i++) {
      ByteBufAllocator.DEFAULT.directBuffer(1).release();
    }
  }

  private boolean nothingIsLeftInMemory() {
    System.gc();
    return ledger.left() == 0;
  }

  private void await(Words otherwise, Condition condition) throws IOException {
    long end = Part.in(SHORT);
    while (!condition.holds()) {
      if (System.nanoTime() > end) {
        ledger.complain(otherwise.say());
        return;
      }
      Thread.onSpinWait();
    }
  }

  private static long openSockets() throws IOException {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.filter(Remains::isSocket).count();
    }
  }

  private static boolean isSocket(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
    } catch (IOException e) {
      return false; // it was closed meanwhile, as that of the list itself
    }
  }

  private Set<String> left() throws IOException {
    Set<String> left = threads();
    left.removeAll(threadsBefore);
    return left;
  }

  /** Platform threads and virtual ones, by their numbers and names; without the JDK's own. */
  private static Set<String> threads() throws IOException {
    Path directory = Files.createTempDirectory("soak");
    Path dump = directory.resolve("threads.json");
    try {
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
          .dumpThreads(dump.toString(), ThreadDumpFormat.JSON);
      Matcher matcher = THREAD.matcher(Files.readString(dump));
      Set<String> threads = new TreeSet<>();
      while (matcher.find()) {
        if (!OF_THE_JDK.matcher(matcher.group(2)).matches()) {
          threads.add(matcher.group(1) + " " + matcher.group(2));
        }
      }
      return threads;
    } finally {
      Files.deleteIfExists(dump);
      Files.delete(directory);
    }
  }

  /** A leak is a complaint, and so is a fault of Lariat's. */
  @Override
  public void publish(LogRecord line) {
    String said = String.valueOf(line.getMessage());
    if (said.contains("LEAK") || line.getLevel().intValue() >= Level.SEVERE.intValue()) {
      if (line.getThrown() == null) {
        ledger.complain(said);
      } else {
        ledger.complain(said, line.getThrown());
      }
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    netty.removeHandler(this);
    lariat.removeHandler(this);
  }
}
