package dev.lariat.fleet;

import dev.lariat.FailedException;
import dev.lariat.live.Delivery;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Frame;
import dev.lariat.message.Reason;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Where the frames for one run of a feed leave: one of its live connections. Frames of other nodes
 * wait for each other here.
 */
final class Outlet {
  private static final int MOST_WAITING = 1000; // or another node could fill the memory
  private static final Executor THREADS =
      task -> Thread.ofVirtual().name("lariat-fleet-send").start(task);

  private static final CompletableFuture<?> NONE = CompletableFuture.completedFuture(null);

  private final Run run;

  private final Lock lock = new ReentrantLock();
  private int waiting; // under the lock
  private CompletableFuture<?> last = NONE; // under the lock

  Outlet(Run run) {
    this.run = run;
  }

  /** Whether frames can be sent: server-sent events have no way for them. */
  static boolean isOf(Run run) {
    return sockets(run).findAny().isPresent();
  }

  private static Stream<LiveWebSocket> sockets(Run run) {
    return run.lines.stream()
        .map(line -> line.live)
        .filter(LiveWebSocket.class::isInstance)
        .map(LiveWebSocket.class::cast);
  }

  /** The first that has a session, since an order that is sent twice is carried out twice. */
  private static LiveWebSocket socket(Run run) {
    return sockets(run)
        .filter(socket -> socket.session() > 0)
        .findFirst()
        .or(() -> sockets(run).findFirst())
        .orElseThrow();
  }

  /**
   * Sends a frame in the caller's thread, which blocks as that of {@code LiveWebSocket.send} does.
   */
  static CompletableFuture<SendResult> send(Run run, Frame frame) {
    try {
      return socket(run).deliver(frame).settled().thenApply(Outlet::result);
    } catch (FailedException e) {
      return CompletableFuture.completedFuture(new SendResult.Dropped(e.reason().sentence()));
    }
  }

  /**
   * Sends a frame that comes from another node, and returns at once: if it has to wait, those after
   * it wait for it.
   */
  CompletableFuture<SendResult> sendLater(Frame frame) {
    lock.lock();
    try {
      if (waiting == MOST_WAITING) {
        return CompletableFuture.completedFuture(
            new SendResult.Dropped(MOST_WAITING + " frames of other nodes wait already"));
      }
      waiting++;
      var begun = last.handleAsync((before, thrown) -> begin(frame), THREADS);
      last = begun;
      return begun.thenCompose(Function.identity());
    } finally {
      lock.unlock();
    }
  }

  private CompletableFuture<SendResult> begin(Frame frame) {
    try {
      return send(run, frame);
    } catch (RuntimeException e) { // as for a frame that cannot be sent
      return CompletableFuture.completedFuture(new SendResult.Dropped(String.valueOf(e)));
    } finally {
      lock.lock();
      try {
        waiting--;
      } finally {
        lock.unlock();
      }
    }
  }

  private static SendResult result(Delivery delivery) {
    String why = delivery.reason().map(Reason::sentence).orElse("");
    return switch (delivery.state()) {
      case WRITTEN -> new SendResult.Written();
      case ACKNOWLEDGED -> new SendResult.Acknowledged();
      case DROPPED -> new SendResult.Dropped(why);
      case UNKNOWN -> new SendResult.Unknown(why);
      case QUEUED -> throw new IllegalStateException("it is settled");
    };
  }
}
