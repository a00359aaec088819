package dev.lariat.internal.connection;

import static dev.lariat.internal.codec.Http2Frames.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.protocol.Fallback;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Down;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Up;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Tls;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A server of HTTP/2 that demands HTTP/1.1 (RFC 9113 section 7), and who dials it next. */
class FallbackTest {
  private static final ConnectionOptions BOTH =
      ConnectionOptions.DEFAULT.protocols(Protocol.HTTP_2, Protocol.HTTP_1_1);
  private static final Reason RESET = new Reason.StreamReset(HTTP_1_1_REQUIRED);

  private static Down down(List<Message> told) {
    return told.stream()
        .filter(Down.class::isInstance)
        .map(Down.class::cast)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theNextConnectionSpeaksHttp1AndSoDoesEachAfterIt() {
    Http2Scene http2 = new Http2Scene(BOTH);
    Scene scene = http2.scene;
    Stream get = scene.get("/");
    http2.resets(1, HTTP_1_1_REQUIRED);
    List<Message> told = http2.told();
    assertThat(told.getFirst())
        .isEqualTo(
            new StreamFailed(
                get.ref(),
                new Reason.Unprocessed("the server demands HTTP/1.1 for it", Optional.of(RESET))));
    assertThat(down(told).reason()).isEqualTo(RESET);
    scene.get("/again"); // dialed for at once
    Scene.Socket channel = scene.up();
    assertThat(http2.told()).contains(new Up(scene.ref, Protocol.HTTP_1_1));
    assertThat(Scene.sent(channel)).startsWith("GET /again HTTP/1.1\r\n");
    scene.receive(channel, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    channel.close();
    scene.run();
    scene.get("/more");
    assertThat(Scene.sent(scene.up())).startsWith("GET /more HTTP/1.1\r\n");
  }

  @Test
  void aListOfTheUsersForAlpnLosesHttp2AndOneTlsObjectReplacesTheOther() {
    Tls tls = Tls.DEFAULT.alpn(List.of("h2", "acme"));
    ConnectionOptions first = Fallback.withoutHttp2(BOTH.tls(tls));
    assertThat(first.protocols()).containsExactly(Protocol.HTTP_1_1);
    assertThat(first.tls().orElseThrow().alpn()).containsExactly("http/1.1");
    assertThat(Fallback.withoutHttp2(tls)).isSameAs(first.tls().orElseThrow());
    Tls acme = Tls.DEFAULT.alpn(List.of("acme", "http/1.1"));
    assertThat(Fallback.withoutHttp2(acme)).isSameAs(acme);
  }

  @Test
  void whatIsAskedForMeanwhileGoesOutByHttp1() {
    Http2Scene http2 = new Http2Scene(BOTH);
    Scene scene = http2.scene;
    scene.get("/1");
    Stream other = scene.get("/2");
    http2.resets(1, HTTP_1_1_REQUIRED);
    scene.get("/3");
    http2.answers(3, true, "200");
    assertThat(down(http2.told()).killed()).doesNotContain(other.ref());
    scene.advance(java.time.Duration.ZERO);
    assertThat(Scene.sent(scene.up())).startsWith("GET /3 HTTP/1.1\r\n");
  }

  @Test
  void aGoodbyeThatDemandsItIsEnough() {
    Http2Scene http2 = new Http2Scene(BOTH);
    Scene scene = http2.scene;
    scene.get("/");
    http2.goesAway(0, HTTP_1_1_REQUIRED, "by the other");
    assertThat(down(http2.told()).reason())
        .isEqualTo(new Reason.GoAway(HTTP_1_1_REQUIRED, "by the other"));
    scene.get("/again");
    assertThat(Scene.sent(scene.up())).startsWith("GET /again HTTP/1.1\r\n");
  }

  @Test
  void whereOnlyHttp2IsListedItStays() {
    Http2Scene http2 = new Http2Scene(Http2Scene.OPTIONS);
    Scene scene = http2.scene;
    Stream get = scene.get("/");
    http2.resets(1, HTTP_1_1_REQUIRED);
    assertThat(http2.told()).containsExactly(new StreamFailed(get.ref(), RESET));
    http2.frames();
    scene.get("/again");
    assertThat(http2.frames().getLast().fields().first(".path")).contains("/again");
  }
}
