package dev.lariat.live;

import dev.lariat.message.Reason;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The state of one message that you passed to a {@link LiveWebSocket}. It is {@code QUEUED} at
 * first, and ends in one of the other states. You can call all methods from any thread.
 */
public final class Delivery {

  /** The states of a message. */
  public enum State {
    /** It is queued, is on its way, or waits for its acknowledgement. */
    QUEUED,
    /**
     * The operating system has accepted its last byte. This does not mean that the server has
     * received it: if the server is killed, what it has not read is lost. If that matters, see
     * {@code Outbox.acknowledge}.
     */
    WRITTEN,
    /** The server has acknowledged it; see {@code Outbox.acknowledge}. */
    ACKNOWLEDGED,
    /** No part of it was sent, and none will be. */
    DROPPED,
    /**
     * Its session was lost while it was on its way, or it was never acknowledged. The server may or
     * may not have received it.
     */
    UNKNOWN
  }

  private final CompletableFuture<Delivery> settled = new CompletableFuture<>();
  private volatile State state = State.QUEUED;
  private volatile Optional<Reason> reason = Optional.empty();

  Delivery() {}

  /** {@return its current state} */
  public State state() {
    return state;
  }

  /** {@return why it was dropped, or why its fate is unknown; empty in the other states} */
  public Optional<Reason> reason() {
    return reason;
  }

  /**
   * {@return a future that completes with this object when it is no longer queued, and never fails}
   * It completes on the event loop or on a sender's thread, so actions that depend on it must not
   * block.
   */
  public CompletableFuture<Delivery> settled() {
    return settled.copy();
  }

  void written() {
    settle(State.WRITTEN, Optional.empty());
  }

  void acknowledged() {
    settle(State.ACKNOWLEDGED, Optional.empty());
  }

  void dropped(Reason why) {
    settle(State.DROPPED, Optional.of(why));
  }

  void unknown(Reason why) {
    settle(State.UNKNOWN, Optional.of(why));
  }

  private void settle(State end, Optional<Reason> why) {
    reason = why;
    state = end;
    settled.complete(this);
  }

  /** The state, for logs. */
  @Override
  public String toString() {
    return "Delivery[" + state + "]";
  }
}
