package dev.lariat.internal.hop;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.lariat.internal.hop.Negotiation.Progress;
import dev.lariat.option.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

class NegotiationFuzzTest {
  private static final List<Proxy> PROXIES =
      List.of(
          Proxy.of("http://user:secret@proxy.example"),
          Proxy.of("socks5h://user:secret@proxy.example"),
          Proxy.of("socks4a://proxy.example"));

  /** Any bytes are an answer: it comes to the same however it is cut, and nothing is thrown. */
  @FuzzTest(maxDuration = "3m")
  void answers(byte[] input) {
    if (input.length < 2) {
      return;
    }
    Proxy proxy = PROXIES.get((input[0] & 0xff) % PROXIES.size());
    int step = 1 + (input[1] & 0x1f);
    byte[] answer = Arrays.copyOfRange(input, 2, input.length);
    String one = told(Talk.with(proxy, "server.example", 443), answer, 1);
    assertThat(told(Talk.with(proxy, "server.example", 443), answer, step))
        .satisfiesAnyOf(
            told -> assertThat(told).isEqualTo(one),
            // an answer that comes with what it answers comes too early
            told -> assertThat(told).contains("before the request"));
  }

  private static String told(Talk talk, byte[] answer, int step) {
    Progress progress = Progress.MORE;
    int at = 0;
    while (at < answer.length && progress == Progress.MORE) {
      int to = Math.min(answer.length, at + step);
      progress = talk.hears(Arrays.copyOfRange(answer, at, to));
      at = to;
    }
    String left = progress == Progress.THROUGH ? talk.left() : "";
    return progress
        + left
        + new String(answer, at, answer.length - at, StandardCharsets.ISO_8859_1);
  }
}
