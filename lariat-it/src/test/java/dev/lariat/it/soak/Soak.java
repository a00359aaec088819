package dev.lariat.it.soak;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import dev.lariat.Delivery;
import dev.lariat.LiveWebSocket;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Healing;
import dev.lariat.option.Keepalive;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Outbox;
import dev.lariat.option.Retry;
import dev.lariat.option.Timeouts;
import dev.lariat.option.WebSocketOptions;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * So many live WebSockets send a message each second through a {@link CuttingProxy}, for so long;
 * then it is calm, and everything must come to a good end: each errand done, each promise kept, and
 * no thread, socket, buffer or object left behind.
 */
public final class Soak {
  private static final Duration CALM = Duration.ofMinutes(2); // for the end, at the most
  private static final Duration SHORT = Duration.ofSeconds(10);

  private static final Pattern THREAD =
      Pattern.compile("\"tid\": \"([0-9]+)\"[^\\[]*?\"name\": \"([^\"]*)\"");
  private static final Pattern OF_THE_JDK = Pattern.compile("(ForkJoinPool|VirtualThread)-.*");

  private final int sockets;
  private final Duration time;
  private final Duration mean;
  private final long seed;
  private final Queue<String> complaints = new ConcurrentLinkedQueue<>();

  /**
   * A soak that has not begun.
   *
   * @param mean how long a connection lives on average
   */
  Soak(int sockets, Duration time, Duration mean, long seed) {
    this.sockets = sockets;
    this.time = time;
    this.mean = mean;
    this.seed = seed;
  }

  /** {@code Soak sockets seconds mean-seconds seed}. */
  public static void main(String[] args) throws Exception {
    Soak soak =
        new Soak(
            Integer.parseInt(args[0]),
            Duration.ofSeconds(Long.parseLong(args[1])),
            Duration.ofSeconds(Long.parseLong(args[2])),
            Long.parseLong(args[3]));
    List<String> complaints = soak.run();
    complaints.stream().limit(50).forEach(System.out::println);
    System.out.println(complaints.size() + " complaints");
    System.exit(complaints.isEmpty() ? 0 : 1);
  }

  /**
   * Runs it.
   *
   * @return what went wrong; empty if nothing did
   */
  List<String> run() throws Exception {
    try (Leaks leaks = new Leaks()) {
      warm();
      long socketsBefore = openSockets();
      Set<String> threadsBefore = threads();
      List<WeakReference<LiveWebSocket>> lives = play();
      await(() -> "sockets are left", () -> openSockets() <= socketsBefore);
      await(() -> "left: " + left(threadsBefore), () -> left(threadsBefore).isEmpty());
      await(() -> "live connections are left in memory", () -> areCollected(lives));
      leaks.look();
    }
    return List.copyOf(complaints);
  }

  /** Starts what lives as long as the process: the event loops, and the threads that watch. */
  private void warm() throws Exception {
    try (Feed feed = new Feed(complaints)) {
      for (int i = Runtime.getRuntime().availableProcessors() * 2; i > 0; i--) { // all loops
        Sender sender = new Sender("warm" + i, feed.port(), options(), feed, complaints);
        sender.finish();
        sender.run();
      }
    }
    areCollected(List.of());
  }

  private static LiveOptions options() {
    Keepalive keepalive = new Keepalive(Duration.ofSeconds(2), Duration.ofSeconds(2));
    Timeouts timeouts =
        Timeouts.DEFAULT
            .connect(Duration.ofSeconds(5))
            .upgrade(Duration.ofSeconds(5))
            .closing(Duration.ofSeconds(5));
    return LiveOptions.DEFAULT
        .connection(ConnectionOptions.DEFAULT.timeouts(timeouts))
        .webSocket(WebSocketOptions.DEFAULT.keepalive(keepalive))
        .outbox(Outbox.DEFAULT.messages(3).overflow(Outbox.Overflow.DROP_OLDEST))
        .healing(
            Healing.DEFAULT
                .spread(Duration.ofMillis(500))
                .retry(Retry.DEFAULT.backoff(Duration.ofMillis(100), Duration.ofSeconds(2))));
  }

  private List<WeakReference<LiveWebSocket>> play() throws Exception {
    List<Sender> senders = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    try (Feed feed = new Feed(complaints);
        CuttingProxy proxy = new CuttingProxy(feed.port(), mean, seed)) {
      for (int i = 0; i < sockets; i++) {
        Sender sender = new Sender("s" + i, proxy.port(), options(), feed, complaints);
        senders.add(sender);
        threads.add(Thread.ofVirtual().name("sender " + i).start(sender));
      }
      new CountDownLatch(1).await(time.toNanos(), TimeUnit.NANOSECONDS);
      proxy.calm();
      senders.forEach(Sender::finish);
      long end = System.nanoTime() + CALM.toNanos();
      for (Thread thread : threads) {
        if (!thread.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())))) {
          complaints.add(thread.getName() + " has not come to its end in " + CALM);
        }
      }
      report(senders, proxy);
    }
    return senders.stream().map(Sender::live).map(WeakReference::new).toList();
  }

  private void report(List<Sender> senders, CuttingProxy proxy) {
    System.out.printf(
        "%d live WebSockets for %d s, seed %d: cuts %s; %d sessions; %d errands, %d"
            + " acknowledgements; of the messages %d written, %d dropped, %d unknown%n",
        sockets,
        time.toSeconds(),
        seed,
        proxy.cuts(),
        senders.stream().mapToLong(Sender::sessions).sum(),
        senders.stream().mapToLong(Sender::errands).sum(),
        senders.stream().mapToLong(Sender::acknowledged).sum(),
        count(senders, Delivery.State.WRITTEN),
        count(senders, Delivery.State.DROPPED),
        count(senders, Delivery.State.UNKNOWN));
  }

  private static long count(List<Sender> senders, Delivery.State state) {
    return senders.stream().mapToLong(sender -> sender.count(state)).sum();
  }

  // ---- what is left

  /** Something about this process. */
  private interface Condition {
    boolean holds() throws IOException;
  }

  /** Words for what is wrong. */
  private interface Words {
    String say() throws IOException;
  }

  private void await(Words otherwise, Condition condition) throws IOException {
    long end = System.nanoTime() + SHORT.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > end) {
        complaints.add(otherwise.say());
        return;
      }
      Thread.onSpinWait();
    }
  }

  private static long openSockets() throws IOException {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.filter(Soak::isSocket).count();
    }
  }

  private static boolean isSocket(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
    } catch (IOException e) {
      return false; // it was closed meanwhile, as that of the list itself
    }
  }

  private static Set<String> left(Set<String> before) throws IOException {
    Set<String> left = threads();
    left.removeAll(before);
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

  private static boolean areCollected(List<WeakReference<LiveWebSocket>> lives) {
    System.gc();
    return lives.stream().allMatch(live -> live.get() == null);
  }

  /**
   * What Netty says of a buffer that was not released, once it was collected, is a complaint. It
   * says so at a later allocation.
   */
  private final class Leaks extends Handler implements AutoCloseable {
    private static final int ALLOCATIONS = 1000; // of which it looks at some
    private final Logger netty = Logger.getLogger("io.netty.util.ResourceLeakDetector");

    Leaks() {
      netty.addHandler(this);
    }

    /** Has it say what it has to say. */
    void look() {
      System.gc();
      for (int i = 0; i < ALLOCATIONS; i++) {
        ByteBufAllocator.DEFAULT.directBuffer(1).release();
      }
    }

    @Override
    public void publish(LogRecord line) {
      if (line.getMessage().contains("LEAK")) {
        complaints.add(line.getMessage());
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
      netty.removeHandler(this);
    }
  }
}
