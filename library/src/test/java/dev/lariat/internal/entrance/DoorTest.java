package dev.lariat.internal.entrance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.internal.connection.Actor;
import dev.lariat.internal.connection.Engines;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Gate;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.internal.transport.Dialer;
import dev.lariat.internal.transport.Loop;
import dev.lariat.internal.transport.ThisMachine;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Down;
import dev.lariat.message.Message;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.StreamRef;
import dev.lariat.message.Terminated;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DoorTest {
  private static final int NOBODY_LISTENS = 1;

  /** Law 5, where it is hardest: requests come from many threads while the connection is closed. */
  @RepeatedTest(20)
  void everyRequestThatWasTakenIsAnsweredBeforeTheConnectionTerminates() throws Exception {
    ConnectionOptions options =
        ConnectionOptions.DEFAULT.limits(Limits.DEFAULT.heldCommands(1_000_000));
    try (Mailbox mailbox = Mailbox.unbounded()) {
      Connection connection = Lariat.open("127.0.0.1", NOBODY_LISTENS, options, mailbox);
      CountDownLatch busy = new CountDownLatch(3 * 50);
      List<CompletableFuture<List<StreamRef>>> askers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        CompletableFuture<List<StreamRef>> taken = new CompletableFuture<>();
        askers.add(taken);
        Thread.ofPlatform().start(() -> taken.complete(askUntilRefused(connection, busy)));
      }
      busy.await();
      connection.close();
      Set<StreamRef> unanswered = Collections.newSetFromMap(new IdentityHashMap<>());
      for (CompletableFuture<List<StreamRef>> taken : askers) {
        unanswered.addAll(taken.get());
      }
      Message message = mailbox.take();
      for (; !(message instanceof Terminated); message = mailbox.take()) {
        if (message instanceof StreamFailed failed) {
          assertThat(unanswered.remove(failed.stream())).as("answered once").isTrue();
        }
      }
      assertThat(unanswered).isEmpty();
      assertThat(mailbox.size()).as("messages behind Terminated").isZero();
    }
  }

  private static List<StreamRef> askUntilRefused(Connection connection, CountDownLatch busy) {
    List<StreamRef> taken = new ArrayList<>();
    try {
      while (true) {
        taken.add(connection.get("/"));
        busy.countDown();
      }
    } catch (FailedException terminated) {
      return taken;
    }
  }

  /** No inbox throws. If one did, only its messages would be lost. */
  @Test
  void aTurnIsSettledEvenWhenAnErrorLeavesIt() throws Exception {
    CountDownLatch dialed = new CountDownLatch(2);
    CountDownLatch up = new CountDownLatch(1);
    Loop loop = ThisMachine.THIS.nextLoop();
    Dialer dialer =
        (on, outcome) -> {
          dialed.countDown();
          on.execute(() -> outcome.connected(new EmbeddedChannel(new Broken())));
          return () -> {};
        };
    Inbox inbox =
        new Inbox() {
          @Override
          public void put(Message[] batch, int count) {
            up.countDown();
            if (Arrays.stream(batch).anyMatch(Down.class::isInstance)) {
              throw new AssertionError("on purpose");
            }
          }

          @Override
          public boolean full() {
            return false;
          }

          @Override
          public void whenRoom(Runnable action) {
            action.run();
          }
        };
    ConnectionRef ref = () -> "origin:80";
    Stream stream = new Stream(() -> ref, inbox, Gate.NONE);
    ConnectionOptions options =
        ConnectionOptions.DEFAULT.retry(
            Backoff.DEFAULT.delays(Duration.ofMillis(1), Duration.ofMillis(1)));
    Door door =
        new Door(
            loop,
            its ->
                new Actor(
                    ref,
                    options,
                    new Engines("origin", options),
                    dialer,
                    loop,
                    () -> 1L,
                    inbox,
                    its::carryOutPosted,
                    its::close));
    door.open();
    up.await();
    door.post(new Command.Request(stream, Request.of("GET", "/")));
    dialed.await(); // again, since the timer was set
    door.post(new Command.Close());
  }

  /** A socket that refuses every write, at once. */
  private static final class Broken extends ChannelOutboundHandlerAdapter {
    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      ReferenceCountUtil.release(message);
      promise.setFailure(new IOException("Broken pipe"));
    }
  }
}
