package dev.lariat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.option.Request;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.SkipException;

/** A response's body for a subscriber. */
@Timeout(60)
class ResponsePublisherTest {
  private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  private final Queue<Origin> origins = new ConcurrentLinkedQueue<>();

  @AfterEach
  void close() {
    origins.forEach(Origin::close);
  }

  private Origin origin() throws InterruptedException {
    Origin origin = new Origin();
    origins.add(origin);
    origin.connection.awaitUp(Origin.PATIENCE);
    return origin;
  }

  private static ResponsePublisher asked(Origin origin) throws Exception {
    ResponsePublisher publisher = origin.connection.publish(Request.of("GET", "/"));
    origin.settle();
    return publisher;
  }

  /** Keeps what it is given; asks for nothing by itself. */
  private static final class Subscriber implements Flow.Subscriber<Bytes> {
    final List<String> given = new ArrayList<>();
    Flow.Subscription subscription;

    @Override
    public void onSubscribe(Flow.Subscription made) {
      subscription = made;
    }

    @Override
    public void onNext(Bytes item) {
      given.add(item.utf8());
    }

    @Override
    public void onError(Throwable thrown) {
      given.add(
          thrown instanceof FailedException failed
              ? failed.reason().sentence()
              : thrown.getMessage());
    }

    @Override
    public void onComplete() {
      given.add("complete");
    }
  }

  @Test
  void theDemandIsTheCredit() throws Exception {
    Origin origin = origin();
    ResponsePublisher publisher = asked(origin);
    Subscriber subscriber = new Subscriber();
    publisher.subscribe(subscriber);
    origin.answer(CHUNKED + "1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\nD: e\r\n\r\n");
    assertThat(publisher.response().get().status()).isEqualTo(200);
    assertThat(subscriber.given).isEmpty();
    subscriber.subscription.request(2);
    origin.settle();
    assertThat(subscriber.given).containsExactly("a", "b");
    assertThat(publisher.trailers()).isNotDone();
    subscriber.subscription.request(1);
    assertThat(publisher.trailers().get()).isEqualTo(Headers.of("d", "e"));
    assertThat(subscriber.given).containsExactly("a", "b", "c", "complete");
  }

  @Test
  void theEndWaitsForItsSubscriber() throws Exception {
    Origin origin = origin();
    ResponsePublisher publisher = asked(origin);
    origin.answer("HTTP/1.1 204 No Content\r\n\r\n");
    assertThat(publisher.trailers().get()).isEqualTo(Headers.EMPTY);
    Subscriber subscriber = new Subscriber();
    publisher.subscribe(subscriber);
    assertThat(subscriber.given).containsExactly("complete");
  }

  @Test
  void cancellingCancelsTheRequest() throws Exception {
    Origin origin = origin();
    ResponsePublisher publisher = asked(origin);
    Subscriber subscriber = new Subscriber();
    publisher.subscribe(subscriber);
    subscriber.subscription.cancel();
    origin.settle();
    assertThat(publisher.response())
        .failsWithin(Origin.PATIENCE)
        .withThrowableThat()
        .withMessageContaining(new Reason.Cancelled().sentence());
    assertThat(subscriber.given).isEmpty();
  }

  @Test
  void aFailureIsTold() throws Exception {
    Origin origin = origin();
    ResponsePublisher publisher = asked(origin);
    Subscriber subscriber = new Subscriber();
    publisher.subscribe(subscriber);
    publisher.exchange().cancel();
    origin.settle();
    assertThat(subscriber.given).containsExactly("The request was cancelled.");
  }

  @Test
  void rs317_aDemandBeyondAllNumbersIsOneWithoutEnd() throws Exception {
    Origin origin = origin();
    ResponsePublisher publisher = asked(origin);
    Subscriber subscriber = new Subscriber();
    publisher.subscribe(subscriber);
    for (int i = 0; i < 3; i++) {
      subscriber.subscription.request(Long.MAX_VALUE - 1);
    }
    origin.answer(CHUNKED + "1\r\na\r\n1\r\nb\r\n0\r\n\r\n");
    origin.settle();
    assertThat(subscriber.given).containsExactly("a", "b", "complete");
  }

  @Test
  void thereIsOneSubscriber() throws Exception {
    ResponsePublisher publisher = asked(origin());
    publisher.subscribe(new Subscriber());
    Subscriber second = new Subscriber();
    publisher.subscribe(second);
    assertThat(second.given).containsExactly("the body has a subscriber");
  }

  @Test
  void aReceiverOrACreditIsNotTheUsersToGive() throws Exception {
    Origin origin = origin();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> origin.connection.publish(Request.of("GET", "/").credit(1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> origin.connection.publish(Request.of("GET", "/").replyTo(m -> {})));
  }

  // ---- the rules of Reactive Streams, by their own test kit

  private final class Rules extends FlowPublisherVerification<Bytes> {
    Rules() {
      super(new TestEnvironment(1000, 50));
    }

    @Override
    public Flow.Publisher<Bytes> createFlowPublisher(long elements) {
      try {
        Origin origin = origin();
        ResponsePublisher publisher = asked(origin);
        origin.answer(CHUNKED + "1\r\na\r\n".repeat((int) elements) + "0\r\n\r\n");
        return publisher;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public Flow.Publisher<Bytes> createFailedFlowPublisher() {
      try {
        Origin origin = origin();
        ResponsePublisher publisher = asked(origin);
        publisher.exchange().cancel();
        origin.settle();
        return publisher;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
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

  private void run(Method rule) throws Throwable {
    Rules rules = new Rules();
    rules.setUp();
    try {
      rule.invoke(rules);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof SkipException skipped) {
        boolean endless = rule.getName().startsWith("required_spec317_mustNotSignal"); // see below
        assertThat(endless || rule.getName().startsWith("optional_"))
            .as("%s %s", rule.getName(), skipped.getMessage())
            .isTrue();
        return;
      }
      throw e.getCause();
    }
  }
}
