package dev.lariat.internal.http2;

import static dev.lariat.internal.codec.Http2Frames.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.codec.Http2Peer.Frame;
import dev.lariat.internal.protocol.Authorization;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Recorder;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Response;
import dev.lariat.option.WebSocketOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Streams that are to become another protocol's, and the server's answers. */
class UpgradesTest {
  private final Stand stand = new Stand().open(ENABLE_CONNECT_PROTOCOL, 1);

  /** Shows a secret once it was asked for. */
  private static final class Answers implements Authorization {
    private boolean asked;

    @Override
    public @Nullable String shown(String method, String target, Bytes body) {
      return asked ? "secret" : null;
    }

    @Override
    public boolean asksAgain(int status, Headers headers) {
      boolean again = status == 401 && !asked;
      asked |= again;
      return again;
    }

    @Override
    public void learn(int status, Headers headers) {}
  }

  @Test
  void aWebSocketThatIsChallengedIsAskedForOnceMoreAndItsOldStreamIsReset() {
    Stream plain = stand.out.stream("webSocket");
    Stream socket = new Stream(plain.ref(), plain.inbox(), plain.gate(), new Answers());
    stand.out.discard();
    stand.command(new Command.Upgrade(socket, "/chat", WebSocketOptions.DEFAULT, FieldNames.PLAIN));
    stand.frames();
    stand.answers(1, false, "401");
    assertThat(stand.frames())
        .satisfiesExactly(
            reset -> {
              assertThat(reset.type()).isEqualTo(RST_STREAM);
              assertThat(reset.stream()).isEqualTo(1);
            },
            again -> {
              assertThat(again.stream()).isEqualTo(3);
              assertThat(again.fields().first("authorization")).contains("secret");
            });
    assertThat(Recorder.gate(socket).hasEnded()).as("what is sent early waits").isFalse();
    assertThat(stand.out.hasNext()).isFalse();
  }

  @Test
  void theStreamOfAPlainAnswerIsEndedOnThisSide() {
    Stream socket = stand.out.stream("webSocket");
    stand.out.discard();
    stand.command(new Command.Upgrade(socket, "/chat", WebSocketOptions.DEFAULT, FieldNames.PLAIN));
    stand.frames();
    stand.answers(1, false, "403");
    Frame end = stand.frame();
    assertThat(end.type()).isEqualTo(DATA);
    assertThat(end.has(END_STREAM)).isTrue();
    stand.out.discard();
  }

  @Test
  void rfc9113_85_theRequestForATunnelHasAMethodAndAnAuthorityAlone() {
    Stream tunnel = stand.out.stream("tunnel");
    stand.out.discard();
    stand.command(
        new Command.Connect(
            tunnel, "origin.example:443", Headers.of("proxy-x", "y"), FieldNames.PLAIN));
    Frame request = stand.frame();
    assertThat(request.has(END_STREAM)).isFalse();
    assertThat(request.fields())
        .isEqualTo(
            Headers.of(".method", "CONNECT", ".authority", "origin.example:443", "proxy-x", "y"));
    stand.answers(1, false, "502");
    assertThat(stand.out.next(Response.class).status()).isEqualTo(502);
    assertThat(stand.frame().has(END_STREAM)).isTrue();
  }

  @Test
  void aTunnelThatIsChallengedIsAskedForOnceMore() {
    Stream plain = stand.out.stream("tunnel");
    Stream tunnel = new Stream(plain.ref(), plain.inbox(), plain.gate(), new Answers());
    stand.out.discard();
    stand.command(
        new Command.Connect(tunnel, "origin.example:443", Headers.EMPTY, FieldNames.PLAIN));
    stand.frames();
    stand.answers(1, true, "401");
    Frame again = stand.frames().getLast();
    assertThat(again.stream()).isEqualTo(3);
    assertThat(again.fields().first("authorization")).contains("secret");
    assertThat(stand.out.hasNext()).isFalse();
  }
}
