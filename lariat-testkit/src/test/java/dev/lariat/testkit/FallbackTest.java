package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.client.Caller;
import dev.lariat.live.LiveEvents;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.Waiting;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.EventOptions;
import dev.lariat.option.Request;
import dev.lariat.option.RequestRetry;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Servers of HTTP/2 that demand HTTP/1.1 for what is asked of them (RFC 9113 section 7). */
@Timeout(30)
class FallbackTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final int HTTP_1_1_REQUIRED = 13;

  private final Queue<Protocol> asked = new ConcurrentLinkedQueue<>();

  private void demands(Visit visit) throws Exception {
    asked.add(visit.protocol());
    visit.request();
    if (visit.protocol() == Protocol.HTTP_2) {
      visit.http2().reset(HTTP_1_1_REQUIRED);
      visit.awaitEnd();
    } else {
      visit.respond(200, "by " + visit.protocol());
      visit.awaitEnd();
    }
  }

  private void saysGoodbye(Visit visit) throws Exception {
    asked.add(visit.protocol());
    visit.request();
    if (visit.protocol() == Protocol.HTTP_2) {
      visit.http2().goAway(0, HTTP_1_1_REQUIRED, "");
      visit.awaitEnd();
    } else {
      EventStream events = visit.events();
      events.send("1", "by " + visit.protocol());
      visit.awaitEnd();
    }
  }

  private static ConnectionOptions both(Simulation simulation) {
    return ConnectionOptions.DEFAULT
        .platform(simulation.platform())
        .protocols(Protocol.HTTP_2, Protocol.HTTP_1_1);
  }

  @Test
  void aCallerAsksOnceMoreAndGetsItsAnswerByHttp1() throws Exception {
    try (Simulation simulation = Simulation.seeded(1)) {
      Origin origin = simulation.origin("origin.example", 80, this::demands);
      try (Connection connection = Lariat.open(origin.uri("http", "/"), both(simulation))) {
        Caller caller = Caller.on(connection).retry(RequestRetry.DEFAULT);
        Request post = Request.of("POST", "/"); // it was not acted upon
        assertThat(caller.send(post, SOON).text()).isEqualTo("by http/1.1");
      }
    }
    assertThat(asked).containsExactly(Protocol.HTTP_2, Protocol.HTTP_1_1);
  }

  @Test
  void aCallerDoesNotRepeatWhatOnlyHttp1CanDo() throws Exception {
    try (Simulation simulation = Simulation.seeded(1)) {
      Origin origin = simulation.origin("origin.example", 80, this::demands);
      ConnectionOptions options = both(simulation).protocols(Protocol.HTTP_2);
      try (Connection connection = Lariat.open(origin.uri("http", "/"), options)) {
        Caller caller = Caller.on(connection).retry(RequestRetry.DEFAULT);
        FailedException failed =
            catchThrowableOfType(FailedException.class, () -> caller.get("/", SOON));
        assertThat(failed.reason()).isEqualTo(new Reason.StreamReset(HTTP_1_1_REQUIRED));
      }
    }
    assertThat(asked).containsExactly(Protocol.HTTP_2);
  }

  @Test
  void withTlsTheNextHandshakeOffersHttp1Alone() throws Exception {
    try (Origin origin = Origin.startTls(ServerCertificate.TRUSTED, this::demands)) {
      ConnectionOptions options =
          ConnectionOptions.DEFAULT.protocols(Protocol.HTTP_2, Protocol.HTTP_1_1).tls(origin.tls());
      try (Connection connection = Lariat.open(origin.uri("https", "/"), options)) {
        Caller caller = Caller.on(connection).retry(RequestRetry.DEFAULT);
        assertThat(caller.get("/", SOON).text()).isEqualTo("by http/1.1");
        assertThat(connection.info().join().tls().orElseThrow().alpn()).hasValue("http/1.1");
      }
    }
    assertThat(asked).containsExactly(Protocol.HTTP_2, Protocol.HTTP_1_1);
  }

  @Test
  void aLiveStreamOfEventsGoesOnByHttp1InTheSameAttempt() throws Exception {
    try (Simulation simulation = Simulation.seeded(1)) {
      simulation.origin("origin.example", 80, this::saysGoodbye);
      EventOptions options = EventOptions.DEFAULT.connection(both(simulation));
      try (LiveEvents events = LiveEvents.to("http://origin.example/").options(options).open()) {
        Message message = events.mailbox().take(SOON);
        while (!(message instanceof ServerSentEvent event)) {
          assertThat(message).isNotNull().isNotInstanceOf(Waiting.class);
          message = events.mailbox().take(SOON);
        }
        assertThat(event.data()).isEqualTo("by http/1.1");
      }
    }
    assertThat(asked).containsExactly(Protocol.HTTP_2, Protocol.HTTP_1_1);
  }
}
