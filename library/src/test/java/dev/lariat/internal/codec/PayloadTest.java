package dev.lariat.internal.codec;

import static dev.lariat.internal.codec.ServerFrames.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Ping;
import dev.lariat.message.Pong;
import dev.lariat.message.Text;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PayloadTest {
  private static Bytes payload(Frame frame) {
    ByteBuffer buffer = Payload.of(frame);
    byte[] octets = new byte[buffer.remaining()];
    buffer.get(octets);
    return Bytes.wrap(octets);
  }

  @Test
  void everyFrameCarriesItsOctets() {
    Bytes bytes = Bytes.wrap(hex("00 ff"));
    assertThat(payload(new Text("a€💶?"))).isEqualTo(Bytes.ofUtf8("a€💶?"));
    assertThat(payload(new Text(""))).isEqualTo(Bytes.EMPTY);
    assertThat(payload(new Binary(bytes))).isEqualTo(bytes);
    assertThat(payload(new Ping(bytes))).isEqualTo(bytes);
    assertThat(payload(new Pong(bytes))).isEqualTo(bytes);
    assertThat(payload(new Close(1000, "é"))).isEqualTo(Bytes.wrap(hex("03 e8 c3 a9")));
    assertThat(payload(new Close(4999, ""))).isEqualTo(Bytes.wrap(hex("13 87")));
    assertThat(payload(Close.EMPTY)).isEqualTo(Bytes.EMPTY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\ud800",
        "\udc00",
        "a\ud800",
        "\udfffa",
        "\udc00\ud800",
        "é\ud800",
        "\ud800\ud800\udc00",
        "? is no surrogate, \udbff is",
        "twelve ascii\ud800",
      })
  void rfc6455_56_anUnpairedSurrogateIsRefused(String text) {
    assertThatThrownBy(() -> Payload.of(new Text(text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("unpaired surrogate");
    assertThatThrownBy(() -> Payload.of(new Close(1000, text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("unpaired surrogate");
  }
}
