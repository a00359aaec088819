package dev.lariat.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CloseTest {

  /** RFC 6455 section 7.4 and the IANA registry "WebSocket Close Code Number". */
  private static boolean mayBeOnTheWire(int code) {
    return switch (code) {
      case 1000, 1001, 1002, 1003 -> true;
      case 1004 -> false; // reserved
      case 1005, 1006 -> false; // must not be sent: no code, abnormal closure
      case 1007, 1008, 1009, 1010, 1011 -> true;
      case 1012, 1013, 1014 -> true; // registered: restart, try again later, bad gateway
      case 1015 -> false; // must not be sent: TLS
      default -> code >= 3000 && code < 5000; // libraries' and private
    };
  }

  @Test
  void everyCodeOfTwoBytesIsJudgedAsRegistered() {
    assertThat(IntStream.rangeClosed(0, 65535).filter(Close::isAllowed).toArray())
        .isEqualTo(IntStream.rangeClosed(0, 65535).filter(CloseTest::mayBeOnTheWire).toArray());
  }

  @Property
  void noOtherNumberIsACode(@ForAll @IntRange(min = 65536, max = Integer.MAX_VALUE) int code) {
    assertThat(Close.isAllowed(code)).isFalse();
    assertThat(Close.isAllowed(-code)).isFalse();
  }

  @Test
  void aFrameTakesTheAllowedCodesAndTheOneThatStandsForNone() {
    for (int code = 0; code <= 65535; code++) {
      int each = code;
      if (mayBeOnTheWire(code) || code == Close.NO_CODE) {
        assertThat(new Close(code, "").code()).isEqualTo(code);
      } else {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> new Close(each, ""))
            .withMessage(
                "close code: %d, allowed 1000 to 1003, 1007 to 1014 and 3000 to 4999 (RFC 6455"
                    + " section 7.4)",
                code);
      }
    }
  }

  @Test
  void theTextHas123BytesAtTheMost() {
    assertThat(new Close(1000, "x".repeat(123)).text()).hasSize(123);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Close(1000, "x".repeat(124)))
        .withMessage("close text: 124 bytes of UTF-8, allowed 0 to 123 (RFC 6455 section 5.5)");
  }

  @Test
  void theTextIsMeasuredInUtf8() {
    assertThat(new Close(1000, "€".repeat(41)).text()).hasSize(41);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Close(1000, "€".repeat(42)))
        .withMessageContaining("126 bytes");
  }

  @Test
  void whereThereIsNoCodeThereIsNoText() {
    assertThat(Close.EMPTY).isEqualTo(new Close(Close.NO_CODE, ""));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Close(Close.NO_CODE, "bye"))
        .withMessageContaining("\"bye\"");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125})
  void aPingAndAPongCarryUpTo125Bytes(int size) {
    Bytes payload = Bytes.wrap(new byte[size]);
    assertThat(new Ping(payload).payload()).isEqualTo(payload);
    assertThat(new Pong(payload).payload()).isEqualTo(payload);
  }

  @ParameterizedTest
  @ValueSource(ints = {126, 127, 65536})
  void aPingAndAPongCarryNoMore(int size) {
    Bytes payload = Bytes.wrap(new byte[size]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Ping(payload))
        .withMessage("ping payload: %d bytes, allowed 0 to 125 (RFC 6455 section 5.5)", size);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Pong(payload))
        .withMessage("pong payload: %d bytes, allowed 0 to 125 (RFC 6455 section 5.5)", size);
  }
}
