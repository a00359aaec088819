package dev.lariat.it.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SoakTest {

  /** The same for longer: {@code mvn -pl lariat-it -Psoak}. */
  @Test
  void aHundredLiveWebSocketsThatAreCutAtRandomLoseNothing() throws Exception {
    Soak soak = new Soak(100, Duration.ofSeconds(5), Duration.ofSeconds(2), 1);
    assertThat(soak.run()).isEmpty();
  }
}
