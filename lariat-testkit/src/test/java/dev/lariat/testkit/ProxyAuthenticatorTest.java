package dev.lariat.testkit;

import static dev.lariat.testkit.ViaTest.next;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Retrying;
import dev.lariat.message.Up;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Proxy;
import dev.lariat.option.ProxyAuthenticator;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A user's authenticator at scripted proxies, over HTTP/1.1 and HTTP/2. */
@Timeout(60)
class ProxyAuthenticatorTest {
  private static final String PROXY = "proxy.example";
  private static final String SERVER = "server.example";
  private static final Duration LONG = Duration.ofHours(1);

  private final Simulation simulation = Simulation.seeded(1);
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger closed = new AtomicInteger();

  /** Answers each token by the next one, up to this number; then it gives up. */
  private ProxyAuthenticator counting(int last) {
    return (host, port) -> {
      assertThat(host + ":" + port).isEqualTo(PROXY + ":80");
      begun.incrementAndGet();
      return new ProxyAuthenticator.Authentication() {
        private int sent;

        @Override
        public Optional<String> answer(List<String> challenges) {
          String expected = sent == 0 ? "Steps" : "Steps " + sent;
          assertThat(challenges).containsExactly(expected, "Basic realm=\"p\"");
          return ++sent > last ? Optional.empty() : Optional.of("Steps " + sent);
        }

        @Override
        public void close() {
          closed.incrementAndGet();
        }
      };
    };
  }

  private static Headers challenges(int round) {
    return Headers.of("proxy-authenticate", round == 0 ? "Steps" : "Steps " + round)
        .with("proxy-authenticate", "Basic realm=\"p\"");
  }

  /** Refuses so many requests for the tunnel, on one connection. */
  private static void refuse(Visit visit, int rounds) throws IOException {
    for (int i = 0; i < rounds; i++) {
      Headers headers = visit.request().headers();
      assertThat(headers.first("proxy-authorization"))
          .isEqualTo(i == 0 ? Optional.empty() : Optional.of("Steps " + i));
      visit.respond(407, challenges(i), Bytes.ofUtf8("who?"));
    }
  }

  private static void accept(Visit visit, int round) throws IOException {
    Asked asked = visit.request();
    assertThat(asked.headers().first("proxy-authorization")).contains("Steps " + round);
    Visit server = visit;
    if (visit.protocol() == Protocol.HTTP_2) {
      server = visit.acceptTunnel(Headers.EMPTY);
    } else {
      visit.write("HTTP/1.1 200 OK\r\n\r\n");
    }
    for (Asked its = server.request(); its != null; its = server.request()) {
      assertThat(its.headers().contains("proxy-authorization")).isFalse();
      server.respond(200, its.target());
    }
  }

  private static Proxy proxy(Protocol protocol, ProxyAuthenticator authenticator) {
    return Proxy.of("http://" + PROXY).protocols(protocol).authenticator(authenticator);
  }

  private Connection open(Proxy proxy) {
    return Lariat.open(
        SERVER,
        80,
        ConnectionOptions.DEFAULT
            .platform(simulation.platform())
            .retry(Backoff.DEFAULT.attempts(1))
            .via(proxy));
  }

  private Reason.Hop failure(Proxy proxy) throws InterruptedException {
    try (Connection connection = open(proxy)) {
      return (Reason.Hop) next(connection, Retrying.class).reason();
    }
  }

  private void assertClosed(int times) throws InterruptedException {
    for (int i = 0; i < 100 && closed.get() < times; i++) {
      simulation.advance(Duration.ofMillis(10));
    }
    assertThat(closed).hasValue(times);
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void severalRoundsGoOnOnOneConnection(Protocol protocol) throws Exception {
    try (simulation) {
      simulation.origin(
          PROXY,
          80,
          visit -> {
            refuse(visit, 3);
            accept(visit, 3);
          });
      try (Connection connection = open(proxy(protocol, counting(3)))) {
        assertThat(connection.get("/far").text(LONG)).isEqualTo("/far");
        next(connection, Up.class);
      }
      assertThat(begun).hasValue(1);
      assertClosed(1);
    }
  }

  @Test
  void aChallengeThatEndsTheConnectionIsAnsweredOnAnother() throws Exception {
    try (simulation) {
      simulation.origin(
          PROXY,
          80,
          visit -> {
            visit.request();
            visit.respond(407, challenges(0).with("connection", "close"), Bytes.ofUtf8("who?"));
          },
          visit -> accept(visit, 1));
      try (Connection connection = open(proxy(Protocol.HTTP_1_1, counting(3)))) {
        assertThat(connection.get("/far").text(LONG)).isEqualTo("/far");
      }
      assertThat(begun).hasValue(1);
    }
  }

  /** As it does after any response, perhaps while the answer is on its way. */
  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void theAnswerIsNotLostWithTheConnection(Protocol protocol) throws Exception {
    try (simulation) {
      Script ends =
          visit -> {
            refuse(visit, 1);
            visit.request();
          };
      simulation.origin(PROXY, 80, ends, visit -> accept(visit, 1));
      try (Connection connection = open(proxy(protocol, counting(3)))) {
        assertThat(connection.get("/far").text(LONG)).isEqualTo("/far");
      }
      assertThat(begun).hasValue(1);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void givingUpLeavesTheProxysAnswer(Protocol protocol) throws Exception {
    try (simulation) {
      simulation.origin(PROXY, 80, visit -> refuse(visit, 2));
      Reason.Status why = (Reason.Status) failure(proxy(protocol, counting(1))).why();
      assertThat(why.status()).isEqualTo(407);
      assertThat(why.headers().all("proxy-authenticate")).contains("Steps 1");
      assertThat(why.body().utf8()).isEqualTo("who?");
      assertClosed(1);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void theRoundsOfAnAttemptHaveALimit(Protocol protocol) throws Exception {
    try (simulation) {
      simulation.origin(PROXY, 80, visit -> refuse(visit, 100));
      Reason.Status why = (Reason.Status) failure(proxy(protocol, counting(100))).why();
      assertThat(why.status()).isEqualTo(407);
      assertThat(why.headers().all("proxy-authenticate")).contains("Steps 8");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void anotherRefusalIsNotAsked(Protocol protocol) throws Exception {
    try (simulation) {
      simulation.origin(
          PROXY,
          80,
          visit -> {
            visit.request();
            visit.respond(403, "no");
          });
      Reason.Status why = (Reason.Status) failure(proxy(protocol, counting(100))).why();
      assertThat(why.status()).isEqualTo(403);
      assertThat(begun).hasValue(0);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void whatItThrowsIsTheReason(Protocol protocol) throws Exception {
    try (simulation) {
      simulation.origin(PROXY, 80, visit -> refuse(visit, 1));
      IOException noTicket = new IOException("no ticket");
      ProxyAuthenticator throwing =
          (host, port) ->
              challenges -> {
                throw noTicket;
              };
      assertThat(failure(proxy(protocol, throwing)).why())
          .isEqualTo(new Reason.AuthenticatorThrew(noTicket));
    }
  }

  @Test
  void anAnswerThatIsNoValueOfAHeaderIsAReason() throws Exception {
    try (simulation) {
      simulation.origin(PROXY, 80, visit -> refuse(visit, 1));
      ProxyAuthenticator wrong = (host, port) -> challenges -> Optional.of("a\r\nb: c");
      Reason why = failure(proxy(Protocol.HTTP_1_1, wrong)).why();
      assertThat(why).isInstanceOf(Reason.AuthenticatorThrew.class);
      assertThat(why.sentence()).contains("IllegalArgumentException");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void theTimeoutOfTheProxyLimitsItAndInterruptsIt(Protocol protocol) throws Exception {
    try (simulation) {
      simulation.origin(
          PROXY,
          80,
          visit -> {
            refuse(visit, 1);
            visit.awaitEnd();
          });
      AtomicReference<Thread> asked = new AtomicReference<>();
      CountDownLatch interrupted = new CountDownLatch(1);
      ProxyAuthenticator slow =
          (host, port) ->
              challenges -> {
                asked.set(Thread.currentThread());
                try {
                  simulation.pause(LONG);
                } catch (InterruptedException e) {
                  interrupted.countDown();
                  throw e;
                }
                return Optional.of("late");
              };
      Proxy proxy = proxy(protocol, slow).timeout(Duration.ofSeconds(2));
      Reason.Timeout why = (Reason.Timeout) failure(proxy).why();
      assertThat(why.step()).isEqualTo(Reason.Step.PROXY);
      assertThat(asked.get().getName()).isEqualTo("lariat-proxy-authenticator");
      simulation.advance(Duration.ofMillis(1));
      assertThat(interrupted.getCount()).isZero();
    }
  }
}
