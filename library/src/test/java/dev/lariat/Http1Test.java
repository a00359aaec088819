package dev.lariat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.cookie.store.CookieJar;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Content;
import dev.lariat.option.Http1;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Request;
import dev.lariat.option.WebSocketOptions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the options of HTTP/1.1 refuse in the user's thread, against a server in memory. */
@Timeout(30)
class Http1Test {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final ConnectionOptions OLD =
      ConnectionOptions.DEFAULT.http1(Http1.DEFAULT.version(Http1.Version.HTTP_1_0));

  private static Reason badState(String operation) {
    return new Reason.BadState(
        operation,
        "http1.version is HTTP/1.0, which cannot switch protocols (RFC 9110 section 7.8)");
  }

  @Test
  void http10TakesNoBodyOfUnknownLength() {
    try (Origin origin = new Origin(OLD)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> origin.connection.begin(Request.of("PUT", "/")))
          .withMessage(
              "http1.version: HTTP_1_0, allowed HTTP_1_1 if a body without a"
                  + " content-length follows (RFC 9112 section 6.1)");
    }
  }

  @Test
  void http10TakesABodyOfKnownLength() throws Exception {
    try (Origin origin = new Origin(OLD)) {
      origin.connection.awaitUp(PATIENCE);
      Exchange put = origin.connection.begin(Request.of("PUT", "/").header("content-length", "1"));
      put.data(Bytes.ofUtf8("a"), true);
      origin.settle();
      assertThat(origin.text())
          .isEqualTo("PUT / HTTP/1.0\r\nhost: origin\r\ncontent-length: 1\r\n\r\na");
    }
  }

  @Test
  void http10SwitchesNoProtocols() {
    try (Origin origin = new Origin(OLD)) {
      assertThatThrownBy(() -> origin.connection.webSocket("/"))
          .isInstanceOfSatisfying(
              FailedException.class,
              thrown -> assertThat(thrown.reason()).isEqualTo(badState("webSocket")));
      assertThatThrownBy(() -> origin.connection.upgrade(Request.of("GET", "/"), "foo"))
          .isInstanceOfSatisfying(
              FailedException.class,
              thrown -> assertThat(thrown.reason()).isEqualTo(badState("upgrade")));
    }
  }

  // ---- how names are spelled

  /** As browsers used to: each word with a capital. */
  private static String capitals(String name) {
    return Arrays.stream(name.split("-"))
        .map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
        .collect(Collectors.joining("-"));
  }

  private static ConnectionOptions spelled(UnaryOperator<String> spelling) {
    return ConnectionOptions.DEFAULT.http1(Http1.DEFAULT.spelling(spelling));
  }

  private static String name(String line) {
    return line.substring(0, line.indexOf(':'));
  }

  @Test
  void everyNameIsSpelledAsTheUserSays() throws Exception {
    CookieJar jar = CookieJar.create();
    try (Origin origin = new Origin(spelled(Http1Test::capitals).cookies(jar))) {
      Connection connection = origin.connection;
      connection.awaitUp(PATIENCE);
      connection.get("/");
      origin.answer("HTTP/1.1 204 No\r\nset-cookie: a=b\r\n\r\n");
      connection.request(
          Request.of("POST", "/")
              .header("X-UPPER", "1")
              .content(Content.DECOMPRESSED)
              .body(Bytes.ofUtf8("ab")));
      Exchange put = connection.begin(Request.of("PUT", "/").expectContinue(Duration.ofMinutes(1)));
      put.trailers(Headers.of("x-trailer", "1"));
      origin.answer("HTTP/1.1 204 No\r\n\r\n");
      origin.answer("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\n\r\n");
      connection.upgrade(Request.of("GET", "/"), "parrot");
      origin.answer("HTTP/1.1 204 No\r\n\r\n");
      connection.webSocket("/", WebSocketOptions.compressed().subprotocols("a").header("o", "p"));
      origin.settle();
      List<String> names =
          origin
              .text()
              .lines()
              .filter(line -> line.contains(": "))
              .map(Http1Test::name)
              .distinct()
              .sorted()
              .toList();
      assertThat(names)
          .containsExactly(
              "Accept-Encoding",
              "Connection",
              "Content-Length",
              "Cookie",
              "Expect",
              "Host",
              "O",
              "Sec-Websocket-Extensions",
              "Sec-Websocket-Key",
              "Sec-Websocket-Protocol",
              "Sec-Websocket-Version",
              "Transfer-Encoding",
              "Upgrade",
              "X-Trailer",
              "X-Upper");
    }
  }

  @Test
  void aSpellingThatMakesAnotherNameIsRefusedInTheUsersThread() throws Exception {
    UnaryOperator<String> wrong = name -> name.startsWith("x-") ? name.substring(2) : name;
    String words = "http1.spelling: \"length\", allowed x-length in upper or lower case";
    try (Origin origin = new Origin(spelled(wrong))) {
      origin.connection.awaitUp(PATIENCE);
      Headers headers = Headers.of("x-length", "1");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> origin.connection.get("/", headers))
          .withMessage(words);
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  origin.connection.webSocket("/", WebSocketOptions.DEFAULT.header("X-Length", "")))
          .withMessage(words);
      Exchange put = origin.connection.begin(Request.of("PUT", "/"));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> put.trailers(headers))
          .withMessage(words);
      put.data(Bytes.ofUtf8("a"), true);
      origin.settle();
      assertThat(origin.text())
          .isEqualTo(
              "PUT / HTTP/1.1\r\nhost: origin\r\ntransfer-encoding: chunked\r\n\r\n"
                  + "1\r\na\r\n0\r\n\r\n");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Host ", "Ho\r\nst", "transfer-encoding", "HOST:", "hoſt"})
  void aSpellingThatBreaksAnAddedNameIsRefusedByOpen(String host) {
    UnaryOperator<String> wrong = name -> name.equals("host") ? host : name;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Lariat.open("127.0.0.1", 1, spelled(wrong)))
        .withMessage(
            "http1.spelling: \""
                + host.replace("\r\n", "??")
                + "\", allowed host in upper or lower case");
  }

  @Test
  void whatASpellingThrowsIsThrownInTheUsersThread() throws Exception {
    RuntimeException thrown = new IllegalStateException("mine");
    UnaryOperator<String> throwing =
        name -> {
          if (name.equals("x")) {
            throw thrown;
          }
          return name.equals("y") ? null : name;
        };
    try (Origin origin = new Origin(spelled(throwing))) {
      origin.connection.awaitUp(PATIENCE);
      assertThatThrownBy(() -> origin.connection.get("/", Headers.of("x", "1"))).isSameAs(thrown);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> origin.connection.get("/", Headers.of("y", "1")))
          .withMessage("http1.spelling: null, allowed y in upper or lower case");
      origin.connection.get("/");
      origin.settle();
      assertThat(origin.text()).isEqualTo("GET / HTTP/1.1\r\nhost: origin\r\n\r\n");
    }
  }

  // ---- live

  @Test
  void http10CarriesNoLiveWebSocket() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LiveOptions.DEFAULT.connection(OLD))
        .withMessage(
            "live.connection.http1.version: HTTP_1_0, allowed HTTP_1_1, since HTTP/1.0 has no"
                + " WebSocket");
  }
}
