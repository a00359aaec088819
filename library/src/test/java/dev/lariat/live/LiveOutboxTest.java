package dev.lariat.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.internal.entrance.SendGate;
import dev.lariat.internal.transport.ThisMachine;
import dev.lariat.live.LiveOutbox.Posted;
import dev.lariat.message.Frame;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import dev.lariat.option.Outbox;
import dev.lariat.option.Outbox.Overflow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What waits to be sent, without a network; the tests of {@code LiveWebSocket} show the rest. */
@Timeout(30)
class LiveOutboxTest {
  private final AtomicInteger wakes = new AtomicInteger();
  private final ConcurrentLinkedQueue<String> dropped = new ConcurrentLinkedQueue<>();

  private LiveOutbox outbox(Outbox options) {
    return new LiveOutbox(options, ThisMachine.THIS, new Taker());
  }

  private final class Taker implements LiveOutbox.Taker {
    @Override
    public void wake() {
      wakes.incrementAndGet();
    }

    @Override
    public void dropped(Posted posted, Reason reason) {
      dropped.add(text(posted.frame));
    }

    @Override
    public Optional<Reason> whyNotSent() {
      return Optional.of(new Reason.Closed());
    }
  }

  private static SendGate gate(long sendQueue) {
    return new SendGate(sendQueue, Duration.ofSeconds(1), ThisMachine.THIS, Optional::empty);
  }

  private static String text(Frame frame) {
    return ((Text) frame).text();
  }

  private static List<String> takeAll(LiveOutbox outbox) {
    List<String> all = new ArrayList<>();
    for (Posted next = outbox.take(); next != null; next = outbox.take()) {
      all.add(text(next.frame));
    }
    return all;
  }

  @Test
  void theLoopIsWokenOnceForAllThatComesUntilItLooks() {
    LiveOutbox outbox = outbox(Outbox.DEFAULT);
    outbox.send(new Text("away"), null);
    assertThat(wakes).hasValue(0);
    outbox.attach(gate(1000));
    assertThat(takeAll(outbox)).containsExactly("away");
    outbox.send(new Text("a"), null);
    outbox.send(new Text("b"), null);
    assertThat(wakes).hasValue(1);
    assertThat(takeAll(outbox)).containsExactly("a", "b");
    outbox.send(new Text("c"), null);
    assertThat(wakes).hasValue(2);
  }

  @Test
  void nothingOvertakesWhatWaits() {
    LiveOutbox outbox = outbox(Outbox.DEFAULT);
    SendGate gate = gate(20);
    outbox.attach(gate);
    outbox.send(new Text("0123456789"), null); // 16 bytes as a frame
    outbox.send(new Text("9876543210"), null); // waits
    outbox.send(new Text("x"), null); // would have room, but stands behind it
    assertThat(takeAll(outbox)).containsExactly("0123456789");
    gate.left(16);
    assertThat(takeAll(outbox)).containsExactly("9876543210");
    gate.left(16);
    assertThat(takeAll(outbox)).containsExactly("x");
  }

  @Test
  void whatComesBackStandsBeforeWhatWaits() {
    LiveOutbox outbox = outbox(Outbox.DEFAULT.messages(2).overflow(Overflow.FAIL));
    outbox.attach(gate(1000));
    for (String text : List.of("a", "b", "c", "d")) {
      outbox.send(new Text(text), null);
    }
    List<Posted> taken = new ArrayList<>();
    taken.add(outbox.take());
    taken.add(outbox.take());
    outbox.detach(); // c and d were let in
    outbox.putBack(taken);
    assertThat(outbox.isEmpty()).isFalse();
    outbox.attach(gate(1000));
    assertThat(takeAll(outbox)).containsExactly("a", "b", "c", "d");
    assertThat(dropped).isEmpty();
  }

  @Test
  void whatComesBackYieldsToANewerOneOfItsKey() {
    LiveOutbox outbox = outbox(Outbox.DEFAULT.conflate(frame -> text(frame).substring(0, 1)));
    outbox.attach(gate(1000));
    outbox.send(new Text("a1"), null);
    outbox.send(new Text("b1"), null);
    List<Posted> taken = new ArrayList<>(List.of(outbox.take(), outbox.take()));
    outbox.detach();
    outbox.send(new Text("a2"), null);
    outbox.putBack(taken);
    assertThat(dropped).containsExactly("a1");
    outbox.attach(gate(1000));
    assertThat(takeAll(outbox)).containsExactly("b1", "a2");
  }

  @Test
  void aMessageWithoutAKeyIsNotConflated() {
    LiveOutbox outbox = outbox(Outbox.DEFAULT.conflate(LiveOutboxTest::keyOf));
    for (String text : List.of("-1", "a1", "-2", "a2")) {
      outbox.send(new Text(text), null);
    }
    outbox.attach(gate(1000));
    assertThat(takeAll(outbox)).containsExactly("-1", "a2", "-2");
  }

  private static @Nullable Object keyOf(Frame frame) {
    return text(frame).startsWith("-") ? null : text(frame).substring(0, 1);
  }

  @Test
  void whatComesBackAfterTheEndIsDropped() {
    LiveOutbox outbox = outbox(Outbox.DEFAULT);
    outbox.attach(gate(1000));
    outbox.send(new Text("a"), null);
    Posted taken = outbox.take();
    outbox.end(new Reason.OwnerClosed());
    outbox.putBack(List.of(taken));
    assertThat(dropped).containsExactly("a");
  }

  @Test
  void aSenderWhoseTimeIsOverLearnsWhyThereIsNoSession() {
    LiveOutbox outbox = outbox(Outbox.DEFAULT.messages(1).sendTimeout(Duration.ofMillis(1)));
    outbox.send(new Text("waits"), null);
    assertThatThrownBy(() -> outbox.send(new Text("has no room"), null))
        .hasMessage(
            "The wait for room to send took longer than 1 ms (sendTimeout): The server closed the"
                + " connection.");
  }

  /** Whatever happens, each message is taken or dropped, once, and in its sender's order. */
  @ParameterizedTest
  @EnumSource(
      value = Overflow.class,
      names = {"BLOCK", "DROP_OLDEST", "DROP_NEWEST"})
  void everyMessageHasOneEndAndItsPlace(Overflow overflow) throws Exception {
    play(overflow, 42);
  }

  @RepeatedTest(20)
  void everyMessageHasOneEndAndItsPlaceAtRandom(RepetitionInfo round) throws Exception {
    play(Overflow.BLOCK, round.getCurrentRepetition());
  }

  private void play(Overflow overflow, long seed) throws Exception {
    int senders = 4;
    int each = 500;
    LiveOutbox outbox = outbox(Outbox.DEFAULT.messages(8).overflow(overflow));
    List<Thread> threads = new ArrayList<>();
    for (int s = 0; s < senders; s++) {
      String name = s + ":";
      threads.add(
          Thread.startVirtualThread(
              () -> {
                for (int i = 0; i < each; i++) {
                  outbox.send(new Text(name + i), null);
                }
              }));
    }
    SplittableRandom random = new SplittableRandom(seed);
    List<String> taken = new ArrayList<>();
    SendGate gate = gate(64);
    outbox.attach(gate);
    while (taken.size() + dropped.size() < senders * each) {
      Posted next = outbox.take();
      if (next == null) {
        Thread.yield();
      } else if (random.nextInt(50) == 0) { // the session is lost with this on its way
        outbox.detach();
        outbox.putBack(List.of(next));
        gate = gate(64);
        outbox.attach(gate);
      } else {
        taken.add(text(next.frame));
        gate.left(next.bytes());
      }
    }
    for (Thread thread : threads) {
      thread.join();
    }
    List<String> all = new ArrayList<>(taken);
    all.addAll(dropped);
    assertThat(all).hasSize(senders * each).doesNotHaveDuplicates();
    for (int s = 0; s < senders; s++) {
      String name = s + ":";
      assertThat(taken.stream().filter(text -> text.startsWith(name)).toList())
          .isSortedAccordingTo((a, b) -> number(a) - number(b));
    }
    assertThat(outbox.isEmpty()).isTrue();
  }

  private static int number(String text) {
    return Integer.parseInt(text.substring(2));
  }
}
