package dev.lariat.fleet.yaml;

import dev.lariat.fleet.Feed;
import dev.lariat.fleet.Fleet;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Gives a fleet the feeds of a file, and follows the file: what is added, changed or removed there
 * takes effect while the fleet runs. A version that cannot be read, or says something that is not
 * allowed, changes nothing.
 *
 * <p>It looks at the file once a second, and reads it when it is different and has not changed
 * since the last look. So it follows files that are replaced, also by a symbolic link as Kubernetes
 * does it, and does not read one that is half written.
 */
public final class FeedWatch implements AutoCloseable {
  private static final Logger LOG = System.getLogger("dev.lariat.fleet.yaml");

  private final Path file;
  private final Function<String, @Nullable String> environment;
  private final Fleet fleet;
  private final Duration interval;
  private final Consumer<FeedFileEvent> told;
  private final Thread thread = Thread.ofVirtual().name("lariat-fleet-file").unstarted(this::run);

  private final Lock lock = new ReentrantLock();
  private final Condition asked = lock.newCondition();
  private boolean again; // whether somebody has asked for it; under the lock

  // Of the thread, and of the caller before it starts.
  private Map<String, Feed> applied = Map.of();
  private Stamp read = Stamp.NONE; // of the version that was read last
  private Stamp seen = Stamp.NONE; // at the last look
  private Optional<Budget> budget = Optional.empty(); // of the first version

  /** By which a version of the file is known. */
  private record Stamp(@Nullable FileTime modified, long size, @Nullable Object key) {
    static final Stamp NONE = new Stamp(null, -1, null); // there is no file

    static Stamp of(Path file) {
      try {
        BasicFileAttributes its = Files.readAttributes(file, BasicFileAttributes.class);
        return new Stamp(its.lastModifiedTime(), its.size(), its.fileKey());
      } catch (IOException e) {
        return NONE;
      }
    }
  }

  private record Budget(double perSecond, int burst) {}

  private FeedWatch(
      Path file,
      Function<String, @Nullable String> environment,
      Fleet fleet,
      Duration interval,
      Consumer<FeedFileEvent> told) {
    this.file = file;
    this.environment = environment;
    this.fleet = fleet;
    this.interval = interval;
    this.told = told;
  }

  /**
   * Reads a file of feeds, gives them to a fleet, and follows the file from then on. Close it
   * before the fleet.
   *
   * @param file the file, as in {@link FeedFile#read(Path)}
   * @param fleet the fleet. All its feeds are those of the file
   * @param told receives what happens: first from this thread, then from another one. It must not
   *     block
   * @return the watch
   * @throws IOException if the file cannot be read
   * @throws IllegalArgumentException if it says something that is not allowed
   */
  public static FeedWatch start(Path file, Fleet fleet, Consumer<FeedFileEvent> told)
      throws IOException {
    return start(file, System::getenv, fleet, Duration.ofSeconds(1), told);
  }

  static FeedWatch start(
      Path file,
      Function<String, @Nullable String> environment,
      Fleet fleet,
      Duration interval,
      Consumer<FeedFileEvent> told)
      throws IOException {
    FeedWatch watch = new FeedWatch(file, environment, fleet, interval, told);
    watch.read = Stamp.of(file);
    FeedFile first = FeedFile.read(file, environment);
    watch.budget = budget(first);
    watch.apply(first, true);
    watch.thread.start();
    return watch;
  }

  /**
   * Reads the file soon, although it has not changed. A feed that has ended for good is tried
   * again.
   */
  public void reread() {
    lock.lock();
    try {
      again = true;
      asked.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Does not follow the file any more. The fleet keeps its feeds. */
  @Override
  public void close() {
    thread.interrupt();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true; // it does not take long
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- the thread

  private void run() {
    try {
      while (true) {
        look(await());
      }
    } catch (InterruptedException e) {
      // closed
    } catch (IllegalStateException e) {
      LOG.log(Level.DEBUG, "The fleet is closed.", e);
    }
  }

  /** Waits for the next look; whether somebody has asked for it. */
  private boolean await() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = interval.toNanos();
      while (!again && left > 0) {
        left = asked.awaitNanos(left);
      }
      boolean its = again;
      again = false;
      return its;
    } finally {
      lock.unlock();
    }
  }

  private void look(boolean wanted) {
    Stamp now = Stamp.of(file);
    boolean settled = now.equals(seen);
    seen = now;
    if (wanted || (settled && !now.equals(read))) {
      read = now;
      read(wanted);
    }
  }

  private void read(boolean wanted) {
    FeedFile its;
    try {
      its = FeedFile.read(file, environment);
    } catch (IOException | IllegalArgumentException e) {
      told.accept(new FeedFileEvent.Refused(e));
      return;
    }
    apply(its, wanted);
    if (!budget(its).equals(budget)) {
      told.accept(new FeedFileEvent.BudgetKept());
    }
  }

  private static Optional<Budget> budget(FeedFile file) {
    return file.budget().map(its -> new Budget(its.perSecond(), its.burst()));
  }

  /**
   * Gives the feeds to the fleet.
   *
   * @param all whether also those that are as before, which may have ended for good
   */
  private void apply(FeedFile its, boolean all) {
    Map<String, Feed> next = new HashMap<>();
    its.feeds().forEach(feed -> next.put(feed.id(), feed));
    Set<String> removed = new HashSet<>(applied.keySet());
    removed.removeAll(next.keySet());
    int added = 0;
    int changed = 0;
    for (Feed feed : its.feeds()) {
      Feed before = applied.get(feed.id());
      if (before == null) {
        added++;
      } else if (!before.equals(feed)) {
        changed++;
      }
      if (!all && !feed.equals(before)) {
        fleet.put(feed);
      }
    }
    if (all) {
      fleet.feeds(its.feeds());
    } else {
      removed.forEach(fleet::remove);
    }
    applied = next;
    told.accept(new FeedFileEvent.Applied(added, changed, removed.size()));
  }
}
