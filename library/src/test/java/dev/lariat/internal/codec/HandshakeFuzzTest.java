package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.lariat.message.Headers;
import dev.lariat.option.Deflate;
import dev.lariat.option.Subprotocols;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Whatever a server answers is an agreement or a violation. */
class HandshakeFuzzTest {

  @FuzzTest(maxDuration = "3m")
  void answer(byte[] input) {
    Headers headers =
        Headers.of(
            "upgrade", "websocket",
            "connection", "upgrade",
            "sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    for (String line : new String(input, StandardCharsets.ISO_8859_1).split("\n", 8)) {
      int colon = line.indexOf(':');
      String name = colon < 0 ? "sec-websocket-extensions" : line.substring(0, colon);
      String value = line.substring(colon + 1);
      if (Headers.isToken(name) && Headers.isValue(value)) {
        headers = headers.with(name, value);
      }
    }
    Handshake handshake =
        new Handshake(
            "dGhlIHNhbXBsZSBub25jZQ==", Subprotocols.of("chat"), Optional.of(Deflate.DEFAULT));
    try {
      Handshake.Agreement agreement = handshake.verify(headers);
      assertThat(headers.contains("sec-websocket-extensions"))
          .isEqualTo(agreement.deflate().isPresent());
      agreement
          .deflate()
          .ifPresent(terms -> assertThat(terms.serverMaxWindowBits()).isBetween(8, 15));
    } catch (Violation v) {
      assertThat(v.reason().sentence()).isNotEmpty();
    }
  }
}
