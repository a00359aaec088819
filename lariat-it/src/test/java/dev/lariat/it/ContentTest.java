package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.StreamFailed;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Content;
import dev.lariat.option.Form;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of bodies, on real sockets; Brotli and zstd are not there. */
@Needs({Peer.NGINX, Peer.PYTHON_WEBSOCKETS})
final class ContentTest {
  private static final Request GET = Request.of("GET", "/").content(Content.DECOMPRESSED);

  private static Witness nginx(boolean tls) {
    return (tls ? Way.TLS : Way.PLAIN).open(Servers.nginx());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatNginxCompressesIsRead(boolean tls) {
    try (Witness witness = nginx(tls)) {
      Request large = Request.of("GET", "/gzip/large.txt");
      Witness.Answer coded = witness.ask(large.header("Accept-Encoding", "gzip"));
      assertThat(coded.headers().first("content-encoding")).hasValue("gzip");
      Witness.Answer page = witness.ask(large.content(Content.DECOMPRESSED));
      assertThat(page.headers().contains("content-encoding")).isFalse();
      assertThat(page.body()).isEqualTo("0123456789".repeat(100_000));
      assertThat(witness.get("/page.txt").body()).isEqualTo("a page\n");
    }
  }

  @Test
  void aFormReachesNginx() {
    try (Witness witness = nginx(false)) {
      Request post = Request.of("POST", "/reflect").body(Form.of("a", "b c").and("d", "&"));
      assertThat(witness.ask(post).body()).contains(" a=b+c&d=%26 ");
    }
  }

  private static Witness open(ScriptedServer server, Limits limits) {
    ConnectionOptions options = Way.PLAIN.options().limits(limits);
    return Witness.open("127.0.0.1", server.port(), options);
  }

  @Test
  void eventsAreToldAsTheyCome() throws IOException {
    try (ScriptedServer server =
            new ScriptedServer(
                peer -> {
                  assertThat(peer.head()).contains("accept: text/event-stream\r\n");
                  peer.lines("HTTP/1.1 200 OK", "Content-Type: text/event-stream", "");
                  peer.text("\u00ef\u00bb\u00bfdata: one\r\r");
                  peer.text("id: 7\nevent: x\ndata: t");
                  peer.text("wo\n\ndata: dropped");
                  peer.finish();
                  peer.awaitEnd();
                });
        Witness witness = open(server, Limits.DEFAULT)) {
      witness.request(Request.of("GET", "/").content(Content.EVENTS));
      witness.until(Response.class);
      assertThat(witness.next(ServerSentEvent.class).data()).isEqualTo("one");
      assertThat(witness.next(ServerSentEvent.class))
          .satisfies(
              event -> {
                assertThat(event.id()).isEqualTo("7");
                assertThat(event.type()).isEqualTo("x");
                assertThat(event.data()).isEqualTo("two");
              });
      assertThat(witness.next(Data.class).fin()).isTrue();
    }
  }

  @Test
  void aCodingThatIsNotThereIsNotOfferedAndLeftAsItIs() throws IOException {
    try (ScriptedServer server =
            new ScriptedServer(
                peer -> {
                  assertThat(peer.head()).contains("accept-encoding: gzip, deflate\r\n");
                  peer.lines("HTTP/1.1 200 OK", "Content-Encoding: br", "Content-Length: 3", "");
                  peer.text("abc");
                  peer.awaitEnd();
                });
        Witness witness = open(server, Limits.DEFAULT)) {
      Witness.Answer answer = witness.ask(GET);
      assertThat(answer.headers())
          .isEqualTo(Headers.of("content-encoding", "br", "content-length", "3"));
      assertThat(answer.body()).isEqualTo("abc");
    }
  }

  @Test
  void aBombEndsItsStreamAndNotItsConnection() throws IOException {
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bomb)) {
      gzip.write(new byte[64 << 20]);
    }
    try (ScriptedServer server =
            new ScriptedServer(
                peer -> {
                  peer.head();
                  peer.lines(
                      "HTTP/1.1 200 OK",
                      "Content-Encoding: gzip",
                      "Content-Length: " + bomb.size(),
                      "");
                  peer.bytes(bomb.toByteArray());
                  peer.head();
                  peer.lines("HTTP/1.1 200 OK", "Content-Length: 2", "");
                  peer.text("ok");
                  peer.awaitEnd();
                });
        Witness witness = open(server, Limits.DEFAULT)) {
      witness.request(GET);
      witness.until(Response.class);
      assertThat(witness.until(StreamFailed.class).reason())
          .isEqualTo(new Reason.Limit(Reason.Bound.INFLATE_RATIO, 300));
      assertThat(witness.get("/").body()).isEqualTo("ok");
    }
  }
}
