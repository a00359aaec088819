package dev.lariat.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MessageTest {
  private static final ConnectionRef CONNECTION = () -> "example.com:80";
  private static final StreamRef STREAM = () -> CONNECTION;

  @Test
  void theLastMessageOfAStreamSaysSo() {
    Bytes bytes = Bytes.ofUtf8("x");
    Reason.CloseHandshake closed =
        new Reason.CloseHandshake(Close.NORMAL, Close.NORMAL, Side.CLIENT);
    assertThat(new Response(STREAM, true, 204, Headers.EMPTY).ends()).isTrue();
    assertThat(new Data(STREAM, true, bytes).ends()).isTrue();
    assertThat(new Trailers(STREAM, Headers.of("a", "b")).ends()).isTrue();
    assertThat(new WebSocketClosed(STREAM, closed).ends()).isTrue();
    assertThat(new StreamFailed(STREAM, closed).ends()).isTrue();

    assertThat(new Inform(STREAM, 100, Headers.EMPTY).ends()).isFalse();
    assertThat(new Push(STREAM, STREAM, "GET", "https://host/", Headers.EMPTY).ends()).isFalse();
    assertThat(new Response(STREAM, false, 200, Headers.EMPTY).ends()).isFalse();
    assertThat(new Data(STREAM, false, bytes).ends()).isFalse();
    assertThat(new Upgraded(STREAM, Protocol.WEBSOCKET, Optional.empty(), Headers.EMPTY).ends())
        .isFalse();
    assertThat(new WebSocketFrame(STREAM, Close.NORMAL).ends()).isFalse();
  }

  @Test
  void aStreamsMessageNamesItsConnection() {
    assertThat(new Data(STREAM, true, Bytes.EMPTY).connection()).isSameAs(CONNECTION);
    assertThat(new Rejected(STREAM, "send", new Reason.Closed()).connection()).isSameAs(CONNECTION);
  }

  @Test
  void theListsOfALossDoNotChange() {
    List<StreamRef> killed = new ArrayList<>(List.of(STREAM));
    Down down =
        new Down(CONNECTION, Protocol.HTTP_1_1, new Reason.Closed(), killed, new ArrayList<>());
    killed.clear();
    assertThat(down.killed()).containsExactly(STREAM);
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> down.unprocessed().add(STREAM));
  }

  @Test
  void aProtocolIsShownAsOnTheWire() {
    assertThat(Protocol.HTTP_1_1).hasToString("http/1.1");
    assertThat(Protocol.WEBSOCKET.token()).isEqualTo("websocket");
  }

  @Test
  void aBinaryMessageCopiesItsArray() {
    byte[] array = {1};
    Binary binary = new Binary(array);
    array[0] = 2;
    assertThat(binary.bytes().at(0)).isEqualTo((byte) 1);
  }
}
