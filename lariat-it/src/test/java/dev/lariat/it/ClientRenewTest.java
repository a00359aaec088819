package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.client.Client;
import dev.lariat.event.PoolInfo;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.PoolOptions;
import dev.lariat.option.Request;
import dev.lariat.option.Tls;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Reply;
import dev.lariat.testkit.ServerCertificate;
import dev.lariat.testkit.Visit;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A client whose TLS options change while it has connections. */
@Timeout(60)
class ClientRenewTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch rest = new CountDownLatch(1);

  /** Answers each request; on {@code /slow} in two parts. */
  private void answers(Visit visit) throws Exception {
    for (var asked = visit.request(); asked != null; asked = visit.request()) {
      if (asked.target().equals("/slow")) {
        Reply reply = visit.beginChunked(200, Headers.EMPTY);
        reply.write("one ");
        begun.countDown();
        rest.await();
        reply.write("two");
        reply.end();
      } else {
        visit.respond(200, "x");
      }
    }
  }

  private static Client client(ConnectionOptions connection) {
    return Client.open(PoolOptions.DEFAULT.connection(connection));
  }

  private static void awaitReplaced(Client client, long number) {
    long end = System.nanoTime() + LONG.toNanos();
    while (client.info().closed().getOrDefault(PoolInfo.Cause.REPLACED, 0L) < number) {
      assertThat(System.nanoTime()).as("%s", client).isLessThan(end);
      Thread.onSpinWait();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void aRenewedClientBeginsNothingOnOldConnectionsAndLetsThemEndTheirResponses(Protocol protocol)
      throws Exception {
    try (Origin origin = Origin.startTls(ServerCertificate.TRUSTED, this::answers);
        Client client = client(ConnectionOptions.DEFAULT.protocols(protocol).tls(origin.tls()))) {
      String root = origin.uri("https", "/").toString();
      Exchange slow = client.request(root + "slow", Request.of("GET", "/"));
      begun.await();
      int before = origin.visits();
      client.renew(origin.tls());
      assertThat(client.get(root).text()).isEqualTo("x");
      assertThat(origin.visits()).isEqualTo(before + 1);
      rest.countDown();
      assertThat(slow.text(LONG)).isEqualTo("one two");
      awaitReplaced(client, before);
      assertThat(client.get(root).text()).isEqualTo("x");
      assertThat(origin.visits()).isEqualTo(before + 1);
      client.renew(origin.tls());
      awaitReplaced(client, before + 1); // this one has nothing to end
    }
  }

  @Test
  void aRenewedClientTrustsWhomTheNewOptionsTrust() {
    try (Origin origin = Origin.startTls(ServerCertificate.TRUSTED, this::answers);
        Client client = client(ConnectionOptions.DEFAULT);
        Client same = client.timeout(LONG)) {
      String root = origin.uri("https", "/").toString();
      assertThatThrownBy(() -> client.get(root))
          .isInstanceOfSatisfying(
              FailedException.class,
              failed -> assertThat(failed.reason()).isInstanceOf(Reason.Tls.class));
      same.renew(origin.tls());
      assertThat(client.get(root).text()).isEqualTo("x");
      client.renew(Tls.DEFAULT);
      assertThatThrownBy(() -> same.get(root)).isInstanceOf(FailedException.class);
    }
  }

  @Test
  void connectionsWithoutTlsAndOriginsWithOptionsOfTheirOwnStayAsTheyAre() {
    try (Origin plain = Origin.start(this::answers);
        Origin own = Origin.startTls(ServerCertificate.TRUSTED, this::answers);
        Client client =
            Client.open(
                PoolOptions.DEFAULT.origin(
                    URI.create("https://" + own.host() + ":" + own.port()),
                    PoolOptions.DEFAULT.connection(ConnectionOptions.DEFAULT.tls(own.tls()))))) {
      for (int i = 0; i < 2; i++) {
        assertThat(client.get(plain.uri("http", "/").toString()).text()).isEqualTo("x");
        assertThat(client.get(own.uri("https", "/").toString()).text()).isEqualTo("x");
        client.renew(Tls.DEFAULT);
      }
      assertThat(plain.visits()).isEqualTo(1);
      assertThat(own.visits()).isEqualTo(1);
    }
  }
}
