package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.message.Bytes;
import dev.lariat.message.Down;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.KeepAlive.Parameter;
import dev.lariat.option.ConnectionOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A server that says by {@code Keep-Alive} how long it keeps a connection, and keeps its word. */
@Timeout(60)
class KeepAliveTest {
  private static final String HOST = "server.example";
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final Simulation simulation = Simulation.seeded(1);
  private final AtomicInteger connections = new AtomicInteger();

  /** A server that closes when nothing was asked for in so many seconds. */
  private Connection open(long seconds) {
    simulation.origin(
        HOST,
        80,
        visit -> {
          connections.incrementAndGet();
          AtomicInteger asked = new AtomicInteger();
          while (visit.request() != null) {
            int number = asked.incrementAndGet();
            visit.respond(204, Headers.of("keep-alive", "timeout=" + seconds), Bytes.EMPTY);
            simulation.start(
                "idle",
                () -> {
                  try {
                    visit.pause(Duration.ofSeconds(seconds));
                    if (asked.get() == number) {
                      visit.reset(); // a request that is on its way is lost
                    }
                  } catch (Exception e) {
                    throw new IllegalStateException(e);
                  }
                });
          }
        });
    return Lariat.open(HOST, 80, ConnectionOptions.DEFAULT.platform(simulation.platform()));
  }

  private static List<Reason> losses(Connection connection) throws InterruptedException {
    List<Reason> losses = new ArrayList<>();
    for (Message next = connection.mailbox().take(Duration.ZERO);
        next != null;
        next = connection.mailbox().take(Duration.ZERO)) {
      if (next instanceof Down down) {
        assertThat(down.killed()).isEmpty();
        losses.add(down.reason());
      }
    }
    return losses;
  }

  @ParameterizedTest
  @CsvSource({"5, 3900, 1", "5, 4500, 10", "5, 4990, 10", "1, 400, 1", "1, 600, 10", "1, 990, 10"})
  void aRequestJustBeforeTheServersCloseIsAnsweredOnTheNextConnection(
      long timeout, long pause, int expected) throws Exception {
    try (simulation;
        Connection connection = open(timeout)) {
      for (int i = 0; i < 10; i++) {
        assertThat(connection.get("/").response(TIMEOUT).status()).isEqualTo(204);
        simulation.pause(Duration.ofMillis(pause));
      }
      assertThat(connections).hasValue(expected);
      assertThat(losses(connection))
          .hasSize(expected - 1)
          .allMatch(new Reason.KeepAlive(Parameter.TIMEOUT, timeout)::equals);
    }
  }

  @Test
  void aShortTimeMakesNoLoopWhileNobodyAsksForAnything() throws Exception {
    try (simulation;
        Connection connection = open(1)) {
      connection.get("/").response(TIMEOUT);
      simulation.pause(Duration.ofHours(1));
      assertThat(connections).as("the server has closed the first one").hasValue(2);
    }
  }
}
