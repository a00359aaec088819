package dev.lariat.fleet.stage;

import com.sun.management.OperatingSystemMXBean;
import dev.lariat.fleet.Feed;
import dev.lariat.fleet.FeedInfo;
import dev.lariat.fleet.Fleet;
import dev.lariat.fleet.FleetOptions;
import dev.lariat.fleet.Placement;
import dev.lariat.fleet.PositionFinder;
import dev.lariat.fleet.PositionStore;
import dev.lariat.fleet.Resume;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Weighs idle feeds, and prints what it found: the bytes of heap for each feed that is open, the
 * bytes for each that another node has, the bytes of memory that the kernel gave for each open one,
 * and, in microseconds, the time of the processor to open one, and for one in a minute. Its
 * arguments are the port of their server, how many they are, and for how many seconds it waits, and
 * then looks at their use of the processor.
 */
public final class FleetWeight {
  private static final int COLLECTIONS = 3;

  private FleetWeight() {}

  /** A node that never gets a slot. */
  private record Nothing() implements Placement, Placement.Membership {
    @Override
    public Membership join(int slots, Node node) {
      return this;
    }

    @Override
    public boolean shared() {
      return false;
    }

    @Override
    public boolean holds(int slot, long grant) {
      return false;
    }

    @Override
    public void left(int slot, long grant) {}

    @Override
    public String node() {
      return "nothing";
    }

    @Override
    public Optional<String> owner(int slot) {
      return Optional.empty();
    }

    @Override
    public void close() {}
  }

  public static void main(String[] arguments) throws Exception {
    int port = Integer.parseInt(arguments[0]);
    int count = Integer.parseInt(arguments[1]);
    int seconds = Integer.parseInt(arguments[2]);
    try (Fleet open = fleet(Placement.alone());
        Fleet elsewhere = fleet(new Nothing())) {
      open(open, 1, port); // so that all classes are there
      elsewhere.feeds(feeds(1, port));
      long before = heap();
      elsewhere.feeds(feeds(count, port));
      long empty = heap();
      double configured = empty - before;
      long memory = memory();
      long processor = processor();
      open(open, count, port);
      double opening = processor() - processor;
      Thread.sleep(1000L * seconds); // by then it has forgotten how it has opened them
      processor = processor();
      Thread.sleep(1000L * seconds);
      double idling = (processor() - processor) * 60.0 / seconds;
      double resident = memory() - memory;
      double full = heap() - empty;
      int more = count - 1;
      System.out.printf(
          "%.0f %.0f %.0f %.0f %.0f%n",
          full / more,
          configured / more,
          resident / more,
          opening / more / 1000,
          idling / count / 1000);
      Runtime.getRuntime().halt(0);
    }
  }

  private static Fleet fleet(Placement placement) throws IOException {
    return Fleet.open(
        PositionStore.inMemory(), batch -> {}, FleetOptions.DEFAULT.placement(placement));
  }

  private static List<Feed> feeds(int count, int port) {
    PositionFinder finder = PositionFinder.json("/seq");
    Resume resume = Resume.query("from");
    return IntStream.range(0, count)
        .mapToObj(
            number ->
                Feed.webSocket(
                        FleetNode.id(number),
                        "ws://127.0.0.1:" + port + "/" + FleetNode.id(number) + "?node=it")
                    .position(finder)
                    .resume(resume))
        .toList();
  }

  private static void open(Fleet fleet, int count, int port) throws InterruptedException {
    fleet.feeds(feeds(count, port));
    while (fleet.info().feeds().stream().filter(info -> info.state() == FeedInfo.State.OPEN).count()
        < count) {
      Thread.sleep(500);
    }
  }

  private static long heap() throws InterruptedException {
    long used = Long.MAX_VALUE;
    for (int same = 0; same < COLLECTIONS; ) { // what one frees may free more
      System.gc();
      Thread.sleep(200);
      long now = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      same = now < used - used / 500 ? 0 : same + 1;
      used = Math.min(used, now);
    }
    return used;
  }

  private static long memory() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("no VmRSS");
  }

  private static long processor() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }
}
