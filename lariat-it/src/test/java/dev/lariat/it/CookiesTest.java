package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.cookie.Cookie;
import dev.lariat.cookie.CookieStore;
import dev.lariat.cookie.RequestUri;
import dev.lariat.cookie.SameSite;
import dev.lariat.cookie.store.CookieFile;
import dev.lariat.cookie.store.CookieJar;
import dev.lariat.message.Response;
import dev.lariat.message.Up;
import dev.lariat.message.Upgraded;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Request;
import dev.lariat.option.WebSocketOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cookies on real connections, and in files that curl reads and writes. */
final class CookiesTest {
  private static final String HOST = "www.example.com";
  private static final RequestUri TLS = RequestUri.of(URI.create("https://www.example.com/"));

  /** One of each kind that a file can hold, {@code secret} for TLS alone. */
  private static final List<String> KINDS =
      List.of(
          "session=1",
          "wide=2; Domain=example.com; Max-Age=3600; HttpOnly",
          "deep=3; Path=/deep",
          "secret=4; Secure; Max-Age=7200",
          "empty=",
          "quoted=\"a b=c\"",
          "latin=\u00fc");

  @TempDir Path folder;
  private final BlockingQueue<String> heads = new LinkedBlockingQueue<>();

  /** Answers every request with these headers. */
  private ScriptedServer.Script setting(String... headers) {
    return peer -> {
      while (true) {
        heads.add(peer.head());
        String more = String.join("\r\n", headers);
        peer.lines("HTTP/1.1 200 OK", "Content-Length: 0", more, "");
      }
    };
  }

  /** Each of these in a {@code Set-Cookie}. */
  private static String[] setCookies(List<String> cookies) {
    return cookies.stream().map(cookie -> "Set-Cookie: " + cookie).toArray(String[]::new);
  }

  /** The cookies of the next request that a server read. */
  private List<String> carried() throws InterruptedException {
    String head = heads.poll(Witness.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    return head.lines()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("cookie: "))
        .flatMap(line -> Arrays.stream(line.substring(8).split("; ")))
        .toList();
  }

  private void curl(ScriptedServer server, String path, String... options) throws Exception {
    List<String> command = new ArrayList<>(List.of(Peer.CURL.program(), "-sS", "--noproxy", "*"));
    command.addAll(List.of("--max-time", "10", "--resolve"));
    command.add(HOST + ":" + server.port() + ":127.0.0.1");
    command.addAll(List.of(options));
    command.add("http://" + HOST + ":" + server.port() + path);
    Process curl = new ProcessBuilder(command).redirectErrorStream(true).start();
    curl.getOutputStream().close();
    String said = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(curl.waitFor()).as("%s: %s", command, said).isZero();
  }

  private String file() {
    return folder.resolve("cookies.txt").toString();
  }

  private CookieFile open() throws IOException {
    return CookieFile.open(Path.of(file()));
  }

  private static ConnectionOptions with(CookieStore store) {
    return Witness.QUICK.cookies(store);
  }

  private static Witness.Answer get(Witness witness, String path) {
    return witness.ask(Request.of("GET", path).header("Host", HOST));
  }

  /** What a file keeps of a cookie. */
  private static List<Cookie> comparable(List<Cookie> cookies) {
    return cookies.stream()
        .map(
            cookie ->
                new Cookie(
                    cookie.name(),
                    cookie.value(),
                    cookie.domain(),
                    cookie.path(),
                    cookie.expires().map(time -> Instant.ofEpochSecond(time.getEpochSecond())),
                    Instant.EPOCH,
                    cookie.hostOnly(),
                    cookie.secure(),
                    cookie.httpOnly(),
                    SameSite.DEFAULT))
        .toList();
  }

  // ---- curl

  @Needs(Peer.CURL)
  @Test
  void whatCurlWasGivenGoesWithOurRequests() throws Exception {
    try (ScriptedServer server = new ScriptedServer(setting(setCookies(KINDS)))) {
      curl(server, "/", "-c", file());
      assertThat(carried()).isEmpty();
      try (CookieFile cookies = open();
          Witness witness = Witness.open("127.0.0.1", server.port(), with(cookies))) {
        get(witness, "/deep/x");
        assertThat(carried())
            .containsExactlyInAnyOrder(
                "deep=3", "session=1", "wide=2", "empty=", "quoted=\"a b=c\"", "latin=\u00fc")
            .startsWith("deep=3");
      }
    }
  }

  @Needs(Peer.CURL)
  @Test
  void whatWeWereGivenGoesWithCurlsRequests() throws Exception {
    try (ScriptedServer server = new ScriptedServer(setting(setCookies(KINDS)))) {
      try (CookieFile cookies = open();
          Witness witness = Witness.open("127.0.0.1", server.port(), with(cookies))) {
        get(witness, "/");
        assertThat(carried()).isEmpty();
        get(witness, "/"); // what the first response set is kept before the second is asked for
        assertThat(carried()).hasSize(5);
      }
      curl(server, "/deep/x", "-b", file());
      assertThat(carried())
          .containsExactlyInAnyOrder(
              "deep=3", "session=1", "wide=2", "empty=", "quoted=\"a b=c\"", "latin=\u00fc")
          .startsWith("deep=3");
    }
  }

  @Needs(Peer.CURL)
  @Test
  void aFileIsTheSameWhenCurlHasWrittenItAgain() throws Exception {
    List<Cookie> before;
    try (CookieFile cookies = open()) {
      KINDS.forEach(cookie -> assertThat(cookies.jar().set(cookie, TLS)).isTrue());
      before = comparable(cookies.jar().all());
    }
    try (ScriptedServer server = new ScriptedServer(setting("X: y"))) {
      curl(server, "/", "-b", file(), "-c", file());
    }
    try (CookieFile cookies = open()) {
      assertThat(comparable(cookies.jar().all())).containsExactlyInAnyOrderElementsOf(before);
    }
  }

  // ---- connections that share a jar

  @Test
  void connectionsShareAJarAndASecureCookieGoesWithTlsAlone() throws Exception {
    CookieJar jar = CookieJar.create();
    try (ScriptedServer tls =
            new ScriptedServer(
                true, setting("Set-Cookie: secret=1; Secure", "Set-Cookie: open=2"));
        ScriptedServer plain = new ScriptedServer(setting("Set-Cookie: more=3"))) {
      ConnectionOptions secured = with(jar).tls(Certificates.trusted());
      try (Witness witness = Witness.open("127.0.0.1", tls.port(), secured)) {
        witness.get("/");
        assertThat(carried()).isEmpty();
      }
      try (Witness witness = Witness.open("127.0.0.1", plain.port(), with(jar))) {
        witness.get("/");
        assertThat(carried()).containsExactly("open=2");
      }
      try (Witness witness = Witness.open("127.0.0.1", tls.port(), secured)) {
        witness.get("/");
        assertThat(carried()).containsExactly("secret=1", "open=2", "more=3");
      }
    }
  }

  @Test
  void anUpgradeAndWhatComesBeforeItSetCookiesForTheNextConnection() throws Exception {
    CookieJar jar = CookieJar.create();
    ScriptedServer.Script upgrading =
        peer -> {
          String head = peer.head();
          heads.add(head);
          peer.lines("HTTP/1.1 103 Early Hints", "Set-Cookie: early=1", "");
          peer.lines(
              "HTTP/1.1 101 Switching Protocols",
              "Upgrade: websocket",
              "Connection: Upgrade",
              "Set-Cookie: session=2",
              "Sec-WebSocket-Accept: " + ScriptedServer.acceptKey(head),
              "");
        };
    try (ScriptedServer server = new ScriptedServer(upgrading, upgrading, setting("X: y"));
        Witness witness = Witness.open("127.0.0.1", server.port(), with(jar))) {
      witness.webSocket("/", WebSocketOptions.DEFAULT);
      witness.until(Upgraded.class);
      assertThat(carried()).isEmpty();
      witness.until(Up.class); // the server has hung up, and is back
      witness.webSocket("/", WebSocketOptions.DEFAULT.header("Cookie", "own=0"));
      witness.until(Upgraded.class);
      assertThat(carried()).containsExactly("own=0", "early=1", "session=2");
      witness.until(Up.class);
      witness.request(Request.of("GET", "/"));
      assertThat(witness.until(Response.class).status()).isEqualTo(200);
      assertThat(carried()).containsExactly("early=1", "session=2");
    }
  }
}
