package dev.lariat.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One client under one workload, in this process. Prints one line of JSON: {@code rate} in messages
 * per second, {@code cpu} in microseconds of this process per message, {@code p50} and {@code p99}
 * in microseconds, {@code heap} and {@code rss} in bytes per connection.
 *
 * <p>Usage: Client PEER WORKLOAD PORT TRUSTSTORE WARMUP_SECONDS SECONDS
 */
final class Client {
  private static final int CHECKED = 1000; // of each connection's first messages
  private static final int MAX_SAMPLES = 1 << 22;

  private static volatile boolean measuring;
  private static volatile String wrong;

  private Client() {}

  public static void main(String[] args) throws Exception {
    Contender contender = Contender.named(args[0]);
    Workload workload = Workload.named(args[1]);
    URI uri =
        URI.create((workload.tls ? "wss" : "ws") + "://localhost:" + args[2] + workload.path());
    Peer peer = contender.maker.make(new Setup(workload.isCompressed(), Path.of(args[3])));
    String result =
        workload == Workload.IDLE
            ? idle(peer, uri, workload.connections)
            : run(peer, uri, workload, seconds(args[4]), seconds(args[5]));
    System.out.println(result);
    System.out.flush();
    System.exit(0); // whatever threads a client has
  }

  private static long seconds(String text) {
    return (long) (Double.parseDouble(text) * 1e9);
  }

  private static String run(Peer peer, URI uri, Workload workload, long warmup, long measured)
      throws Exception {
    List<Driver> drivers = new ArrayList<>();
    for (int i = 0; i < workload.connections; i++) {
      Driver driver = new Driver(workload);
      drivers.add(driver);
      driver.link = peer.connect(uri, driver);
    }
    drivers.forEach(Driver::start);
    pause(warmup);
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    measuring = true;
    long count = count(drivers);
    long cpu = system.getProcessCpuTime();
    long start = System.nanoTime();
    pause(measured);
    long took = System.nanoTime() - start;
    cpu = system.getProcessCpuTime() - cpu;
    count = count(drivers) - count;
    measuring = false;
    if (wrong != null) {
      throw new IllegalStateException(wrong);
    }
    if (count == 0) {
      throw new IllegalStateException("no message came back while it was measured");
    }
    StringBuilder json = new StringBuilder("{");
    json.append(number("rate", count * 1e9 / took)).append(',');
    json.append(number("cpu", cpu / 1e3 / count));
    if (workload.isLatency()) {
      Driver driver = drivers.getFirst();
      long[] sorted = Arrays.copyOf(driver.samples, driver.sampled);
      Arrays.sort(sorted);
      json.append(',').append(number("p50", sorted[sorted.length / 2] / 1e3));
      json.append(',').append(number("p99", sorted[sorted.length * 99 / 100] / 1e3));
    }
    return json.append('}').toString();
  }

  private static String idle(Peer peer, URI uri, int connections) throws Exception {
    List<Object> held = new ArrayList<>();
    Driver nothing = new Driver(Workload.IDLE);
    for (int i = 0; i < 100; i++) { // loads what there is to load
      held.add(peer.connect(uri, nothing));
    }
    long heap = heap();
    long rss = rss();
    for (int i = 0; i < connections; i++) {
      held.add(peer.connect(uri, nothing));
    }
    pause(2_000_000_000L);
    heap = heap() - heap;
    rss = rss() - rss;
    if (held.size() != connections + 100) {
      throw new IllegalStateException("only " + held.size() + " connections");
    }
    return "{"
        + number("heap", (double) heap / connections)
        + ','
        + number("rss", (double) rss / connections)
        + '}';
  }

  private static long heap() throws InterruptedException {
    for (int i = 0; i < 4; i++) {
      System.gc();
      Thread.sleep(200);
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static long rss() throws Exception {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
      }
    }
    throw new IllegalStateException("no VmRSS");
  }

  private static String number(String name, double value) {
    return "\"" + name + "\":" + String.format(Locale.ROOT, "%.4f", value);
  }

  private static void pause(long nanos) throws InterruptedException {
    Thread.sleep(nanos / 1_000_000);
  }

  private static long count(List<Driver> drivers) {
    return drivers.stream().mapToLong(driver -> driver.received.getOpaque()).sum();
  }

  /** Keeps one connection busy: sends a message for each that comes. */
  private static final class Driver implements Peer.Sink {
    final AtomicLong received = new AtomicLong(); // written by one thread at a time
    private final Workload workload;
    private final String[] texts;
    private final Set<String> known;
    private final byte[] bytes;
    private final boolean latency;
    private final boolean echo;
    private Peer.Link link;
    private long last;
    private long[] samples = new long[0];
    private int sampled;

    Driver(Workload workload) {
      this.workload = workload;
      this.texts = workload.texts().toArray(String[]::new);
      this.known = new HashSet<>(List.of(texts));
      this.bytes = new byte[workload.size];
      this.latency = workload.isLatency();
      this.echo = workload != Workload.FLOOD;
      if (latency) {
        samples = new long[MAX_SAMPLES];
      }
    }

    void start() {
      last = System.nanoTime();
      for (int i = 0; i < workload.window; i++) {
        if (workload.binary) {
          link.binary(bytes);
        } else {
          link.text(texts[i % texts.length]);
        }
      }
    }

    @Override
    public void text(Peer.Link link, String text) {
      long n = received.getPlain();
      if (workload.binary
          || text.length() != workload.size
          || n < CHECKED && !known.contains(text)) {
        wrong = "a text of " + text.length() + " came that was never sent";
      }
      received.setOpaque(n + 1);
      if (latency) {
        sample();
      }
      link.text(texts[(int) ((n + workload.window) % texts.length)]);
    }

    private void sample() {
      long now = System.nanoTime();
      if (measuring && sampled < samples.length) {
        samples[sampled++] = now - last;
      }
      last = now;
    }

    @Override
    public void binary(Peer.Link link, int size) {
      if (!workload.binary || size != workload.size) {
        wrong = "a binary message of " + size + " came that was never sent";
      }
      received.setOpaque(received.getPlain() + 1);
      if (echo) {
        link.binary(bytes);
      }
    }
  }
}
