package dev.lariat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.transport.ThisMachine;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.ContentMessage;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Inform;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Protocol;
import dev.lariat.message.Push;
import dev.lariat.message.Reason;
import dev.lariat.message.Retrying;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.StreamRef;
import dev.lariat.message.Terminated;
import dev.lariat.message.Text;
import dev.lariat.message.Up;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.message.WebSocketPart;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(30)
class MailboxTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final ConnectionRef connection = () -> "origin";
  private final ConnectionRef other = () -> "other";
  private final StreamRef a = stream(connection);
  private final StreamRef b = stream(connection);
  private final Mailbox mailbox = Mailbox.create();
  private final StreamFailed cancelled = new StreamFailed(a, new Reason.Cancelled());

  @Test
  void givesMessagesInTheOrderInWhichTheyCame() throws Exception {
    put(mailbox, data(a, 1), data(b, 2));
    put(mailbox, data(a, 3));
    assertThat(List.of(mailbox.take(), mailbox.take(), mailbox.take()))
        .containsExactly(data(a, 1), data(b, 2), data(a, 3));
  }

  @Test
  void givesNothingWhenTheTimeIsOver() throws Exception {
    assertThat(mailbox.take(Duration.ZERO)).isNull();
    assertThat(mailbox.take(Duration.ofMillis(1))).isNull();
    assertThat(mailbox.await(a, Duration.ofMillis(1))).isNull();
  }

  @Test
  void aSecondReaderFailsAtOnceAndIsToldWhoReads() throws Exception {
    CompletableFuture<Message> read = new CompletableFuture<>();
    Thread reader =
        Thread.ofPlatform()
            .name("the-first-reader")
            .start(
                () -> {
                  try {
                    read.complete(mailbox.take());
                  } catch (Throwable e) {
                    read.completeExceptionally(e);
                  }
                });
    while (reader.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    List<ThrowingCallable> seconds =
        List.of(
            mailbox::take,
            () -> mailbox.take(Duration.ZERO),
            () -> mailbox.await(a, Duration.ZERO),
            mailbox::flush,
            () -> mailbox.flush(a),
            () -> mailbox.flush(connection));
    for (ThrowingCallable second : seconds) {
      assertThatThrownBy(second)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("the-first-reader");
    }
    put(mailbox, data(a, 1));
    assertThat(read.get(20, TimeUnit.SECONDS)).as("who reads loses nothing").isEqualTo(data(a, 1));
    put(mailbox, data(a, 2));
    assertThat(mailbox.take()).as("another may go on").isEqualTo(data(a, 2));
  }

  @Test
  void twoReadersLoseNothingBetweenThem() throws Exception {
    int messages = 20_000;
    ConcurrentLinkedQueue<Message> taken = new ConcurrentLinkedQueue<>();
    List<CompletableFuture<Void>> readers = new ArrayList<>();
    for (int r = 0; r < 2; r++) {
      readers.add(
          CompletableFuture.runAsync(
              () -> {
                while (taken.size() < messages) {
                  try {
                    Message message = mailbox.take(Duration.ZERO);
                    if (message != null) {
                      taken.add(message);
                    }
                  } catch (IllegalStateException refused) {
                    Thread.onSpinWait();
                  } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                }
              },
              task -> Thread.ofPlatform().start(task)));
    }
    for (int i = 0; i < messages; i++) {
      put(mailbox, data(a, i % 100));
    }
    for (CompletableFuture<Void> reader : readers) {
      reader.get(20, TimeUnit.SECONDS);
    }
    assertThat(taken).hasSize(messages);
    assertThat(mailbox.size()).isZero();
  }

  @Test
  void whatIsForgottenWhileAnotherThreadReadsIsGoneWhenItReadsOn() throws Exception {
    put(mailbox, data(b, 1));
    CompletableFuture<Message> read = reading(() -> mailbox.await(a, LONG)); // has taken b's in
    mailbox.forget(b);
    put(mailbox, data(a, 1));
    assertThat(read.get(20, TimeUnit.SECONDS)).isEqualTo(data(a, 1));
    assertThat(mailbox.take(Duration.ZERO)).isNull();
  }

  @Test
  void theStatesOfAConnectionThatNobodyReadsDoNotFillAMailbox() throws Exception {
    for (int capacity : new int[] {1, 2, 200, 1 << 16}) {
      Mailbox bounded = Mailbox.bounded(capacity);
      Inbox inbox = bounded.inbox(ThisMachine.THIS);
      put(bounded, data(a, 1), new Terminated(other, new Reason.OwnerClosed()));
      for (int i = 0; i < 50_000; i++) {
        put(bounded, retrying(i));
      }
      put(bounded, data(a, 2));
      boolean full = inbox.full();
      assertThat(full).as("by the three that count").isEqualTo(capacity <= 3);
      assertThat(bounded.size()).isLessThan(20_000);
      List<Message> left = new ArrayList<>();
      for (Message next = bounded.take(Duration.ZERO); next != null; ) {
        left.add(next);
        next = bounded.take(Duration.ZERO);
      }
      assertThat(left)
          .startsWith(data(a, 1), new Terminated(other, new Reason.OwnerClosed()))
          .endsWith(retrying(49_999), data(a, 2));
      assertThat(left).hasSizeGreaterThan(10_000);
    }
  }

  private Message retrying(int attempt) {
    return new Retrying(connection, attempt, Duration.ZERO, new Reason.Closed());
  }

  @Test
  void takesTheLongestAndTheMostNegativeTime() throws Exception {
    Duration longest = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);
    CompletableFuture<Message> read = reading(() -> mailbox.take(longest));
    put(mailbox, data(a, 1));
    assertThat(read.get(20, TimeUnit.SECONDS)).isEqualTo(data(a, 1));
    assertThat(mailbox.take(longest.negated())).isNull();
    assertThat(mailbox.await(a, longest.negated())).isNull();
  }

  @Test
  void wakesTheReaderThatWaits() throws Exception {
    CompletableFuture<Message> read = reading(mailbox::take);
    put(mailbox, data(a, 1));
    assertThat(read.get(20, TimeUnit.SECONDS)).isEqualTo(data(a, 1));
  }

  @Test
  void awaitLeavesTheMessagesOfOtherStreamsWhereTheyAre() throws Exception {
    put(mailbox, data(b, 1), up(), data(a, 2), data(b, 3), data(a, 4));
    assertThat(mailbox.await(a, LONG)).isEqualTo(data(a, 2));
    assertThat(mailbox.await(a, LONG)).isEqualTo(data(a, 4));
    assertThat(List.of(mailbox.take(), mailbox.take(), mailbox.take()))
        .containsExactly(data(b, 1), up(), data(b, 3));
    assertThat(mailbox.size()).isZero();
  }

  @Test
  void awaitLooksAtEachMessageThatComesUntilItsOwnIsThere() throws Exception {
    put(mailbox, data(b, 1));
    CompletableFuture<Message> read = reading(() -> mailbox.await(a, LONG));
    put(mailbox, data(b, 2));
    put(mailbox, data(b, 3), data(a, 4), data(b, 5));
    assertThat(read.get(20, TimeUnit.SECONDS)).isEqualTo(data(a, 4));
    List<Message> rest = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      rest.add(mailbox.take());
    }
    assertThat(rest).containsExactly(data(b, 1), data(b, 2), data(b, 3), data(b, 5));
  }

  @Test
  void flushDropsWhatItIsAskedToAndNoMore() throws Exception {
    Message foreign = new Up(other, Protocol.HTTP_1_1);
    put(mailbox, data(a, 1), data(b, 2), foreign);
    assertThat(mailbox.take(Duration.ZERO)).isEqualTo(data(a, 1));
    put(mailbox, data(a, 3), up());
    assertThat(mailbox.flush(a)).isEqualTo(1);
    assertThat(mailbox.flush(connection)).isEqualTo(2);
    assertThat(mailbox.size()).isEqualTo(1);
    assertThat(mailbox.take()).isEqualTo(foreign);
    put(mailbox, data(a, 4), foreign);
    assertThat(mailbox.flush()).isEqualTo(2);
    assertThat(mailbox.take(Duration.ZERO)).isNull();
  }

  @Test
  void flushDropsEventsAndNoticesToo() throws Exception {
    Message event = new ServerSentEvent(a, "", "message", "1", Optional.empty());
    Message notice = new Notice(connection, new Notice.PingAcknowledged(a, Duration.ZERO));
    put(mailbox, event, notice, new ContentMessage(a, 1), data(b, 2));
    assertThat(mailbox.flush(a)).isEqualTo(2);
    assertThat(mailbox.flush(connection)).isEqualTo(2);
    assertThat(mailbox.take(Duration.ZERO)).isNull();
  }

  @Test
  void isFullAtItsCapacityAndHasRoomAgainWhenItIsHalfEmpty() throws Exception {
    Mailbox small = Mailbox.bounded(4);
    AtomicInteger room = new AtomicInteger();
    put(small, data(a, 1), data(a, 2), data(a, 3));
    assertThat(small.inbox(ThisMachine.THIS).full()).isFalse();
    put(small, data(a, 4));
    assertThat(small.inbox(ThisMachine.THIS).full()).isTrue();
    small.inbox(ThisMachine.THIS).whenRoom(room::incrementAndGet);
    small.take();
    assertThat(room).as("three of four are left").hasValue(0);
    small.take();
    assertThat(room).as("half of them are left").hasValue(1);
    assertThat(small.inbox(ThisMachine.THIS).full()).isFalse();
  }

  static Stream<Function<StreamRef, Message>> tenBytesEach() {
    String text = "0123456789";
    Bytes bytes = Bytes.ofUtf8(text);
    return Stream.of(
        stream -> new Data(stream, false, bytes),
        stream -> new WebSocketFrame(stream, new Binary(bytes)),
        stream -> new WebSocketFrame(stream, new Text(text)),
        stream -> new WebSocketPart(stream, new Text(text), false),
        stream -> new ServerSentEvent(stream, "", "message", text, Optional.empty()),
        stream -> new Inform(stream, 103, Headers.of("link", "012345")),
        stream -> new Push(stream, stream, "GET", "h://i", Headers.of("a", "0123")));
  }

  @ParameterizedTest
  @MethodSource("tenBytesEach")
  void isFullWithItsBytesAndHasRoomAgainWhenHalfOfThemAreRead(Function<StreamRef, Message> making)
      throws Exception {
    Message message = making.apply(a);
    Mailbox small = Mailbox.bounded(1000, 40);
    AtomicInteger room = new AtomicInteger();
    Inbox inbox = small.inbox(ThisMachine.THIS);
    put(small, message, message, message);
    assertThat(inbox.full()).isFalse();
    put(small, message);
    assertThat(inbox.full()).isTrue();
    inbox.whenRoom(room::incrementAndGet);
    small.take();
    assertThat(room).as("three of four are left").hasValue(0);
    small.await(a, Duration.ZERO);
    assertThat(room).as("half of them are left").hasValue(1);
    assertThat(inbox.full()).isFalse();
    put(small, message, message);
    assertThat(inbox.full()).isTrue();
    assertThat(small.flush()).isEqualTo(4);
    assertThat(inbox.full()).isFalse();
  }

  @Test
  void whatNobodyWantsAnyMoreHasNoBytes() {
    Mailbox small = Mailbox.bounded(1000, 40);
    Inbox inbox = small.inbox(ThisMachine.THIS);
    put(small, new Data(a, false, Bytes.wrap(new byte[40])));
    assertThat(inbox.full()).isTrue();
    small.forget(a);
    assertThat(inbox.full()).isFalse();
    put(small, new Data(a, false, Bytes.wrap(new byte[40])));
    assertThat(inbox.full()).isFalse();
  }

  @Test
  void aMessageThatWasReadIsNotCountedThoughOthersOfItsBatchAreStillThere() throws Exception {
    Mailbox small = Mailbox.bounded(4);
    put(small, data(a, 1), data(a, 2), data(a, 3));
    small.take();
    put(small, data(a, 4));
    assertThat(small.size()).isEqualTo(3);
    assertThat(small.inbox(ThisMachine.THIS).full()).isFalse();
    put(small, data(a, 5));
    assertThat(small.inbox(ThisMachine.THIS).full()).isTrue();
  }

  @Test
  void tellsAtOnceOfRoomThatIsThere() {
    AtomicInteger room = new AtomicInteger();
    mailbox.inbox(ThisMachine.THIS).whenRoom(room::incrementAndGet);
    assertThat(room).hasValue(1);
  }

  @Test
  void aFullMailboxLetsConnectionsReadOnForAReaderThatAwaitsWhatIsNotThere() throws Exception {
    Mailbox small = Mailbox.bounded(2);
    put(small, data(b, 1), data(b, 2));
    CountDownLatch room = new CountDownLatch(1);
    small.inbox(ThisMachine.THIS).whenRoom(room::countDown);
    assertThat(room.getCount()).isOne();
    CompletableFuture<Message> read = reading(() -> small.await(a, LONG));
    assertThat(room.await(20, TimeUnit.SECONDS)).isTrue();
    put(small, data(a, 3));
    assertThat(read.get(20, TimeUnit.SECONDS)).isEqualTo(data(a, 3));
    assertThat(small.inbox(ThisMachine.THIS).full()).isTrue();
  }

  @Test
  void flushingMakesRoomToo() {
    Mailbox small = Mailbox.bounded(2);
    AtomicInteger room = new AtomicInteger();
    put(small, data(a, 1), data(b, 2));
    small.inbox(ThisMachine.THIS).whenRoom(room::incrementAndGet);
    small.flush(a);
    assertThat(room).hasValue(1);
  }

  @Test
  void anUnboundedMailboxIsNeverFull() {
    Mailbox unbounded = Mailbox.unbounded();
    for (int i = 0; i < 100_000; i++) {
      put(unbounded, data(a, i));
    }
    assertThat(unbounded.inbox(ThisMachine.THIS).full()).isFalse();
    assertThat(unbounded.size()).isEqualTo(100_000);
  }

  @Test
  void refusesACapacityOutOfRange() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Mailbox.bounded(0))
        .withMessage("mailbox.capacity: 0, allowed 1 to 1073741824");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Mailbox.bounded(1, 0))
        .withMessage("mailbox.bytes: 0, allowed 1 to 1125899906842624");
  }

  @Test
  void closingEndsTheWaitOfItsReader() {
    CompletableFuture<Message> read = reading(mailbox::take);
    mailbox.close();
    assertThatThrownBy(read::join).hasRootCauseMessage("the mailbox is closed");
    assertThatThrownBy(mailbox::take).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aClosedMailboxDropsWhatComesAndHoldsNobodyBack() {
    Mailbox small = Mailbox.bounded(1);
    put(small, data(a, 1));
    AtomicInteger room = new AtomicInteger();
    small.inbox(ThisMachine.THIS).whenRoom(room::incrementAndGet);
    small.close();
    assertThat(room).hasValue(1);
    put(small, data(a, 2));
    assertThat(small.inbox(ThisMachine.THIS).full()).isFalse();
  }

  @Test
  void anInterruptEndsTheWait() {
    CompletableFuture<Thread> reader = new CompletableFuture<>();
    CompletableFuture<Message> read =
        reading(
            () -> {
              reader.complete(Thread.currentThread());
              return mailbox.take();
            });
    reader.join().interrupt();
    assertThatThrownBy(read::join).hasRootCauseInstanceOf(InterruptedException.class);
  }

  @Test
  void losesNothingAndKeepsEachWritersOrderUnderLoad() throws Exception {
    int writers = 4;
    int each = 50_000;
    List<StreamRef> streams = new ArrayList<>();
    for (int w = 0; w < writers; w++) {
      StreamRef stream = stream(connection);
      streams.add(stream);
      Thread.ofPlatform()
          .start(
              () -> {
                for (int i = 0; i < each; i += 5) {
                  put(
                      mailbox,
                      inform(stream, i),
                      inform(stream, i + 1),
                      inform(stream, i + 2),
                      inform(stream, i + 3),
                      inform(stream, i + 4));
                }
              });
    }
    CompletableFuture<int[]> counted =
        reading(
            () -> {
              int[] next = new int[writers];
              for (int n = 0; n < writers * each; n++) {
                // every seventh by its stream, past the others
                Message message =
                    n % 7 == 0 && next[0] < each
                        ? mailbox.await(streams.get(0), LONG)
                        : mailbox.take(LONG);
                Inform inform = (Inform) message;
                int writer = streams.indexOf(inform.stream());
                assertThat(inform.status()).isEqualTo(next[writer]++);
              }
              return next;
            });
    assertThat(counted.get(25, TimeUnit.SECONDS)).containsOnly(each);
    assertThat(mailbox.size()).isZero();
  }

  // ---- what the tests say often

  private interface Reading<T> {
    T read() throws Exception;
  }

  private static <T> CompletableFuture<T> reading(Reading<T> reading) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                result.complete(reading.read());
              } catch (Throwable t) {
                result.completeExceptionally(t);
              }
            });
    return result;
  }

  @Test
  void whatAStreamThatIsGivenUpHasLeftIsDroppedButForItsEnd() throws Exception {
    Inbox inbox = mailbox.inbox(ThisMachine.THIS);
    put(mailbox, data(a, 1), data(b, 2), data(a, 3));
    inbox.drop(a);
    put(mailbox, cancelled);
    assertThat(mailbox.size()).isEqualTo(2);
    assertThat(mailbox.take()).isEqualTo(data(b, 2));
    assertThat(mailbox.take()).isEqualTo(cancelled);
    assertThat(mailbox.take(Duration.ZERO)).isNull();
  }

  @Test
  void whatTheReaderHasAlreadyAtHandOfItIsDroppedToo() throws Exception {
    Inbox inbox = mailbox.inbox(ThisMachine.THIS);
    put(mailbox, data(b, 1), data(a, 2), data(b, 3), data(a, 4));
    assertThat(mailbox.take()).isEqualTo(data(b, 1)); // with which the others were taken
    inbox.drop(a);
    put(mailbox, cancelled);
    assertThat(mailbox.await(a, Duration.ZERO)).isEqualTo(cancelled);
    assertThat(mailbox.take()).isEqualTo(data(b, 3));
    assertThat(mailbox.take(Duration.ZERO)).isNull();
  }

  /** The second stream is promised with the first. */
  private Message[] promised() {
    Push push = new Push(a, b, "GET", "https://host/", Headers.EMPTY);
    return new Message[] {data(a, 1), push, data(b, 2), data(a, 3)};
  }

  @Test
  void whoGivesAStreamUpIsToldNothingOfWhatItPromised() throws Exception {
    put(mailbox, promised());
    mailbox.inbox(ThisMachine.THIS).drop(a);
    put(mailbox, data(b, 4), new StreamFailed(b, new Reason.Cancelled()), cancelled);
    assertThat(mailbox.take()).isEqualTo(cancelled);
    assertThat(mailbox.take(Duration.ZERO)).isNull();
  }

  @Test
  void norIfThePromiseIsAtTheReadersHand() throws Exception {
    put(mailbox, promised());
    assertThat(mailbox.take()).isEqualTo(data(a, 1));
    mailbox.inbox(ThisMachine.THIS).drop(a);
    put(mailbox, data(b, 4), new StreamFailed(b, new Reason.Cancelled()), cancelled);
    assertThat(mailbox.take()).isEqualTo(cancelled);
    assertThat(mailbox.take(Duration.ZERO)).isNull();
  }

  @Test
  void whatIsPromisedWithAForgottenStreamIsForgotten() throws Exception {
    mailbox.forget(a);
    put(mailbox, promised());
    put(mailbox, new StreamFailed(b, new Reason.Cancelled()), cancelled);
    assertThat(mailbox.take(Duration.ZERO)).isNull();
  }

  @Test
  void whoHasReadAPromiseIsToldWhatComesOfIt() throws Exception {
    Message end = new StreamFailed(b, new Reason.Cancelled());
    put(mailbox, promised());
    mailbox.take();
    assertThat(mailbox.take()).isInstanceOf(Push.class);
    mailbox.inbox(ThisMachine.THIS).drop(a);
    put(mailbox, end, cancelled);
    assertThat(mailbox.take()).isEqualTo(data(b, 2));
    assertThat(mailbox.take()).isEqualTo(end);
    assertThat(mailbox.take()).isEqualTo(cancelled);
  }

  @Test
  void givingAStreamUpMakesRoom() {
    Mailbox small = Mailbox.bounded(4);
    Inbox inbox = small.inbox(ThisMachine.THIS);
    put(small, data(a, 1), data(a, 2), data(a, 3), data(b, 4));
    List<String> room = new ArrayList<>();
    inbox.whenRoom(() -> room.add("room"));
    assertThat(room).isEmpty();
    inbox.drop(a);
    assertThat(room).containsExactly("room");
    assertThat(inbox.full()).isFalse();
  }

  private static void put(Mailbox mailbox, Message... messages) {
    Inbox inbox = mailbox.inbox(ThisMachine.THIS);
    inbox.put(messages, messages.length);
    inbox.wake();
  }

  private Message up() {
    return new Up(connection, Protocol.HTTP_1_1);
  }

  private static Message data(StreamRef stream, int n) {
    return new Data(stream, false, Bytes.ofUtf8("" + n));
  }

  private static Message inform(StreamRef stream, int n) {
    return new Inform(stream, n, Headers.EMPTY);
  }

  private static StreamRef stream(ConnectionRef connection) {
    return () -> connection;
  }
}
