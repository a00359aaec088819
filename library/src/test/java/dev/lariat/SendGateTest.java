package dev.lariat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.message.Reason;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SendGateTest {
  private final SendGate gate = new SendGate(100, Duration.ofSeconds(20));

  @Test
  void takesBytesUpToTheHighWaterMark() {
    assertThat(gate.tryEnter(60)).isTrue();
    assertThat(gate.tryEnter(40)).isTrue();
    assertThat(gate.tryEnter(1)).isFalse();
    gate.left(1);
    assertThat(gate.tryEnter(1)).isTrue();
  }

  @Test
  void takesAMessageOfAnySizeWhenNothingWaits() {
    assertThat(gate.tryEnter(1000)).isTrue();
    assertThat(gate.tryEnter(1)).isFalse();
  }

  @Test
  void letsABlockedSenderInWhenThereIsRoom() throws Exception {
    gate.enter(100);
    CompletableFuture<Void> sender = sender(50);
    gate.left(40);
    assertThat(gate.tryEnter(50)).isFalse();
    gate.left(20);
    sender.get(20, TimeUnit.SECONDS);
  }

  @Test
  void letsEverybodyInWhenTheStreamHasEnded() throws Exception {
    gate.enter(100);
    CompletableFuture<Void> sender = sender(50);
    gate.ended();
    sender.get(20, TimeUnit.SECONDS);
    assertThat(gate.tryEnter(1000)).as("the answer comes as a message").isTrue();
  }

  @Test
  void failsASenderForWhomThereIsNoRoomInTime() {
    SendGate hasty = new SendGate(1, Duration.ofMillis(1));
    hasty.enter(1);
    assertThatThrownBy(() -> hasty.enter(1))
        .isInstanceOfSatisfying(
            FailedException.class,
            e ->
                assertThat(e.reason())
                    .isEqualTo(new Reason.Timeout(Reason.Step.SEND, Duration.ofMillis(1))));
    hasty.left(1);
    assertThat(hasty.tryEnter(1)).as("what failed is not counted").isTrue();
  }

  @Test
  void failsASenderThatIsInterruptedAndKeepsTheInterrupt() throws Exception {
    gate.enter(100);
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread sender =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    gate.enter(1);
                    interrupted.complete(false);
                  } catch (FailedException e) {
                    interrupted.complete(Thread.currentThread().isInterrupted());
                  }
                });
    sender.interrupt();
    assertThat(interrupted.get(20, TimeUnit.SECONDS)).isTrue();
  }

  private CompletableFuture<Void> sender(long bytes) {
    return CompletableFuture.runAsync(
        () -> gate.enter(bytes), task -> Thread.ofVirtual().start(task));
  }
}
