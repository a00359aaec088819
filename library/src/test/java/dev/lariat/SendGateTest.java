package dev.lariat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.internal.transport.ThisMachine;
import dev.lariat.message.Reason;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SendGateTest {
  private final SendGate gate = new SendGate(100, Duration.ofSeconds(20), ThisMachine.THIS);

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
    SendGate hasty = new SendGate(1, Duration.ofMillis(1), ThisMachine.THIS);
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

  @Test
  void countsWhatIsForcedIn() {
    gate.force(150);
    assertThat(gate.tryEnter(1)).isFalse();
    gate.left(60);
    assertThat(gate.tryEnter(10)).isTrue();
    assertThat(gate.tryEnter(1)).isFalse();
  }

  @Test
  void runsAnActionOnceWhenThereIsRoomForAByte() {
    AtomicInteger runs = new AtomicInteger();
    gate.whenRoom(runs::incrementAndGet);
    assertThat(runs).as("at once where there is room").hasValue(1);
    gate.force(120);
    gate.whenRoom(runs::incrementAndGet);
    gate.left(20);
    assertThat(runs).as("a hundred still wait").hasValue(1);
    gate.left(1);
    gate.left(1);
    assertThat(runs).hasValue(2);
    gate.force(2);
    gate.whenRoom(runs::incrementAndGet);
    gate.ended();
    gate.whenRoom(runs::incrementAndGet);
    assertThat(runs).as("nobody waits at a gate that has ended").hasValue(4);
  }

  @Test
  void anActionThatWaitsForRoomDoesNotKeepItFromASender() throws Exception {
    gate.enter(100);
    AtomicInteger runs = new AtomicInteger();
    gate.whenRoom(runs::incrementAndGet);
    CompletableFuture<Void> sender = sender(50);
    gate.left(100);
    sender.get(20, TimeUnit.SECONDS);
    assertThat(runs).hasValue(1);
  }

  @Test
  void runsAnActionAtTheEndUnlessItIsForgotten() {
    AtomicInteger runs = new AtomicInteger();
    Runnable kept = runs::incrementAndGet;
    Runnable forgotten = () -> runs.addAndGet(100);
    gate.whenEnded(kept);
    gate.whenEnded(forgotten);
    gate.forget(forgotten);
    gate.ended();
    gate.ended();
    assertThat(runs).hasValue(1);
    gate.whenEnded(kept);
    assertThat(runs).as("at once where it has ended").hasValue(2);
  }

  private CompletableFuture<Void> sender(long bytes) {
    return CompletableFuture.runAsync(
        () -> gate.enter(bytes), task -> Thread.ofVirtual().start(task));
  }
}
