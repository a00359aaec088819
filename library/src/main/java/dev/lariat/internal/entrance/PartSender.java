package dev.lariat.internal.entrance;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** Sends something in parts, from one thread at a time. */
public interface PartSender {

  /**
   * Completes when all parts are written, and fails when they cannot be any more. Where it is made
   * to fail, the rest is given up.
   */
  CompletableFuture<Void> completion();

  /** Sends a part, room or not; {@link #whenRoom} tells when there is. */
  void offer(ByteBuffer part, boolean last);

  /** Runs the action when there is room, on any thread. */
  void whenRoom(Runnable action);

  /** Gives up for this reason, unless all is written or lost. */
  void fail(Throwable cause);
}
