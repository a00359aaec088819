package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What servers write into {@code Keep-Alive}. */
class KeepAliveTest {

  @ParameterizedTest
  @CsvSource({
    "'timeout=5, max=100', 5, 100", // Apache
    "timeout=20, 20, 0", // nginx
    "max=7, 0, 7",
    "'MAX=7,Timeout = 5', 5, 7",
    "', timeout=5,, other=x, flag,', 5, 0",
    "'timeout=5, timeout=3, timeout=9', 3, 0",
    "'timeout=soon, max=3', 0, 3"
  })
  void aParameterIsRead(String field, long timeout, long max) {
    assertThat(KeepAlive.of(Headers.of("keep-alive", field))).isEqualTo(said(timeout, max));
  }

  @Test
  void theFieldMayStandTwice() {
    Headers headers = Headers.of("keep-alive", "timeout=5", "n", "v", "keep-alive", "max=2");
    assertThat(KeepAlive.of(headers)).isEqualTo(said(5, 2));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "300", // as clients of HTTP/1.0 sent it
        "timeout",
        "timeout=",
        "timeout=0",
        "timeout=-1",
        "timeout=+5",
        "timeout=5.5",
        "timeout=5; max=100",
        "timeout=1000000000",
        "timeout=99999999999999999999999",
        "max=0",
        "maximum=5"
      })
  void whatIsAbsurdSaysNothing(String field) {
    assertThat(KeepAlive.of(Headers.of("keep-alive", field))).isEqualTo(KeepAlive.NONE);
  }

  private static KeepAlive said(long timeout, long max) {
    return new KeepAlive(
        timeout == 0 ? KeepAlive.UNSAID : timeout, max == 0 ? KeepAlive.UNSAID : max);
  }
}
