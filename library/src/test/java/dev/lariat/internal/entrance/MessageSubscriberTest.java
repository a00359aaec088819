package dev.lariat.internal.entrance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.lariat.FailedException;
import dev.lariat.Origin;
import dev.lariat.WebSocket;
import dev.lariat.internal.codec.Sent;
import dev.lariat.internal.codec.ServerFrames;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Reason;
import dev.lariat.message.Side;
import dev.lariat.message.Text;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One message from a publisher, good or bad. */
@Timeout(30)
class MessageSubscriberTest {
  private static final Exception FAILURE = new Exception("on purpose");
  private static final Reason CLOSED =
      new Reason.BadState("send", "the WebSocket is closing or closed");

  private final Origin origin = new Origin();
  private final Hand<Bytes> hand = new Hand<>();

  @AfterEach
  void close() {
    origin.close();
  }

  /** A publisher whose subscriber is in the test's hand. */
  private static class Hand<T> implements Flow.Publisher<T>, Flow.Subscription {
    final AtomicInteger requested = new AtomicInteger();
    final AtomicInteger cancelled = new AtomicInteger();
    volatile Flow.Subscriber<? super T> subscriber;

    @Override
    public void subscribe(Flow.Subscriber<? super T> to) {
      subscriber = to;
      to.onSubscribe(this);
    }

    @Override
    public void request(long n) {
      requested.addAndGet(Math.toIntExact(n));
    }

    @Override
    public void cancel() {
      cancelled.incrementAndGet();
    }
  }

  private void give(String item) {
    hand.subscriber.onNext(Bytes.ofUtf8(item));
  }

  private static Throwable failure(CompletableFuture<Void> sent) throws Exception {
    try {
      sent.get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      return e.getCause();
    }
    throw new AssertionError("sent");
  }

  /** Why it was lost, once the loop has done all that this leads to. */
  private Reason lost(CompletableFuture<Void> sent) throws Exception {
    Reason reason = ((FailedException) failure(sent)).reason();
    origin.settle();
    return reason;
  }

  // ---- good ones

  @Test
  void theItemsAreTheFragmentsOfOneMessage() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    CompletableFuture<Void> sent = socket.sendBinary(hand);
    give("a");
    give("");
    give("b");
    assertThat(sent).isNotDone();
    hand.subscriber.onComplete();
    sent.get(20, TimeUnit.SECONDS);
    assertThat(origin.sent())
        .containsExactly(
            Sent.of(0x02, "a"), Sent.of(0x00, ""), Sent.of(0x00, "b"), Sent.of(0x80, ""));
    assertThat(hand.cancelled).hasValue(0);
  }

  @Test
  void aPublisherOfNothingIsAnEmptyMessage() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    CompletableFuture<Void> sent = socket.sendBinary(hand);
    hand.subscriber.onComplete();
    sent.get(20, TimeUnit.SECONDS);
    assertThat(origin.sent()).containsExactly(Sent.of(0x82, ""));
  }

  @Test
  void aPublisherOfThousandsOfItemsIsSentWhole() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    CompletableFuture<Void> sent;
    try (SubmissionPublisher<String> publisher = new SubmissionPublisher<>()) {
      sent = socket.sendText(publisher);
      for (int i = 0; i < 10_000; i++) {
        publisher.submit(i + " ");
      }
    }
    sent.get(20, TimeUnit.SECONDS);
    String[] numbers =
        new String(Sent.data(origin.sent()), StandardCharsets.UTF_8).strip().split(" ");
    assertThat(numbers).hasSize(10_000).endsWith("9998", "9999");
  }

  @Test
  void aPairMayBeCutBetweenTwoItems() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    Hand<String> text = new Hand<>();
    CompletableFuture<Void> sent = socket.sendText(text);
    for (String item : List.of("a\ud83e", "\udd20b\ud83e", "", "\udd20")) {
      text.subscriber.onNext(item);
    }
    text.subscriber.onComplete();
    sent.get(20, TimeUnit.SECONDS);
    assertThat(new String(Sent.data(origin.sent()), StandardCharsets.UTF_8))
        .isEqualTo("a\ud83e\udd20b\ud83e\udd20");
  }

  @Test
  void anItemIsAskedForWhenThereIsRoom() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT.sendQueue(100));
    origin.clog();
    CompletableFuture<Void> sent = socket.sendBinary(hand);
    assertThat(hand.requested).hasValue(1);
    hand.subscriber.onNext(Bytes.copyOf(new byte[100_000])); // which the transport still takes
    origin.settle();
    assertThat(hand.requested).hasValue(2);
    give("x".repeat(94));
    origin.settle();
    assertThat(hand.requested).as("a hundred bytes wait").hasValue(2);
    origin.take(100_014);
    origin.settle();
    assertThat(hand.requested).hasValue(3);
    give("x");
    hand.subscriber.onComplete();
    origin.takeAll();
    sent.get(20, TimeUnit.SECONDS);
  }

  @Test
  void nothingBlocksNotEvenOnTheEventLoop() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT.sendQueue(1));
    CompletableFuture<Void> sent =
        origin.on(
            () -> {
              CompletableFuture<Void> future = socket.sendBinary(hand);
              give("more than may wait");
              hand.subscriber.onComplete();
              return future;
            });
    sent.get(20, TimeUnit.SECONDS);
    assertThat(origin.sent()).hasSize(2);
  }

  @Test
  void partsWaitForTheUpgradeInBounds() throws Exception {
    WebSocket socket = origin.asked(Origin.SILENT.sendQueue(20));
    CompletableFuture<Void> sent = socket.sendBinary(hand);
    give("1234");
    assertThat(hand.requested).hasValue(2);
    give("1234");
    assertThat(hand.requested).hasValue(2);
    origin.accept();
    assertThat(hand.requested).hasValue(3);
    hand.subscriber.onComplete();
    sent.get(20, TimeUnit.SECONDS);
    assertThat(Sent.data(origin.sent())).hasSize(8);
  }

  @Test
  void twoPublishersAtOnceAreTwoMessages() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    Hand<String> other = new Hand<>();
    CompletableFuture<Void> first = socket.sendBinary(hand);
    CompletableFuture<Void> second = socket.sendText(other);
    give("a");
    other.subscriber.onNext("b");
    give("c");
    other.subscriber.onComplete();
    origin.settle();
    assertThat(second).isNotDone();
    hand.subscriber.onComplete();
    CompletableFuture.allOf(first, second).get(20, TimeUnit.SECONDS);
    assertThat(origin.sent())
        .containsExactly(
            Sent.of(0x02, "a"),
            Sent.of(0x00, "c"),
            Sent.of(0x80, ""),
            Sent.of(0x01, "b"),
            Sent.of(0x80, ""));
  }

  // ---- those that fail

  @Test
  void anErrorBeforeTheFirstItemSendsNothing() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    CompletableFuture<Void> sent = socket.sendBinary(hand);
    hand.subscriber.onError(FAILURE);
    assertThat(failure(sent)).isSameAs(FAILURE);
    socket.written(new Text("goes on")).join();
    assertThat(origin.sent()).containsExactly(Sent.of(0x81, "goes on"));
    assertThat(hand.cancelled).as("2.3: it has ended by itself").hasValue(0);
  }

  @Test
  void anErrorBehindTheFirstItemClosesTheWebSocketWith1011() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    CompletableFuture<Void> sent = socket.sendBinary(hand);
    give("a");
    hand.subscriber.onError(FAILURE);
    assertThat(failure(sent)).isSameAs(FAILURE);
    assertThat(origin.sent()).containsExactly(Sent.of(0x02, "a"), Sent.close(1011, ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\udd20", "\ud83eb"})
  void anUnpairedSurrogateFailsTheMessage(String item) throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    Hand<String> text = new Hand<>();
    CompletableFuture<Void> sent = socket.sendText(text);
    text.subscriber.onNext("a");
    text.subscriber.onNext(item);
    assertThat(failure(sent)).isInstanceOf(IllegalArgumentException.class);
    assertThat(text.cancelled).hasValue(1);
    assertThat(origin.sent()).containsExactly(Sent.of(0x01, "a"), Sent.close(1011, ""));
  }

  @Test
  void anUnpairedSurrogateAtTheEndFailsTheMessage() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    Hand<String> text = new Hand<>();
    CompletableFuture<Void> sent = socket.sendText(text);
    text.subscriber.onNext("a\ud83e");
    text.subscriber.onComplete();
    assertThat(failure(sent)).isInstanceOf(IllegalArgumentException.class);
    assertThat(origin.sent()).containsExactly(Sent.of(0x01, "a"), Sent.close(1011, ""));
  }

  @Test
  void whoCancelsTheFutureGivesTheMessageUp() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    CompletableFuture<Void> sent = socket.sendBinary(hand);
    give("a");
    sent.cancel(true);
    assertThat(hand.cancelled).hasValue(1);
    give("late");
    assertThat(origin.sent()).containsExactly(Sent.of(0x02, "a"), Sent.close(1011, ""));
  }

  // ---- the end of the WebSocket

  @Test
  void theEndOfTheLinkCancelsWhoIsInTheMiddle() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    CompletableFuture<Void> sent = socket.sendBinary(hand);
    give("a");
    origin.settle();
    origin.hangUp();
    assertThat(lost(sent)).isEqualTo(new Reason.Closed());
    assertThat(hand.cancelled).hasValue(1);
    int requested = hand.requested.get();
    give("late");
    hand.subscriber.onComplete();
    origin.settle();
    assertThat(hand.requested).as("nothing more is wanted").hasValue(requested);
  }

  @Test
  void theEndOfTheLinkAsksForNothingMore() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT.sendQueue(1));
    origin.clog();
    CompletableFuture<Void> sent = socket.sendBinary(hand);
    hand.subscriber.onNext(Bytes.copyOf(new byte[100_000]));
    origin.settle();
    give("waits");
    origin.settle();
    int requested = hand.requested.get();
    origin.hangUp();
    lost(sent);
    assertThat(hand.requested).hasValue(requested);
    assertThat(hand.cancelled).hasValue(1);
  }

  @Test
  void theEndOfTheLinkCancelsWhoHasNotBegun() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    CompletableFuture<Void> sent = socket.sendBinary(hand);
    origin.hangUp();
    assertThat(lost(sent)).isEqualTo(new Reason.BadState("send", "the WebSocket has ended"));
    assertThat(hand.cancelled).hasValue(1);
  }

  @Test
  void theServersCloseFrameCancelsToo() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    CompletableFuture<Void> sent = socket.sendBinary(hand);
    give("a");
    origin.settle();
    origin.receive(ServerFrames.close(1000, ""));
    assertThat(lost(sent))
        .isEqualTo(new Reason.CloseHandshake(Close.NORMAL, Close.NORMAL, Side.SERVER));
    assertThat(hand.cancelled).hasValue(1);
  }

  @Test
  void theOwnersCloseFrameCancelsToo() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    CompletableFuture<Void> sent = socket.sendBinary(hand);
    give("a");
    socket.close();
    assertThat(lost(sent)).isEqualTo(CLOSED);
    assertThat(hand.cancelled).hasValue(1);
    assertThat(origin.sent()).containsExactly(Sent.of(0x02, "a"), Sent.close(1000, ""));
  }

  @Test
  void whoComesToAWebSocketThatHasEndedIsCancelledAtOnce() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    origin.hangUp();
    CompletableFuture<Void> sent = socket.sendBinary(hand);
    assertThat(lost(sent)).isEqualTo(new Reason.BadState("send", "the WebSocket has ended"));
    assertThat(hand.cancelled).hasValue(1);
    assertThat(hand.requested).hasValue(0);
  }

  // ---- those that break the rules of Reactive Streams

  private CompletableFuture<Void> begun() throws Exception {
    CompletableFuture<Void> sent = origin.upgraded(Origin.SILENT).sendBinary(hand);
    give("a");
    return sent;
  }

  private void gaveUp() throws Exception {
    assertThat(origin.sent()).containsExactly(Sent.of(0x02, "a"), Sent.close(1011, ""));
    assertThat(hand.cancelled).hasValue(1);
  }

  @Test
  void rule11_anItemThatWasNotAskedForFailsTheMessage() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT.sendQueue(1));
    origin.clog();
    CompletableFuture<Void> sent = socket.sendBinary(hand);
    for (int i = 0; !sent.isDone(); i++) {
      assertThat(i).as("items of a flood").isLessThan(10);
      hand.subscriber.onNext(Bytes.copyOf(new byte[100_000]));
    }
    assertThat(failure(sent))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("an item that was not requested (1.1)");
    assertThat(hand.cancelled).hasValue(1);
  }

  @Test
  void rule17_nothingIsTakenBehindTheEnd() throws Exception {
    CompletableFuture<Void> sent = begun();
    hand.subscriber.onComplete();
    give("late");
    hand.subscriber.onComplete();
    hand.subscriber.onError(FAILURE);
    sent.get(20, TimeUnit.SECONDS);
    origin.settle();
    assertThat(origin.sent()).containsExactly(Sent.of(0x02, "a"), Sent.of(0x80, ""));
  }

  @Test
  void rule17_nothingIsTakenBehindAnError() throws Exception {
    CompletableFuture<Void> sent = begun();
    hand.subscriber.onError(FAILURE);
    give("late");
    hand.subscriber.onComplete();
    assertThat(failure(sent)).isSameAs(FAILURE);
    assertThat(origin.sent()).containsExactly(Sent.of(0x02, "a"), Sent.close(1011, ""));
  }

  @Test
  void rule19_aPublisherThatCannotBeSubscribedToFails() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    IllegalStateException failure = new IllegalStateException("on purpose");
    CompletableFuture<Void> sent =
        socket.sendBinary(
            (Flow.Publisher<Bytes>)
                to -> {
                  hand.subscribe(to);
                  give("a");
                  throw failure;
                });
    assertThat(failure(sent)).isSameAs(failure);
    gaveUp();
  }

  @Test
  void rule19_noPublisherIsTheCallersMistake() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    assertThatNullPointerException()
        .isThrownBy(() -> socket.sendBinary((Flow.Publisher<Bytes>) null));
    assertThatNullPointerException()
        .isThrownBy(() -> socket.sendText((Flow.Publisher<String>) null));
  }

  @Test
  void rule25_aSecondSubscriptionIsCancelled() throws Exception {
    CompletableFuture<Void> sent = begun();
    Hand<Bytes> second = new Hand<>();
    hand.subscriber.onSubscribe(second);
    assertThat(second.cancelled).hasValue(1);
    assertThat(second.requested).hasValue(0);
    hand.subscriber.onComplete();
    sent.get(20, TimeUnit.SECONDS);
  }

  @Test
  void rule213_anItemThatIsNullFailsTheMessage() throws Exception {
    CompletableFuture<Void> sent = begun();
    Throwable thrown = catchThrowable(() -> hand.subscriber.onNext(null));
    assertThat(thrown).isInstanceOf(NullPointerException.class);
    assertThat(failure(sent)).isSameAs(thrown);
    gaveUp();
  }

  @Test
  void rule213_aTextThatIsNullIsNotTheWord() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    Hand<String> text = new Hand<>();
    CompletableFuture<Void> sent = socket.sendText(text);
    assertThatNullPointerException().isThrownBy(() -> text.subscriber.onNext(null));
    assertThat(failure(sent)).isInstanceOf(NullPointerException.class);
    socket.written(new Text("goes on")).join();
    assertThat(origin.sent()).containsExactly(Sent.of(0x81, "goes on"));
  }

  @Test
  void rule213_anErrorThatIsNullFailsTheMessageAllTheSame() throws Exception {
    CompletableFuture<Void> sent = begun();
    assertThatNullPointerException().isThrownBy(() -> hand.subscriber.onError(null));
    assertThat(failure(sent)).isInstanceOf(NullPointerException.class);
  }

  @Test
  void rule213_aSubscriptionThatIsNullFailsTheMessage() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    CompletableFuture<Void> sent =
        socket.sendBinary((Flow.Publisher<Bytes>) to -> to.onSubscribe(null));
    assertThat(failure(sent)).isInstanceOf(NullPointerException.class);
  }

  @Test
  void rule33_aPublisherThatAnswersAtOnceDoesNotFillTheStack() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT.sendQueue(1 << 30));
    int items = 100_000;
    Flow.Publisher<Bytes> naive =
        to ->
            to.onSubscribe(
                new Flow.Subscription() {
                  private int given;

                  @Override
                  public void request(long n) {
                    if (given++ < items) {
                      to.onNext(Bytes.ofUtf8("x"));
                    } else {
                      to.onComplete();
                    }
                  }

                  @Override
                  public void cancel() {}
                });
    socket.sendBinary(naive).get(20, TimeUnit.SECONDS);
    assertThat(Sent.data(origin.sent())).hasSize(items);
  }

  @Test
  void rule316_aRequestThatThrowsFailsItsMessageAndNothingElse() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT.sendQueue(10));
    Error thrown = new AssertionError("on purpose");
    Hand<Bytes> bad =
        new Hand<>() {
          @Override
          public void request(long n) {
            super.request(n);
            if (requested.get() == 2) {
              throw thrown;
            }
          }
        };
    CompletableFuture<Void> sent = socket.sendBinary(bad);
    CompletableFuture<Void> other = socket.sendBinary(hand);
    bad.subscriber.onNext(Bytes.ofUtf8("123456789")); // asks again on the event loop
    assertThat(failure(sent)).isSameAs(thrown);
    give("behind it");
    assertThat(lost(other)).as("the 1011, and no fault").isEqualTo(CLOSED);
    assertThat(origin.sent()).last().isEqualTo(Sent.close(1011, ""));
  }
}
