package dev.lariat.internal.connection;

import static dev.lariat.internal.codec.Http2Frames.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.codec.Http2Peer.Frame;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.TunnelUp;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Tunnels on the streams of an HTTP/2 connection (RFC 9113 section 8.5), each engine watched. */
class Http2TunnelTest {
  private static final int CONNECT_ERROR = 0xa;

  private final Http2Scene scene = new Http2Scene(Http2Scene.OPTIONS);

  private Stream connect(String name) {
    Stream stream = scene.scene.stream(name, scene.scene.owner);
    scene.scene.command(
        new Command.Connect(stream, name + ":443", Headers.EMPTY, FieldNames.PLAIN));
    return stream;
  }

  /** A tunnel on the stream of this number. */
  private Stream open(String name, int id) {
    Stream stream = connect(name);
    scene.frames();
    scene.answers(id, false, "200");
    assertThat(scene.told()).containsExactly(new TunnelUp(stream.ref(), 200, Headers.EMPTY));
    return stream;
  }

  private void send(Stream stream, String text, boolean last) {
    scene.scene.command(new Command.Data(stream, Bytes.ofUtf8(text).asByteBuffer(), last, null));
  }

  private static Data data(Stream stream, boolean last, String text) {
    return new Data(stream.ref(), last, Bytes.ofUtf8(text));
  }

  private void proxySends(int id, String text, boolean last) {
    scene.sends(id, text.getBytes(StandardCharsets.UTF_8), last);
  }

  @Test
  void bytesGoBothWaysOnManyAtATimeBesideRequests() {
    Stream one = open("one", 1);
    Stream two = open("two", 3);
    Stream get = scene.scene.get("/");
    scene.frames();
    send(one, "first", false);
    assertThat(scene.sent(1)).asString(StandardCharsets.UTF_8).isEqualTo("first");
    send(two, "second", false);
    assertThat(scene.sent(3)).asString(StandardCharsets.UTF_8).isEqualTo("second");
    proxySends(3, "for two", false);
    scene.answers(5, true, "204");
    proxySends(1, "for one", false);
    assertThat(scene.told())
        .containsExactly(
            data(two, false, "for two"),
            new Response(get.ref(), true, 204, Headers.EMPTY),
            data(one, false, "for one"));
  }

  @Test
  void eachSideEndsByItself() {
    Stream tunnel = open("one", 1);
    proxySends(1, "last", true);
    assertThat(scene.told()).containsExactly(data(tunnel, false, "last"), data(tunnel, true, ""));
    send(tunnel, "still", false);
    assertThat(scene.sent(1)).asString(StandardCharsets.UTF_8).isEqualTo("still");
    send(tunnel, "", true);
    Frame end = scene.frames().getLast();
    assertThat(end.type()).isEqualTo(DATA);
    assertThat(end.has(END_STREAM)).isTrue();
  }

  @Test
  void aResetEndsTheTunnelAlone() {
    Stream tunnel = open("one", 1);
    Stream other = open("other", 3);
    scene.resets(1, CONNECT_ERROR);
    assertThat(scene.told())
        .containsExactly(new StreamFailed(tunnel.ref(), new Reason.StreamReset(CONNECT_ERROR)));
    proxySends(3, "on", false);
    assertThat(scene.told()).containsExactly(data(other, false, "on"));
  }

  @Test
  void aTunnelThatIsCancelledIsReset() {
    Stream tunnel = open("one", 1);
    scene.scene.command(new Command.Cancel(tunnel, new Reason.Cancelled()));
    Frame reset = scene.frames().getLast();
    assertThat(reset.type()).isEqualTo(RST_STREAM);
    assertThat(scene.channel.isOpen()).isTrue();
  }

  @Test
  void rfc9113_85_fieldsOnATunnelBreakARule() {
    Stream tunnel = open("one", 1);
    scene.answers(1, true, "200");
    Reason reason =
        new Reason.Protocol("HEADERS came on a stream that carries bytes", "RFC 9113 section 8.5");
    assertThat(scene.told()).containsExactly(new StreamFailed(tunnel.ref(), reason));
  }
}
