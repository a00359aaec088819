package dev.lariat.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.event.PoolInfo;
import dev.lariat.internal.codec.HttpUri;
import dev.lariat.option.PoolOptions;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Phaser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads that meet at the lock of a pool. */
@Timeout(30)
class PoolTest {
  private static final HttpUri URI = Arguments.parsed("http://127.0.0.1:1");

  @Test
  void aThreadThatTellsThePoolSomethingDoesNotWaitForTheOneThatIsWithin() throws Exception {
    CountDownLatch within = new CountDownLatch(1);
    CountDownLatch told = new CountDownLatch(1);
    Pool pool =
        new Pool(
            PoolOptions.DEFAULT.budget(
                now -> {
                  within.countDown();
                  awaits(told);
                  return 0;
                }));
    Thread slow = Thread.startVirtualThread(() -> pool.warm(URI, 1));
    within.await();
    Thread quick = Thread.startVirtualThread(() -> pool.repeated(URI));
    boolean waited = !quick.join(Duration.ofSeconds(10));
    told.countDown();
    assertThat(waited).isFalse();
    slow.join();
    assertThat(pool.info().repeated()).isEqualTo(1);
    pool.end();
    pool.over().get();
  }

  @Test
  void noStepOfManyThreadsIsForgotten() throws Exception {
    int threads = 8;
    int times = 2000;
    Pool pool = new Pool(PoolOptions.DEFAULT);
    pool.warm(URI, 1); // else nothing is known of the origin
    Phaser together = new Phaser(threads);
    Thread[] all = new Thread[threads];
    for (int i = 0; i < threads; i++) {
      all[i] =
          Thread.ofPlatform()
              .start(
                  () -> {
                    together.arriveAndAwaitAdvance();
                    for (int n = 0; n < times; n++) {
                      pool.repeated(URI);
                    }
                  });
    }
    for (Thread thread : all) {
      thread.join();
    }
    PoolInfo info = pool.info();
    assertThat(info.repeated()).isEqualTo((long) threads * times);
    pool.end();
    pool.over().get();
  }

  private static void awaits(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
