package dev.lariat.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WarmUpTest {

  @Test
  void aNodeReceivesOnALiveConnectionToItselfAndIsRefusedByTls() {
    assertThat(WarmUp.run()).isTrue();
  }

  @Test
  void anInterruptedWarmUpEndsAndKeepsTheInterrupt() {
    Thread.currentThread().interrupt();
    assertThat(WarmUp.run()).isFalse();
    assertThat(Thread.interrupted()).isTrue();
  }
}
