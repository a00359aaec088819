package dev.lariat.testkit.internal.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.transport.Loop;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a simulated machine finds of what a program should not leave. */
class LeftoversTest {
  private final SimulatedMachine machine = new SimulatedMachine(1);

  @Test
  void aBufferThatIsNotReleasedIsFound() {
    ByteBuf heap = machine.allocator().heapBuffer(100);
    ByteBuf direct = machine.allocator().directBuffer(23);
    assertThat(machine.leftovers()).containsExactly("buffers of 123 bytes were not released");

    heap.release();
    assertThat(machine.leftovers()).containsExactly("buffers of 23 bytes were not released");

    direct.release();
    assertThat(machine.leftovers()).isEmpty();
    machine.end();
  }

  @Test
  void aTimerIsFoundUntilItHasRunOrIsCancelled() {
    Loop loop = machine.nextLoop();
    loop.schedule(() -> {}, TimeUnit.SECONDS.toNanos(2));
    Loop.Timer late = loop.schedule(() -> {}, TimeUnit.SECONDS.toNanos(3));
    machine.scheduler().settle(); // they were asked for from outside the loop
    assertThat(machine.leftovers()).containsExactly("an event loop's timer at PT2S");

    machine.scheduler().advance(Duration.ofSeconds(2));
    assertThat(machine.leftovers()).containsExactly("an event loop's timer at PT3S");

    late.cancel();
    machine.scheduler().settle();
    assertThat(machine.leftovers()).isEmpty();
    machine.end();
  }

  @Test
  void aTaskIsFoundUntilItHasRun() {
    machine.nextLoop().execute(() -> {});
    assertThat(machine.leftovers()).containsExactly("a task of an event loop");

    machine.scheduler().settle();
    assertThat(machine.leftovers()).isEmpty();
    machine.end();
  }
}
