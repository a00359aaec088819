package dev.lariat.internal.entrance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.Asleep;
import dev.lariat.FailedException;
import dev.lariat.internal.transport.Machine;
import dev.lariat.internal.transport.ThisMachine;
import dev.lariat.message.Reason;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SendGateTest {
  private final SendGate gate =
      new SendGate(100, Duration.ofSeconds(20), ThisMachine.THIS, Optional::empty);

  @Test
  void takesBytesUpToTheSizeOfTheSendQueue() {
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
    SendGate hasty = new SendGate(1, Duration.ofMillis(1), ThisMachine.THIS, Optional::empty);
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

  @Test
  void sendersGoOnInTheOrderInWhichTheyCame() throws Exception {
    gate.enter(100);
    Queue<Integer> order = new ConcurrentLinkedQueue<>();
    List<Thread> senders = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      int number = i;
      senders.add(blocked(60, () -> order.add(number)));
    }
    gate.left(40);
    for (int i = 0; i < 20; i++) { // one at a time has room
      gate.left(60);
      senders.get(i).join();
    }
    assertThat(List.copyOf(order)).hasSize(20).isSorted();
  }

  @Test
  void aSmallMessageDoesNotOvertakeALargeOneThatWaits() throws Exception {
    gate.enter(60);
    AtomicInteger sent = new AtomicInteger();
    Thread large = blocked(90, sent::incrementAndGet);
    assertThat(gate.tryEnter(1)).as("there would be room").isFalse();
    Thread small = blocked(1, sent::incrementAndGet);
    gate.left(49);
    assertThat(sent).as("eleven wait, so the large one has no room").hasValue(0);
    gate.left(11);
    large.join();
    small.join();
    assertThat(sent).hasValue(2);
  }

  @Test
  void nobodyIsWokenForWhomThereIsNoRoom() throws Exception {
    AtomicInteger wakes = new AtomicInteger();
    SendGate counted =
        new SendGate(
            100,
            Duration.ofSeconds(20),
            (Machine)
                Proxy.newProxyInstance(
                    Machine.class.getClassLoader(),
                    new Class<?>[] {Machine.class},
                    (proxy, method, arguments) -> {
                      if (method.getName().equals("unpark")) {
                        wakes.incrementAndGet();
                      }
                      return method.invoke(ThisMachine.THIS, arguments);
                    }),
            Optional::empty);
    counted.enter(100);
    List<Thread> senders = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      senders.add(blocked(counted, 10, () -> {}));
    }
    for (int i = 0; i < 49; i++) {
      counted.left(1);
    }
    assertThat(wakes).as("more than half of the mark waits").hasValue(0);
    counted.left(1);
    assertThat(wakes).as("there is room for five").hasValue(5);
    counted.left(50);
    for (Thread sender : senders) {
      sender.join();
    }
    assertThat(wakes).hasValue(10);
  }

  @Test
  void whoGivesUpMakesWayForTheNext() throws Exception {
    gate.enter(50);
    AtomicInteger sent = new AtomicInteger();
    Thread large = blocked(90, sent::incrementAndGet);
    Thread small = blocked(10, sent::incrementAndGet);
    large.interrupt();
    small.join();
    large.join();
    assertThat(sent).as("the large one failed").hasValue(1);
    assertThat(gate.waiting()).isEqualTo(60);
  }

  @Test
  void holdsSendersByTheNumberOfTheirCommandsUntilTheStreamIsOpen() throws Exception {
    SendGate closed =
        new SendGate(1000, 3, Duration.ofSeconds(20), ThisMachine.THIS, Optional::empty);
    assertThat(closed.tryEnter(20, 2)).isTrue();
    assertThat(closed.tryEnter(20, 2)).as("four").isFalse();
    assertThat(closed.tryEnter(10)).isTrue();
    assertThat(closed.waiting()).as("bytes").isEqualTo(30);
    AtomicInteger sent = new AtomicInteger();
    List<Thread> senders = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      senders.add(blocked(closed, 10, sent::incrementAndGet));
    }
    closed.whenRoom(() -> sent.addAndGet(100));
    assertThat(sent).hasValue(0);
    closed.opened();
    for (Thread sender : senders) {
      sender.join();
    }
    assertThat(sent).hasValue(110);
    assertThat(closed.waiting()).isEqualTo(130);
  }

  @Test
  void aCommandThatLeavesMakesRoomForAnother() throws Exception {
    SendGate closed =
        new SendGate(1000, 2, Duration.ofSeconds(20), ThisMachine.THIS, Optional::empty);
    closed.enter(20, 2);
    AtomicInteger sent = new AtomicInteger();
    Thread sender = blocked(closed, 10, sent::incrementAndGet);
    closed.left(10);
    sender.join();
    assertThat(sent).hasValue(1);
    assertThat(closed.tryEnter(1)).isFalse();
    closed.left(20, 2);
    assertThat(closed.tryEnter(5, 7)).as("any number where nothing waits").isTrue();
  }

  /** Whatever happens, what is let in and what leaves come to the same. */
  @RepeatedTest(20)
  void noRoomIsLostOrCountedTwice(RepetitionInfo round) throws Exception {
    SendGate hasty = new SendGate(100, Duration.ofMillis(2), ThisMachine.THIS, Optional::empty);
    Queue<Integer> in = new ConcurrentLinkedQueue<>();
    List<Thread> senders = new ArrayList<>();
    AtomicInteger running = new AtomicInteger(8);
    for (int s = 0; s < 8; s++) {
      SplittableRandom random = new SplittableRandom(100L * round.getCurrentRepetition() + s);
      senders.add(
          Thread.startVirtualThread(
              () -> {
                for (int i = 0; i < 200; i++) {
                  int bytes = 1 + random.nextInt(120);
                  try {
                    hasty.enter(bytes);
                    in.add(bytes);
                  } catch (FailedException timeout) {
                    assertThat(timeout.reason()).isInstanceOf(Reason.Timeout.class);
                  }
                }
                running.decrementAndGet();
              }));
    }
    while (running.get() > 0 || !in.isEmpty()) {
      Integer bytes = in.poll();
      if (bytes == null) {
        Thread.onSpinWait();
      } else {
        hasty.left(bytes);
      }
    }
    for (Thread sender : senders) {
      sender.join();
    }
    assertThat(hasty.waiting()).isZero();
    assertThat(hasty.tryEnter(1)).as("nobody stands in line any more").isTrue();
  }

  private Thread blocked(long bytes, Runnable then) {
    return blocked(gate, bytes, then);
  }

  /** A sender that stands in line. */
  private static Thread blocked(SendGate gate, long bytes, Runnable then) {
    Thread sender =
        Thread.startVirtualThread(
            () -> {
              try {
                gate.enter(bytes);
                then.run();
              } catch (FailedException e) {
                // told by what the test asserts
              }
            });
    Asleep.await(sender);
    return sender;
  }

  private CompletableFuture<Void> sender(long bytes) {
    return CompletableFuture.runAsync(
        () -> gate.enter(bytes), task -> Thread.ofVirtual().start(task));
  }
}
