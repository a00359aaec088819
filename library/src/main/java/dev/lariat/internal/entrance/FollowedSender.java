package dev.lariat.internal.entrance;

import dev.lariat.FailedException;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Fate;
import dev.lariat.message.Reason;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Sends something in parts, from one thread at a time, and follows them until all are written or
 * lost. What is left is given up if the completion is made to fail.
 */
abstract class FollowedSender implements PartSender, Fate {
  private final Door door;
  private final SendGate gate;
  private final CompletableFuture<Void> written = new CompletableFuture<>();
  private volatile @Nullable Reason lost;

  FollowedSender(Door door, SendGate gate) {
    this.door = door;
    this.gate = gate;
  }

  final Door door() {
    return door;
  }

  final SendGate gate() {
    return gate;
  }

  final boolean isLost() {
    return lost != null;
  }

  @Override
  public final CompletableFuture<Void> completion() {
    return written;
  }

  /** Posts a part that the gate has counted; what becomes of it is told to this. */
  final void follow(Command command, long bytes) {
    Reason reason = lost;
    if (reason == null && !door.post(command)) {
      reason = door.terminated("send").reason();
      lost(reason);
    }
    if (reason != null) {
      gate.left(bytes);
      throw new FailedException(reason);
    }
  }

  @Override
  public final void join() {
    Await.on(written, "send", gate.machine());
    if (written.isCompletedExceptionally()) {
      throw new FailedException(Objects.requireNonNull(lost));
    }
  }

  @Override
  public final void whenRoom(Runnable action) {
    gate.whenRoom(action);
  }

  @Override
  public final void fail(Throwable cause) {
    written.completeExceptionally(cause);
  }

  @Override
  public final void giveUp() {
    written.cancel(false);
  }

  @Override
  public void written() {
    written.complete(null);
  }

  @Override
  public void lost(Reason reason) {
    if (lost == null) {
      lost = reason;
      written.completeExceptionally(new FailedException(reason));
      ceased();
    }
  }

  /** Nothing more of it is sent. */
  void ceased() {}
}
