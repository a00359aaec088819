package dev.lariat.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.nio.NioIoHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When the threads of loops begin and end. */
@Timeout(60)
class LoopsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static Loops loops(int count, Duration unused) {
    return new Loops(count, unused.toNanos(), NioIoHandler::newFactory, watch());
  }

  private static LoopWatch watch() {
    return new LoopWatch(Duration.ofMillis(1), Duration.ofMillis(20));
  }

  private static Thread threadOf(Loop loop) {
    CompletableFuture<Thread> thread = new CompletableFuture<>();
    loop.execute(() -> thread.complete(Thread.currentThread()));
    return thread.join();
  }

  @Test
  void theThreadOfALoopThatNobodyUsesEnds() throws Exception {
    Loop loop = loops(1, Duration.ofMillis(1)).next();
    Thread thread = threadOf(loop);
    assertThat(Loops.isLoop(thread)).isTrue();
    loop.release();
    assertThat(thread.join(PATIENCE)).isTrue();
  }

  @Test
  void theThreadOfALoopStaysWhileOneUserIsLeft() throws Exception {
    Loops loops = loops(1, Duration.ofNanos(1));
    Loop loop = loops.next();
    assertThat(loops.next()).isSameAs(loop);
    Thread thread = threadOf(loop);
    loop.release();
    assertThat(loops.awaitEnd(Duration.ofMillis(20).toNanos())).isFalse();
    assertThat(threadOf(loop)).isSameAs(thread);
    loop.release();
    assertThat(thread.join(PATIENCE)).isTrue();
  }

  @Test
  void aLoopThatIsUsedAgainHasAnotherThread() throws Exception {
    Loops loops = loops(1, Duration.ofMillis(1));
    Loop loop = loops.next();
    Thread thread = threadOf(loop);
    loop.release();
    assertThat(thread.join(PATIENCE)).isTrue();
    assertThat(loops.next()).isSameAs(loop);
    assertThat(threadOf(loop)).isNotSameAs(thread);
    assertThat(loop.netty().isShuttingDown()).isFalse();
    loop.release();
  }

  @Test
  void whoComesTooLateIsAnsweredAllTheSameAndKeepsNothing() throws Exception {
    Loop loop = loops(1, Duration.ofMillis(1)).next();
    Thread thread = threadOf(loop);
    loop.release();
    assertThat(thread.join(PATIENCE)).isTrue();
    Thread late = threadOf(loop);
    assertThat(late).isNotSameAs(thread);
    assertThat(late.join(PATIENCE)).isTrue();
  }

  @Test
  void whoAwaitsTheEndDoesNotWaitForTheTimeThatAThreadStays() throws Exception {
    Loops loops = loops(2, Duration.ofDays(1));
    Loop one = loops.next();
    Loop other = loops.next();
    List<Thread> threads = List.of(threadOf(one), threadOf(other));
    Thread.ofVirtual()
        .start(
            () -> {
              one.release();
              other.release();
            });
    assertThat(loops.awaitEnd(PATIENCE.toNanos())).isTrue();
    assertThat(threads).noneMatch(Thread::isAlive);
    assertThat(loops.awaitEnd(1)).isTrue();
  }

  @Test
  void aThreadKeepsNoApplicationThatHappenedToComeFirst() {
    Thread caller = Thread.currentThread();
    ClassLoader before = caller.getContextClassLoader();
    caller.setContextClassLoader(new ClassLoader() {});
    try {
      Loop loop = loops(1, Duration.ofMillis(1)).next();
      assertThat(threadOf(loop).getContextClassLoader()).isSameAs(Loops.class.getClassLoader());
      loop.release();
    } finally {
      caller.setContextClassLoader(before);
    }
  }

  /** What belongs to a loop: no two threads may be here at a time, nor one miss another's work. */
  private static final class Confined {
    private boolean entered;
    private long count;

    void enter() {
      assertThat(entered).isFalse();
      entered = true;
      count++;
      entered = false;
    }
  }

  @Test
  void nothingIsLostAndNothingRunsTwiceWhileLoopsEndAndBegin() throws Exception {
    Loops loops = loops(2, Duration.ofNanos(1));
    Map<Loop, Confined> confined = new IdentityHashMap<>();
    for (int i = 0; i < 2; i++) {
      Loop loop = loops.next();
      confined.put(loop, new Confined());
      loop.release();
    }
    int users = 4;
    int rounds = 300;
    int tasks = 5;
    AtomicLong wrong = new AtomicLong();
    List<Thread> threads = new ArrayList<>();
    for (int user = 0; user < users; user++) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int round = 0; round < rounds; round++) {
                      Loop loop = loops.next();
                      Confined its = confined.get(loop);
                      CountDownLatch done = new CountDownLatch(tasks);
                      List<Integer> order = new ArrayList<>();
                      for (int task = 0; task < tasks; task++) {
                        int number = task;
                        loop.execute(
                            () -> {
                              try {
                                its.enter();
                              } catch (Throwable e) {
                                wrong.incrementAndGet();
                              }
                              order.add(number);
                              if (number == tasks - 1) {
                                loop.release();
                              }
                              done.countDown();
                            });
                      }
                      try {
                        if (!done.await(30, TimeUnit.SECONDS)
                            || !order.equals(List.of(0, 1, 2, 3, 4))) {
                          wrong.incrementAndGet();
                        }
                      } catch (InterruptedException e) {
                        wrong.incrementAndGet();
                      }
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(loops.awaitEnd(PATIENCE.toNanos())).isTrue();
    assertThat(wrong).hasValue(0);
    assertThat(confined.values().stream().mapToLong(its -> its.count).sum())
        .isEqualTo((long) users * rounds * tasks);
  }
}
