package dev.lariat.internal.entrance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.lariat.internal.transport.ThisMachine;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AwaitTest {
  private static final long NEVER = Long.MAX_VALUE;

  private final CompletableFuture<String> future = new CompletableFuture<>();

  @AfterEach
  void clearInterrupt() {
    Thread.interrupted();
  }

  @Test
  void whoDoesNotWaitAnyMoreLeavesNothingAtTheFuture() throws Exception {
    for (int i = 0; i < 100; i++) {
      assertThat(Await.on(future, 1, ThisMachine.THIS)).isFalse();
    }

    assertThat(future.getNumberOfDependents()).isZero();
  }

  @Test
  void whoIsInterruptedLeavesNothingAtTheFutureEither() {
    Thread.currentThread().interrupt();

    assertThatExceptionOfType(InterruptedException.class)
        .isThrownBy(() -> Await.on(future, NEVER, ThisMachine.THIS));

    assertThat(future.getNumberOfDependents()).isZero();
  }

  @Test
  void aFutureThatCompletesEndsTheWait() throws Exception {
    completeWhenWaitedFor(() -> future.complete("done"));

    assertThat(Await.on(future, TimeUnit.SECONDS.toNanos(20), ThisMachine.THIS)).isTrue();
  }

  @Test
  void aFutureThatFailsEndsTheWait() throws Exception {
    completeWhenWaitedFor(() -> future.completeExceptionally(new IllegalStateException()));

    assertThat(Await.on(future, TimeUnit.SECONDS.toNanos(20), ThisMachine.THIS)).isTrue();
  }

  private void completeWhenWaitedFor(Runnable completes) {
    Thread.ofVirtual()
        .start(
            () -> {
              while (future.getNumberOfDependents() == 0) {
                Thread.onSpinWait();
              }
              completes.run();
            });
  }
}
