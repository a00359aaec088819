package dev.lariat.internal.transport;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Name lookups by the system's resolver, so that names mean what they mean to every other program
 * of the machine. That resolver blocks and cannot be interrupted, so each lookup has a thread of
 * the platform's for its time: a virtual one would hold its carrier.
 */
final class SystemLookup implements Lookup {
  private static final ExecutorService THREADS =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          10,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          Thread.ofPlatform().daemon().name("lariat-lookup-", 0).factory());

  @Override
  public CompletableFuture<List<InetAddress>> of(String host) {
    InetAddress literal = NetUtil.createInetAddressFromIpAddressString(host);
    if (literal != null) { // nothing to look up, so no thread either
      return CompletableFuture.completedFuture(List.of(literal));
    }
    CompletableFuture<List<InetAddress>> found = new CompletableFuture<>();
    THREADS.execute(
        () -> {
          try {
            found.complete(List.of(InetAddress.getAllByName(host)));
          } catch (Throwable e) { // whatever it is, somebody waits for the answer
            found.completeExceptionally(e);
          }
        });
    return found;
  }
}
