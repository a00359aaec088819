package dev.lariat.live;

import dev.lariat.message.Reason;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What becomes of one message that you passed to a {@link LiveWebSocket}. It is {@code QUEUED} at
 * first, and ends in one of the other states. You can call all methods from any thread.
 */
public final class Delivery {

  /** Where a message is. */
  public enum State {
    /** It waits, is on its way, or waits for its acknowledgement. */
    QUEUED,
    /**
     * The operating system has taken the last byte of it, which does not say that the server has
     * it: a server that is killed takes with it what it has not read. If that matters, see {@code
     * Outbox.acknowledge}.
     */
    WRITTEN,
    /** The server has acknowledged it, as {@code Outbox.acknowledge} asks for. */
    ACKNOWLEDGED,
    /** Nothing of it was sent, nor will be. */
    DROPPED,
    /**
     * Its session was lost while it was on its way, or it was never acknowledged: the server may
     * have it or not.
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

  /** {@return why it was dropped, or is unknown; empty in the other states} */
  public Optional<Reason> reason() {
    return reason;
  }

  /**
   * {@return completes with this when it is not queued any more, and never fails} It is completed
   * on the event loop or on a sender's thread: what hangs on it must not block.
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
