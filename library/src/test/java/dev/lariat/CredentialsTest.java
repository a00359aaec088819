package dev.lariat;

import static dev.lariat.internal.codec.ServerFrames.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.event.Event;
import dev.lariat.event.StreamInfo;
import dev.lariat.internal.connection.Scene;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Down;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Text;
import dev.lariat.message.Up;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Credentials;
import dev.lariat.option.Request;
import dev.lariat.option.WebSocketOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Credentials of requests and WebSockets, which the connection itself shows. */
@Timeout(30)
class CredentialsTest {
  private static final Credentials DIGEST = Credentials.of("a", "b");
  private static final WebSocketOptions KNOWN = WebSocketOptions.DEFAULT.credentials(DIGEST);
  private static final Request GET = Request.of("GET", "/");
  private static final String OK = "HTTP/1.1 200 x\r\nContent-Length: 2\r\n\r\nok";

  private final World world = new World();
  private final List<Event> events = new ArrayList<>();
  private final Mailbox mailbox = Mailbox.create();
  private final ConnectionOptions options = world.options().listener(events::add);
  private final Connection connection = Lariat.open("api.example", 80, options, mailbox);
  private final World.Line line = world.attempt().up();

  @AfterEach
  void close() {
    connection.close();
    world.run();
    assertThat(events.toString() + connection).doesNotContain("secret", "YTpi", "Circle");
  }

  private static String challenge(String nonce, String... fields) {
    return "HTTP/1.1 401 x\r\nWWW-Authenticate: Digest realm=r, qop=auth, nonce="
        + nonce
        + "\r\nContent-Length: 4\r\n"
        + String.join("", fields)
        + "\r\nwho?";
  }

  private String asked() {
    world.run();
    return line.text();
  }

  private List<Message> told() {
    return world.told(mailbox).stream().filter(message -> !(message instanceof Up)).toList();
  }

  @Test
  void basicAndBearerAreShownAtOnce() {
    connection.request(GET.credentials(Credentials.basic("a", "b")));
    assertThat(asked()).contains("\r\nauthorization: Basic YTpi\r\n");
    line.receive(OK);
    connection.request(GET.credentials(Credentials.bearer("secret")));
    assertThat(asked()).contains("\r\nauthorization: Bearer secret\r\n");
    line.receive(OK);
    connection.request(GET);
    assertThat(asked()).doesNotContain("authorization");
  }

  @Test
  void whatIsShownIsNoEvent() {
    connection.request(GET.credentials(Credentials.bearer("secret")));
    connection.webSocket("/", WebSocketOptions.DEFAULT.credentials(Credentials.basic("a", "b")));
    world.run();
    line.receive(OK);
    assertThat(events)
        .filteredOn(Event.RequestHeaders.class::isInstance)
        .extracting(event -> ((Event.RequestHeaders) event).headers().first("authorization").get())
        .containsExactly("Bearer *", "Basic *");
  }

  @Test
  void aChallengeIsAnsweredOnTheSameHandleAndNotTold() {
    Exchange exchange = connection.request(GET.credentials(DIGEST));
    assertThat(asked()).doesNotContain("authorization");
    line.receive(challenge("n"));
    assertThat(line.text()).contains("nonce=\"n\"", "nc=00000001");
    assertThat(told()).isEmpty();
    line.receive(OK);
    assertThat(told())
        .hasSize(2)
        .endsWith(new Data(exchange, true, Bytes.ofUtf8("ok")))
        .first()
        .isInstanceOfSatisfying(Response.class, r -> assertThat(r.status()).isEqualTo(200));
    connection.request(GET.credentials(DIGEST));
    assertThat(asked()).contains("nonce=\"n\"", "nc=00000002");
  }

  @Test
  void eachOfTheTwoRequestsHasItsEvents() {
    connection.request(GET.credentials(DIGEST));
    world.run();
    line.receive(challenge("n"));
    line.receive(OK);
    assertThat(events.stream().map(event -> event.getClass().getSimpleName()))
        .containsSubsequence(
            "RequestStart",
            "RequestEnd",
            "ResponseHeaders",
            "ResponseEnd",
            "RequestStart",
            "RequestEnd",
            "ResponseHeaders",
            "ResponseEnd");
    assertThat(events).filteredOn(Event.RequestStart.class::isInstance).hasSize(2);
  }

  @Test
  void aSecondChallengeIsTheAnswer() {
    connection.request(GET.credentials(DIGEST));
    world.run();
    line.receive(challenge("n"));
    line.receive(challenge("m"));
    assertThat(told().getFirst())
        .isInstanceOfSatisfying(Response.class, r -> assertThat(r.status()).isEqualTo(401));
  }

  @Test
  void aChallengeThatEndsTheConnectionIsTheAnswerAndTheNextRequestKnowsIt() {
    connection.request(GET.credentials(DIGEST));
    world.run();
    line.receive(challenge("n", "Connection: close\r\n"));
    assertThat(told().getFirst())
        .isInstanceOfSatisfying(Response.class, r -> assertThat(r.status()).isEqualTo(401));
    connection.request(GET.credentials(DIGEST));
    world.advance(Duration.ofMinutes(1));
    assertThat(world.attempt().up().text()).contains("nonce=\"n\"", "nc=00000001");
  }

  @Test
  void aBodyThatFollowsIsNotSentTwice() {
    Exchange post = connection.begin(Request.of("POST", "/").credentials(DIGEST));
    post.data(Bytes.ofUtf8("a"), true);
    world.run();
    line.receive(challenge("n"));
    assertThat(told().getFirst())
        .isInstanceOfSatisfying(Response.class, r -> assertThat(r.status()).isEqualTo(401));
  }

  @Test
  void aWholeBodyIsSentWithTheAnswer() {
    connection.request(Request.of("POST", "/").body(Bytes.ofUtf8("body")).credentials(DIGEST));
    assertThat(asked()).endsWith("\r\n\r\nbody");
    line.receive(challenge("n"));
    assertThat(line.text()).contains("nonce=\"n\"").endsWith("\r\n\r\nbody");
  }

  @Test
  void creditThatIsGivenEarlyCountsForTheAnswer() {
    Exchange exchange = connection.request(GET.credit(0).credentials(DIGEST));
    exchange.credit(1);
    world.run();
    line.receive(challenge("n"));
    line.receive(OK);
    assertThat(told()).hasSize(2);
  }

  @Test
  void whatWasSentEarlyOnAWebSocketGoesOutBehindTheAnswer() {
    WebSocket socket = connection.webSocket("/ws", KNOWN);
    socket.send(new Text("early"));
    assertThat(asked()).startsWith("GET /ws ");
    line.receive(challenge("n"));
    String again = line.text();
    assertThat(again).startsWith("GET /ws ").contains("nonce=\"n\"");
    assertThat(told()).isEmpty();
    line.receive(Scene.accepting(again));
    assertThat(line.texts()).containsExactly("early");
    line.receive(text("hello"));
    assertThat(told())
        .hasSize(2)
        .endsWith(new WebSocketFrame(socket, new Text("hello")))
        .first()
        .isInstanceOf(Upgraded.class);
  }

  @Test
  void theGateOfAWebSocketStillHoldsAfterAChallenge() {
    WebSocket socket = connection.webSocket("/ws", KNOWN.sendQueue(10));
    world.run();
    line.receive(challenge("n"));
    assertThat(socket.trySend(new Text("0123456789"))).isTrue();
    assertThat(socket.trySend(new Text("0123456789"))).isFalse();
  }

  @Test
  void whoIsRefusedForGoodIsToldSoWithWhatWasSentEarly() {
    WebSocket socket = connection.webSocket("/ws", KNOWN);
    socket.send(new Text("early"));
    world.run();
    line.receive(challenge("n"));
    line.receive("HTTP/1.1 403 x\r\nContent-Length: 0\r\n\r\n");
    assertThat(told().stream().map(message -> message.getClass().getSimpleName()))
        .containsExactly("Rejected", "Response");
  }

  @Test
  void aRequestThatIsCancelledWhileItsChallengeArrivesIsNotSentAgain() {
    Exchange exchange = connection.request(GET.credentials(DIGEST));
    world.run();
    line.text();
    String challenge = challenge("n");
    line.receive(challenge.substring(0, challenge.length() - 2));
    exchange.cancel();
    assertThat(told()).containsExactly(new StreamFailed(exchange, new Reason.Cancelled()));
    line.receive("o?");
    line.receive(OK);
    assertThat(told().stream().filter(Message.OfStream.class::isInstance)).isEmpty();
  }

  @Test
  void anUpgradeThatIsLostWhileItsChallengeArrivesWaitsForTheNextConnection() {
    WebSocket socket = connection.webSocket("/ws", KNOWN);
    world.run();
    String challenge = challenge("n");
    line.receive(challenge.substring(0, challenge.length() - 2));
    line.hangUp();
    List<Message> told = told();
    assertThat(told).noneMatch(StreamFailed.class::isInstance);
    assertThat(told).filteredOn(Down.class::isInstance).hasSize(1);
    connection.close(); // so that none comes
    world.run();
    List<Message> end = told();
    assertThat(end).filteredOn(StreamFailed.class::isInstance).hasSize(1);
    assertThat(end.getFirst().toString()).contains(socket.toString());
  }

  @Test
  void aRequestWaitsWhileItsChallengeArrives() throws Exception {
    Exchange exchange = connection.request(GET.credentials(DIGEST));
    world.run();
    String challenge = challenge("n");
    line.receive(challenge.substring(0, challenge.length() - 2));
    var info = exchange.info();
    world.run();
    assertThat(info.get().state()).isIn(StreamInfo.State.WAITING, StreamInfo.State.RUNNING);
  }

  @Test
  void whoOnlyShowsATokenAnswersNoChallenge() {
    connection.request(GET.credentials(Credentials.bearer("secret")));
    world.run();
    line.receive(challenge("n"));
    assertThat(told().getFirst()).isInstanceOf(Response.class);
  }

  @Test
  void noSecretIsInTheWords() {
    assertThat(Credentials.bearer("secret").toString()).isEqualTo("Credentials[bearer]");
    assertThat(Credentials.of("user", "secret").toString()).isEqualTo("Credentials[user]");
    assertThat(GET.credentials(Credentials.bearer("secret")).toString()).doesNotContain("secret");
  }
}
