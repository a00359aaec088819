package dev.lariat.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ReasonTest {
  private static final Reason CLOSED = new Reason.Closed();

  /** One of each, with values that a sentence must show. */
  static Stream<Reason> reasons() {
    return Stream.of(
        CLOSED,
        new Reason.Ended(),
        new Reason.StreamEnded(),
        new Reason.Reset("broken pipe"),
        new Reason.Refused(List.of("[::1]:81", "127.0.0.1:81")),
        new Reason.Unreachable("10.0.0.1:80", "no route to host"),
        new Reason.Unresolved("nowhere.invalid", "no address is known for it"),
        new Reason.Timeout(
            Reason.Step.CONNECT,
            Duration.ofSeconds(15),
            Optional.of(new Reason.Unreachable("10.0.0.1:80", "no answer"))),
        new Reason.Ongoing(Reason.Step.CONNECT, Duration.ofSeconds(4)),
        new Reason.Tls(
            Optional.of("unknown_ca"), "the certificate is not trusted", Optional.of(CLOSED)),
        new Reason.Protocol("the server masked a frame", "RFC 6455 section 5.1"),
        new Reason.Limit(Reason.Bound.MESSAGE, 16777216),
        new Reason.BadState("send", "the WebSocket has ended"),
        new Reason.Unprocessed("the connection ended before it was sent", Optional.of(CLOSED)),
        new Reason.Cancelled(),
        new Reason.Unanswered(CLOSED),
        new Reason.Incomplete(CLOSED),
        new Reason.BodyUnfinished("the server answered without asking for it"),
        new Reason.KeepAlive(Reason.KeepAlive.Parameter.TIMEOUT, 5),
        new Reason.RedirectRefused("http://b/c", "it leads to another origin"),
        new Reason.Status(
            503,
            Optional.of(Duration.ofSeconds(30)),
            Headers.of("content-type", "text/plain"),
            Bytes.ofUtf8("too busy")),
        new Reason.CloseHandshake(new Close(4000, "enough"), new Close(4001, "fine"), Side.SERVER),
        new Reason.OwnerClosed(),
        new Reason.GaveUp(5, new Reason.Refused("127.0.0.1:81")),
        new Reason.EndpointThrew(new IllegalStateException("no token")),
        new Reason.AuthenticatorThrew(new IllegalStateException("no ticket")),
        new Reason.OpeningThrew(new IllegalStateException("login refused")),
        new Reason.Unconfirmed(CLOSED),
        new Reason.Superseded(),
        new Reason.Unreadable(
            "the response of http://a/orders (status 200, application/json)",
            Bytes.ofUtf8("price"),
            new UnreadableException(
                List.class, "No price. ", 1, 3, "$[0].price", new IllegalStateException("no"))),
        new Reason.Tunnel("proxy.example:3128", new Reason.StreamReset(10)),
        new Reason.RestartsExceeded(
            3,
            Duration.ofSeconds(5),
            "feed",
            Optional.of(new IllegalStateException("no such topic"))),
        new Reason.BudgetSpent(),
        new Reason.NotResumed("the file changed: its ETag is not \"1\" any more"),
        new Reason.Corrupted("SHA-256", "00ff", "ff00", "download.sha256"),
        new Reason.TopicRefused("BTC-USD", "too many subscriptions"),
        new Reason.StreamReset(8),
        new Reason.Hop(
            2, "http://proxy.example:3128", new Reason.Refused(List.of("192.0.2.1:3128"))),
        new Reason.Socks(Reason.SocksReply.HOST_UNREACHABLE, 4),
        new Reason.GoAway(11, "too many pings"),
        new Reason.NotOffered("WebSocket over HTTP/2", "RFC 8441 section 3"),
        new Reason.HandlerThrew(new IllegalStateException("no such topic")),
        new Reason.Fault(new IllegalStateException("it broke")));
  }

  static Stream<Reason> variations() {
    return Stream.of(
        new Reason.Status(503, Optional.empty()),
        new Reason.Timeout(Reason.Step.LOOKUP, Duration.ofMillis(1)),
        new Reason.Tls(Optional.empty(), "no common version"),
        new Reason.CloseHandshake(Close.EMPTY, Close.NORMAL, Side.CLIENT),
        new Reason.RestartsExceeded(1, Duration.ofMillis(500), "feed", Optional.empty()),
        new Reason.RestartsExceeded(
            0, Duration.ofSeconds(5), "feed", Optional.of(new IllegalStateException("Over."))),
        new Reason.GaveUp(0, CLOSED),
        new Reason.GaveUp(1, CLOSED),
        new Reason.Unprocessed("the connection is closing"),
        new Reason.Reset("Broken pipe."),
        new Reason.Tls(Optional.of("unknown_ca"), "no common version. "),
        new Reason.Fault(new IllegalStateException("It broke.")),
        new Reason.Fault(new IllegalStateException()));
  }

  @Test
  void theseAreAllThereAre() {
    assertThat(reasons().map(Object::getClass))
        .containsExactlyInAnyOrderElementsOf(Arrays.asList(Reason.class.getPermittedSubclasses()));
  }

  @ParameterizedTest
  @MethodSource({"reasons", "variations"})
  void everyReasonHasOneSentence(Reason reason) {
    assertIsSentence(reason.sentence());
  }

  @ParameterizedTest
  @MethodSource("reasons")
  void theSentenceHoldsTheValues(Reason reason) throws ReflectiveOperationException {
    for (RecordComponent part : reason.getClass().getRecordComponents()) {
      Object value = part.getAccessor().invoke(reason);
      assertThat(words(value)).allSatisfy(word -> assertThat(lower(reason)).contains(word));
    }
  }

  private static String lower(Reason reason) {
    return reason.sentence().toLowerCase(Locale.ROOT);
  }

  /** What a sentence must hold of a value, in lower case. */
  private static List<String> words(Object value) {
    return switch (value) {
      case Optional<?> optional -> words(optional.orElseThrow());
      case List<?> list -> list.stream().map(String::valueOf).toList();
      case Reason reason -> List.of(lower(reason));
      case Headers headers -> List.of(); // some of them, by tests of their own
      case Bytes bytes -> List.of(bytes.utf8());
      case Duration duration -> List.of(duration.toSeconds() + " s");
      case Close close -> List.of(String.valueOf(close.code()), close.text());
      case Reason.Step step -> List.of("connecting");
      case Reason.Bound bound -> List.of("message");
      case Reason.SocksReply reply -> List.of("the host is unreachable");
      case UnreadableException e -> List.of("line 1, column 3, $[0].price: no price.");
      case Throwable thrown -> List.of(thrown.getMessage());
      default -> List.of(value.toString().toLowerCase(Locale.ROOT));
    };
  }

  @Test
  void aRefusalSaysWhereItLeadsAndWhatItAsksFor() {
    assertThat(refusal(302, "", "location", "/login").sentence())
        .isEqualTo("The server answered with status 302 and redirected to /login.");
    assertThat(refusal(401, "", "www-authenticate", "Basic realm=\"x\"").sentence())
        .isEqualTo("The server answered with status 401 and requested Basic realm=\"x\".");
  }

  @Test
  void aRefusalQuotesABodyThatAPersonCanRead() {
    String json = "{\"error\":\n  \"expired\u0007\u202e\"}\n";
    assertThat(refusal(403, json, "content-type", "application/problem+json; a=b").sentence())
        .isEqualTo("The server answered with status 403: {\"error\": \"expired??\"}.");
    assertThat(refusal(403, "x".repeat(300), "content-type", "text/plain").sentence())
        .endsWith(": " + "x".repeat(200) + "\u2026.");
    assertThat(refusal(404, "<html>", "content-type", "text/html").sentence())
        .isEqualTo("The server answered with status 404.");
  }

  @Test
  void aRefusalKeepsTheBeginningOfItsBody() {
    assertThat(refusal(403, "x".repeat(8193)).body()).isEqualTo(Bytes.ofUtf8("x".repeat(8192)));
  }

  private static Reason.Status refusal(int status, String body, String... headers) {
    return new Reason.Status(status, Optional.empty(), Headers.of(headers), Bytes.ofUtf8(body));
  }

  @ParameterizedTest
  @EnumSource
  void everyStepMakesASentenceOfItsOwn(Reason.Step step) {
    String sentence = new Reason.Timeout(step, Duration.ofMillis(1500)).sentence();
    assertIsSentence(sentence);
    assertThat(sentence)
        .matches("[A-Z][a-zA-Z' ]{6,} took longer than 1500 ms( \\([a-zA-Z. ]+\\))?\\.");
    assertThat(
            Stream.of(Reason.Step.values())
                .map(other -> new Reason.Timeout(other, Duration.ofMillis(1500)).sentence()))
        .containsOnlyOnce(sentence);
  }

  @ParameterizedTest
  @EnumSource
  void everyBoundMakesASentenceOfItsOwn(Reason.Bound bound) {
    String sentence = new Reason.Limit(bound, 300).sentence();
    assertIsSentence(sentence);
    assertThat(sentence)
        .matches(
            "The [a-z ]{5,} exceeded the limit of 300( bytes)?( \\([a-zA-Z2]+\\.[a-zA-Z]+\\)\\.|("
                + " at once and 100 a second)?, which is not configurable\\.)");
    assertThat(
            Stream.of(Reason.Bound.values()).map(other -> new Reason.Limit(other, 300).sentence()))
        .containsOnlyOnce(sentence);
  }

  @Test
  void aLimitOfWholeSecondsIsToldInSeconds() {
    assertThat(new Reason.Timeout(Reason.Step.TLS, Duration.ofSeconds(10)).sentence())
        .isEqualTo("The TLS handshake took longer than 10 s (timeouts.tls).");
    assertThat(new Reason.Timeout(Reason.Step.TLS, Duration.ofMillis(250)).sentence())
        .isEqualTo("The TLS handshake took longer than 250 ms (timeouts.tls).");
    assertThat(new Reason.Timeout(Reason.Step.TLS, Duration.ZERO).sentence()).contains(" 0 s (");
  }

  @Test
  void theLongestLimitHasASentenceToo() {
    Duration longest = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);
    for (Duration limit : List.of(longest, longest.negated())) {
      assertThat(new Reason.Timeout(Reason.Step.AWAIT_UP, limit).sentence())
          .contains(limit.toSeconds() + " s.");
    }
  }

  @Test
  void aCloseHandshakeTellsBothSides() {
    assertThat(
            new Reason.CloseHandshake(new Close(1001, "bye"), Close.EMPTY, Side.SERVER).sentence())
        .isEqualTo(
            "The server closed the WebSocket with code 1001 \"bye\", and the client answered with"
                + " no code.");
  }

  @Test
  void aTimeoutSaysWhatKeptIt() {
    assertThat(
            new Reason.Timeout(
                    Reason.Step.RESPONSE,
                    Duration.ofSeconds(5),
                    Optional.of(new Reason.Refused("127.0.0.1:81")))
                .sentence())
        .isEqualTo(
            "The response took longer than 5 s: The address 127.0.0.1:81 refused the connection.");
  }

  @Test
  void everyAddressThatRefusedIsNamedUpToEight() {
    assertThat(new Reason.Refused(List.of("[::1]:81", "127.0.0.1:81")).sentence())
        .isEqualTo("The addresses [::1]:81 and 127.0.0.1:81 refused the connection.");
    assertThat(new Reason.Refused(List.of("a", "b", "c")).sentence())
        .isEqualTo("The addresses a, b and c refused the connection.");
    assertThat(new Reason.Refused(Collections.nCopies(100, "a")).sentence())
        .isEqualTo("The addresses a, a, a, a, a, a, a, a and 92 more refused the connection.");
    assertThatIllegalArgumentException().isThrownBy(() -> new Reason.Refused(List.of()));
  }

  @Test
  void givingUpCountsTheRetries() {
    assertThat(new Reason.GaveUp(0, CLOSED).sentence())
        .isEqualTo("No retry follows: The server closed the connection.");
    assertThat(new Reason.GaveUp(1, CLOSED).sentence()).startsWith("Gave up after 1 retry: ");
    assertThat(new Reason.GaveUp(2, CLOSED).sentence()).startsWith("Gave up after 2 retries: ");
  }

  @Test
  void restartsThatAreTooManyAreCountedToo() {
    assertThat(
            new Reason.RestartsExceeded(1, Duration.ofMillis(500), "feed", Optional.empty())
                .sentence())
        .isEqualTo(
            "The supervisor gave up because more than 1 restart within 500 ms were necessary: the"
                + " child \"feed\" returned.");
  }

  private static void assertIsSentence(String sentence) {
    assertThat(sentence).matches("[A-Z].*[^.\\s]\\.").doesNotContain("null", "  ", ". (");
  }
}
