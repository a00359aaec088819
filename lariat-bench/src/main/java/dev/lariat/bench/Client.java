package dev.lariat.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/**
 * One client under one workload, in this process. Prints one line of JSON: {@code rate} in
 * messages, requests, connections or MiB per second, {@code cpu} in microseconds of this process
 * for each of them, {@code p50} and {@code p99} in microseconds, {@code heap} and {@code rss} in
 * bytes per connection or stream, {@code first} in microseconds from the start of {@code main} to
 * the first answer, {@code waited} in seconds after the warm-up until the JIT compiler rested, and
 * {@code compiler} in percent of a core that it took nevertheless while it was measured.
 *
 * <p>Usage: Client PEER WORKLOAD PORT TRUSTSTORE BODY_BYTES WARMUP_SECONDS SECONDS
 */
final class Client {
  private Client() {}

  /** Opens links of one protocol: connections, or streams of one connection. */
  interface Traffic {
    /** One more, which is not busy yet. */
    Driver open() throws Exception;

    /** So many more, on which nothing happens when this returns. */
    void openIdle(int links) throws Exception;
  }

  public static void main(String[] args) {
    long began = System.nanoTime();
    int exit = 0; // whatever threads a client has
    try {
      System.out.println(measure(args, began));
      System.out.flush();
    } catch (Exception e) {
      e.printStackTrace();
      exit = 1;
    }
    System.exit(exit);
  }

  private static String measure(String[] args, long began) throws Exception {
    Contender contender = Contender.named(args[0]);
    Workload workload = Workload.named(args[1]).findFirst().orElseThrow();
    int port = Integer.parseInt(args[2]);
    Setup setup = new Setup(workload, Path.of(args[3]), Long.parseLong(args[4]));
    Traffic traffic =
        workload.isOfPools()
            ? new PoolDriver.Opener(contender.poolPeer(setup), workload, port)
            : workload.http
                ? new HttpDriver.Opener(contender.httpPeer(setup), setup, port)
                : new WebSocketDriver.Opener(contender.peer(setup), workload, port);
    if (workload.isFirst()) {
      return first(traffic, began);
    }
    return workload.isIdle()
        ? idle(traffic, workload)
        : run(traffic, workload, seconds(args[5]), seconds(args[6]));
  }

  private static long seconds(String text) {
    return (long) (Double.parseDouble(text) * 1e9);
  }

  private static String run(Traffic traffic, Workload workload, long warmup, long measured)
      throws Exception {
    List<Driver> drivers = new ArrayList<>();
    for (int i = 0; i < workload.drivers(); i++) {
      drivers.add(traffic.open());
    }
    drivers.forEach(Driver::start);
    pause(warmup);
    Compiler compiler = new Compiler();
    int waited = compiler.awaitRest();
    OperatingSystemMXBean system = system();
    Driver.measuring = true;
    long count = count(drivers);
    long compiled = compiler.cpu();
    long cpu = system.getProcessCpuTime();
    long start = System.nanoTime();
    pause(measured);
    long took = System.nanoTime() - start;
    cpu = system.getProcessCpuTime() - cpu;
    compiled = compiler.cpu() - compiled;
    count = count(drivers) - count;
    Driver.measuring = false;
    Driver.check();
    if (count == 0) {
      throw new IllegalStateException("nothing came back while it was measured");
    }
    double units = workload.isLarge() ? count / (double) (1 << 20) : count;
    StringBuilder json = new StringBuilder("{");
    json.append(number("rate", units * 1e9 / took)).append(',');
    json.append(number("cpu", cpu / 1e3 / units));
    if (workload.isLatency()) {
      long[] sorted = drivers.stream().flatMapToLong(one -> Arrays.stream(one.samples())).toArray();
      Arrays.sort(sorted);
      json.append(',').append(number("p50", sorted[sorted.length / 2] / 1e3));
      json.append(',').append(number("p99", sorted[sorted.length * 99 / 100] / 1e3));
      json.append(',').append(number("longest", sorted[sorted.length - 1] / 1e3));
    }
    json.append(',').append(number("waited", waited));
    json.append(',').append(number("compiler", 100.0 * compiled / took));
    return json.append('}').toString();
  }

  private static String first(Traffic traffic, long began) throws Exception {
    Driver driver = traffic.open();
    driver.start();
    while (driver.count() == 0) {
      LockSupport.parkNanos(50_000);
    }
    long took = System.nanoTime() - began;
    Driver.check();
    return "{"
        + number("first", took / 1e3)
        + ','
        + number("cpu", system().getProcessCpuTime() / 1e3)
        + '}';
  }

  private static OperatingSystemMXBean system() {
    return (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  }

  private static String idle(Traffic traffic, Workload workload) throws Exception {
    int links = workload.drivers();
    traffic.openIdle(workload.before());
    pause(2_000_000_000L);
    long heap = heap();
    long rss = rss();
    traffic.openIdle(links);
    pause(2_000_000_000L);
    heap = heap() - heap;
    rss = rss() - rss;
    Driver.check();
    Reference.reachabilityFence(traffic);
    return "{"
        + number("heap", (double) heap / links)
        + ','
        + number("rss", (double) rss / links)
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
    return drivers.stream().mapToLong(Driver::count).sum();
  }
}
