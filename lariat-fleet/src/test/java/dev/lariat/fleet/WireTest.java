package dev.lariat.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Frame;
import dev.lariat.message.Ping;
import dev.lariat.message.Pong;
import dev.lariat.message.Text;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What nodes say to each other. */
class WireTest {
  @Test
  void requestsAreAVersionATypeAnIdAndAContent() {
    byte[] encoded = new Wire.Request("é", new Text("hi")).encoded();
    assertThat(HexFormat.of().formatHex(encoded)).isEqualTo("01010002c3a96869");
  }

  @Test
  void everyFrameThatFeedsSendArrivesAsItWas() {
    List<Frame> frames =
        List.of(
            new Text(""),
            new Text("\ud83d\ude00"),
            new Binary(new byte[300]),
            Ping.EMPTY,
            new Pong(Bytes.ofUtf8("x")));
    for (Frame frame : frames) {
      Wire.Request request = new Wire.Request("x".repeat(200), frame);
      assertThat(Wire.Request.decoded(request.encoded())).contains(request);
    }
  }

  @Test
  void aCutOrUnknownRequestIsNone() {
    byte[] whole = new Wire.Request("feed", Ping.EMPTY).encoded();
    for (int length = 0; length < whole.length; length++) {
      assertThat(Wire.Request.decoded(Arrays.copyOf(whole, length))).isEmpty();
    }
    assertThat(Wire.Request.decoded(HexFormat.of().parseHex("0201000161"))).isEmpty(); // version
    assertThat(Wire.Request.decoded(HexFormat.of().parseHex("0109000161"))).isEmpty(); // type
    assertThat(Wire.Request.decoded(HexFormat.of().parseHex("0101ffff61"))).isEmpty(); // length
    byte[] longPing = Arrays.copyOf(whole, whole.length + 126);
    assertThat(Wire.Request.decoded(longPing)).isEmpty();
  }

  @Test
  void everyResultArrivesAsItWas() {
    List<SendResult> results =
        List.of(
            new SendResult.Written(),
            new SendResult.Acknowledged(),
            new SendResult.Dropped("full"),
            new SendResult.Unknown("lost"));
    for (SendResult result : results) {
      assertThat(Wire.result(Wire.encoded(result))).isEqualTo(result);
    }
    assertThat(Wire.result(Wire.encoded(new SendResult.Elsewhere(Optional.empty()))))
        .isEqualTo(new SendResult.Dropped("the feed has moved to another node"));
    SendResult other = new SendResult.Unknown("the other node has another version of Lariat");
    assertThat(Wire.result(new byte[0])).isEqualTo(other);
    assertThat(Wire.result(new byte[] {9})).isEqualTo(other);
  }
}
