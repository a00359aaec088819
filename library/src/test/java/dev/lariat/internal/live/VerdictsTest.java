package dev.lariat.internal.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Close;
import dev.lariat.message.Reason;
import dev.lariat.message.Side;
import dev.lariat.option.Classifier.Verdict;
import dev.lariat.option.Healing;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class VerdictsTest {
  private static final Reason RESET = new Reason.Reset("test");
  private static final Reason OTHER = new Reason.Closed();

  private static Verdicts always(Verdict verdict) {
    return new Verdicts(Healing.DEFAULT.classifier(reason -> verdict).repeats(2));
  }

  private static Reason closed(int code, Side initiator) {
    return new Reason.CloseHandshake(new Close(code, ""), Close.EMPTY, initiator);
  }

  @Test
  void theClassifierDecides() {
    assertThat(always(Verdict.RETRY).afterAttempt(RESET)).isNull();
    assertThat(always(Verdict.END).afterAttempt(RESET)).isEqualTo(RESET);
    assertThat(always(Verdict.END_IF_REPEATED).afterAttempt(RESET)).isEqualTo(RESET);
    assertThat(always(Verdict.RETRY).afterSession(RESET, 0, 1)).isNull();
    assertThat(always(Verdict.END).afterSession(RESET, 0, 1)).isEqualTo(RESET);
  }

  @Test
  void theSameRuleTwiceInARowEndsIt() {
    Verdicts verdicts = always(Verdict.END_IF_REPEATED);
    assertThat(verdicts.afterSession(RESET, 0, 1)).isNull();
    assertThat(verdicts.afterSession(OTHER, 0, 1)).isNull();
    assertThat(verdicts.afterSession(RESET, 0, 1)).isNull();
    verdicts.replaced();
    assertThat(verdicts.afterSession(RESET, 0, 1)).isNull();
    assertThat(verdicts.afterSession(RESET, 0, 3)).isEqualTo(new Reason.GaveUp(3, RESET));
  }

  @Test
  void aStableSessionCountsForNothing() {
    Verdicts verdicts = always(Verdict.END_IF_REPEATED);
    assertThat(verdicts.afterSession(RESET, 0, 1)).isNull();
    assertThat(verdicts.afterSession(RESET, Duration.ofDays(1).toNanos(), 1)).isNull();
    assertThat(verdicts.afterSession(RESET, 0, 1)).isNull();
  }

  @Test
  void anEndIsGoodIfTheServerBeganItWithACodeThatSaysSo() {
    assertThat(Verdicts.isGoodEnd(closed(1000, Side.SERVER))).isTrue();
    assertThat(Verdicts.isGoodEnd(closed(1012, Side.SERVER))).isTrue();
    assertThat(Verdicts.isGoodEnd(closed(1000, Side.CLIENT))).isFalse();
    assertThat(Verdicts.isGoodEnd(closed(1011, Side.SERVER))).isFalse();
    assertThat(Verdicts.isGoodEnd(RESET)).isFalse();
  }
}
