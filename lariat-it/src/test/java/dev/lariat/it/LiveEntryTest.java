package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Mailbox;
import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Connecting;
import dev.lariat.message.Gone;
import dev.lariat.message.Message;
import dev.lariat.message.Open;
import dev.lariat.message.Reason;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.Text;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Backoff;
import dev.lariat.option.Credentials;
import dev.lariat.option.Endpoint;
import dev.lariat.option.EventOptions;
import dev.lariat.option.Healing;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Redirects;
import dev.lariat.option.Tls;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How live connections come in at real servers: past redirects, logins and client certificates. */
@Needs({Peer.NGINX, Peer.HAPROXY, Peer.PYTHON_WEBSOCKETS})
@Timeout(60)
final class LiveEntryTest {
  private static final Duration PATIENCE = Witness.PATIENCE;
  private static final Credentials MUFASA = Credentials.of("Mufasa", "Circle of Life");
  private static final Healing SOON =
      Healing.DEFAULT
          .spread(Duration.ZERO)
          .retry(Backoff.DEFAULT.delays(Duration.ofMillis(20), Duration.ofMillis(20)));

  private static Endpoint nginx(String scheme, String path) {
    return Endpoint.of(scheme + "://127.0.0.1:" + Servers.nginx().port(0) + path);
  }

  private static <M extends Message> M next(Mailbox mailbox, Class<M> kind) throws Exception {
    while (true) {
      Message message = mailbox.take(PATIENCE);
      assertThat(message).as("a message before the patience is over").isNotNull();
      if (kind.isInstance(message)) {
        return kind.cast(message);
      }
      assertThat(message).isNotInstanceOf(Gone.class);
    }
  }

  private static String firstEvent(LiveEvents.Plan plan) throws Exception {
    try (LiveEvents events = plan.open()) {
      return next(events.mailbox(), ServerSentEvent.class).data();
    }
  }

  private static String echo(LiveWebSocket.Plan plan, LiveOptions options) throws Exception {
    try (LiveWebSocket socket = plan.options(options).open()) {
      socket.send(new Text("hello"));
      return ((Text) next(socket.mailbox(), WebSocketFrame.class).frame()).text();
    }
  }

  @Test
  void eventsFollowARedirectToAnotherOriginWithoutTheCredentials() throws Exception {
    Endpoint moved = nginx("http", "/events/moved").credentials(Credentials.bearer("secret"));
    assertThat(firstEvent(LiveEvents.to(moved))).isEqualTo("shown ");
    Endpoint direct = nginx("http", "/events").credentials(Credentials.bearer("secret"));
    assertThat(firstEvent(LiveEvents.to(direct))).isEqualTo("shown Bearer secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/basic/events", "/events/back"})
  void eventsGetInByBasic(String path) throws Exception {
    assertThat(firstEvent(LiveEvents.to(nginx("http", path).credentials(MUFASA))))
        .isEqualTo("inside");
    Credentials basic = Credentials.basic("Mufasa", "Circle of Life");
    assertThat(firstEvent(LiveEvents.to(nginx("http", path).credentials(basic))))
        .isEqualTo("inside");
  }

  @Test
  void aWrongPasswordIsARefusalThatSaysWhatWasWanted() throws Exception {
    Endpoint wrong = nginx("http", "/basic/events").credentials(Credentials.of("Scar", "x"));
    try (LiveEvents events = LiveEvents.to(wrong).open()) {
      assertThat(next(events.mailbox(), Gone.class).reason())
          .isInstanceOfSatisfying(
              Reason.Status.class,
              refused -> {
                assertThat(refused.status()).isEqualTo(401);
                assertThat(refused.headers().first("www-authenticate"))
                    .contains("Basic realm=\"events\"");
                assertThat(refused.body().utf8()).contains("401 Authorization Required");
              });
    }
  }

  @Test
  void aRefusalIsToldWithItsBody() throws Exception {
    try (LiveEvents events = LiveEvents.to(nginx("http", "/events/refused")).open()) {
      assertThat(next(events.mailbox(), Gone.class).reason().sentence())
          .isEqualTo("The server answered with status 403: {\"error\":\"expired\"}.");
    }
  }

  @Test
  void aWebSocketFollowsARedirectWhereItIsAllowed() throws Exception {
    LiveOptions follows = LiveOptions.DEFAULT.redirects(Redirects.DEFAULT);
    assertThat(echo(LiveWebSocket.to(nginx("ws", "/ws/moved")), follows)).isEqualTo("hello");
    String haproxy = "ws://127.0.0.1:" + Servers.haproxy().port(0) + "/moved";
    assertThat(echo(LiveWebSocket.to(haproxy), follows)).isEqualTo("hello");
    try (LiveWebSocket socket = LiveWebSocket.to(haproxy).open()) {
      assertThat(next(socket.mailbox(), Gone.class).reason())
          .isInstanceOfSatisfying(
              Reason.Status.class,
              refused -> assertThat(refused.headers().first("location")).contains("/echo"));
    }
  }

  @Test
  void aWebSocketGetsInByBasic() throws Exception {
    LiveWebSocket.Plan plan = LiveWebSocket.to(nginx("ws", "/basic/ws/echo").credentials(MUFASA));
    assertThat(echo(plan, LiveOptions.DEFAULT)).isEqualTo("hello");
  }

  @Test
  void aWebSocketGetsInByDigestThoughTheServerClosesBehindItsChallenge() throws Exception {
    String uri = "ws://127.0.0.1:" + Servers.python().port(0) + "/digest/SHA-256";
    LiveWebSocket.Plan plan =
        LiveWebSocket.to(
            Endpoint.of(uri).credentials(Credentials.digest("Mufasa", "Circle of Life")));
    assertThat(echo(plan, LiveOptions.DEFAULT)).startsWith("str 5 2cf24dba5fb0");
  }

  @Test
  void aClientCertificateIsRenewedWhileEventsGoOn() throws Exception {
    List<Tls> identities =
        List.of(Certificates.trustedWithIdentity(), Certificates.trustedWithRenewedIdentity());
    Endpoint endpoint = Endpoint.of("https://127.0.0.1:" + Servers.nginx().port(4) + "/events");
    AtomicInteger asked = new AtomicInteger();
    LiveEvents.Plan plan =
        LiveEvents.to(
                (attempt, last) ->
                    endpoint.tls(identities.get(Math.min(1, asked.getAndIncrement()))))
            .options(EventOptions.DEFAULT.healing(SOON));
    try (LiveEvents events = plan.open()) {
      assertThat(next(events.mailbox(), ServerSentEvent.class).data()).isEqualTo("CN=Client");
      assertThat(next(events.mailbox(), Connecting.class)).isNotNull();
      assertThat(next(events.mailbox(), Open.class).session()).isEqualTo(2);
      assertThat(next(events.mailbox(), ServerSentEvent.class).data()).isEqualTo("CN=Renewed");
    }
  }

  @Test
  void aClientCertificateIsNotShownToAnotherOriginThoughTheSameAreTrusted() throws Exception {
    String uri = "https://127.0.0.1:" + Servers.nginx().port(1) + "/events/clients";
    Endpoint endpoint = Endpoint.of(uri).tls(Certificates.trustedWithIdentity());
    try (LiveEvents events = LiveEvents.to(endpoint).open()) {
      assertThat(next(events.mailbox(), Gone.class).reason())
          .isInstanceOfSatisfying(
              Reason.Status.class,
              refused -> {
                assertThat(refused.status()).isEqualTo(400);
                assertThat(refused.body().utf8()).contains("No required SSL certificate was sent");
              });
    }
  }
}
