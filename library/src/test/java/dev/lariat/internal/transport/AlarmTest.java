package dev.lariat.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AlarmTest {
  private final MockTicker ticker = Ticker.newMockTicker();
  private final StillLoop still = new StillLoop(ticker);
  private final List<Long> runs = new ArrayList<>();
  private final long began = still.loop().now();
  private final Alarm alarm = new Alarm(still.loop(), () -> runs.add(now()));

  private long now() {
    return still.loop().now() - began;
  }

  private void set(long deadline) {
    alarm.set(deadline == Long.MAX_VALUE ? deadline : began + deadline, still.loop().now());
  }

  private void passes(long nanos) {
    ticker.advance(nanos, TimeUnit.NANOSECONDS);
    still.run();
  }

  @Test
  void itRunsOnceAtItsDeadline() {
    set(10);
    passes(9);
    assertThat(runs).isEmpty();
    passes(1);
    passes(100);
    assertThat(runs).containsExactly(10L);
  }

  @Test
  void anEarlierDeadlineMovesIt() {
    set(10);
    set(5);
    passes(5);
    assertThat(runs).containsExactly(5L);
    passes(10);
    assertThat(runs).hasSize(1);
  }

  @Test
  void aLaterDeadlineLeavesItWhereItIs() {
    set(10);
    set(20);
    set(Long.MAX_VALUE);
    passes(10);
    assertThat(runs).containsExactly(10L);
    set(20);
    passes(10);
    assertThat(runs).containsExactly(10L, 20L);
  }

  @Test
  void aDeadlineThatHasPassedRunsSoon() {
    passes(10);
    set(3);
    assertThat(runs).as("not within the call").isEmpty();
    still.run();
    assertThat(runs).containsExactly(10L);
  }

  @Test
  void aCancelledOneDoesNotRunUntilItIsSetAgain() {
    set(10);
    alarm.cancel();
    alarm.cancel();
    passes(20);
    assertThat(runs).isEmpty();
    set(30);
    passes(10);
    assertThat(runs).containsExactly(30L);
  }
}
