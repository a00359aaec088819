package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Gone;
import dev.lariat.message.Message;
import dev.lariat.message.Open;
import dev.lariat.message.Text;
import dev.lariat.message.Waiting;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Rotation;
import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Rotations of a feed that is in use, against python3-websockets. */
@Needs(Peer.PYTHON_WEBSOCKETS)
@Timeout(120)
final class RotationTest {
  private static final int MESSAGES = 30_000;
  private static final int OUTSTANDING = 1000;
  private static final int ROTATIONS = 6;
  private static final long EVERY = MESSAGES / (ROTATIONS + 1);

  /** This server drops what it has queued when it reads a close frame. */
  @Test
  void eachQuestionIsAnsweredWhileSessionsReplaceEachOther() throws Exception {
    Rotation rotation = Rotation.DEFAULT.quiet(Duration.ofMillis(500));
    try (LiveWebSocket feed =
        LiveWebSocket.to("ws://127.0.0.1:" + Servers.python().port(0) + "/echo")
            .options(LiveOptions.DEFAULT.rotation(rotation))
            .open()) {
      feed.awaitOpen(Duration.ofSeconds(20));
      Semaphore room = new Semaphore(OUTSTANDING);
      AtomicLong longest = new AtomicLong();
      Thread sender = Thread.ofVirtual().start(() -> send(feed, room, longest));
      BitSet missing = new BitSet();
      missing.set(0, MESSAGES);
      int sessions = 0;
      for (Message message : feed.messages()) {
        switch (message) {
          case WebSocketFrame(var stream, Text(var text)) -> {
            int number = Integer.parseInt(text);
            assertThat(missing.get(number)).as("%s comes once", text).isTrue();
            missing.clear(number);
            room.release();
            if (missing.cardinality() % EVERY == 0) {
              feed.rotate();
            }
          }
          case Open open -> sessions++;
          case Waiting waiting -> throw new AssertionError(waiting);
          case Gone gone -> throw new AssertionError(gone);
          default -> {}
        }
        if (missing.isEmpty() && sessions > ROTATIONS) {
          break;
        }
      }
      sender.join();
      assertThat(missing.cardinality()).isZero();
      assertThat(Duration.ofNanos(longest.get()))
          .as("no sender waits for the end of the old session")
          .isLessThan(rotation.quiet());
    }
  }

  private static void send(LiveWebSocket feed, Semaphore room, AtomicLong longest) {
    for (int i = 0; i < MESSAGES; i++) {
      room.acquireUninterruptibly();
      long began = System.nanoTime();
      feed.send(new Text(Integer.toString(i)));
      longest.accumulateAndGet(System.nanoTime() - began, Math::max);
    }
  }
}
