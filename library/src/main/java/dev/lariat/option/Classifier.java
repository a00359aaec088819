package dev.lariat.option;

import dev.lariat.message.Reason;
import dev.lariat.message.Side;
import java.util.Map;

/**
 * Tells what a live connection gets over from what ends it. It is called on an event loop and must
 * not block; what it throws ends the connection with a {@code Fault}.
 */
@FunctionalInterface
public interface Classifier {

  /** What is to come of a failure. */
  enum Verdict {
    /** Another attempt, by the policy. */
    RETRY,
    /** No further attempt: it would fail in the same way. */
    END
  }

  /**
   * What is to come of this.
   *
   * @param reason why a session was lost or could not be opened
   */
  Verdict of(Reason reason);

  /**
   * Gets over whatever time may mend: the network, deadlines, the statuses 408, 425, 429 and 5xx,
   * what the user's own code throws, a close in good order, and the close codes 1001, 1006 and 1011
   * to 1014. What would only repeat itself ends it: other statuses, a protocol error of either side
   * (1002, 1003, 1007 to 1010), and the registered codes 3000 (unauthorized) and 3003 (forbidden).
   * Other codes from 3000 to 4999, whose meaning is the application's, are got over; see {@link
   * #closes}.
   */
  Classifier DEFAULT = Classifier::byDefault;

  /**
   * The same, but for these codes of close frames.
   *
   * @param codes what is to come of which code
   */
  default Classifier closes(Map<Integer, Verdict> codes) {
    Map<Integer, Verdict> table = Map.copyOf(codes);
    return reason -> {
      Verdict verdict =
          reason instanceof Reason.CloseHandshake handshake ? table.get(code(handshake)) : null;
      return verdict == null ? of(reason) : verdict;
    };
  }

  /**
   * The same, but for these statuses of responses.
   *
   * @param statuses what is to come of which status
   */
  default Classifier statuses(Map<Integer, Verdict> statuses) {
    Map<Integer, Verdict> table = Map.copyOf(statuses);
    return reason -> {
      Verdict verdict = reason instanceof Reason.Status status ? table.get(status.status()) : null;
      return verdict == null ? of(reason) : verdict;
    };
  }

  private static int code(Reason.CloseHandshake handshake) {
    return (handshake.initiator() == Side.SERVER ? handshake.received() : handshake.sent()).code();
  }

  private static Verdict byDefault(Reason reason) {
    boolean ends =
        switch (reason) {
          case Reason.CloseHandshake handshake -> endsByCode(code(handshake));
          case Reason.Status answer -> endsByStatus(answer.status());
          case Reason.GaveUp(var attempts, var last) -> byDefault(last) == Verdict.END;
          case Reason.Protocol protocol -> true; // this side closed with 1002 or 1007
          case Reason.Limit limit -> true; // with 1009, or a header block without end
          case Reason.OwnerClosed closed -> true;
          case Reason.RedirectRefused refused -> true;
          case Reason.Closed closed -> false;
          case Reason.Reset reset -> false;
          case Reason.Refused refused -> false;
          case Reason.Unreachable unreachable -> false;
          case Reason.Unresolved unresolved -> false;
          case Reason.Timeout timeout -> false;
          case Reason.Tls tls -> false; // certificates are renewed, and so is the way to them
          case Reason.BadState state -> false;
          case Reason.Unprocessed unprocessed -> false;
          case Reason.Unanswered unanswered -> false;
          case Reason.Cancelled cancelled -> false;
          case Reason.BodyUnfinished unfinished -> false;
          case Reason.HandlerThrew threw -> false;
          case Reason.EndpointThrew threw -> false;
          case Reason.OpeningThrew threw -> false;
          case Reason.Unconfirmed unconfirmed -> false;
          case Reason.Superseded superseded -> false;
          case Reason.BudgetSpent spent -> false;
          case Reason.RestartsExceeded exceeded -> false;
          case Reason.Fault fault -> false;
        };
    return ends ? Verdict.END : Verdict.RETRY;
  }

  private static boolean endsByStatus(int status) {
    return status < 500 && status != 408 && status != 425 && status != 429;
  }

  private static boolean endsByCode(int code) {
    return switch (code) {
      case 1002, 1003, 1007, 1008, 1009, 1010, 3000, 3003 -> true;
      default -> false;
    };
  }
}
