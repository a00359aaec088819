package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WindowTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 256, 1000})
  void aWindowHoldsTheLastBytesHoweverTheyCome(int size) {
    Random random = new Random(size);
    byte[] all = new byte[20 * size + 50];
    random.nextBytes(all);
    for (int run = 0; run < 50; run++) {
      Window window = new Window(size);
      if (run % 2 == 0) {
        window.add(all, 0, random.nextInt(all.length));
        window.clear();
        assertThat(window.toArray()).isEmpty();
      }
      int at = 0;
      while (at < all.length) {
        int count = Math.min(all.length - at, random.nextInt(run < 25 ? size + 1 : 3 * size + 2));
        window.add(all, at, count);
        at += count;
        assertThat(window.toArray()).isEqualTo(Arrays.copyOfRange(all, Math.max(0, at - size), at));
      }
    }
  }
}
