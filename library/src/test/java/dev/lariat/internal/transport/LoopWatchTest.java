package dev.lariat.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.protocol.Stalls;
import io.netty.channel.nio.NioIoHandler;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A loop that does not go on, and who is told. */
@Timeout(60)
class LoopWatchTest {
  private static final Logger LOG = Logger.getLogger("dev.lariat");
  private static final Duration LIMIT = Duration.ofMillis(50);

  private final BlockingQueue<LogRecord> logged = new LinkedBlockingQueue<>();
  private final BlockingQueue<Duration> told = new LinkedBlockingQueue<>();
  private final Handler keeper =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          if (record.getMessage().startsWith("The event loop ")) {
            logged.add(record);
          }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };
  private final LoopWatch watch = new LoopWatch(Duration.ofMillis(2), LIMIT);
  private final Loops loops =
      new Loops(2, TimeUnit.DAYS.toNanos(1), NioIoHandler::newFactory, watch);

  @BeforeEach
  void listen() {
    LOG.addHandler(keeper);
  }

  @AfterEach
  void nothingRunsOn() throws Exception {
    LOG.removeHandler(keeper);
    assertThat(loops.awaitEnd(TimeUnit.SECONDS.toNanos(30))).isTrue();
  }

  private void tell(Loop loop) {
    Stalls.Listener listener =
        (took, stack) -> {
          assertThat(stack).anyMatch(frame -> frame.getMethodName().equals("aReceiverThatBlocks"));
          told.add(took);
        };
    loop.execute(() -> loop.add(listener));
  }

  /** What a user must not do. */
  private static void aReceiverThatBlocks(CountDownLatch until) {
    try {
      until.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static CountDownLatch block(Loop loop) {
    CountDownLatch until = new CountDownLatch(1);
    loop.execute(
        () -> {
          loop.now(); // as at the beginning of every turn
          aReceiverThatBlocks(until);
        });
    return until;
  }

  @Test
  void aLoopThatDoesNotGoOnIsLoggedOnceForEachStallWithWhereItIs() throws Exception {
    Loop loop = loops.next();
    tell(loop);
    for (int stall = 1; stall <= 2; stall++) {
      CountDownLatch until = block(loop);
      LogRecord record = logged.take();
      assertThat(record.getMessage())
          .startsWith("The event loop lariat-loop-")
          .endsWith(
              "A receiver or listener that it calls must not block. This is stall " + stall + ".");
      assertThat(record.getThrown().getStackTrace())
          .anyMatch(frame -> frame.getMethodName().equals("aReceiverThatBlocks"));
      assertThat(told).isEmpty();
      until.countDown();
      assertThat(told.take()).isGreaterThanOrEqualTo(LIMIT);
    }
    assertThat(logged).isEmpty();
    loop.release();
  }

  @Test
  void whatIsRemovedIsNotTold() throws Exception {
    Loop loop = loops.next();
    Stalls.Listener listener = (took, stack) -> told.add(took);
    CompletableFuture<Boolean> removed = new CompletableFuture<>();
    loop.execute(
        () -> {
          loop.add(listener);
          loop.remove(listener);
          removed.complete(true);
        });
    removed.join();
    CountDownLatch until = block(loop);
    logged.take();
    CompletableFuture<Boolean> over = new CompletableFuture<>();
    loop.execute(() -> over.complete(true));
    until.countDown();
    over.join();
    assertThat(told).isEmpty();
    loop.release();
  }

  @Test
  void anotherLoopIsNotToBlame() throws Exception {
    Loop stuck = loops.next();
    Loop other = loops.next();
    tell(other);
    CountDownLatch until = block(stuck);
    logged.take();
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    other.execute(() -> answer.complete(told.isEmpty()));
    assertThat(answer.join()).isTrue();
    until.countDown();
    stuck.release();
    other.release();
  }

  @Test
  void thereIsNoThreadWithoutALoop() throws Exception {
    assertThat(watch.awaitEnd(1)).isTrue();
    Loop loop = loops.next();
    assertThat(watch.awaitEnd(1)).isFalse();
    loop.release();
    assertThat(loops.awaitEnd(TimeUnit.SECONDS.toNanos(30))).isTrue();
    assertThat(watch.awaitEnd(1)).isTrue();
    loops.next().release();
    assertThat(watch.awaitEnd(1)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 2", "3, 2", "4, 2", "5, 2", "8, 4", "64, 32"})
  void twoProcessorsHaveTwoLoops(int processors, int count) {
    assertThat(Loops.count(processors)).isEqualTo(count);
  }
}
