package dev.lariat.internal.transport;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;

/**
 * Name lookups by the system's resolver, so that names mean what they mean to every other program
 * of the machine. That resolver blocks and cannot be interrupted, so each lookup has a thread of
 * the platform's for itself: a virtual one would hold its carrier.
 */
final class SystemLookup implements Lookup {
  private static final ThreadFactory THREADS =
      Thread.ofPlatform()
          .daemon()
          .inheritInheritableThreadLocals(false)
          .name("lariat-lookup-", 0)
          .factory();
  private static final Set<Thread> RUNNING = ConcurrentHashMap.newKeySet();

  /** The one that there is. */
  static final SystemLookup THE_SYSTEM = new SystemLookup();

  private SystemLookup() {}

  /** Waits for the lookups that nobody waits for any more. */
  static boolean awaitEnd(long nanos) throws InterruptedException {
    long start = System.nanoTime();
    for (Thread thread : RUNNING) {
      if (!thread.join(Duration.ofNanos(Math.max(1, nanos - (System.nanoTime() - start))))) {
        return false;
      }
    }
    return true;
  }

  @Override
  public CompletableFuture<List<InetAddress>> of(String host) {
    InetAddress literal = NetUtil.createInetAddressFromIpAddressString(host);
    if (literal != null) { // nothing to look up, so no thread either
      return CompletableFuture.completedFuture(List.of(literal));
    }
    CompletableFuture<List<InetAddress>> found = new CompletableFuture<>();
    Thread thread = THREADS.newThread(() -> find(host, found));
    thread.setContextClassLoader(SystemLookup.class.getClassLoader()); // as loops have it
    RUNNING.add(thread);
    thread.start();
    return found;
  }

  private static void find(String host, CompletableFuture<List<InetAddress>> found) {
    try {
      found.complete(List.of(InetAddress.getAllByName(host)));
    } catch (Throwable e) { // whatever it is, somebody waits for the answer
      found.completeExceptionally(e);
    } finally {
      RUNNING.remove(Thread.currentThread());
    }
  }
}
