package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Exchange;
import dev.lariat.WebSocket;
import dev.lariat.message.Bytes;
import dev.lariat.message.Response;
import dev.lariat.message.Text;
import dev.lariat.message.Up;
import dev.lariat.message.Upgraded;
import dev.lariat.option.Request;
import dev.lariat.option.WebSocketOptions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/1.1 against nginx, one connection a test: each answer leaves it usable. */
@Needs({Peer.NGINX, Peer.PYTHON_WEBSOCKETS})
final class HttpTest {
  private static final String LARGE = "0123456789".repeat(100_000);

  private static Witness open(boolean tls) {
    return (tls ? Way.TLS : Way.PLAIN).open(Servers.nginx());
  }

  /** Asks for a page, which only an intact connection answers; there was one all the time. */
  private static void isUsable(Witness witness) {
    assertThat(witness.get("/page.txt").body()).isEqualTo("a page\n");
    assertThat(witness.told().stream().filter(Up.class::isInstance)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aPageIsRead(boolean tls) {
    try (Witness witness = open(tls)) {
      Witness.Answer page = witness.get("/page.txt");
      assertThat(page.status()).isEqualTo(200);
      assertThat(page.headers().first("Content-Length")).hasValue("7");
      assertThat(page.body()).isEqualTo("a page\n");
      isUsable(witness);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aLargePageIsReadWhole(boolean tls) {
    try (Witness witness = open(tls)) {
      assertThat(witness.get("/large.txt").body()).isEqualTo(LARGE);
      isUsable(witness);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aChunkedPageIsReadWhole(boolean tls) {
    try (Witness witness = open(tls)) {
      Witness.Answer page = witness.get("/chunked/large.txt");
      assertThat(page.headers().first("transfer-encoding")).hasValue("chunked");
      assertThat(page.body()).isEqualTo(LARGE);
      isUsable(witness);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRangeIsRead(boolean tls) {
    try (Witness witness = open(tls)) {
      Witness.Answer part =
          witness.ask(Request.of("GET", "/large.txt").header("Range", "bytes=99995-100004"));
      assertThat(part.status()).isEqualTo(206);
      assertThat(part.headers().first("content-range")).hasValue("bytes 99995-100004/1000000");
      assertThat(part.body()).isEqualTo("5678901234");
      isUsable(witness);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/page.txt", "/chunked/large.txt", "/nowhere"})
  void theAnswerToHeadHasNoBody(String path) {
    try (Witness witness = open(false)) {
      witness.request(Request.of("HEAD", path));
      assertThat(witness.until(Response.class).fin()).isTrue();
      isUsable(witness);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "PATCH"})
  void aBodyIsSent(String method) {
    try (Witness witness = open(false)) {
      Witness.Answer reflection =
          witness.ask(Request.of(method, "/reflect").body(Bytes.ofUtf8("a body")));
      assertThat(reflection.body()).startsWith(method).contains(" a body ");
      isUsable(witness);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aLargeBodyIsSentWhole(boolean tls) {
    try (Witness witness = open(tls)) {
      Bytes body = Bytes.wrap(new byte[1 << 20]);
      Witness.Answer reflection = witness.ask(Request.of("POST", "/length").body(body));
      assertThat(reflection.body()).contains(" 1048576 ");
      isUsable(witness);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "DELETE", "OPTIONS"})
  void aMethodWithoutABodyIsSent(String method) {
    try (Witness witness = open(false)) {
      assertThat(witness.ask(Request.of(method, "/reflect")).body()).startsWith(method);
      isUsable(witness);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anErrorIsAnAnswerLikeAnyOther(boolean tls) {
    try (Witness witness = open(tls)) {
      assertThat(witness.get("/nowhere").status()).isEqualTo(404);
      assertThat(witness.get("/busy"))
          .satisfies(
              answer -> {
                assertThat(answer.status()).isEqualTo(503);
                assertThat(answer.body()).isEqualTo("busy\n");
              });
      assertThat(witness.get("/empty").status()).isEqualTo(204);
      isUsable(witness);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void pipelinedRequestsAreAnsweredInTheirOrder(boolean tls) {
    Way way = tls ? Way.TLS : Way.PLAIN;
    try (Witness witness = way.openPipelined(Servers.nginx().port(tls ? 1 : 0))) {
      List<Exchange> asked = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        asked.add(witness.request(Request.of("GET", i % 2 == 0 ? "/page.txt" : "/large.txt")));
      }
      for (int i = 0; i < 20; i++) {
        Response response = witness.until(Response.class);
        assertThat(response.stream()).isSameAs(asked.get(i));
        assertThat(witness.answer(response).body()).isEqualTo(i % 2 == 0 ? "a page\n" : LARGE);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRefusedUpgradeIsAnAnswerAndTheNextOneMaySucceed(boolean tls) {
    try (Witness witness = open(tls)) {
      witness.webSocket("/nowhere", WebSocketOptions.DEFAULT);
      Witness.Answer missing = witness.answer(witness.until(Response.class));
      assertThat(missing.status()).isEqualTo(404);
      assertThat(missing.body()).contains("404 Not Found");
      witness.webSocket("/busy", WebSocketOptions.DEFAULT);
      Witness.Answer busy = witness.answer(witness.until(Response.class));
      assertThat(busy.status()).isEqualTo(503);
      assertThat(busy.body()).isEqualTo("busy\n");
      isUsable(witness);
      WebSocket socket = witness.webSocket("/ws/echo", WebSocketOptions.DEFAULT);
      witness.next(Upgraded.class);
      socket.send(new Text("at last"));
      assertThat(witness.frame()).isEqualTo(new Text("at last"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPageComesBeforeAWebSocketOnTheSameConnection(Way way) {
    try (Witness witness = way.open(Servers.nginx())) {
      Exchange page = witness.request(Request.of("GET", "/large.txt"));
      WebSocket socket = witness.webSocket("/ws/echo", way.webSocket());
      socket.send(new Text("behind"));
      Response response = witness.until(Response.class);
      assertThat(response.stream()).isSameAs(page);
      assertThat(witness.answer(response).body()).isEqualTo(LARGE);
      witness.next(Upgraded.class);
      assertThat(witness.frame()).isEqualTo(new Text("behind"));
    }
  }
}
