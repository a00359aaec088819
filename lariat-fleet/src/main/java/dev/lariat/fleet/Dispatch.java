package dev.lariat.fleet;

import dev.lariat.fleet.internal.core.FleetCore;
import dev.lariat.fleet.internal.core.FleetCore.Grants;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Frame;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sends frames to feeds: on this node if it has the slot of the feed, or else by the placement, if
 * that carries them to other nodes.
 */
final class Dispatch {
  private final int slots;
  private final Duration answerTimeout;
  private final Map<Integer, Long> grants = new ConcurrentHashMap<>();
  private final Map<String, Outlet> outlets = new ConcurrentHashMap<>(); // by feed

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
    List<LiveWebSocket> sockets = new ArrayList<>();
    for (Line line : run.lines) {
      if (line.live instanceof LiveWebSocket socket) {
        sockets.add(socket);
      }
    }
    if (!sockets.isEmpty()) {
      outlets.put(run.feed.id(), new Outlet(run.number, sockets));
    }
  }

  void gone(Run run) {
    outlets.computeIfPresent(
        run.feed.id(), (id, outlet) -> outlet.run == run.number ? null : outlet);
  }

  private boolean isHere(int slot, Grants placed) {
    Long grant = grants.get(slot);
    return grant != null && placed.holds(slot, grant);
  }

  // ---- from this node

  CompletableFuture<SendResult> send(String feed, Frame frame, Placement.Membership membership) {
    int slot = FleetCore.slotOf(feed, slots);
    if (isHere(slot, membership::holds)) {
      Outlet outlet = outlets.get(feed);
      return outlet == null ? notOpen() : outlet.send(frame);
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
    Outlet outlet = outlets.get(request.feed());
    return outlet == null ? notOpen() : outlet.sendLater(request.frame());
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
