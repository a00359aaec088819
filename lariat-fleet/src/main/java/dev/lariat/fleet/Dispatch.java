package dev.lariat.fleet;

import dev.lariat.fleet.internal.core.FleetCore;
import dev.lariat.fleet.internal.core.FleetCore.Grants;
import dev.lariat.message.Frame;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Sends frames to feeds: on this node if it has the slot of the feed, or else by the placement, if
 * that carries them to other nodes.
 */
final class Dispatch {
  private final int slots;
  private final Duration answerTimeout;
  private final Map<Integer, Long> grants = new ConcurrentHashMap<>();
  private final Map<String, Run> runs = new ConcurrentHashMap<>(); // of WebSockets, by feed
  private final Lock lock = new ReentrantLock(); // of the outlets

  Dispatch(FleetOptions options) {
    this.slots = options.slots();
    this.answerTimeout = options.answerTimeout();
  }

  // ---- what is on this node

  void taken(int slot, long grant) {
    grants.put(slot, grant);
  }

  void lost(int slot) {
    grants.remove(slot);
  }

  void left(int slot, long grant) {
    grants.remove(slot, grant);
  }

  void opened(Run run) {
    if (Outlet.isOf(run)) {
      runs.put(run.feed.id(), run);
    }
  }

  void gone(Run run) {
    runs.remove(run.feed.id(), run);
  }

  private boolean isHere(int slot, Grants placed) {
    Long grant = grants.get(slot);
    return grant != null && placed.holds(slot, grant);
  }

  // ---- from this node

  CompletableFuture<SendResult> send(String feed, Frame frame, Placement.Membership membership) {
    int slot = FleetCore.slotOf(feed, slots);
    if (isHere(slot, membership::holds)) {
      Run run = runs.get(feed);
      return run == null ? notOpen() : Outlet.send(run, frame);
    }
    byte[] request = new Wire.Request(feed, frame).encoded();
    return membership
        .forward(slot, request, answerTimeout)
        .map(Dispatch::result)
        .orElseGet(() -> settled(new SendResult.Elsewhere(membership.owner(slot))));
  }

  private static CompletableFuture<SendResult> result(CompletionStage<byte[]> answer) {
    return answer
        .handle(
            (encoded, thrown) ->
                thrown == null
                    ? Wire.result(encoded)
                    : new SendResult.Unknown("the other node did not answer: " + thrown))
        .toCompletableFuture();
  }

  // ---- from another node

  CompletionStage<byte[]> received(byte[] encoded, Grants placed) {
    return Wire.Request.decoded(encoded)
        .map(request -> receive(request, placed))
        .orElseGet(() -> dropped("the other node has another version of Lariat"))
        .thenApply(Wire::encoded);
  }

  private CompletableFuture<SendResult> receive(Wire.Request request, Grants placed) {
    if (!isHere(FleetCore.slotOf(request.feed(), slots), placed)) {
      return dropped("the feed has moved to another node");
    }
    Run run = runs.get(request.feed());
    return run == null ? notOpen() : outlet(run).sendLater(request.frame());
  }

  private Outlet outlet(Run run) {
    lock.lock();
    try {
      Outlet outlet = run.outlet == null ? new Outlet(run) : run.outlet;
      run.outlet = outlet;
      return outlet;
    } finally {
      lock.unlock();
    }
  }

  private static CompletableFuture<SendResult> notOpen() {
    return dropped("the feed is not open");
  }

  private static CompletableFuture<SendResult> dropped(String why) {
    return settled(new SendResult.Dropped(why));
  }

  private static CompletableFuture<SendResult> settled(SendResult result) {
    return CompletableFuture.completedFuture(result);
  }
}
