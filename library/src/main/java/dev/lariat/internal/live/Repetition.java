package dev.lariat.internal.live;

import dev.lariat.message.Reason;
import org.jspecify.annotations.Nullable;

/** Counts the sessions in a row that have ended by the same rule. */
final class Repetition {
  private @Nullable Object rule;
  private int times;

  /** A session has ended for this reason. Returns how many in a row now have. */
  int count(Reason reason) {
    Object broken = rule(reason);
    times = broken.equals(rule) ? times + 1 : 1;
    rule = broken;
    return times;
  }

  /** A session has ended otherwise, or has been stable. Returns zero. */
  int interrupt() {
    rule = null;
    times = 0;
    return times;
  }

  /** What two reasons have in common whose values differ. */
  private static Object rule(Reason reason) {
    if (reason instanceof Reason.Protocol protocol) {
      return protocol.section();
    }
    if (reason instanceof Reason.Limit limit) {
      return limit.bound();
    }
    if (reason instanceof Reason.CloseHandshake closed) {
      return closed.code();
    }
    return reason.getClass();
  }
}
