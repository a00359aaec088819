package dev.lariat.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.protocol.Inbox;
import dev.lariat.message.Message;
import io.netty.channel.embedded.EmbeddedChannel;
import java.security.SecureRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The time of a loop, and when the readers of mailboxes are woken. */
class LoopTest {
  private final EmbeddedChannel home = new EmbeddedChannel();
  private final Loop loop = new Loop(home.eventLoop(), new SecureRandom());

  @AfterEach
  void close() {
    home.finishAndReleaseAll();
  }

  @Test
  void the_time_of_a_real_loop_is_never_negative_and_that_of_all_its_loops() {
    Loop one = Loops.SHARED.next();
    Loop two = Loops.SHARED.next();
    long before = one.now();
    assertThat(before).isNotNegative();
    assertThat(two.now()).isGreaterThanOrEqualTo(before);
    assertThat(one.now()).isGreaterThanOrEqualTo(before);
  }

  @Test
  void readers_sleep_until_the_loop_has_read_what_there_is_and_are_then_woken_once() {
    Sleeper one = new Sleeper();
    Sleeper other = new Sleeper();
    loop.wakeSoon(one);
    loop.wakeSoon(one);
    loop.wakeSoon(other);
    assertThat(one.woken).isZero();

    home.runPendingTasks();

    assertThat(one.woken).isOne();
    assertThat(other.woken).isOne();
  }

  @Test
  void a_reader_that_sleeps_again_is_woken_again() {
    Sleeper one = new Sleeper();
    loop.wakeSoon(one);
    home.runPendingTasks();
    loop.wakeSoon(one);
    home.runPendingTasks();

    assertThat(one.woken).isEqualTo(2);
  }

  @Test
  void theTimeOfARealLoopIsNeverBelowZero() {
    assertThat(Loops.SHARED.next().now()).isNotNegative(); // zero stands for long ago
  }

  private static final class Sleeper implements Inbox {
    private int woken;

    @Override
    public void put(Message[] batch, int count) {}

    @Override
    public void wake() {
      woken++;
    }

    @Override
    public boolean full() {
      return false;
    }

    @Override
    public void whenRoom(Runnable action) {}
  }
}
