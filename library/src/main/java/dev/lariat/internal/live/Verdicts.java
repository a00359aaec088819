package dev.lariat.internal.live;

import dev.lariat.message.Close;
import dev.lariat.message.Reason;
import dev.lariat.message.Side;
import dev.lariat.option.Classifier;
import dev.lariat.option.Classifier.Verdict;
import dev.lariat.option.Healing;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a live connection ends with a session or an attempt that has ended. The user's classifier
 * says so, and how often the same rule has ended sessions in a row.
 */
final class Verdicts {
  private static final Logger LOG = System.getLogger("dev.lariat");
  private static final Set<Integer> GOOD_ENDS = Set.of(1000, 1001, Close.NO_CODE, 1012);

  private final Healing healing;
  private final Repetition repetition = new Repetition(); // counts ends by the same rule

  Verdicts(Healing healing) {
    this.healing = healing;
  }

  /** What ends it after an attempt that the server did not accept; null to go on. */
  @Nullable Reason afterAttempt(Reason reason) {
    return of(reason) == Verdict.RETRY ? null : reason;
  }

  /**
   * What ends it after a session that the server had accepted; null to go on.
   *
   * @param age how long the session has carried traffic
   * @param retries how many attempts in a row have failed
   */
  @Nullable Reason afterSession(Reason reason, long age, int retries) {
    Verdict verdict = of(reason);
    boolean counts = verdict == Verdict.END_IF_REPEATED && age < healing.retry().stable().toNanos();
    int times = counts ? repetition.count(reason) : repetition.interrupt();
    return switch (verdict) {
      case RETRY -> null;
      case END -> reason;
      case END_IF_REPEATED -> times < healing.repeats() ? null : new Reason.GaveUp(retries, reason);
    };
  }

  /** A session was replaced in good order. */
  void replaced() {
    repetition.interrupt();
  }

  private Verdict of(Reason reason) {
    try {
      return Objects.requireNonNull(healing.classifier().of(reason));
    } catch (Throwable e) { // whatever a user's code throws
      LOG.log(Level.ERROR, "The classifier threw. The default classifier is used instead.", e);
      return Classifier.DEFAULT.of(reason);
    }
  }

  /** Whether the server has ended the session in good order, and can be expected to come back. */
  static boolean isGoodEnd(Reason reason) {
    return reason instanceof Reason.Ended
        || reason instanceof Reason.CloseHandshake closed
            && closed.initiator() == Side.SERVER
            && GOOD_ENDS.contains(closed.code());
  }
}
