package dev.lariat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Message;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.StreamRef;
import dev.lariat.message.Terminated;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Limits;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.RepeatedTest;
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
}
