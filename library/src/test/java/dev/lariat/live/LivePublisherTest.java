package dev.lariat.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.FailedException;
import dev.lariat.internal.transport.ThisMachine;
import dev.lariat.message.Reason;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.SkipException;

/** What an iterator waits for, for a subscriber. */
@Timeout(60)
class LivePublisherTest {
  private final BlockingQueue<String> items = new LinkedBlockingQueue<>();
  private final LivePublisher<String> publisher =
      new LivePublisher<>(new Waiting(items), ThisMachine.THIS);

  /** Waits for items as a mailbox does; "end" is the end. */
  private static final class Waiting implements Iterator<String> {
    private final BlockingQueue<String> items;
    private String next;

    Waiting(BlockingQueue<String> items) {
      this.items = items;
    }

    @Override
    public boolean hasNext() {
      if (next == null) {
        try {
          next = items.take();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new FailedException(new Reason.BadState("next", "interrupted"));
        }
      }
      return !next.equals("end");
    }

    @Override
    public String next() {
      String taken = next;
      next = null;
      return taken;
    }
  }

  private static final class Subscriber implements Flow.Subscriber<String> {
    final BlockingQueue<String> given = new LinkedBlockingQueue<>();
    final CompletableFuture<Flow.Subscription> made = new CompletableFuture<>();

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      made.complete(subscription);
    }

    @Override
    public void onNext(String item) {
      given.add(item);
    }

    @Override
    public void onError(Throwable thrown) {
      given.add(thrown.getMessage());
    }

    @Override
    public void onComplete() {
      given.add("complete");
    }

    String next() throws InterruptedException {
      return given.poll(20, TimeUnit.SECONDS);
    }
  }

  private Subscriber subscribe() {
    Subscriber subscriber = new Subscriber();
    publisher.subscribe(subscriber);
    return subscriber;
  }

  @Test
  void aSubscriberGetsNoMoreThanItAsksFor() throws Exception {
    items.addAll(List.of("a", "b", "c", "end"));
    Subscriber subscriber = subscribe();
    subscriber.made.get().request(2);
    assertThat(subscriber.next()).isEqualTo("a");
    assertThat(subscriber.next()).isEqualTo("b");
    assertThat(subscriber.given).isEmpty();
    subscriber.made.get().request(1);
    assertThat(subscriber.next()).isEqualTo("c");
    assertThat(subscriber.next()).isEqualTo("complete");
  }

  @Test
  void theNextSubscriberGetsWhatTheOneBeforeDidNotTake() throws Exception {
    items.addAll(List.of("a", "b", "end"));
    Subscriber first = subscribe();
    first.made.get().request(1);
    assertThat(first.next()).isEqualTo("a");
    first.made.get().cancel();
    Subscriber second = subscribe();
    second.made.get().request(5);
    assertThat(second.next()).isEqualTo("b");
    assertThat(second.next()).isEqualTo("complete");
    assertThat(first.given).isEmpty();
  }

  @Test
  void cancellingEndsAWaitAndLosesNothing() throws Exception {
    Subscriber first = subscribe();
    first.made.get().request(1);
    first.made.get().cancel();
    Subscriber second = subscribe();
    second.made.get().request(1);
    items.add("a");
    assertThat(second.next()).isEqualTo("a");
    assertThat(first.given).isEmpty();
  }

  @Test
  void thereIsOneSubscriberAtATime() throws Exception {
    subscribe();
    assertThat(subscribe().next()).isEqualTo("the publisher has a subscriber");
  }

  @Test
  void aDemandOfNothingIsRefused() throws Exception {
    Subscriber subscriber = subscribe();
    subscriber.made.get().request(0);
    assertThat(subscriber.next()).isEqualTo("request: 0, allowed 1 or more");
  }

  // ---- the rules of Reactive Streams, by their own test kit

  private static final class Rules extends FlowPublisherVerification<String> {
    Rules() {
      super(new TestEnvironment(1000, 50));
    }

    @Override
    public Flow.Publisher<String> createFlowPublisher(long elements) {
      Iterator<String> all = Collections.nCopies((int) Math.min(elements, 5000), "a").iterator();
      return new LivePublisher<>(all, ThisMachine.THIS);
    }

    @Override
    public Flow.Publisher<String> createFailedFlowPublisher() {
      Iterator<String> failing =
          new Iterator<>() {
            @Override
            public boolean hasNext() {
              throw new FailedException(new Reason.Cancelled());
            }

            @Override
            public String next() {
              throw new AssertionError();
            }
          };
      return new LivePublisher<>(failing, ThisMachine.THIS);
    }

    @Override
    public long maxElementsFromPublisher() {
      return 1000;
    }
  }

  @TestFactory
  Stream<DynamicTest> rule() {
    return Arrays.stream(Rules.class.getMethods())
        .filter(method -> method.isAnnotationPresent(org.testng.annotations.Test.class))
        .filter(method -> !method.getName().startsWith("untested_"))
        .map(method -> DynamicTest.dynamicTest(method.getName(), () -> run(method)));
  }

  private static void run(Method rule) throws Throwable {
    Rules rules = new Rules();
    rules.setUp();
    try {
      rule.invoke(rules);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof SkipException) {
        assertThat(rule.getName()).containsAnyOf("optional_", "required_spec317_mustNotSignal");
        return;
      }
      throw e.getCause();
    }
  }
}
