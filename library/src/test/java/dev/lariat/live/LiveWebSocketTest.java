package dev.lariat.live;

import static dev.lariat.internal.codec.ServerFrames.close;
import static dev.lariat.internal.codec.ServerFrames.hex;
import static dev.lariat.internal.codec.ServerFrames.join;
import static dev.lariat.internal.codec.ServerFrames.ping;
import static dev.lariat.internal.codec.ServerFrames.pong;
import static dev.lariat.internal.codec.ServerFrames.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.lariat.Asleep;
import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.World;
import dev.lariat.internal.codec.Sent;
import dev.lariat.internal.connection.Scene;
import dev.lariat.internal.transport.Place;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Connecting;
import dev.lariat.message.Frame;
import dev.lariat.message.Gone;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Open;
import dev.lariat.message.Ping;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Step;
import dev.lariat.message.Rejected;
import dev.lariat.message.Side;
import dev.lariat.message.Text;
import dev.lariat.message.Waiting;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Backoff;
import dev.lariat.option.Credentials;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Endpoints;
import dev.lariat.option.Healing;
import dev.lariat.option.Keepalive;
import dev.lariat.option.Limits;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Outbox;
import dev.lariat.option.Outbox.Overflow;
import dev.lariat.option.Platform;
import dev.lariat.option.Redirects;
import dev.lariat.option.Silence;
import dev.lariat.option.Subprotocols;
import dev.lariat.option.Tls;
import dev.lariat.option.WebSocketOptions;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A WebSocket that heals itself, on a network and by a clock that are the test's. */
@Timeout(30)
class LiveWebSocketTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final World world = new World();
  private LiveOptions options =
      LiveOptions.DEFAULT
          .connection(world.options())
          .webSocket(WebSocketOptions.DEFAULT.keepalive(Keepalive.OFF))
          .healing(
              Healing.DEFAULT
                  .spread(Duration.ZERO)
                  .retry(Backoff.DEFAULT.jitter(false).delays(SECOND, Duration.ofSeconds(8))));
  private LiveWebSocket.Plan plan = LiveWebSocket.to("ws://feed.example/quotes?all=1");
  private LiveWebSocket feed;

  private LiveWebSocket begin() {
    feed = plan.options(options).open();
    world.run();
    return feed;
  }

  /** Opened, with its first session; what was told of that is read. */
  private World.Line open() {
    begin();
    World.Line line = world.attempt().up().accept();
    told();
    return line;
  }

  private List<Message> told() {
    return world.told(feed.mailbox());
  }

  /** What was told, without what the test is not about. */
  private List<String> words() {
    return told().stream().map(LiveWebSocketTest::word).toList();
  }

  private static String word(Message message) {
    return switch (message) {
      case Connecting(var stream, var attempt, var open) ->
          "connecting " + attempt + (open ? " open" : "");
      case Waiting(var stream, var attempt, var delay, var reason, var open) ->
          "waiting " + delay.toMillis() + (open ? " open" : "");
      case Open(var stream, var session, var subprotocol, var headers) -> "open " + session;
      case Gone(var stream, var reason) -> "gone";
      case WebSocketFrame(var stream, Text(var text)) -> text;
      case Rejected(var stream, var operation, var reason) ->
          "rejected: " + reason.getClass().getSimpleName();
      default -> message.toString();
    };
  }

  @AfterEach
  void nothingIsLeftBehind() {
    if (feed != null) {
      feed.close();
      world.run();
    }
  }

  // ---- sessions

  @Test
  void tellsItsWayToASessionAndWhatArrivesThere() {
    begin();
    World.Attempt attempt = world.attempt();
    assertThat(attempt.place).isEqualTo(new Place.Host("feed.example", 80));
    World.Line line = attempt.up();
    assertThat(line.text()).startsWith("GET /quotes?all=1 HTTP/1.1\r\nhost: feed.example\r\n");
    assertThat(told()).containsExactly(new Connecting(feed, 0, false));
    assertThat(feed.session()).isZero();
  }

  @Test
  void isOneStreamHoweverOftenItsConnectionIsLost() {
    World.Line first = open();
    first.receive(text("one"));
    assertThat(feed.session()).isEqualTo(1);
    first.hangUp();
    assertThat(feed.session()).isZero();
    assertThat(told())
        .containsExactly(
            new WebSocketFrame(feed, new Text("one")),
            new Waiting(feed, 1, SECOND, new Reason.Closed(), false));
    world.advance(SECOND);
    World.Line second = world.attempt().up().accept();
    second.receive(text("two"));
    List<Message> told = told();
    assertThat(told.getFirst()).isEqualTo(new Connecting(feed, 1, false));
    assertThat(told.get(1)).isInstanceOf(Open.class);
    assertThat(told.get(2)).isEqualTo(new WebSocketFrame(feed, new Text("two")));
    assertThat(feed.session()).isEqualTo(2);
    assertThat(feed.authority()).isEqualTo("feed.example");
  }

  @Test
  void aFixedEndpointIsKnownFromTheStart() {
    try (LiveWebSocket live = LiveWebSocket.to("ws://feed.example/").options(options).open()) {
      assertThat(live.authority()).isEqualTo("feed.example");
    }
  }

  @Test
  void framesBehindTheAnswerToTheUpgradeAreTold() {
    begin();
    World.Line line = world.attempt().up();
    byte[] answer = Scene.accepting(line.text()).getBytes(StandardCharsets.ISO_8859_1);
    line.receive(join(answer, text("at once"), text("and more")));
    assertThat(words()).containsExactly("connecting 0", "open 1", "at once", "and more");
  }

  @Test
  void theServersCloseFrameIsInTheReasonAndNotAmongTheFrames() {
    World.Line line = open();
    line.receive(join(text("last"), close(1012, "restart")));
    line.hangUp();
    assertThat(told())
        .containsExactly(
            new WebSocketFrame(feed, new Text("last")),
            new Waiting(
                feed,
                1,
                SECOND,
                new Reason.CloseHandshake(
                    new Close(1012, "restart"), new Close(1012, ""), Side.SERVER),
                false));
  }

  @Test
  void aConnectionThatFailsIsTold() {
    begin();
    told();
    Reason refused = new Reason.Refused("10.0.0.1:80");
    world.attempt().fails(refused);
    assertThat(told()).containsExactly(new Waiting(feed, 1, SECOND, refused, false));
  }

  @Test
  void anUpgradeThatIsRefusedIsRetriedWhenTheServerSaysSo() {
    begin();
    told();
    World.Line line = world.attempt().up();
    line.receive("HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nContent-Length: 4\r\n\r\nbusy");
    assertThat(told())
        .containsExactly(
            new Waiting(
                feed,
                1,
                Duration.ofMinutes(2),
                new Reason.Status(
                    503,
                    Optional.of(Duration.ofMinutes(2)),
                    Headers.of("retry-after", "120", "content-length", "4"),
                    Bytes.ofUtf8("busy")),
                false));
    assertThat(line.isOpen()).isFalse();
  }

  @Test
  void anUpgradeThatIsForbiddenEndsIt() {
    begin();
    told();
    World.Line line = world.attempt().up();
    line.receive("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    assertThat(told()).containsExactly(new Gone(feed, refusal(403, "")));
    assertThat(line.isOpen()).isFalse();
    assertThat(world.attempts).isEmpty();
  }

  private static Reason.Status refusal(int status, String body) {
    Headers headers = Headers.of("content-length", String.valueOf(body.length()));
    return new Reason.Status(status, Optional.empty(), headers, Bytes.ofUtf8(body));
  }

  @Test
  void aRefusedUpgradeIsToldWithTheBodyThatFollows() {
    begin();
    told();
    World.Line line = world.attempt().up();
    line.receive("HTTP/1.1 403 Forbidden\r\nContent-Length: 7\r\n\r\nnot");
    assertThat(told()).isEmpty();
    line.receive(" you");
    assertThat(told()).containsExactly(new Gone(feed, refusal(403, "not you")));
    assertThat(line.isOpen()).isFalse();
  }

  @Test
  void aRefusedUpgradeWhoseBodyDoesNotEndHoldsNoAttempt() {
    begin();
    told();
    World.Line line = world.attempt().up();
    line.receive("HTTP/1.1 503 Busy\r\nContent-Type: text/plain\r\n\r\nin vain");
    world.advance(SECOND);
    Headers headers = Headers.of("content-type", "text/plain");
    Reason reason = new Reason.Status(503, Optional.empty(), headers, Bytes.ofUtf8("in vain"));
    assertThat(told()).containsExactly(new Waiting(feed, 1, SECOND, reason, false));
    assertThat(line.isOpen()).isFalse();
  }

  @Test
  void aRefusedUpgradeThatIsCutOffIsToldAsFarAsItCame() {
    begin();
    told();
    World.Line line = world.attempt().up();
    line.receive("HTTP/1.1 403 Forbidden\r\nContent-Length: 7\r\n\r\nnot");
    line.hangUp();
    Headers headers = Headers.of("content-length", "7");
    Reason reason = new Reason.Status(403, Optional.empty(), headers, Bytes.ofUtf8("not"));
    assertThat(told()).containsExactly(new Gone(feed, reason));
  }

  // ---- redirects and credentials

  private static String redirect(String location) {
    return "HTTP/1.1 307 x\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n";
  }

  private static String challenge(String nonce, String... fields) {
    return "HTTP/1.1 401 x\r\nWWW-Authenticate: Digest realm=r, qop=auth, nonce="
        + nonce
        + "\r\nContent-Length: 4\r\n"
        + String.join("", fields)
        + "\r\nwho?";
  }

  @Test
  void aRedirectIsARefusalUnlessItIsToBeFollowed() {
    begin();
    told();
    world.attempt().up().receive(redirect("/elsewhere"));
    Headers headers = Headers.of("location", "/elsewhere", "content-length", "0");
    assertThat(told())
        .containsExactly(
            new Gone(feed, new Reason.Status(307, Optional.empty(), headers, Bytes.EMPTY)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"wss://eu.example/v2?a#b", "https://eu.example/v2?a", "//eu.example/v2?a"})
  void aRedirectIsFollowedToTheUriOfAWebSocketOrOfHttp(String location) {
    options = options.redirects(Redirects.DEFAULT);
    plan = LiveWebSocket.to(Endpoint.of("wss://feed.example/").header("X-Own", "c"));
    options =
        options.webSocket(options.webSocket().subprotocols("v1").header("Authorization", "Me"));
    begin();
    World.Line first = world.attempt().up();
    assertThat(first.text()).contains("authorization: Me\r\n");
    first.receive(redirect(location));
    assertThat(first.isOpen()).isFalse();
    World.Attempt attempt = world.attempt();
    assertThat(attempt.place).isEqualTo(new Place.Host("eu.example", 443));
    World.Line line = attempt.up();
    String asked = line.text();
    assertThat(asked)
        .startsWith("GET /v2?a HTTP/1.1\r\nhost: eu.example\r\n")
        .contains("x-own: c\r\n", "sec-websocket-protocol: v1\r\n", "upgrade: websocket\r\n")
        .doesNotContain("authorization");
    line.receive(Scene.accepting(asked));
    line.receive(text("here"));
    assertThat(words()).containsExactly("connecting 0", "open 1", "here");
  }

  @Test
  void eachSessionOnAnotherOriginHasTheSameTlsWithoutTheIdentity() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setEntry(
        "key",
        new KeyStore.SecretKeyEntry(new SecretKeySpec(new byte[16], "AES")),
        new KeyStore.PasswordProtection("secret".toCharArray()));
    Tls tls = Tls.DEFAULT.identity(store, "secret").serverName("own.example");
    options = options.redirects(Redirects.DEFAULT).connection(options.connection().tls(tls));
    plan = LiveWebSocket.to("wss://feed.example/");
    begin();
    List<Tls> elsewhere = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      World.Attempt first = world.attempt();
      assertThat(first.tls.orElseThrow()).isSameAs(tls);
      first.up().receive(redirect("wss://eu.example/"));
      World.Attempt second = world.attempt();
      elsewhere.add(second.tls.orElseThrow());
      second.fails(new Reason.Tls(Optional.empty(), "it is expired"));
      world.advance(SECOND);
    }
    assertThat(elsewhere.get(0).identity()).isEmpty();
    assertThat(elsewhere.get(0).serverName()).isEmpty();
    assertThat(elsewhere.get(1)).isSameAs(elsewhere.get(0));
  }

  @Test
  void noRedirectLeadsFromWssToWs() {
    options = options.redirects(Redirects.DEFAULT);
    plan = LiveWebSocket.to("wss://feed.example/");
    begin();
    told();
    world.attempt().up().receive(redirect("ws://feed.example/"));
    Reason refused =
        new Reason.RedirectRefused(
            "http://feed.example/", "it leads from https to http (redirects.unsecured)");
    assertThat(told()).containsExactly(new Gone(feed, refused));
  }

  @Test
  void basicAndBearerAreShownAtOnce() {
    options = options.webSocket(options.webSocket().credentials(Credentials.basic("a", "b")));
    begin();
    World.Line line = world.attempt().up();
    assertThat(line.text()).contains("\r\nauthorization: Basic YTpi\r\n");
    feed.close();
    plan =
        LiveWebSocket.to(
            Endpoint.of("ws://feed.example/").credentials(Credentials.bearer("abc.d")));
    begin();
    assertThat(world.attempt().up().text()).contains("\r\nauthorization: Bearer abc.d\r\n");
  }

  @Test
  void theEndpointsCredentialsTakeThePlaceOfThoseOfTheOptions() {
    options = options.webSocket(options.webSocket().header("Authorization", "Mine"));
    plan =
        LiveWebSocket.to(
            Endpoint.of("ws://feed.example/").credentials(Credentials.bearer("abc.d")));
    begin();
    assertThat(world.attempt().up().text())
        .contains("\r\nauthorization: Bearer abc.d\r\n")
        .doesNotContain("Mine");
  }

  @Test
  void digestIsAnsweredOnTheSameConnectionAndUnaskedFromThenOn() {
    options = options.webSocket(options.webSocket().credentials(Credentials.of("a", "b")));
    begin();
    World.Line line = world.attempt().up();
    assertThat(line.text()).doesNotContain("authorization");
    line.receive(challenge("n"));
    String again = line.text();
    assertThat(again)
        .startsWith("GET /quotes?all=1 ")
        .contains("authorization: Digest username=\"a\"", "nonce=\"n\"", "nc=00000001");
    line.receive(Scene.accepting(again));
    line.receive(text("in"));
    assertThat(words()).containsExactly("connecting 0", "open 1", "in");
    feed.send(new Text("out"));
    world.run();
    assertThat(line.texts()).containsExactly("out");
    line.hangUp();
    world.advance(SECOND);
    assertThat(world.attempt().up().text()).contains("nonce=\"n\"", "nc=00000002");
  }

  @Test
  void digestIsAnsweredOnAnotherConnectionWhereTheServerClosesThisOne() {
    options = options.webSocket(options.webSocket().credentials(Credentials.of("a", "b")));
    begin();
    World.Line line = world.attempt().up();
    line.receive(challenge("n", "Connection: close\r\n"));
    assertThat(line.isOpen()).isFalse();
    World.Line next = world.attempt().up();
    String again = next.text();
    assertThat(again).contains("nonce=\"n\"", "nc=00000001");
    next.receive(Scene.accepting(again));
    assertThat(words()).containsExactly("connecting 0", "open 1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Connection: close\r\n"})
  void aSecondChallengeIsARefusal(String field) {
    options = options.webSocket(options.webSocket().credentials(Credentials.of("a", "wrong")));
    begin();
    told();
    World.Line line = world.attempt().up();
    line.receive(challenge("n", field));
    line = line.isOpen() ? line : world.attempt().up();
    line.receive(challenge("m", field));
    assertThat(told())
        .singleElement()
        .satisfies(
            end -> {
              Reason.Status refused = (Reason.Status) ((Gone) end).reason();
              assertThat(refused.status()).isEqualTo(401);
              assertThat(refused.body()).isEqualTo(Bytes.ofUtf8("who?"));
              assertThat(refused.headers().first("www-authenticate")).isPresent();
            });
    assertThat(world.attempts).isEmpty();
  }

  @Test
  void aChallengeThatNobodyCanAnswerIsARefusal() {
    options = options.webSocket(options.webSocket().credentials(Credentials.bearer("old")));
    begin();
    told();
    world.attempt().up().receive(challenge("n"));
    assertThat(told()).singleElement().isInstanceOf(Gone.class);
    assertThat(world.attempts).isEmpty();
  }

  @Test
  void eachEndpointMayHaveItsTls() throws Exception {
    List<Tls> each = List.of(Tls.DEFAULT.serverName("one"), Tls.DEFAULT.serverName("two"));
    Endpoint endpoint = Endpoint.of("wss://feed.example/");
    plan = LiveWebSocket.to((attempt, last) -> endpoint.tls(each.get(attempt)));
    options = options.connection(options.connection().tls(Tls.DEFAULT.serverName("options")));
    begin();
    world.runThreads();
    World.Attempt first = world.attempt();
    assertThat(first.tls).contains(each.get(0));
    first.fails(new Reason.Tls(Optional.of("certificate_expired"), "it is expired"));
    world.advance(SECOND);
    world.runThreads();
    assertThat(world.attempt().tls).contains(each.get(1));
  }

  // ---- the session

  @Test
  void aHandshakeThatBreaksARuleEndsIt() {
    begin();
    told();
    World.Line line = world.attempt().up();
    line.receive(
        "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: wrong\r\n\r\n");
    assertThat(told())
        .singleElement()
        .isInstanceOfSatisfying(
            Gone.class, gone -> assertThat(gone.reason()).isInstanceOf(Reason.Protocol.class));
  }

  // ---- violations and good ends

  private World.Line next(Duration wait) {
    world.advance(wait);
    World.Line line = world.attempt().up().accept();
    told();
    return line;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "88 02 03 EE",
        "88 02 03 ED",
        "88 02 03 F7",
        "88 02 00 00",
        "88 02 13 88",
        "88 01 03"
      })
  void aBadCloseFrameEndsItsSessionAndTheThirdInARowEndsAll(String frame) {
    World.Line line = open();
    line.receive(hex(frame));
    assertThat(line.frames()).containsExactly(Sent.close(1002, ""));
    Reason reason = waitsFor(SECOND);
    assertThat(reason).isInstanceOf(Reason.Protocol.class);
    next(SECOND).receive(hex(frame));
    assertThat(waitsFor(SECOND.multipliedBy(2))).isEqualTo(reason);
    next(SECOND.multipliedBy(2)).receive(hex(frame));
    assertThat(told()).containsExactly(new Gone(feed, new Reason.GaveUp(2, reason)));
    assertThat(world.attempts).isEmpty();
  }

  private Reason waitsFor(Duration delay) {
    List<Message> told = told();
    assertThat(told).hasSize(1);
    Waiting waiting = (Waiting) told.getFirst();
    assertThat(waiting.delay()).isEqualTo(delay);
    return waiting.reason();
  }

  @Test
  void oneBadFrameAmongGoodSessionsEndsNothing() {
    World.Line line = open();
    for (int i = 0; i < 5; i++) {
      line.receive(hex("88 02 03 EE"));
      line = next(SECOND.multipliedBy(2));
      line.receive(join(text("all is well"), close(1001, "")));
      line.hangUp();
      assertThat(words()).containsExactly("all is well", "waiting 1000");
      line = next(SECOND);
    }
  }

  @Test
  void aMessageBeyondItsLimitEndsItsSessionWith1009AndTheThirdInARowEndsAll() {
    options =
        options.connection(options.connection().limits(options.connection().limits().message(10)));
    Reason limit = new Reason.Limit(Reason.Bound.MESSAGE, 10);
    World.Line line = open();
    line.receive(text("short"));
    line.receive(text("much too long"));
    assertThat(line.frames()).containsExactly(Sent.close(1009, ""));
    assertThat(told())
        .containsExactly(
            new WebSocketFrame(feed, new Text("short")),
            new Waiting(feed, 1, SECOND, limit, false));
    next(SECOND).receive(text("much too long"));
    assertThat(waitsFor(SECOND.multipliedBy(2))).isEqualTo(limit);
    next(SECOND.multipliedBy(2)).receive(text("much too long"));
    assertThat(told()).containsExactly(new Gone(feed, new Reason.GaveUp(2, limit)));
  }

  @Test
  void aViolationDuringTheOpeningStepIsOfItsSession() throws Exception {
    plan =
        plan.onOpen(
            session -> {
              session.send(new Text("login"));
              session.receive(SECOND);
            });
    begin();
    for (int seconds : List.of(1, 2)) {
      violates();
      assertThat(words()).last().isEqualTo("waiting " + seconds * 1000);
      world.advance(Duration.ofSeconds(seconds));
    }
    violates();
    assertThat(words()).last().isEqualTo("gone");
  }

  private void violates() throws Exception {
    World.Line line = world.attempt().up().accept();
    line.receive(hex("88 02 03 EE"));
    world.runThreads();
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 1001, 1012})
  void aServerThatClosesInGoodOrderAfterTrafficIsNoFailure(int code) {
    World.Line line = open();
    for (int i = 0; i < 10; i++) {
      line.receive(join(text("news"), close(code, "")));
      line.hangUp();
      assertThat(words()).containsExactly("news", "waiting 1000");
      line = next(SECOND);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 1001, 1012})
  void aServerThatClosesInGoodOrderWithoutTrafficIsAskedLaterAndLater(int code) {
    World.Line line = open();
    for (int seconds : List.of(1, 2, 4, 8, 8)) {
      line.receive(join(ping("are you there"), close(code, "")));
      line.hangUp();
      assertThat(words()).last().isEqualTo("waiting " + seconds * 1000);
      line = next(Duration.ofSeconds(seconds));
    }
  }

  // ---- endpoints

  @Test
  void anEndpointIsAskedForBeforeEveryAttempt() throws Exception {
    List<String> asked = new ArrayList<>();
    plan =
        LiveWebSocket.to(
            (attempt, last) -> {
              asked.add(attempt + " " + last.map(Reason::sentence).orElse("-"));
              return Endpoint.of("ws://host" + asked.size() + ".example/")
                  .header("authorization", "Bearer " + asked.size())
                  .subprotocols(Subprotocols.of("v" + asked.size()));
            });
    begin();
    world.runThreads();
    World.Attempt attempt = world.attempt();
    assertThat(attempt.place).isEqualTo(new Place.Host("host1.example", 80));
    assertThat(attempt.up().text())
        .contains("authorization: Bearer 1\r\n", "sec-websocket-protocol: v1\r\n");
    world.advance(Duration.ofSeconds(10)); // too long for an upgrade
    world.advance(SECOND);
    world.runThreads();
    assertThat(world.attempt().place).isEqualTo(new Place.Host("host2.example", 80));
    assertThat(asked)
        .containsExactly(
            "0 -", "1 " + new Reason.Timeout(Step.UPGRADE, SECOND.multipliedBy(10)).sentence());
  }

  @Test
  void endpointsTakeTurnsWhereTheyFail() {
    Endpoints turns = Endpoints.inTurn(Endpoint.of("ws://a/"), Endpoint.of("ws://b/"));
    plan = LiveWebSocket.to(turns);
    assertThatIllegalArgumentException()
        .isThrownBy(Endpoints::inTurn)
        .withMessage("endpoints: none, allowed one or more");
    assertThat(hosts(turns)).containsExactly("a", "b", "a");
  }

  private static List<String> hosts(Endpoints endpoints) {
    List<String> hosts = new ArrayList<>();
    for (int attempt = 0; attempt < 3; attempt++) {
      try {
        hosts.add(endpoints.next(attempt, Optional.empty()).uri().getHost());
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
    return hosts;
  }

  @Test
  void itHoldsItsUpgradeWhereNothingElseMayBeHeld() {
    Limits limits = options.connection().limits().heldCommands(0);
    options = options.connection(options.connection().limits(limits));
    open();
    assertThat(feed.session()).isEqualTo(1);
  }

  @Test
  void whatTheSearchThrowsIsAFailedAttempt() throws Exception {
    IllegalStateException noToken = new IllegalStateException("no token");
    plan =
        LiveWebSocket.to(
            (attempt, last) -> {
              throw noToken;
            });
    begin();
    told();
    world.runThreads();
    assertThat(told())
        .containsExactly(new Waiting(feed, 1, SECOND, new Reason.EndpointThrew(noToken), false));
  }

  @Test
  void anEndpointThatDoesNotFitTheOptionsIsAFailedAttempt() throws Exception {
    plan = LiveWebSocket.to((attempt, last) -> Endpoint.of("ws://a/").header("upgrade", "h2c"));
    begin();
    told();
    world.runThreads();
    assertThat(told())
        .singleElement()
        .isInstanceOfSatisfying(
            Waiting.class,
            waiting -> assertThat(waiting.reason().sentence()).contains("webSocket.headers"));
  }

  @Test
  void aSearchThatNeverEndsIsInterrupted() throws Exception {
    CountDownLatch interrupted = new CountDownLatch(1);
    plan =
        LiveWebSocket.to(
            (attempt, last) -> {
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
              }
              throw new IllegalStateException("not reached");
            });
    begin();
    world.startThreads();
    told();
    world.advance(options.endpoint());
    assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(words()).containsExactly("waiting 1000");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://a/", "ws:///path", "ws://user@a/", "a/b", "//a/b"})
  void aUriThatCannotBeOneThrowsAtOnce(String uri) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LiveWebSocket.to(uri))
        .withMessageContaining("uri: ");
  }

  // ---- the opening step

  @Test
  void theOpeningStepComesBeforeAllThatTheOwnerSends() throws Exception {
    plan = plan.onOpen(session -> session.send(new Text("login"), new Text("subscribe")));
    begin();
    feed.send(new Text("early"));
    World.Line line = world.attempt().up().accept();
    assertThat(line.frames()).isEmpty();
    assertThat(feed.session()).isZero();
    world.runThreads();
    assertThat(line.texts()).containsExactly("login", "subscribe", "early");
    assertThat(words()).containsExactly("connecting 0", "open 1");
    line.hangUp();
    world.advance(SECOND);
    World.Line next = world.attempt().up().accept();
    world.runThreads();
    assertThat(next.texts()).containsExactly("login", "subscribe");
  }

  @Test
  void whatTheStepDoesNotReadIsTheOwnersInItsOrder() throws Exception {
    List<Frame> read = new ArrayList<>();
    plan = plan.onOpen(session -> read.add(session.receive(SECOND)));
    begin();
    World.Line line = world.attempt().up().accept();
    line.receive(join(text("welcome"), text("one"), text("two")));
    world.runThreads();
    line.receive(text("three"));
    assertThat(read).containsExactly(new Text("welcome"));
    assertThat(words()).containsExactly("connecting 0", "open 1", "one", "two", "three");
  }

  @Test
  void theStepKnowsWhatWasAgreedOn() throws Exception {
    List<Object> known = new ArrayList<>();
    options = options.webSocket(options.webSocket().subprotocols("v2", "v1"));
    plan =
        plan.onOpen(
            session -> {
              known.add(session.subprotocol());
              known.add(session.headers().first("upgrade"));
              known.add(session.endpoint().uri().getHost());
              known.add(session.last());
            });
    begin();
    World.Line line = world.attempt().up();
    line.receive(
        Scene.accepting(line.text())
            .replaceFirst("\r\n\r\n$", "\r\nSec-WebSocket-Protocol: v1\r\n\r\n"));
    world.runThreads();
    assertThat(known)
        .containsExactly(
            Optional.of("v1"), Optional.of("websocket"), "feed.example", Optional.empty());
    assertThat(told().getLast())
        .isInstanceOfSatisfying(Open.class, open -> assertThat(open.subprotocol()).contains("v1"));
  }

  @Test
  void aStepThatThrowsGivesItsSessionUp() throws Exception {
    IllegalStateException refused = new IllegalStateException("login refused");
    plan =
        plan.onOpen(
            session -> {
              throw refused;
            });
    begin();
    World.Line line = world.attempt().up().accept();
    told();
    world.runThreads();
    assertThat(told())
        .containsExactly(new Waiting(feed, 1, SECOND, new Reason.OpeningThrew(refused), false));
    assertThat(line.isOpen()).isFalse();
  }

  @Test
  void aStepThatNeverEndsIsInterruptedAndItsSessionEnds() throws Exception {
    CountDownLatch interrupted = new CountDownLatch(1);
    plan =
        plan.onOpen(
            session -> {
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                interrupted.countDown();
              }
            });
    begin();
    World.Line line = world.attempt().up().accept();
    world.startThreads();
    told();
    world.advance(options.opening());
    assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(told())
        .containsExactly(
            new Waiting(
                feed, 1, SECOND, new Reason.Timeout(Step.OPENING, options.opening()), false));
    assertThat(line.isOpen()).isFalse();
    world.runThreads();
    assertThat(told()).isEmpty(); // too late
  }

  @Test
  void aStepThatWaitsLearnsThatItsSessionHasEnded() throws Exception {
    List<Reason> learned = new ArrayList<>();
    plan =
        plan.onOpen(
            session -> {
              try {
                session.receive(Duration.ofHours(1));
              } catch (FailedException e) {
                learned.add(e.reason());
                throw e;
              }
            });
    begin();
    World.Line line = world.attempt().up().accept();
    line.receive(close(1013, "later"));
    line.hangUp();
    told();
    world.runThreads();
    assertThat(learned).singleElement().isInstanceOf(Reason.CloseHandshake.class);
    assertThat(waitsFor(SECOND)).isInstanceOf(Reason.CloseHandshake.class);
  }

  @Test
  void whatTheServerSaysBeforeItClosesReachesTheOwnerOfAStepThatReturns() throws Exception {
    CompletableFuture<Void> sent = new CompletableFuture<>();
    CompletableFuture<Void> closed = new CompletableFuture<>();
    plan =
        plan.onOpen(
            session -> {
              session.send(new Text("subscribe"));
              sent.complete(null);
              closed.join(); // the step returns after that, and heeds no interrupt
            });
    begin();
    World.Line line = world.attempt().up().accept();
    world.startThreads();
    sent.get(20, TimeUnit.SECONDS);
    world.run();
    line.receive(join(text("refused"), close(3000, "not yours")));
    line.hangUp();
    assertThat(words()).containsExactly("connecting 0");
    closed.complete(null);
    world.runThreads();
    assertThat(words()).containsExactly("open 1", "refused", "gone");
    assertThat(world.attempts).isEmpty();
  }

  @Test
  void aStepThatTheEndOfItsSessionInterruptsIsNotTheReason() throws Exception {
    plan = plan.onOpen(session -> new CountDownLatch(1).await());
    begin();
    World.Line line = world.attempt().up().accept();
    world.startThreads();
    told();
    line.receive(close(1013, "later"));
    line.hangUp();
    world.runThreads();
    assertThat(waitsFor(SECOND)).isInstanceOf(Reason.CloseHandshake.class);
  }

  @Test
  void aStepThatWaitsReceivesWhatTheServerSaidBeforeItClosed() throws Exception {
    CompletableFuture<Thread> waiter = new CompletableFuture<>();
    List<Object> learned = new ArrayList<>();
    plan =
        plan.onOpen(
            session -> {
              waiter.complete(Thread.currentThread());
              try {
                while (true) {
                  learned.add(session.receive(Duration.ofHours(1)));
                }
              } catch (FailedException e) {
                learned.add(e.reason());
              }
            });
    begin();
    World.Line line = world.attempt().up().accept();
    world.startThreads();
    Asleep.await(waiter.get(20, TimeUnit.SECONDS));
    line.receive(join(text("refused"), close(4001, "")));
    line.hangUp();
    world.runThreads();
    assertThat(learned).hasSize(2).first().isEqualTo(new Text("refused"));
    assertThat(learned).last().isInstanceOf(Reason.CloseHandshake.class);
  }

  @Test
  void aStepThatWaitsTooLongForAnAnswerFails() throws Exception {
    List<Reason> learned = new ArrayList<>();
    plan =
        plan.onOpen(
            session -> {
              try {
                session.receive(Duration.ZERO);
              } catch (FailedException e) {
                learned.add(e.reason());
              }
            });
    begin();
    world.attempt().up().accept();
    world.runThreads();
    assertThat(learned).containsExactly(new Reason.Timeout(Step.RECEIVE, Duration.ZERO));
    assertThat(words()).contains("open 1");
  }

  @Test
  void aSessionThatWasKeptSendsUntilItEnds() throws Exception {
    List<Session> kept = new ArrayList<>();
    plan = plan.onOpen(kept::add);
    begin();
    World.Line line = world.attempt().up().accept();
    world.runThreads();
    kept.getFirst().send(new Text("heartbeat"));
    world.run();
    assertThat(line.texts()).containsExactly("heartbeat");
    assertThatIllegalStateException().isThrownBy(() -> kept.getFirst().receive(SECOND));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> kept.getFirst().send(Close.NORMAL))
        .withMessageContaining("frame: ");
    line.hangUp();
    world.run();
    assertThatExceptionOfType(FailedException.class)
        .isThrownBy(() -> kept.getFirst().send(new Text("late")));
  }

  // ---- the outbox

  private static Text[] messages(String... texts) {
    Text[] frames = new Text[texts.length];
    for (int i = 0; i < texts.length; i++) {
      frames[i] = new Text(texts[i]);
    }
    return frames;
  }

  @Test
  void whatIsSentWhileAwayGoesOutInItsOrder() {
    World.Line line = open();
    line.hangUp();
    feed.send(messages("a", "b"));
    Delivery delivery = feed.deliver(new Text("c"));
    assertThat(feed.trySend(new Text("d"))).isTrue();
    world.advance(SECOND);
    assertThat(delivery.state()).isEqualTo(Delivery.State.QUEUED);
    World.Line next = world.attempt().up().accept();
    assertThat(next.texts()).containsExactly("a", "b", "c", "d");
    assertThat(delivery.state()).isEqualTo(Delivery.State.WRITTEN);
    assertThat(delivery.settled()).isCompletedWithValue(delivery);
    assertThat(delivery.reason()).isEmpty();
  }

  @Test
  void aFullOutboxFailsItsSenderWhereItSaysSo() {
    options = options.outbox(Outbox.DEFAULT.messages(2).overflow(Overflow.FAIL));
    begin();
    feed.send(messages("a", "b"));
    assertThatExceptionOfType(FailedException.class)
        .isThrownBy(() -> feed.send(new Text("c")))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(new Reason.Limit(Reason.Bound.OUTBOX, 2)));
    assertThat(feed.trySend(new Text("d"))).isFalse();
    assertThat(world.attempt().up().accept().texts()).containsExactly("a", "b");
  }

  @Test
  void aFullOutboxBlocksItsSenderForATime() {
    options = options.outbox(Outbox.DEFAULT.messages(1));
    begin();
    feed.send(new Text("a"));
    assertThat(feed.trySend(new Text("b"))).isFalse();
    Thread clock =
        Thread.startVirtualThread(
            () -> {
              while (!Thread.interrupted()) {
                world.advanceClock(SECOND);
              }
            });
    assertThatExceptionOfType(FailedException.class)
        .isThrownBy(() -> feed.send(new Text("b")))
        .satisfies(
            e ->
                assertThat(e.reason())
                    .isEqualTo(new Reason.Timeout(Step.SEND, Duration.ofSeconds(30))));
    clock.interrupt();
  }

  @Test
  void aSenderThatIsBlockedGoesOnWhenThereIsRoom() throws Exception {
    options = options.outbox(Outbox.DEFAULT.messages(1));
    begin();
    feed.send(new Text("a"));
    Thread sender = Thread.startVirtualThread(() -> feed.send(new Text("b")));
    World.Line line = world.attempt().up().accept();
    while (sender.isAlive()) {
      world.run();
      sender.join(Duration.ofMillis(1));
    }
    world.run();
    assertThat(line.texts()).containsExactly("a", "b");
  }

  @Test
  void theOldestIsDroppedWhereItSaysSoAndToldIs() {
    options = options.outbox(Outbox.DEFAULT.messages(2).overflow(Overflow.DROP_OLDEST));
    begin();
    Delivery first = feed.deliver(new Text("a"));
    feed.send(messages("b", "c", "d"));
    assertThat(first.state()).isEqualTo(Delivery.State.DROPPED);
    assertThat(first.reason()).contains(new Reason.Limit(Reason.Bound.OUTBOX, 2));
    assertThat(words()).containsExactly("connecting 0", "rejected: Limit"); // for b
    assertThat(world.attempt().up().accept().texts()).containsExactly("c", "d");
  }

  @Test
  void theNewestIsDroppedWhereItSaysSo() {
    options = options.outbox(Outbox.DEFAULT.messages(2).overflow(Overflow.DROP_NEWEST));
    begin();
    feed.send(messages("a", "b", "c"));
    assertThat(words()).containsExactly("connecting 0", "rejected: Limit");
    assertThat(world.attempt().up().accept().texts()).containsExactly("a", "b");
  }

  @Test
  void aNewerMessageOfTheSameKeyTakesThePlaceOfAnOlderOne() {
    options =
        options.outbox(
            Outbox.DEFAULT.messages(2).conflate(frame -> ((Text) frame).text().charAt(0)));
    begin();
    Delivery old = feed.deliver(new Text("a1"));
    feed.send(messages("b1", "a2", "a3"));
    assertThat(old.state()).isEqualTo(Delivery.State.DROPPED);
    assertThat(old.reason()).contains(new Reason.Superseded());
    feed.send(messages("c1")); // no room: the oldest goes, which is a3 in a's place
    assertThat(words()).containsExactly("connecting 0", "rejected: Superseded", "rejected: Limit");
    assertThat(world.attempt().up().accept().texts()).containsExactly("b1", "c1");
  }

  @Test
  void bytesCountToo() {
    options = options.outbox(Outbox.DEFAULT.bytes(20).overflow(Overflow.FAIL));
    begin();
    feed.send(new Text("0123456789012345678901234567890")); // more than all, but alone
    assertThatExceptionOfType(FailedException.class)
        .isThrownBy(() -> feed.send(new Text("x")))
        .satisfies(
            e -> assertThat(e.reason()).isEqualTo(new Reason.Limit(Reason.Bound.OUTBOX_BYTES, 20)));
  }

  @Test
  void anOutboxForNothingTakesOnlyWhatCanGoOutAtOnce() {
    options = options.outbox(Outbox.NONE);
    World.Line line = open();
    feed.send(messages("a", "b", "c"));
    world.run();
    assertThat(line.texts()).containsExactly("a", "b", "c");
    line.hangUp();
    assertThatExceptionOfType(FailedException.class).isThrownBy(() -> feed.send(new Text("d")));
  }

  @Test
  void anOrderThatWasNotSentIsNotSentLaterWhereNothingMayWait() {
    options = options.outbox(Outbox.NONE);
    World.Line line = open();
    Delivery order = feed.deliver(new Text("buy"));
    line.channel.close(); // before the loop has come to it
    world.run();
    assertThat(order.state()).isEqualTo(Delivery.State.DROPPED);
    world.advance(SECOND);
    assertThat(world.attempt().up().accept().frames()).isEmpty();
  }

  @Test
  void whatASessionHasNotWrittenGoesOutByTheNext() {
    World.Line line = open();
    line.channel.clog();
    byte[] large = new byte[300_000]; // beyond what the transport takes before it says stop
    Delivery unknown = feed.deliver(new Binary(Bytes.wrap(large)));
    world.run();
    Delivery waits = feed.deliver(new Text("waits"));
    world.run();
    assertThat(line.frames()).isEmpty();
    line.hangUp();
    assertThat(unknown.state()).isEqualTo(Delivery.State.UNKNOWN);
    assertThat(unknown.reason()).contains(new Reason.Closed());
    assertThat(waits.state()).isEqualTo(Delivery.State.QUEUED);
    world.advance(SECOND);
    assertThat(world.attempt().up().accept().texts()).containsExactly("waits");
    assertThat(waits.state()).isEqualTo(Delivery.State.WRITTEN);
  }

  @Test
  void whatMayHaveBeenLostIsToldWhereNobodyFollowsIt() {
    World.Line line = open();
    line.channel.clog();
    feed.send(new Text("on its way"));
    world.run();
    line.hangUp();
    assertThat(told())
        .contains(new Rejected(feed, "send", new Reason.Unconfirmed(new Reason.Closed())));
  }

  @Test
  void whatMayHaveBeenLostIsSentAgainWhereItSaysSo() {
    options = options.outbox(Outbox.DEFAULT.replay(true));
    World.Line line = open();
    line.channel.clog();
    Delivery delivery = feed.deliver(new Text("on its way"));
    feed.send(new Text("behind"));
    world.run();
    line.hangUp();
    assertThat(delivery.state()).isEqualTo(Delivery.State.QUEUED);
    feed.send(new Text("later"));
    world.advance(SECOND);
    assertThat(world.attempt().up().accept().texts())
        .containsExactly("on its way", "behind", "later");
    assertThat(delivery.state()).isEqualTo(Delivery.State.WRITTEN);
  }

  @Test
  void aCloseFrameIsNotTheUsersToSend() {
    begin();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> feed.send(new Text("a"), Close.NORMAL))
        .withMessageContaining("frame: Close");
    assertThatIllegalArgumentException().isThrownBy(() -> feed.trySend(Close.NORMAL));
    assertThatIllegalArgumentException().isThrownBy(() -> feed.deliver(Close.NORMAL));
  }

  @Test
  void aTextThatUtf8CannotExpressThrowsAtOnce() {
    begin();
    assertThatIllegalArgumentException().isThrownBy(() -> feed.send(new Text("\ud800")));
  }

  // ---- rotation

  @Test
  void aRotationLeavesNoGap() throws Exception {
    plan = plan.onOpen(session -> session.send(new Text("subscribe")));
    begin();
    World.Line old = world.attempt().up().accept();
    world.runThreads();
    assertThat(words()).containsExactly("connecting 0", "open 1");
    old.frames();
    feed.rotate();
    World.Line next = world.attempt().up().accept();
    old.receive(text("1 meanwhile"));
    feed.send(new Text("by the old one"));
    world.run();
    assertThat(old.texts()).containsExactly("by the old one");
    world.runThreads();
    assertThat(next.texts()).containsExactly("subscribe");
    next.receive(text("first of the new one"));
    feed.send(new Text("by the new one"));
    world.run();
    assertThat(next.texts()).containsExactly("by the new one");
    assertThat(old.frames()).isEmpty();
    assertThat(feed.session()).isEqualTo(1);
    world.advance(options.rotation().quiet());
    assertThat(old.frames()).containsExactly(Sent.close(1000, ""));
    old.receive(join(text("2 meanwhile"), close(1000, "")));
    old.hangUp();
    assertThat(words())
        .containsExactly(
            "connecting 0 open", "1 meanwhile", "2 meanwhile", "open 2", "first of the new one");
    feed.send(new Text("by the new one, too"));
    world.run();
    assertThat(next.texts()).containsExactly("by the new one, too");
    assertThat(feed.session()).isEqualTo(2);
  }

  @Test
  void anAnswerThatIsOnItsWayKeepsTheOldSessionFromTheGoodbye() {
    World.Line old = open();
    feed.rotate();
    world.attempt().up().accept();
    Duration almost = options.rotation().quiet().minusMillis(1);
    for (int i = 0; i < 3; i++) {
      world.advance(almost);
      old.receive(text("answer " + i));
    }
    world.advance(almost);
    assertThat(old.frames()).isEmpty();
    world.advance(Duration.ofMillis(1));
    assertThat(old.frames()).containsExactly(Sent.close(1000, ""));
  }

  @Test
  void whatTheNewSessionSaidBeforeItWasLostIsToldInItsTurn() {
    World.Line old = open();
    feed.rotate();
    World.Line next = world.attempt().up().accept();
    Delivery delivery = feed.deliver(new Text("question"));
    world.run();
    next.receive(text("answer"));
    next.hangUp();
    assertThat(old.frames()).containsExactly(Sent.close(1000, ""));
    old.receive(join(text("last"), close(1000, "")));
    old.hangUp();
    assertThat(words())
        .containsExactly("connecting 0 open", "last", "open 2", "answer", "waiting 1000");
    assertThat(delivery.state()).isEqualTo(Delivery.State.WRITTEN);
    assertThat(feed.session()).isZero();
  }

  @Test
  void theOldSessionGoesOnWhereTheNewOneEndsUnused() {
    World.Line old = open();
    feed.rotate();
    world.attempt().up().accept().hangUp();
    feed.send(new Text("on"));
    world.run();
    assertThat(old.texts()).containsExactly("on");
    assertThat(words()).containsExactly("connecting 0 open", "waiting 1000 open");
  }

  @Test
  void whoShutsDownInARotationLeavesBothSessions() {
    World.Line old = open();
    feed.rotate();
    World.Line next = world.attempt().up().accept();
    feed.send(new Text("last"));
    feed.shutdown();
    world.run();
    assertThat(old.frames()).containsExactly(Sent.close(1000, ""));
    assertThat(next.frames()).containsExactly(Sent.of(0x81, "last"), Sent.close(1001, ""));
    next.receive(join(text("answer"), close(1001, "")));
    next.hangUp();
    old.receive(close(1000, ""));
    old.hangUp();
    assertThat(words()).containsExactly("connecting 0 open", "open 2", "answer", "gone");
  }

  @Test
  void anOldSessionThatSaysNoGoodbyeIsEndedInTheEnd() {
    World.Line old = open();
    feed.rotate();
    World.Line next = world.attempt().up().accept();
    assertThat(words()).containsExactly("connecting 0 open");
    world.advance(options.rotation().quiet());
    world.advance(options.rotation().drain());
    assertThat(words()).containsExactly("open 2");
    assertThat(old.isOpen()).isFalse();
    feed.send(new Text("on"));
    world.run();
    assertThat(next.texts()).containsExactly("on");
  }

  @Test
  void whatTheOldSessionCannotWriteIsSentByTheNew() {
    World.Line old = open();
    old.channel.clog();
    byte[] large = new byte[300_000];
    feed.send(new Binary(Bytes.wrap(large)));
    world.run();
    feed.send(new Text("waits"));
    world.run();
    feed.rotate();
    World.Line next = world.attempt().up().accept();
    feed.send(new Text("later"));
    world.run();
    assertThat(next.frames()).isEmpty(); // not before it is known what became of those before
    world.advance(options.rotation().settle());
    world.advance(options.rotation().drain());
    assertThat(next.texts()).containsExactly("waits", "later");
  }

  // ---- life

  @Test
  void aSessionWithoutMessagesThatCountIsGivenUp() {
    options =
        options.silence(
            new Silence(
                SECOND.multipliedBy(10),
                frame -> frame instanceof Text(var text) && text.startsWith("tick")));
    World.Line line = open();
    world.advance(Duration.ofSeconds(6));
    line.receive(text("tick"));
    world.advance(Duration.ofSeconds(6));
    line.receive(join(text("noise"), ping("")));
    told();
    world.advance(Duration.ofSeconds(4));
    assertThat(told())
        .containsExactly(
            new Waiting(
                feed, 1, SECOND, new Reason.Timeout(Step.SILENCE, Duration.ofSeconds(10)), false));
    assertThat(line.isOpen()).isFalse();
  }

  @Test
  void whatTheRuleOnSilenceThrowsEndsTheSession() {
    IllegalStateException odd = new IllegalStateException("odd");
    options =
        options.silence(
            new Silence(
                SECOND,
                frame -> {
                  throw odd;
                }));
    World.Line line = open();
    line.receive(text("tick"));
    assertThat(told())
        .containsExactly(
            new WebSocketFrame(feed, new Text("tick")),
            new Waiting(feed, 1, SECOND, new Reason.HandlerThrew(odd), false));
    assertThat(line.isOpen()).isFalse();
  }

  @Test
  void theKeepaliveChangesWhileItLivesAndStaysChanged() {
    World.Line line = open();
    feed.keepalive(new Keepalive(SECOND, SECOND));
    world.run();
    world.advance(SECOND);
    assertThat(line.frames()).hasSize(1).allMatch(frame -> frame.first() == 0x89);
    world.advance(SECOND);
    assertThat(told())
        .containsExactly(
            new Waiting(feed, 1, SECOND, new Reason.Timeout(Step.PONG, SECOND), false));
    world.advance(SECOND);
    World.Line next = world.attempt().up().accept();
    world.advance(SECOND);
    assertThat(next.frames()).hasSize(1);
  }

  @Test
  void theTimeForAWriteChangesWhileItLivesAndStaysChanged() {
    World.Line line = open();
    line.channel.clog();
    feed.send(new Text("stuck"));
    feed.writeTimeout(SECOND.multipliedBy(2));
    world.run();
    for (int i = 0; i < 8; i++) {
      world.advance(SECOND.dividedBy(2));
    }
    assertThat(told())
        .contains(
            new Waiting(
                feed, 1, SECOND, new Reason.Timeout(Step.WRITE, SECOND.multipliedBy(2)), false));
    assertThatIllegalArgumentException().isThrownBy(() -> feed.writeTimeout(Duration.ZERO));
  }

  @Test
  void theRuleOnSilenceChangesWhileItLives() {
    open();
    feed.silence(Optional.of(Silence.of(SECOND)));
    world.run();
    world.advance(SECOND);
    assertThat(words()).containsExactly("waiting 1000");
  }

  @Test
  void theRoundTripsOfPingsAreTold() {
    World.Line line = open();
    feed.send(Ping.EMPTY);
    world.run();
    line.receive(pong());
    assertThat(told()).contains(new Notice(feed, new Notice.PingAcknowledged(feed, Duration.ZERO)));
  }

  @Test
  void aFullMailboxHoldsTheServerBack() throws Exception {
    Mailbox small = Mailbox.bounded(3);
    plan = plan.owner(small);
    options = options.silence(Silence.of(SECOND));
    begin();
    World.Line line = world.attempt().up().accept();
    line.receive(join(text("a"), text("b"), text("c")));
    assertThat(line.channel.config().isAutoRead()).isFalse();
    world.advance(SECOND.multipliedBy(5)); // which is not the server's silence
    List<Message> read = new ArrayList<>();
    for (Message m = small.take(Duration.ZERO); m != null; m = small.take(Duration.ZERO)) {
      read.add(m);
    }
    world.run();
    assertThat(read.stream().map(LiveWebSocketTest::word))
        .containsExactly("connecting 0", "open 1", "a", "b", "c");
    assertThat(line.channel.config().isAutoRead()).isTrue();
  }

  // ---- the end

  @Test
  void closeEndsItInSilenceTowardsTheServer() {
    World.Line line = open();
    feed.close();
    assertThat(told()).containsExactly(new Gone(feed, new Reason.OwnerClosed()));
    assertThat(line.frames()).isEmpty();
    assertThat(line.isOpen()).isFalse();
    world.advance(Duration.ofHours(1));
    assertThat(told()).isEmpty();
    assertThat(world.attempts).isEmpty();
  }

  @Test
  void closeCancelsAnAttemptThatRuns() {
    begin();
    World.Attempt attempt = world.attempt();
    feed.close();
    assertThat(words()).containsExactly("connecting 0", "gone");
    assertThat(attempt.cancelled).isTrue();
  }

  @Test
  void whatWaitsIsDroppedWithItAndToldBefore() {
    begin();
    feed.send(new Text("a"));
    Delivery delivery = feed.deliver(new Text("b"));
    told();
    feed.close();
    assertThat(told())
        .containsExactly(
            new Rejected(feed, "send", new Reason.OwnerClosed()),
            new Gone(feed, new Reason.OwnerClosed()));
    assertThat(delivery.state()).isEqualTo(Delivery.State.DROPPED);
    assertThat(delivery.reason()).contains(new Reason.OwnerClosed());
    assertThatExceptionOfType(FailedException.class).isThrownBy(() -> feed.send(new Text("c")));
    assertThatExceptionOfType(FailedException.class).isThrownBy(() -> feed.trySend(new Text("c")));
  }

  @Test
  void whatIsOnItsWayAtTheEndIsKnownBeforeIt() {
    World.Line line = open();
    line.channel.clog();
    feed.send(new Text("a"));
    Delivery delivery = feed.deliver(new Text("b"));
    world.run();
    feed.close();
    assertThat(words()).containsExactly("rejected: Unconfirmed", "gone");
    assertThat(delivery.state()).isEqualTo(Delivery.State.UNKNOWN);
  }

  @Test
  void shutdownSendsWhatWaitsAndSaysGoodbye() {
    World.Line line = open();
    feed.send(messages("a", "b"));
    feed.shutdown();
    world.run();
    assertThatExceptionOfType(FailedException.class).isThrownBy(() -> feed.send(new Text("c")));
    List<Sent> sent = line.frames();
    assertThat(sent).hasSize(3).last().isEqualTo(Sent.close(1001, ""));
    line.receive(join(text("last"), close(1001, "")));
    line.hangUp();
    assertThat(words()).containsExactly("last", "gone");
  }

  @Test
  void shutdownWithACloseFrameEndsWithItsCodeAfterWhatWaits() {
    World.Line line = open();
    feed.send(new Text("a"));
    feed.shutdown(new Close(4001, "done"));
    feed.shutdown(); // the first one counts
    world.run();
    assertThat(line.frames()).containsExactly(Sent.of(0x81, "a"), Sent.close(4001, "done"));
    line.receive(close(4001, "done"));
    line.hangUp();
    assertThat(words()).containsExactly("gone");
  }

  @Test
  void aShutdownInProgressKeepsItsCloseFrame() {
    World.Line line = open();
    line.channel.clog();
    feed.send(new Text("a"));
    feed.shutdown();
    feed.shutdown(new Close(4001, "done"));
    world.run();
    line.channel.take(Integer.MAX_VALUE);
    world.run();
    assertThat(line.frames()).containsExactly(Sent.of(0x81, "a"), Sent.close(1001, ""));
  }

  @Test
  void shutdownWithACloseFrameEndsWithoutASessionAtOnce() {
    begin();
    feed.shutdown(new Close(4001, "done"));
    world.run();
    assertThat(words()).containsExactly("connecting 0", "gone");
  }

  @Test
  void inARotationTheNextSessionEndsWithTheOwnersCloseFrame() {
    World.Line old = open();
    feed.rotate();
    World.Line next = world.attempt().up().accept();
    feed.shutdown(new Close(4001, "done"));
    world.run();
    assertThat(old.frames()).containsExactly(Sent.close(1000, ""));
    assertThat(next.frames()).containsExactly(Sent.close(4001, "done"));
  }

  @Test
  void aServerThatDoesNotAnswerTheOwnersCloseFrameIsLeftInTheEnd() {
    World.Line line = open();
    feed.shutdown(new Close(4001, "done"));
    world.run();
    assertThat(line.frames()).containsExactly(Sent.close(4001, "done"));
    world.advance(options.connection().timeouts().closing());
    assertThat(words()).containsExactly("gone");
    assertThat(line.isOpen()).isFalse();
  }

  @Test
  void theEndOfItsMailboxShutsItDown() {
    World.Line line = open();
    feed.mailbox().close();
    world.run();
    assertThat(line.frames()).containsExactly(Sent.close(1001, ""));
  }

  @Test
  void aClosedMailboxOwnsNothing() {
    Mailbox closed = Mailbox.create();
    closed.close();
    plan = plan.owner(closed);
    assertThatIllegalStateException().isThrownBy(() -> plan.options(options).open());
  }

  // ---- owners

  @Test
  void aReceiverIsToldOnTheLoopAndWhatItThrowsHarmsNothing() {
    List<String> heard = new ArrayList<>();
    plan =
        plan.owner(
            message -> {
              heard.add(word(message));
              throw new IllegalStateException("the user's");
            });
    begin();
    World.Line line = world.attempt().up().accept();
    line.receive(text("a"));
    assertThat(heard).containsExactly("connecting 0", "open 1", "a");
    assertThatIllegalStateException().isThrownBy(feed::mailbox);
    assertThatIllegalStateException().isThrownBy(feed::iterator);
    assertThatIllegalStateException().isThrownBy(feed::messages);
  }

  @Test
  void framesAreIteratedAcrossSessionsUntilItsOwnerClosesIt() {
    World.Line line = open();
    line.receive(text("a"));
    line.hangUp();
    world.advance(SECOND);
    world.attempt().up().accept().receive(join(text("b"), text("c")));
    Iterator<Frame> frames = feed.iterator();
    assertThat(List.of(frames.next(), frames.next(), frames.next()))
        .containsExactly(messages("a", "b", "c"));
    feed.close();
    world.run();
    assertThat(frames.hasNext()).isFalse();
    assertThat(frames.hasNext()).isFalse();
    assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(frames::next);
  }

  @Test
  void anIterationThatThePolicyEndsThrowsItsReason() {
    begin();
    world.attempt().up().receive("HTTP/1.1 401 Who\r\nContent-Length: 0\r\n\r\n");
    Iterator<Frame> frames = feed.iterator();
    assertThatExceptionOfType(FailedException.class)
        .isThrownBy(frames::hasNext)
        .satisfies(e -> assertThat(e.reason()).isEqualTo(refusal(401, "")));
  }

  @Test
  void messagesAreIteratedUpToTheLast() {
    open();
    feed.close();
    world.run();
    List<String> all = new ArrayList<>();
    for (Message message : feed.messages()) {
      all.add(word(message));
    }
    assertThat(all).containsExactly("gone");
  }

  @Test
  void whoWaitsForASessionGetsItsNumberOrTheReasonOfTheEnd() throws Exception {
    begin();
    World.Line line = world.attempt().up().accept();
    Thread loop = Thread.startVirtualThread(() -> runUntilInterrupted());
    assertThat(feed.awaitOpen(SECOND)).isEqualTo(1);
    loop.interrupt();
    loop.join();
    line.hangUp();
    world.advance(SECOND);
    world.attempt().up().receive("HTTP/1.1 404 Gone\r\nContent-Length: 0\r\n\r\n");
    loop = Thread.startVirtualThread(() -> runUntilInterrupted());
    assertThatExceptionOfType(FailedException.class)
        .isThrownBy(() -> feed.awaitOpen(SECOND))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(refusal(404, "")));
    loop.interrupt();
    loop.join();
  }

  @Test
  void whoWaitsInVainForASessionLearnsWhy() throws Exception {
    begin();
    world.attempt().fails(new Reason.Refused("127.0.0.1:81"));
    assertThatExceptionOfType(FailedException.class)
        .isThrownBy(() -> feed.awaitOpen(Duration.ZERO))
        .withMessage(
            "The wait for a session took longer than 0 s: The address 127.0.0.1:81 refused the"
                + " connection.");
  }

  private void runUntilInterrupted() {
    while (!Thread.interrupted()) {
      world.run();
      Thread.yield();
    }
  }

  @Test
  void aPlatformThatIsNoneOfLariatsIsRefused() {
    options = options.connection(options.connection().platform(new Platform() {}));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan.options(options).open())
        .withMessageContaining("platform: ");
  }

  @Test
  void aMailboxOfAnotherMachineIsRefused() {
    Mailbox real = Mailbox.create();
    try (Connection connection = Lariat.open("127.0.0.1", 9, real)) {
      assertThat(connection.mailbox()).isSameAs(real);
      plan = plan.owner(real);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> plan.options(options).open())
          .withMessageContaining("mailbox: ");
    }
  }
}
