package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.Mailbox;
import dev.lariat.client.Client;
import dev.lariat.event.PoolInfo;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Limits;
import dev.lariat.option.PoolOptions;
import dev.lariat.option.Request;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * However a stream ends: its place in the pool is free again, and the next request has it. {@code
 * -Dleaks.times=1000} lets each way happen as often, which takes ten minutes.
 */
@Timeout(600)
class PoolLeakTest {
  private static final Duration SHORT = Duration.ofSeconds(2);
  private static final int TIMES = Integer.getInteger("leaks.times", 20);

  /** How far the response has come when the stream ends. */
  enum Phase {
    BEFORE_THE_RESPONSE,
    WITHIN_THE_BODY,
    AFTER_THE_BODY
  }

  /** What ends it. */
  enum End {
    READ_TO_ITS_END,
    CANCELLED,
    CANCELLED_TWICE,
    LATE_BY_THE_CALL,
    LATE_BY_THE_REQUEST,
    INTERRUPTED,
    MAILBOX_CLOSED,
    FORGOTTEN,
    TOO_LARGE,
    INPUT_CLOSED,
    FUTURE_CANCELLED,
    RESET_BY_THE_SERVER,
    CLOSED_BY_THE_SERVER
  }

  static Stream<Arguments> ends() {
    return Stream.of(Protocol.HTTP_1_1, Protocol.HTTP_2)
        .flatMap(
            protocol ->
                Arrays.stream(Phase.values())
                    .flatMap(
                        phase ->
                            Arrays.stream(End.values())
                                .map(end -> Arguments.of(protocol, phase, end))));
  }

  private static void serve(Visit visit, Phase phase, End end) throws Exception {
    for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
      if (asked.target().equals("/next")) {
        visit.respond(200, "next");
        continue;
      }
      switch (phase) {
        case BEFORE_THE_RESPONSE -> {}
        case WITHIN_THE_BODY -> visit.begin(200, Headers.EMPTY, 10).write("012");
        case AFTER_THE_BODY -> visit.respond(200, "0123456789");
      }
      switch (end) {
        case RESET_BY_THE_SERVER -> {
          visit.reset();
          return;
        }
        case CLOSED_BY_THE_SERVER -> {
          return;
        }
        default -> {}
      }
    }
  }

  private static void ends(Simulation simulation, Client client, String url, End end)
      throws Exception {
    Request get = Request.of("GET", "/");
    switch (end) {
      case READ_TO_ITS_END, RESET_BY_THE_SERVER, CLOSED_BY_THE_SERVER ->
          fails(() -> client.get(url, SHORT));
      case CANCELLED -> {
        Exchange exchange = client.request(url, get);
        simulation.advance(Duration.ofMillis(500));
        exchange.cancel();
      }
      case CANCELLED_TWICE -> {
        Exchange exchange = client.request(url, get);
        exchange.cancel();
        exchange.cancel();
      }
      case LATE_BY_THE_CALL -> fails(() -> client.request(url, get).text(SHORT));
      case LATE_BY_THE_REQUEST -> fails(() -> client.send(url, get.timeout(SHORT)));
      case INTERRUPTED -> {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        Thread thread =
            simulation.start(
                "interrupted",
                () -> {
                  fails(() -> client.get(url, SHORT));
                  done.complete(true);
                });
        simulation.advance(Duration.ofMillis(500));
        thread.interrupt();
        simulation.await(done);
      }
      case MAILBOX_CLOSED -> {
        Mailbox mailbox = Mailbox.create();
        client.request(url, get.replyTo(mailbox).timeout(SHORT));
        mailbox.close();
      }
      case FORGOTTEN -> client.request(url, get.timeout(SHORT));
      case TOO_LARGE -> fails(() -> client.request(url + "?large", get).body(SHORT));
      case INPUT_CLOSED ->
          fails(
              () -> {
                try (var input = client.request(url, get).inputStream(SHORT)) {
                  int first = input.read();
                  assertThat(first).isEqualTo('0');
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      case FUTURE_CANCELLED -> {
        var future = client.sendAsync(url, get);
        simulation.advance(Duration.ofMillis(500));
        future.cancel(true);
      }
    }
  }

  private static void fails(Runnable call) {
    try {
      call.run();
    } catch (FailedException e) {
      assertThat(e.reason()).isNotNull(); // or it succeeds: here only the pool matters
    }
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("ends")
  void nothingIsLeft(Protocol protocol, Phase phase, End end) throws Exception {
    try (Simulation simulation = Simulation.seeded(1)) {
      simulation.origin("a.example", 80, visit -> serve(visit, phase, end)).protocols(protocol);
      Limits limits = end == End.TOO_LARGE ? Limits.DEFAULT.body(4) : Limits.DEFAULT;
      ConnectionOptions connection =
          ConnectionOptions.DEFAULT
              .platform(simulation.platform())
              .protocols(protocol)
              .limits(limits);
      PoolOptions options = PoolOptions.DEFAULT.connection(connection).connections(2);
      try (Client client = Client.open(options)) {
        for (int i = 0; i < TIMES; i++) {
          ends(simulation, client, "http://a.example/" + i, end);
        }
        simulation.advance(Duration.ofSeconds(20));
        PoolInfo info = client.info();
        assertThat(info.streams()).isZero();
        assertThat(info.waiting()).isZero();
        assertThat(info.granted()).isEqualTo(info.ended()).isPositive();
        for (PoolInfo.Origin origin : info.origins()) {
          assertThat(origin.connections()).isEqualTo(origin.idle());
        }
        assertThat(client.get("http://a.example/next").status()).isEqualTo(200);
      }
    }
  }
}
