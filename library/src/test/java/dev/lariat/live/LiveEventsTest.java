package dev.lariat.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.lariat.FailedException;
import dev.lariat.Mailbox;
import dev.lariat.World;
import dev.lariat.cookie.store.CookieJar;
import dev.lariat.internal.transport.Place;
import dev.lariat.message.Bytes;
import dev.lariat.message.Connecting;
import dev.lariat.message.Gone;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Open;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Step;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.Waiting;
import dev.lariat.option.Backoff;
import dev.lariat.option.Classifier;
import dev.lariat.option.Content;
import dev.lariat.option.Credentials;
import dev.lariat.option.Endpoint;
import dev.lariat.option.EventOptions;
import dev.lariat.option.Healing;
import dev.lariat.option.Limits;
import dev.lariat.option.Redirects;
import dev.lariat.option.Request;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A stream of events that heals itself, on a network and by a clock that are the test's. */
@Timeout(30)
class LiveEventsTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final String STREAM =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n";

  private final World world = new World();
  private EventOptions options =
      EventOptions.DEFAULT
          .connection(world.options())
          .healing(
              Healing.DEFAULT
                  .spread(Duration.ZERO)
                  .retry(Backoff.DEFAULT.jitter(false).delays(SECOND, Duration.ofSeconds(8))));
  private LiveEvents.Plan plan = LiveEvents.to("http://api.example/prices?all");
  private LiveEvents events;

  private LiveEvents begin() {
    events = plan.options(options).open();
    world.run();
    return events;
  }

  private World.Line open() {
    begin();
    World.Line line = world.attempt().up();
    line.text();
    line.receive(STREAM);
    told();
    return line;
  }

  /** The next session, whose request has this header, or has none of that name. */
  private World.Line again(Duration delay, String header) {
    world.advance(delay);
    World.Line line = world.attempt().up();
    if (header.isEmpty()) {
      assertThat(line.text()).doesNotContain("last-event-id");
    } else {
      assertThat(line.text()).contains("\r\nlast-event-id: " + header + "\r\n");
    }
    line.receive(STREAM);
    return line;
  }

  private List<Message> told() {
    return world.told(events.mailbox());
  }

  private List<String> words() {
    return told().stream().map(LiveEventsTest::word).toList();
  }

  private static String word(Message message) {
    return switch (message) {
      case Connecting(var stream, var attempt, var open) ->
          "connecting " + attempt + (open ? " open" : "");
      case Waiting(var stream, var attempt, var delay, var reason, var open) ->
          "waiting " + delay.toMillis() + (open ? " open" : "");
      case Open(var stream, var session, var subprotocol, var headers) -> "open " + session;
      case Gone(var stream, var reason) -> "gone";
      case ServerSentEvent(var stream, var id, var type, var data, var retry) -> id + ":" + data;
      default -> message.toString();
    };
  }

  @AfterEach
  void nothingIsLeftBehind() {
    if (events != null) {
      events.close();
      world.run();
    }
  }

  @Test
  void asksForEventsAndTellsThem() {
    begin();
    World.Line line = world.attempt().up();
    assertThat(line.text())
        .startsWith("GET /prices?all HTTP/1.1\r\nhost: api.example\r\n")
        .contains("\r\naccept: text/event-stream\r\n", "\r\ncache-control: no-store\r\n")
        .doesNotContain("last-event-id");
    line.receive(STREAM + "id: 1\ndata: a\n\nevent: tick\ndata: b\n\n");
    assertThat(told())
        .startsWith(new Connecting(events, 0, false))
        .endsWith(
            new ServerSentEvent(events, "1", "message", "a", Optional.empty()),
            new ServerSentEvent(events, "1", "tick", "b", Optional.empty()));
    assertThat(events.session()).isEqualTo(1);
    assertThat(events.lastEventId()).isEqualTo("1");
  }

  @Test
  void goesOnBehindTheLastEvent() {
    World.Line line = open();
    line.receive("id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\ndata: half of");
    line.hangUp();
    assertThat(words()).containsExactly("1:a", "2:b", "waiting 1000");
    World.Line next = again(SECOND, "2");
    next.receive("data: c\n\nid: 3\ndata: d\n\n");
    assertThat(words()).containsExactly("connecting 1", "open 2", "2:c", "3:d");
  }

  @Test
  void anIdWithoutAnEventIsAPositionToo() {
    World.Line line = open();
    line.receive("id: 1\ndata: a\n\nid: 7\n\n");
    assertThat(words()).containsExactly("1:a");
    line.hangUp();
    again(SECOND, "7");
  }

  @Test
  void anEmptyIdForgetsThePosition() {
    World.Line line = open();
    line.receive("id: 1\ndata: a\n\nid\ndata: b\n\n");
    assertThat(words()).containsExactly("1:a", ":b");
    line.hangUp();
    again(SECOND, "");
  }

  @Test
  void anIdIsSentInUtf8() {
    World.Line line = open();
    line.receive("id: \u00c3\u00a9\ndata: a\n\n"); // the octets of an e with an accent
    assertThat(events.lastEventId()).isEqualTo("\u00e9");
    line.hangUp();
    again(SECOND, "\u00c3\u00a9");
  }

  @Test
  void whatWasToldIsNotToldAgain() {
    World.Line line = open();
    line.receive("id: 1\ndata: a\n\nid: 2\ndata: b\n\n");
    line.hangUp();
    told();
    World.Line next = again(SECOND, "2");
    next.receive("id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\ndata: c\n\n");
    assertThat(words()).containsExactly("connecting 1", "open 2", "3:c");
  }

  @Test
  void anotherEventOfTheSameIdIsAnother() {
    World.Line line = open();
    line.receive("id: x\ndata: a\n\nid: x\ndata: a\n\n"); // within a session it is the server's
    line.hangUp();
    assertThat(words()).containsExactly("x:a", "x:a", "waiting 1000");
    World.Line next = again(SECOND, "x");
    next.receive("id: x\ndata: b\n\nid: x\nevent: other\ndata: a\n\ndata: a\n\n");
    assertThat(words()).containsExactly("connecting 1", "open 2", "x:b", "x:a", "x:a");
  }

  @Test
  void onlySoManyEventsAreRemembered() {
    options = options.remembered(1);
    World.Line line = open();
    line.receive("id: 1\ndata: a\n\nid: 2\ndata: b\n\n");
    line.hangUp();
    told();
    World.Line next = again(SECOND, "2");
    next.receive("id: 2\ndata: b\n\nid: 1\ndata: a\n\n");
    assertThat(words()).containsExactly("connecting 1", "open 2", "1:a");
  }

  @Test
  void theServersPatienceIsHad() {
    World.Line line = open();
    line.receive("retry: 5000\n\n");
    line.hangUp();
    assertThat(words()).containsExactly("waiting 5000");
    world.advance(Duration.ofSeconds(5));
    world.attempt().fails(new Reason.Refused("10.0.0.1:80"));
    assertThat(words()).containsExactly("connecting 1", "waiting 5000");
  }

  @Test
  void theServersPatienceHasALimit() {
    options = options.healing(options.healing().longestRetryAfter(SECOND.multipliedBy(3)));
    World.Line line = open();
    line.receive("retry: 99999999\n\n");
    line.hangUp();
    assertThat(words()).containsExactly("waiting 3000");
  }

  @Test
  void retryAfterIsHad() {
    begin();
    World.Line line = world.attempt().up();
    line.receive("HTTP/1.1 503 Busy\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n");
    assertThat(words()).containsExactly("connecting 0", "waiting 30000");
    assertThat(line.isOpen()).isFalse();
  }

  @Test
  void aServerThatDoesNotAnswerIsGivenUp() {
    options = options.answer(SECOND.multipliedBy(2));
    begin();
    world.attempt().up();
    told();
    world.advance(SECOND.multipliedBy(2).minusNanos(1));
    assertThat(told()).isEmpty();
    world.advance(Duration.ofNanos(1));
    Reason late = new Reason.Timeout(Step.ANSWER, SECOND.multipliedBy(2));
    assertThat(told()).containsExactly(new Waiting(events, 1, SECOND, late, false));
    again(SECOND, "").receive("data: a\n\n");
    world.advance(SECOND.multipliedBy(100)); // once it has answered, it may be silent
    assertThat(words()).containsExactly("connecting 1", "open 1", ":a");
  }

  @Test
  void whoReadsAnEventIsNotBeforeIt() {
    List<String> positions = new ArrayList<>();
    plan =
        plan.owner(
            message -> {
              if (message instanceof ServerSentEvent event) {
                positions.add(event.id() + " at " + events.lastEventId());
              }
            });
    begin();
    world.attempt().up().receive(STREAM + "id: 1\ndata: a\n\nid: 2\ndata: b\n\n");
    assertThat(positions).containsExactly("1 at 1", "2 at 2");
  }

  @ParameterizedTest
  @ValueSource(ints = {204, 300, 304, 401, 403, 404})
  void theseStatusesEndIt(int status) {
    begin();
    told();
    world.attempt().up().receive("HTTP/1.1 " + status + " x\r\nContent-Length: 0\r\n\r\n");
    Headers headers = Headers.of("content-length", "0");
    Reason reason = new Reason.Status(status, Optional.empty(), headers, Bytes.EMPTY);
    assertThat(told()).containsExactly(new Gone(events, reason));
  }

  private static final String FORBIDDEN =
      "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\n";
  private static final Headers AS_JSON = Headers.of("content-type", "application/json");

  private static Reason.Status forbidden(Headers headers, String body) {
    return new Reason.Status(403, Optional.empty(), headers, Bytes.ofUtf8(body));
  }

  @Test
  void aRefusalIsToldWithItsHeadersAndItsBody() {
    begin();
    told();
    World.Line line = world.attempt().up();
    line.receive(FORBIDDEN + "Content-Length: 19\r\n\r\n{\"error\":");
    assertThat(told()).isEmpty();
    line.receive("\"expired\"}");
    Reason.Status told = forbidden(AS_JSON.with("content-length", "19"), "{\"error\":\"expired\"}");
    assertThat(told()).containsExactly(new Gone(events, told));
    assertThat(line.isOpen()).isFalse();
  }

  @Test
  void aCompressedRefusalIsToldAsItIsMeant() throws Exception {
    begin();
    told();
    byte[] body = gzip("{}");
    World.Line line = world.attempt().up();
    line.receive(
        FORBIDDEN + "Content-Encoding: gzip\r\nContent-Length: " + body.length + "\r\n\r\n");
    line.receive(body);
    assertThat(told())
        .singleElement()
        .extracting(m -> ((Reason.Status) ((Gone) m).reason()).body().utf8())
        .isEqualTo("{}");
  }

  @Test
  void theBodyOfARefusalHasASecond() {
    begin();
    told();
    World.Line line = world.attempt().up();
    line.receive(FORBIDDEN + "\r\n{\"error\":");
    world.advance(SECOND.minusNanos(1));
    assertThat(told()).isEmpty();
    world.advance(Duration.ofNanos(1));
    assertThat(told()).containsExactly(new Gone(events, forbidden(AS_JSON, "{\"error\":")));
    assertThat(line.isOpen()).isFalse();
  }

  @Test
  void ofTheBodyOfARefusalTheBeginningIsToldAtOnce() {
    begin();
    told();
    World.Line line = world.attempt().up();
    line.receive(FORBIDDEN + "\r\n" + "x".repeat(10_000));
    assertThat(told()).containsExactly(new Gone(events, forbidden(AS_JSON, "x".repeat(8192))));
    assertThat(line.isOpen()).isFalse();
  }

  @Test
  void aRefusalThatIsCutOffIsToldAsFarAsItCame() {
    begin();
    told();
    World.Line line = world.attempt().up();
    line.receive(FORBIDDEN + "Content-Length: 99\r\n\r\n{\"error\":");
    line.hangUp();
    Headers headers = AS_JSON.with("content-length", "99");
    assertThat(told()).containsExactly(new Gone(events, forbidden(headers, "{\"error\":")));
  }

  @Test
  void whoEndsItWhileARefusalArrivesIsTheOneWhoEndedIt() {
    begin();
    told();
    World.Line line = world.attempt().up();
    line.receive(FORBIDDEN + "Content-Length: 99\r\n\r\n{\"error\":");
    events.close();
    world.advance(SECOND.multipliedBy(2));
    assertThat(told()).containsExactly(new Gone(events, new Reason.OwnerClosed()));
  }

  @Test
  void endpointsAndClassifierKnowTheRefusal() throws Exception {
    List<Optional<Reason>> lasts = new ArrayList<>();
    plan =
        LiveEvents.to(
            (attempt, last) -> {
              lasts.add(last);
              return Endpoint.of("http://api.example/prices");
            });
    List<Reason> judged = new ArrayList<>();
    options =
        options.healing(
            options
                .healing()
                .classifier(
                    reason -> {
                      judged.add(reason);
                      return Classifier.Verdict.RETRY;
                    }));
    begin();
    world.runThreads();
    world.attempt().up().receive(FORBIDDEN + "Content-Length: 2\r\n\r\n{}");
    Reason reason = forbidden(AS_JSON.with("content-length", "2"), "{}");
    assertThat(told()).contains(new Waiting(events, 1, SECOND, reason, false));
    world.advance(SECOND);
    world.runThreads();
    assertThat(judged).containsExactly(reason);
    assertThat(lasts).containsExactly(Optional.empty(), Optional.of(reason));
  }

  // ---- redirects

  private static String redirect(int status, String location, String... fields) {
    return "HTTP/1.1 "
        + status
        + " x\r\nLocation: "
        + location
        + "\r\nContent-Length: 0\r\n"
        + String.join("", fields)
        + "\r\n";
  }

  private Reason reason() {
    return switch (told().getLast()) {
      case Gone(var stream, var reason) -> reason;
      case Waiting(var stream, var attempt, var delay, var reason, var open) -> reason;
      case Message other -> throw new AssertionError(other);
    };
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void aRedirectIsFollowedWithinTheAttempt(int status) {
    begin();
    World.Line first = world.attempt().up();
    first.receive(redirect(status, "../v2/prices?all#top"));
    World.Attempt attempt = world.attempt();
    assertThat(attempt.place).isEqualTo(new Place.Host("api.example", 80));
    assertThat(first.isOpen()).isFalse();
    World.Line line = attempt.up();
    assertThat(line.text())
        .startsWith("GET /v2/prices?all HTTP/1.1\r\nhost: api.example\r\n")
        .contains("\r\naccept: text/event-stream\r\n");
    line.receive(STREAM + "id: 1\ndata: a\n\n");
    assertThat(words()).containsExactly("connecting 0", "open 1", "1:a");
  }

  @Test
  void theNextSessionBeginsAtTheEndpointAgain() {
    begin();
    world.attempt().up().receive(redirect(301, "http://eu.example/prices"));
    World.Line line = world.attempt().up();
    line.receive(STREAM + "id: 1\ndata: a\n\n");
    line.hangUp();
    world.advance(SECOND);
    World.Attempt next = world.attempt();
    assertThat(next.place).isEqualTo(new Place.Host("api.example", 80));
    next.up().receive(redirect(301, "http://eu.example/prices"));
    World.Line moved = world.attempt().up();
    assertThat(moved.text()).contains("host: eu.example\r\n", "\r\nlast-event-id: 1\r\n");
    moved.receive(STREAM);
    assertThat(words())
        .containsExactly("connecting 0", "open 1", "1:a", "waiting 1000", "connecting 1", "open 2");
  }

  @Test
  void whatConcernsTheEndpointsOriginIsNotToldToAnother() {
    plan =
        LiveEvents.to(
            Endpoint.of("http://api.example/prices")
                .header("Authorization", "Bearer secret")
                .header("Cookie", "a=b")
                .header("X-Own", "c"));
    begin();
    World.Line line = world.attempt().up();
    assertThat(line.text()).contains("authorization: Bearer secret\r\n", "cookie: a=b\r\n");
    line.receive(redirect(302, "http://other.example:8080/"));
    World.Attempt attempt = world.attempt();
    assertThat(attempt.place).isEqualTo(new Place.Host("other.example", 8080));
    assertThat(attempt.up().text())
        .contains("host: other.example:8080\r\n", "x-own: c\r\n")
        .doesNotContain("secret", "cookie");
  }

  @Test
  void credentialsAreShownAtTheirOriginAndNowhereElse() {
    plan =
        LiveEvents.to(
            Endpoint.of("http://api.example/prices").credentials(Credentials.basic("a", "b")));
    begin();
    World.Line line = world.attempt().up();
    assertThat(line.text()).contains("\r\nauthorization: Basic YTpi\r\n");
    line.receive(redirect(302, "https://api.example/"));
    World.Line other = world.attempt().up();
    assertThat(other.text()).doesNotContain("authorization");
    line = other;
    line.receive(redirect(302, "https://api.example/b"));
    line = world.attempt().up();
    assertThat(line.text()).doesNotContain("authorization");
  }

  @Test
  void whoComesBackShowsItsCredentialsAgain() {
    plan =
        LiveEvents.to(
            Endpoint.of("http://api.example/prices").credentials(Credentials.bearer("abc.d")));
    begin();
    World.Line line = world.attempt().up();
    assertThat(line.text()).contains("\r\nauthorization: Bearer abc.d\r\n");
    line.receive(redirect(302, "http://login.example/"));
    line = world.attempt().up();
    assertThat(line.text()).doesNotContain("authorization");
    line.receive(redirect(302, "http://api.example/prices?ticket=1"));
    line = world.attempt().up();
    assertThat(line.text())
        .startsWith("GET /prices?ticket=1 ")
        .contains("\r\nauthorization: Bearer abc.d\r\n");
  }

  @Test
  void noRedirectLeadsFromHttpsToHttp() {
    plan = LiveEvents.to("https://api.example/prices");
    begin();
    world.attempt().up().receive(redirect(302, "http://api.example/prices"));
    assertThat(told())
        .endsWith(
            new Gone(
                events,
                new Reason.RedirectRefused(
                    "http://api.example/prices",
                    "it leads from https to http (redirects.unsecured)")));
    assertThat(world.attempts).isEmpty();
  }

  @Test
  void redirectsThatLeadOnWithoutEndAreNotFollowedForEver() {
    begin();
    for (int i = 0; i < 20; i++) {
      world.attempt().up().receive(redirect(302, "/prices?all"));
    }
    world.attempt().up().receive(redirect(302, "/prices?all"));
    assertThat(reason()).isEqualTo(new Reason.Limit(Reason.Bound.REDIRECTS, 20));
    assertThat(world.attempts).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ftp://a/", "http://user:secret@other.example/", "http://a:99999/"})
  void aLocationThatIsNoneBreaksARule(String location) {
    begin();
    World.Line line = world.attempt().up();
    line.receive(redirect(302, location));
    Reason reason = reason();
    assertThat(reason).isInstanceOf(Reason.Protocol.class);
    assertThat(reason.toString()).doesNotContain("secret");
    assertThat(line.isOpen()).isFalse();
    assertThat(world.attempts).isEmpty();
  }

  @Test
  void aRedirectMayBeARefusal() {
    options = options.redirects(Redirects.NONE);
    begin();
    world.attempt().up().receive(redirect(302, "/login"));
    assertThat(reason())
        .isEqualTo(
            new Reason.Status(
                302,
                Optional.empty(),
                Headers.of("location", "/login", "content-length", "0"),
                Bytes.EMPTY));
  }

  @Test
  void aRequestWithABodyIsRedirectedAsItsStatusSays() {
    plan = plan.request(Request.of("POST", "/").body(Bytes.ofUtf8("query")));
    begin();
    world.attempt().up().receive(redirect(307, "/kept"));
    World.Line line = world.attempt().up();
    assertThat(line.text()).startsWith("POST /kept ").endsWith("query");
    line.receive(redirect(303, "/see"));
    assertThat(world.attempt().up().text()).startsWith("GET /see ").doesNotContain("query");
  }

  @Test
  void eachStepOfARedirectHasTheDeadlinesOfAnAttempt() {
    options = options.answer(SECOND.multipliedBy(2));
    begin();
    World.Line first = world.attempt().up();
    world.advance(SECOND);
    first.receive(redirect(302, "/b"));
    world.attempt().up();
    world.advance(SECOND.multipliedBy(2).minusNanos(1));
    assertThat(words()).containsExactly("connecting 0");
    world.advance(Duration.ofNanos(1));
    assertThat(reason()).isEqualTo(new Reason.Timeout(Step.ANSWER, SECOND.multipliedBy(2)));
  }

  @Test
  void whatARedirectLeadsToMayFail() {
    begin();
    world.attempt().up().receive(redirect(302, "http://other.example/"));
    world.attempt().fails(new Reason.Refused("10.0.0.2:80"));
    assertThat(reason()).isEqualTo(new Reason.Refused("10.0.0.2:80"));
    world.advance(SECOND);
    assertThat(world.attempt().place).isEqualTo(new Place.Host("api.example", 80));
  }

  @Test
  void whoEndsItOnTheWayEndsWhatWasOnTheWay() {
    begin();
    world.attempt().up().receive(redirect(302, "http://other.example/"));
    World.Attempt attempt = world.attempt();
    events.close();
    world.run();
    assertThat(attempt.cancelled).isTrue();
    assertThat(words()).containsExactly("connecting 0", "gone");
  }

  @Test
  void cookiesAreKeptAtEveryStep() {
    options = options.connection(options.connection().cookies(CookieJar.create()));
    begin();
    String set = "Set-Cookie: seen=1\r\n";
    World.Line line = world.attempt().up();
    line.receive(redirect(302, "http://other.example/", set));
    line = world.attempt().up();
    assertThat(line.text()).doesNotContain("cookie");
    line.receive(redirect(302, "http://api.example/prices?all"));
    assertThat(world.attempt().up().text()).contains("\r\ncookie: seen=1\r\n");
  }

  @Test
  void digestIsAnsweredOnTheSameConnection() {
    plan = plan.request(Request.of("GET", "/").credentials(Credentials.digest("a", "b")));
    begin();
    World.Line line = world.attempt().up();
    assertThat(line.text()).doesNotContain("authorization");
    line.receive(
        "HTTP/1.1 401 x\r\nWWW-Authenticate: Digest realm=r, nonce=n, qop=auth\r\n"
            + "Content-Length: 4\r\n\r\nwho?");
    assertThat(line.text())
        .startsWith("GET /prices?all ")
        .contains("authorization: Digest username=\"a\"", "uri=\"/prices?all\"", "nc=00000001");
    line.receive(STREAM + "data: a\n\n");
    assertThat(words()).containsExactly("connecting 0", "open 1", ":a");
    line.hangUp();
    world.advance(SECOND);
    assertThat(world.attempt().up().text()).contains("nonce=\"n\"", "nc=00000002");
  }

  // ---- answers

  @Test
  void anAnswerThatIsNoStreamBreaksARule() {
    begin();
    told();
    world
        .attempt()
        .up()
        .receive(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\ndata: a\n\n");
    assertThat(told())
        .containsExactly(
            new Gone(
                events,
                new Reason.Protocol(
                    "the response has the type text/html and is not an event stream",
                    "HTML section 9.2.3")));
  }

  @Test
  void aStreamThatEndsIsAskedForAgain() {
    begin();
    told();
    world
        .attempt()
        .up()
        .receive(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9\r\n\r\n"
                + "data: a\n\n");
    assertThat(words()).containsExactly("open 1", ":a", "waiting 1000");
  }

  @Test
  void aStreamWithoutABodyIsAskedForAgain() {
    begin();
    told();
    world
        .attempt()
        .up()
        .receive("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 0\r\n\r\n");
    assertThat(words()).containsExactly("waiting 1000");
  }

  /** A whole response of these events, which ends in good order. */
  private static String ending(String events) {
    return "HTTP/1.1 200 OK\r\n"
        + "Content-Type: text/event-stream\r\n"
        + "Transfer-Encoding: chunked\r\n\r\n"
        + Integer.toHexString(events.length())
        + "\r\n"
        + events
        + "\r\n0\r\n\r\n";
  }

  /** The next session gets this, after the wait; its connection stays open. */
  private void receives(Duration wait, String response) {
    world.advance(wait);
    told();
    World.Line line = world.attempt().up();
    line.text();
    line.receive(response);
  }

  @Test
  void aServerThatEndsItsStreamsInGoodOrderIsAskedAgainWhenItSaysSo() {
    begin();
    Duration retry = Duration.ofMillis(700);
    receives(Duration.ZERO, ending("retry: 700\nid: 0\ndata: x\n\n"));
    for (int i = 1; i <= 10; i++) {
      assertThat(told()).last().isEqualTo(new Waiting(events, 1, retry, new Reason.Ended(), false));
      receives(retry, ending("id: " + i + "\ndata: x\n\n"));
    }
  }

  @Test
  void aServerThatEndsItsStreamsInGoodOrderIsAskedAgainSoonWhereItDoesNotSay() {
    begin();
    receives(Duration.ZERO, ending("data: x\n\n"));
    for (int i = 1; i <= 10; i++) {
      assertThat(words()).containsExactly("open " + i, ":x", "waiting 1000");
      receives(SECOND, ending("data: x\n\n"));
    }
  }

  @Test
  void aServerThatHasItsClientsComeBackAtOnceIsAskedAgainAfterTheShortestWait() {
    begin();
    receives(Duration.ZERO, ending("retry: 0\ndata: x\n\n"));
    assertThat(words()).contains("waiting 500");
  }

  @Test
  void streamsWithoutAnEventAreAskedForLaterAndLater() {
    begin();
    receives(Duration.ZERO, ending(": hello\n\n"));
    assertThat(words()).containsExactly("open 1", "waiting 1000");
    receives(SECOND, ending(": hello\n\n"));
    assertThat(words()).containsExactly("open 2", "waiting 2000");
  }

  @Test
  void streamsOfEventsThatWereToldBeforeAreAskedForLaterAndLater() {
    begin();
    receives(Duration.ZERO, ending("id: 1\ndata: x\n\n"));
    assertThat(words()).containsExactly("open 1", "1:x", "waiting 1000");
    receives(SECOND, ending("id: 1\ndata: x\n\n"));
    assertThat(words()).containsExactly("open 2", "waiting 2000");
    receives(SECOND.multipliedBy(2), ending("id: 1\ndata: x\n\n"));
    assertThat(words()).containsExactly("open 3", "waiting 4000");
  }

  @Test
  void streamsThatAreCutAreAskedForLaterAndLater() {
    begin();
    for (int seconds : List.of(0, 1, 2)) {
      world.advance(Duration.ofSeconds(seconds));
      told();
      World.Line line = world.attempt().up();
      String whole = ending("data: x\n\n");
      line.receive(whole.substring(0, whole.indexOf("\r\n0\r\n")));
      line.hangUp();
    }
    assertThat(told())
        .last()
        .isInstanceOfSatisfying(
            Waiting.class,
            waiting -> {
              assertThat(waiting.attempt()).isEqualTo(3);
              assertThat(waiting.delay()).isEqualTo(SECOND.multipliedBy(4));
              assertThat(waiting.reason()).isNotEqualTo(new Reason.Ended());
            });
  }

  @Test
  void anEventBeyondItsLimitIsAskedForTwiceMore() {
    options =
        options.connection(options.connection().limits(options.connection().limits().event(1024)));
    Reason limit = new Reason.Limit(Reason.Bound.EVENT, 1024);
    World.Line line = open();
    line.receive("data: a\n\ndata: " + "x".repeat(2000));
    assertThat(told())
        .containsExactly(
            new ServerSentEvent(events, "", "message", "a", Optional.empty()),
            new Waiting(events, 1, SECOND, limit, false));
    assertThat(line.isOpen()).isFalse();
    receives(SECOND, STREAM + "data: " + "x".repeat(2000));
    assertThat(told())
        .last()
        .isEqualTo(new Waiting(events, 2, SECOND.multipliedBy(2), limit, false));
    receives(SECOND.multipliedBy(2), STREAM + "data: " + "x".repeat(2000));
    assertThat(told()).last().isEqualTo(new Gone(events, new Reason.GaveUp(2, limit)));
    assertThat(world.attempts).isEmpty();
  }

  static Stream<Arguments> damagedStreams() throws IOException {
    byte[] whole = gzip("data: a\n\n");
    byte[] wrong = whole.clone();
    wrong[wrong.length - 8] ^= 1;
    return Stream.of(
        arguments("cut", Arrays.copyOf(whole, whole.length - 9), "RFC 1952 section 2.3"),
        arguments("with a wrong check", wrong, "RFC 1952 section 2.3"),
        arguments("a bomb", gzip(":" + "x".repeat(4 << 20)), "limits.inflateRatio"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("damagedStreams")
  void aDamagedStreamIsAskedForTwiceMore(String name, byte[] body, String rule) {
    begin();
    for (int seconds : List.of(0, 1, 2)) {
      world.advance(Duration.ofSeconds(seconds));
      assertThat(told()).last().isInstanceOf(Connecting.class);
      World.Line line = world.attempt().up();
      line.receive(
          "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n"
              + "Content-Length: "
              + body.length
              + "\r\n\r\n");
      line.receive(body);
    }
    assertThat(told())
        .last()
        .isInstanceOfSatisfying(
            Gone.class,
            gone -> assertThat(gone.reason().sentence()).startsWith("Gave up").contains(rule));
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream coded = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(coded)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return coded.toByteArray();
  }

  @Test
  void aServerWithoutEventsIsGivenUpAfterATime() {
    options = options.between(SECOND.multipliedBy(10));
    World.Line line = open();
    world.advance(Duration.ofSeconds(9));
    line.receive("data: a\n\n");
    world.advance(Duration.ofSeconds(9));
    line.receive(": still here\n");
    told();
    world.advance(Duration.ofSeconds(1));
    assertThat(told())
        .containsExactly(
            new Waiting(
                events,
                1,
                SECOND,
                new Reason.Timeout(Step.SILENCE, SECOND.multipliedBy(10)),
                false));
    assertThat(line.isOpen()).isFalse();
  }

  @Test
  void aCommentCountsWhereItSaysSo() {
    options = options.between(SECOND.multipliedBy(10)).comments(true);
    World.Line line = open();
    for (int i = 0; i < 5; i++) {
      world.advance(Duration.ofSeconds(9));
      line.receive(":\n");
    }
    assertThat(told()).isEmpty();
  }

  @Test
  void aFullMailboxHoldsTheServerBack() throws Exception {
    Mailbox small = Mailbox.bounded(3);
    plan = plan.owner(small);
    begin();
    World.Line line = world.attempt().up();
    line.receive(STREAM);
    line.receive("data: a\n\n");
    line.receive("data: b\n\n");
    assertThat(line.channel.config().isAutoRead()).isFalse();
    List<String> read = new ArrayList<>();
    for (Message m = small.take(Duration.ZERO); m != null; m = small.take(Duration.ZERO)) {
      read.add(word(m));
    }
    world.run();
    assertThat(read).containsExactly("connecting 0", "open 1", ":a", ":b");
    assertThat(line.channel.config().isAutoRead()).isTrue();
  }

  @Test
  void aRotationTellsNothingTwice() {
    World.Line old = open();
    old.receive("id: 1\ndata: a\n\n");
    events.rotate();
    World.Line next = world.attempt().up();
    assertThat(next.text()).contains("last-event-id: 1\r\n");
    old.receive("id: 2\ndata: b\n\n");
    next.receive(STREAM + "id: 2\ndata: b\n\nid: 3\ndata: c\n\n");
    assertThat(words()).containsExactly("1:a", "connecting 0 open", "2:b", "open 2", "3:c");
    assertThat(old.isOpen()).isFalse();
    assertThat(events.session()).isEqualTo(2);
  }

  @Test
  void aRotationThatFailsLeavesTheOldSession() {
    World.Line old = open();
    events.rotate();
    world.attempt().fails(new Reason.Refused("10.0.0.1:80"));
    assertThat(events.session()).isEqualTo(1);
    old.receive("data: a\n\n");
    assertThat(words()).containsExactly("connecting 0 open", "waiting 1000 open", ":a");
  }

  @Test
  void asksByTheUsersRequest() {
    plan =
        LiveEvents.to(Endpoint.of("http://llm.example/v1").header("authorization", "Bearer x"))
            .request(
                Request.of("POST", "/")
                    .header("content-type", "application/json")
                    .body(Bytes.ofUtf8("{}")));
    begin();
    assertThat(world.attempt().up().text())
        .startsWith("POST /v1 HTTP/1.1\r\n")
        .contains("authorization: Bearer x\r\n", "content-type: application/json\r\n")
        .endsWith("\r\n\r\n{}");
  }

  @Test
  void goesOnWhereAnotherProgramRunEnded() {
    plan = plan.lastEventId("41");
    begin();
    World.Line line = world.attempt().up();
    assertThat(line.text()).contains("last-event-id: 41\r\n");
    line.receive(STREAM + "data: a\n\n");
    assertThat(words()).contains("41:a");
    assertThatIllegalArgumentException().isThrownBy(() -> plan.lastEventId("4\n1"));
  }

  @Test
  void aRequestWithWhatIsTheStreamsOwnIsRefused() {
    Request get = Request.of("GET", "/");
    for (Request wrong :
        List.of(
            get.timeout(SECOND),
            get.credit(1),
            get.content(Content.EVENTS),
            get.header("Last-Event-ID", "1"))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> plan.request(wrong))
          .withMessageContaining("request: ");
    }
  }

  @Test
  void anEndpointWithAPositionOfItsOwnIsRefused() throws Exception {
    Endpoint own = Endpoint.of("http://api.example/").header("Last-Event-ID", "1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LiveEvents.to(own))
        .withMessageContaining("endpoint: ");
    plan = LiveEvents.to((attempt, last) -> own);
    begin();
    told();
    world.runThreads();
    assertThat(told())
        .singleElement()
        .isInstanceOfSatisfying(
            Waiting.class,
            waiting -> assertThat(waiting.reason().sentence()).contains("one with Last-Event-ID"));
  }

  @Test
  void aStreamWithoutEndHasNoEndOfItsSize() throws Exception {
    Limits limits = options.connection().limits().decompressed(100);
    options = options.connection(options.connection().limits(limits));
    begin();
    told();
    World.Line line = world.attempt().up();
    line.receive(STREAM.replace("\r\n\r\n", "\r\nContent-Encoding: gzip\r\n\r\n"));
    line.receive(gzip("data: " + "a".repeat(90) + "\n\ndata: b\n\n"));
    assertThat(words()).containsExactly("open 1", ":" + "a".repeat(90), ":b");
  }

  @Test
  void itHoldsItsRequestWhereNothingElseMayBeHeld() {
    Limits limits = options.connection().limits().heldCommands(0);
    options = options.connection(options.connection().limits(limits));
    World.Line line = open();
    line.receive("data: a\n\n");
    assertThat(words()).containsExactly(":a");
  }

  @Test
  void asksForItsTargetInAscii() {
    plan = LiveEvents.to("http://api.example/\u00e4?\u00e4");
    begin();
    assertThat(world.attempt().up().text()).startsWith("GET /%C3%A4?%C3%A4 HTTP/1.1\r\n");
  }

  @Test
  void eventsAreIteratedAcrossSessionsUntilItsOwnerClosesIt() {
    World.Line line = open();
    line.receive("data: a\n\n");
    line.hangUp();
    again(SECOND, "").receive("data: b\n\n");
    Iterator<ServerSentEvent> each = events.iterator();
    assertThat(each.next().data()).isEqualTo("a");
    assertThat(each.next().data()).isEqualTo("b");
    events.close();
    world.run();
    assertThat(each.hasNext()).isFalse();
  }

  @Test
  void anIterationThatTheServerEndsThrowsItsReason() {
    begin();
    world.attempt().up().receive("HTTP/1.1 204 x\r\n\r\n");
    Iterator<ServerSentEvent> each = events.iterator();
    assertThatExceptionOfType(FailedException.class)
        .isThrownBy(each::hasNext)
        .satisfies(e -> assertThat(e.reason()).isInstanceOf(Reason.Status.class));
  }

  @Test
  void theEndOfItsMailboxEndsIt() {
    World.Line line = open();
    events.mailbox().close();
    world.run();
    assertThat(line.isOpen()).isFalse();
    assertThat(world.attempts).isEmpty();
  }

  @Test
  void closeEndsItInEveryState() {
    World.Line line = open();
    events.close();
    assertThat(told()).containsExactly(new Gone(events, new Reason.OwnerClosed()));
    assertThat(line.isOpen()).isFalse();
    begin();
    World.Attempt attempt = world.attempt();
    events.close();
    assertThat(words()).containsExactly("connecting 0", "gone");
    assertThat(attempt.cancelled).isTrue();
  }
}
