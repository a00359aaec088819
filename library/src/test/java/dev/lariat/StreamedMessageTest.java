package dev.lariat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.lariat.internal.codec.Sent;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Ping;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import dev.lariat.option.WebSocketOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One message from an {@code InputStream} or a {@code Reader}. */
@Timeout(30)
class StreamedMessageTest {
  private static final int FRAGMENT = 32 << 10;
  private static final Reason CLOSED =
      new Reason.BadState("send", "the WebSocket is closing or closed");

  private final Origin origin = new Origin();

  @AfterEach
  void close() {
    origin.close();
  }

  // ---- threads that send

  /** A thread of a test's, and what came of what it does: null or what it threw. */
  private static final class Sender {
    private final CompletableFuture<Throwable> outcome = new CompletableFuture<>();
    final Thread thread;
    volatile boolean interrupted; // at the end

    Sender(Callable<?> sends) {
      thread =
          Thread.ofPlatform()
              .start(
                  () -> {
                    Throwable thrown = catchThrowable(sends::call);
                    interrupted = Thread.currentThread().isInterrupted();
                    outcome.complete(thrown);
                  });
    }

    Throwable outcome() throws Exception {
      return outcome.get(20, TimeUnit.SECONDS);
    }

    Reason lost() throws Exception {
      Throwable thrown = outcome();
      assertThat(thrown).isInstanceOf(FailedException.class);
      return ((FailedException) thrown).reason();
    }

    /** Waits until it waits, which a sender does for nothing but room or the end. */
    void awaitWaiting() {
      while (thread.getState() != Thread.State.WAITING
          && thread.getState() != Thread.State.TIMED_WAITING) {
        assertThat(outcome).isNotDone();
        Thread.onSpinWait();
      }
    }
  }

  private static Sender sending(WebSocket socket, InputStream in) {
    return new Sender(
        () -> {
          socket.sendBinary(in);
          return null;
        });
  }

  /** What never ends, and counts what was read of it. */
  private static final class Endless extends InputStream {
    final AtomicLong read = new AtomicLong();

    @Override
    public int read() {
      throw new AssertionError("read one by one");
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      read.addAndGet(length);
      return length;
    }
  }

  /** These bytes, then an exception. */
  private static InputStream failing(byte[] bytes, IOException failure) {
    return new InputStream() {
      private final InputStream before = new ByteArrayInputStream(bytes);

      @Override
      public int read() {
        throw new AssertionError("read one by one");
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        int count = before.read(into, offset, length);
        if (count < 0) {
          throw failure;
        }
        return count;
      }
    };
  }

  private static byte[] octets(int length) {
    byte[] octets = new byte[length];
    new Random(length).nextBytes(octets);
    return octets;
  }

  /** The only message that was sent. */
  private byte[] message(int opcode) throws Exception {
    List<Sent> fragments = origin.sent();
    for (int i = 0; i < fragments.size(); i++) {
      int fin = i == fragments.size() - 1 ? 0x80 : 0;
      assertThat(fragments.get(i).first()).isEqualTo(fin | (i == 0 ? opcode : 0));
      assertThat(fragments.get(i).payload().size()).isLessThanOrEqualTo(FRAGMENT + FRAGMENT / 2);
    }
    return Sent.data(fragments);
  }

  // ---- the message

  @ParameterizedTest
  @ValueSource(
      ints = {0, 1, 125, 126, 127, FRAGMENT - 1, FRAGMENT, FRAGMENT + 1, 65_535, 65_536, 1 << 20})
  void aStreamIsOneMessage(int length) throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    byte[] octets = octets(length);
    socket.sendBinary(new ByteArrayInputStream(octets));
    assertThat(message(0x02)).isEqualTo(octets);
    socket.sendBinary(new ByteArrayInputStream(octets));
    assertThat(message(0x02)).isEqualTo(octets);
  }

  @Test
  void whatAStreamGivesAtOnceIsAFragment() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    InputStream drops =
        new ByteArrayInputStream("abc".getBytes(StandardCharsets.UTF_8)) {
          @Override
          public int read(byte[] into, int offset, int length) {
            return super.read(into, offset, 1);
          }
        };
    socket.sendBinary(drops);
    assertThat(origin.sent())
        .containsExactly(
            Sent.of(0x02, "a"), Sent.of(0x00, "b"), Sent.of(0x00, "c"), Sent.of(0x80, ""));
  }

  @Test
  void theStreamIsNotClosed() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    socket.sendBinary(
        new ByteArrayInputStream(new byte[10]) {
          @Override
          public void close() {
            throw new AssertionError("closed");
          }
        });
    socket.sendText(
        new StringReader("text") {
          @Override
          public void close() {
            throw new AssertionError("closed");
          }
        });
  }

  private static final String TEXT = "a\u00e4\u20ac\ud83e\udd20".repeat(5000); // 25,000 chars

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 16_383, 16_384, Integer.MAX_VALUE})
  void aReaderIsOneMessageHoweverItsReadsCutTheText(int most) throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    Reader cut =
        new StringReader(TEXT) {
          @Override
          public int read(char[] into, int offset, int length) throws IOException {
            return super.read(into, offset, Math.min(most, length));
          }
        };
    socket.sendText(cut);
    assertThat(new String(message(0x01), StandardCharsets.UTF_8)).isEqualTo(TEXT);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 16_383, 16_384, 16_385})
  void aPairMayLieOnTheBorderOfTwoReads(int before) throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    String text = "x".repeat(before) + "\ud83e\udd20";
    socket.sendText(new StringReader(text));
    assertThat(new String(message(0x01), StandardCharsets.UTF_8)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\ud83e", "\udd20", "a\ud83eb", "\ud83e\ud83e\udd20", "ok\udd20"})
  void anUnpairedSurrogateSendsNothing(String text) throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    Throwable thrown = catchThrowable(() -> socket.sendText(new StringReader(text)));
    assertThat(thrown)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "text: an unpaired surrogate, allowed what UTF-8 can express"
                + " (RFC 6455 section 5.6)");
    socket.send(new Text("goes on"));
    assertThat(origin.sent()).containsExactly(Sent.of(0x81, "goes on"));
  }

  @Test
  void anUnpairedSurrogateBehindTheFirstFragmentClosesWith1011() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    String text = "x".repeat(20_000) + "\ud83e";
    assertThat(catchThrowable(() -> socket.sendText(new StringReader(text))))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(origin.sent()).last().isEqualTo(Sent.close(1011, ""));
  }

  // ---- what blocks

  @Test
  void theSenderWaitsUntilTheLastByteIsWritten() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    origin.clog();
    Sender sender = sending(socket, new ByteArrayInputStream(new byte[100]));
    sender.awaitWaiting();
    origin.take(6 + 100 + 5);
    assertThat(sender.outcome).isNotDone();
    origin.take(1);
    assertThat(sender.outcome()).isNull();
  }

  @Test
  void noMoreIsReadThanMayWait() throws Exception {
    WebSocketOptions options = Origin.SILENT.sendQueue(100_000);
    WebSocket socket = origin.upgraded(options);
    origin.clog();
    Endless endless = new Endless();
    Sender sender = sending(socket, endless);
    sender.awaitWaiting();
    origin.settle();
    sender.awaitWaiting();
    long buffered = 65_536 + FRAGMENT; // what the transport takes before it says that it is full
    assertThat(endless.read.get()).isLessThanOrEqualTo(100_000 + buffered + FRAGMENT);
    socket.close();
    assertThat(sender.lost()).isEqualTo(CLOSED);
  }

  @Test
  void anEndlessMessageBeforeTheUpgradeIsHeldInBounds() throws Exception {
    WebSocket socket = origin.asked(Origin.SILENT.sendQueue(100_000));
    Endless endless = new Endless();
    Sender sender = sending(socket, endless);
    sender.awaitWaiting();
    assertThat(endless.read.get()).isLessThanOrEqualTo(100_000 + FRAGMENT);
    origin.hangUp();
    assertThat(sender.lost()).isEqualTo(new Reason.Closed());
  }

  @Test
  void aSenderForWhichThereIsNoRoomInTimeGivesTheMessageUp() throws Exception {
    Duration patience = Duration.ofMillis(50);
    WebSocket socket = origin.upgraded(Origin.SILENT.sendQueue(1000).sendTimeout(patience));
    origin.clog();
    Sender sender = sending(socket, new Endless());
    assertThat(sender.lost())
        .isInstanceOfSatisfying(
            Reason.Timeout.class,
            late -> {
              assertThat(late.step()).isEqualTo(Reason.Step.SEND);
              assertThat(late.limit()).isEqualTo(patience);
            });
    origin.settle();
    origin.takeAll();
    assertThat(origin.sent()).last().isEqualTo(Sent.close(1011, ""));
  }

  @Test
  void anInterruptedSenderGivesTheMessageUpAndStaysInterrupted() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    origin.clog();
    Sender sender = sending(socket, new Endless());
    sender.awaitWaiting();
    sender.thread.interrupt();
    assertThat(sender.lost())
        .isEqualTo(new Reason.BadState("send", "the thread was interrupted while it waited"));
    assertThat(sender.interrupted).isTrue();
    origin.settle();
    origin.takeAll();
    assertThat(origin.sent()).last().isEqualTo(Sent.close(1011, ""));
  }

  @Test
  void anInterruptedSenderOfAWholeMessageThatWaitsTakesItBackWhereItHasNotBegun() throws Exception {
    WebSocket socket = origin.asked(Origin.SILENT);
    Sender sender = sending(socket, new ByteArrayInputStream(new byte[100]));
    sender.awaitWaiting();
    sender.thread.interrupt();
    sender.lost();
    socket.send(new Text("other"));
    origin.accept();
    assertThat(origin.sent()).containsExactly(Sent.of(0x81, "other"));
  }

  @Test
  void aWholeMessageThatHasBegunGoesOutThoughItsSenderIsInterrupted() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    origin.clog();
    Sender sender = sending(socket, new ByteArrayInputStream(new byte[200_000]));
    sender.awaitWaiting();
    origin.settle(); // the first fragments are in the socket's buffer, the others wait
    sender.thread.interrupt();
    sender.lost();
    socket.send(new Text("other"));
    origin.takeAll();
    origin.settle();
    List<Sent> rest = origin.sent();
    assertThat(rest).last().isEqualTo(Sent.of(0x81, "other"));
    assertThat(rest.get(rest.size() - 2)).isEqualTo(Sent.of(0x80, ""));
  }

  @Test
  void aStreamMayNotBeSentOnAnEventLoop() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    Throwable binary =
        origin.on(() -> catchThrowable(() -> socket.sendBinary(InputStream.nullInputStream())));
    Throwable text = origin.on(() -> catchThrowable(() -> socket.sendText(Reader.nullReader())));
    assertThat(binary)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("sendBinary would block an event loop; on it, use a publisher");
    assertThatIllegalStateException()
        .isThrownBy(
            () -> {
              throw text;
            });
    assertThat(origin.sent()).isEmpty();
  }

  // ---- what goes in between

  @Test
  void controlFramesGoInBetweenAndOtherMessagesWait() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    CompletableFuture<Void> other = new CompletableFuture<>();
    InputStream slow =
        new InputStream() {
          private int reads;

          @Override
          public int read() {
            throw new AssertionError("read one by one");
          }

          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            into[offset] = 'm';
            switch (reads++) {
              case 0 -> {
                return 1;
              }
              case 1 -> {
                socket.send(new Text("one"));
                socket.written(new Ping(Bytes.ofUtf8("p"))).join();
                socket.written(new Text("two")).thenRun(() -> other.complete(null));
                return 1;
              }
              default -> {
                assertThat(other).isNotDone();
                return -1;
              }
            }
          }
        };
    socket.sendBinary(slow);
    other.get(20, TimeUnit.SECONDS);
    assertThat(origin.sent())
        .containsExactly(
            Sent.of(0x02, "m"),
            Sent.of(0x89, "p"),
            Sent.of(0x00, "m"),
            Sent.of(0x80, ""),
            Sent.of(0x81, "one"),
            Sent.of(0x81, "two"));
  }

  @Test
  void theNextFrameOfASenderIsBehindItsMessage() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    socket.send(new Text("before"));
    socket.sendBinary(new ByteArrayInputStream(new byte[] {'m'}));
    socket.written(new Text("after")).join();
    assertThat(origin.sent())
        .containsExactly(
            Sent.of(0x81, "before"), Sent.of(0x02, "m"), Sent.of(0x80, ""), Sent.of(0x81, "after"));
  }

  // ---- what goes wrong

  @Test
  void aSourceThatFailsBeforeItGaveAnythingSendsNothing() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    IOException failure = new IOException("on purpose");
    assertThat(catchThrowable(() -> socket.sendBinary(failing(new byte[0], failure))))
        .isSameAs(failure);
    socket.written(new Text("goes on")).join();
    assertThat(origin.sent()).containsExactly(Sent.of(0x81, "goes on"));
  }

  @Test
  void aSourceThatFailsLaterClosesTheWebSocketWith1011() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    IOException failure = new IOException("on purpose");
    assertThat(catchThrowable(() -> socket.sendBinary(failing(new byte[] {'m'}, failure))))
        .isSameAs(failure);
    assertThat(origin.sent()).containsExactly(Sent.of(0x02, "m"), Sent.close(1011, ""));
  }

  @Test
  void aSourceThatFailsBeforeTheUpgradeSendsNothing() throws Exception {
    WebSocket socket = origin.asked(Origin.SILENT);
    IOException failure = new IOException("on purpose");
    assertThat(catchThrowable(() -> socket.sendBinary(failing(new byte[] {'m'}, failure))))
        .isSameAs(failure);
    socket.send(new Text("goes on"));
    origin.accept();
    assertThat(origin.sent()).containsExactly(Sent.of(0x81, "goes on"));
  }

  @Test
  void aCloseFrameEndsTheMessage() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    origin.clog();
    Sender sender = sending(socket, new Endless());
    sender.awaitWaiting();
    socket.send(new Close(4000, ""));
    assertThat(sender.lost()).isEqualTo(CLOSED);
    origin.takeAll();
    assertThat(origin.sent()).last().isEqualTo(Sent.close(4000, ""));
  }

  @Test
  void theEndOfTheLinkEndsTheMessageForItsReason() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    origin.clog();
    Sender writing = sending(socket, new Endless());
    writing.awaitWaiting();
    Sender waiting = sending(socket, new ByteArrayInputStream(new byte[10]));
    waiting.awaitWaiting();
    origin.settle();
    origin.hangUp();
    assertThat(writing.lost()).isEqualTo(new Reason.Closed());
    assertThat(waiting.lost()).isEqualTo(new Reason.Closed());
  }

  @Test
  void theOwnersCloseEndsTheMessage() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    origin.clog();
    Sender sender = sending(socket, new Endless());
    sender.awaitWaiting();
    origin.connection.close();
    assertThat(sender.lost()).isEqualTo(new Reason.OwnerClosed());
  }

  @Test
  void aMessageOnAWebSocketThatIsClosingFails() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    socket.close();
    Sender sender = sending(socket, new Endless());
    assertThat(sender.lost()).isEqualTo(CLOSED);
  }

  @Test
  void aMessageOnAWebSocketThatHasEndedFails() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    origin.hangUp();
    assertThat(sending(socket, new Endless()).lost())
        .isEqualTo(new Reason.BadState("send", "the WebSocket has ended"));
  }
}
