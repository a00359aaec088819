package dev.lariat.internal.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.cookie.Cookie;
import dev.lariat.cookie.CookieStore;
import dev.lariat.cookie.RequestUri;
import dev.lariat.cookie.store.CookieJar;
import dev.lariat.internal.protocol.CookieHeaders;
import dev.lariat.option.Cookies;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import dev.lariat.option.WebSocketOptions;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an engine with cookies sends, and what it keeps. */
class CookiesTest {
  private final CookieJar jar = CookieJar.create();
  private Server server = server(Cookies.in(jar), false);

  private static Server server(Cookies cookies, boolean secure) {
    return new Server(Limits.DEFAULT, new CookieHeaders(Optional.of(cookies), secure));
  }

  private void get(String target, String... headers) {
    Request request = Request.of("GET", target);
    for (int i = 0; i < headers.length; i += 2) {
      request = request.header(headers[i], headers[i + 1]);
    }
    server.request(request);
  }

  private List<String> kept() {
    return jar.all().stream().map(Cookie::toString).toList();
  }

  @Test
  void whatAResponseSetsGoesWithTheNextRequest() {
    get("/a/b?c");
    assertThat(server.reads()).isEqualTo("GET /a/b?c HTTP/1.1\r\nhost: example.com\r\n\r\n");
    server.answers(
        "HTTP/1.1 200 OK", "set-cookie: a=1", "Set-Cookie: b=2; Path=/", "content-length: 0");
    get("/a/x", "accept", "*/*");
    assertThat(server.reads())
        .isEqualTo(
            "GET /a/x HTTP/1.1\r\nhost: example.com\r\naccept: */*\r\ncookie: a=1; b=2\r\n\r\n");
    get("/");
    assertThat(server.reads()).endsWith("\r\ncookie: b=2\r\n\r\n");
  }

  @Test
  void theyStandBehindTheUsersOwnInOneHeader() {
    jar.set("a=1", new RequestUri(false, "example.com", "/"));
    get("/", "Cookie", "x=9", "accept", "*/*", "cookie", "y=8; z=7");
    assertThat(server.reads()).endsWith("\r\naccept: */*\r\ncookie: x=9; y=8; z=7; a=1\r\n\r\n");
  }

  @Test
  void withoutCookiesTheUsersOwnStayAsTheyAre() {
    get("/", "cookie", "x=9", "accept", "*/*", "cookie", "y=8");
    assertThat(server.reads()).endsWith("\r\ncookie: x=9\r\naccept: */*\r\ncookie: y=8\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 204, 302, 304, 404, 503})
  void theStatusDoesNotMatter(int status) {
    get("/");
    server.answers("HTTP/1.1 " + status + " x", "set-cookie: a=1", "content-length: 0");
    assertThat(kept()).containsExactly("Cookie[a of example.com/]");
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 102, 103, 199})
  void informationalResponsesSetCookiesUnlessTheyAreIgnored(int status) {
    String[] lines = {"HTTP/1.1 " + status + " x", "set-cookie: a=1"};
    get("/");
    server.answers(lines);
    assertThat(kept()).hasSize(1);
    jar.remove(cookie -> true);

    server = server(Cookies.in(jar).ignoreInformational(true), false);
    get("/");
    server.answers(lines);
    assertThat(kept()).isEmpty();
    server.answers("HTTP/1.1 200 OK", "set-cookie: b=2", "content-length: 0");
    assertThat(kept()).hasSize(1);
  }

  @Test
  void anUpgradeCarriesCookiesAndItsAnswerSetsSome() {
    jar.set("a=1", new RequestUri(false, "example.com", "/"));
    server.upgrade(WebSocketOptions.DEFAULT.header("cookie", "x=9"));
    String request = server.reads();
    assertThat(request).contains("\r\ncookie: x=9; a=1\r\n").contains("\r\nupgrade: websocket");
    server.answers("HTTP/1.1 101 Switching Protocols", "set-cookie: b=2; Path=/");
    assertThat(kept()).hasSize(2);
  }

  @Test
  void anUpgradesAnswerIsInformationalToo() {
    server = server(Cookies.in(jar).ignoreInformational(true), false);
    server.upgrade();
    server.answers("HTTP/1.1 101 Switching Protocols", "set-cookie: b=2; Path=/");
    assertThat(kept()).isEmpty();
  }

  @Test
  void aRefusedUpgradeSetsCookies() {
    server.upgrade();
    server.answers("HTTP/1.1 403 Forbidden", "set-cookie: b=2", "content-length: 0");
    assertThat(kept()).hasSize(1);
  }

  @Test
  void trailersSetNone() {
    get("/");
    server.answers("HTTP/1.1 200 OK", "transfer-encoding: chunked");
    server.says("0\r\nset-cookie: a=1\r\n\r\n");
    assertThat(kept()).isEmpty();
  }

  @Test
  void eachPipelinedResponseBelongsToItsRequest() {
    get("/a/1");
    get("/b/2");
    server.answers("HTTP/1.1 200 OK", "set-cookie: a=1", "content-length: 0");
    server.answers("HTTP/1.1 200 OK", "set-cookie: b=2", "content-length: 0");
    assertThat(kept()).containsExactly("Cookie[a of example.com/a]", "Cookie[b of example.com/b]");
  }

  @Test
  void theHostIsTheOneThatTheRequestNames() {
    get("/", "host", "Other.example.org:81");
    server.answers("HTTP/1.1 200 OK", "set-cookie: a=1; Domain=example.org", "content-length: 0");
    get("/");
    assertThat(server.reads()).doesNotContain("cookie");
    get("/", "host", "example.org");
    assertThat(server.reads()).contains("cookie: a=1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "höst", ":80"})
  void aHostThatIsNoneHasNoCookies(String host) {
    get("/", "host", host);
    server.answers("HTTP/1.1 200 OK", "set-cookie: a=1", "content-length: 0");
    assertThat(kept()).isEmpty();
  }

  @Test
  void onlyTlsSetsAndSendsSecureCookies() {
    get("/");
    server.answers("HTTP/1.1 200 OK", "set-cookie: a=1; Secure", "content-length: 0");
    assertThat(kept()).isEmpty();

    server = server(Cookies.in(jar), true);
    get("/");
    server.answers("HTTP/1.1 200 OK", "set-cookie: a=1; Secure", "content-length: 0");
    server.reads();
    get("/");
    assertThat(server.reads()).contains("cookie: a=1");
  }

  static List<Supplier<RuntimeException>> failures() {
    return List.of(
        () -> new IllegalStateException("on purpose"),
        () -> {
          throw new AssertionError("on purpose");
        });
  }

  @ParameterizedTest
  @MethodSource("failures")
  void aStoreThatThrowsHarmsNothing(Supplier<RuntimeException> failure) {
    server = server(Cookies.in(new Broken(failure)), false);
    get("/", "cookie", "x=9");
    assertThat(server.reads()).endsWith("\r\ncookie: x=9\r\n\r\n");
    server.answers("HTTP/1.1 200 OK", "set-cookie: a=1", "content-length: 0");
    assertThat(server.out.next()).isInstanceOf(dev.lariat.message.Response.class);
    server.out.expectNothing();
  }

  @Test
  void aFolderWithASemicolonKeepsItsCookies() {
    get("/app;jsessionid=1/page");
    server.answers("HTTP/1.1 200 OK", "set-cookie: a=1", "content-length: 0");
    server.reads();
    get("/app;jsessionid=1/next");
    assertThat(server.reads()).endsWith("\r\ncookie: a=1\r\n\r\n");
    get("/app/next");
    assertThat(server.reads()).doesNotContain("cookie");
  }

  /** Fails whatever it is asked. */
  private record Broken(Supplier<RuntimeException> failure) implements CookieStore {
    @Override
    public List<Cookie> cookies(RequestUri uri) {
      throw failure.get();
    }

    @Override
    public void store(Cookie cookie, RequestUri from) {
      throw failure.get();
    }
  }
}
