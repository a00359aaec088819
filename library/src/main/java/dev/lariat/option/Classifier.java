package dev.lariat.option;

import dev.lariat.message.Reason;
import java.util.Map;

/**
 * Decides which failures of a live connection lead to another attempt, and which end it. Lariat
 * calls it on an event loop, so it must not block. If it throws, the live connection ends with a
 * {@code Fault}.
 */
@FunctionalInterface
public interface Classifier {

  /** What follows a failure. */
  enum Verdict {
    /** Another attempt, after the delay of the retry policy. */
    RETRY,
    /** No further attempt: it would fail in the same way. */
    END,
    /**
     * Another attempt, after the delay of the retry policy, unless it would probably end in the
     * same way. No further attempt follows after {@link Healing#repeats} sessions in a row, 3 by
     * default, if all ended by the same rule and none was open for {@code backoff.stable}. The live
     * connection then ends with a {@code GaveUp} that has the reason.
     *
     * <p>Two sessions end by the same rule if their reasons have the same type and, for a {@code
     * Protocol}, the same section; for a {@code Limit}, the same bound; for a {@code
     * CloseHandshake}, the same code. Other values can differ. Attempts that open no session do not
     * count, and do not interrupt the row.
     *
     * <p>If the attempt did not open a session, this means the same as {@link #END}: a server whose
     * handshake breaks a rule is usually the wrong server.
     */
    END_IF_REPEATED
  }

  /**
   * {@return what follows this failure}
   *
   * @param reason why a session was lost or could not be opened
   */
  Verdict of(Reason reason);

  /**
   * The default. Another attempt follows failures that can be temporary: network failures,
   * timeouts, the statuses 408, 425, 429 and 5xx, exceptions of your own code, the end of a
   * response of events, and the close codes 1000, 1001 and 1011 to 1014.
   *
   * <p>Failures that a single bad message can cause end the live connection if they are repeated: a
   * protocol error, a limit of this side, and a server that closes with 1002, 1003, 1007 or 1009.
   *
   * <p>A failure at a proxy counts like the same failure at the server. Another attempt follows the
   * replies of a SOCKS proxy that can be temporary: those that say that it failed, that the host or
   * the network is unreachable, or that the host refused the connection.
   *
   * <p>Failures that another attempt would repeat end it at once: other statuses, other replies of
   * a SOCKS proxy, and the close codes 1008, 1010, 3000 (unauthorized) and 3003 (forbidden). The
   * application defines the other codes from 3000 to 4999. They lead to another attempt; see {@link
   * #closes}.
   */
  Classifier DEFAULT = Classifier::byDefault;

  /**
   * Decides by this table for close frames whose code is in it, and like this classifier for
   * everything else.
   *
   * @param codes for each code, what follows it
   * @return a classifier with this table
   */
  default Classifier closes(Map<Integer, Verdict> codes) {
    Map<Integer, Verdict> table = Map.copyOf(codes);
    return reason -> {
      Verdict verdict =
          reason instanceof Reason.CloseHandshake handshake ? table.get(handshake.code()) : null;
      return verdict == null ? of(reason) : verdict;
    };
  }

  /**
   * Decides by this table for responses whose status is in it, and like this classifier for
   * everything else.
   *
   * @param statuses for each status, what follows it
   * @return a classifier with this table
   */
  default Classifier statuses(Map<Integer, Verdict> statuses) {
    Map<Integer, Verdict> table = Map.copyOf(statuses);
    return reason -> {
      Verdict verdict = reason instanceof Reason.Status status ? table.get(status.status()) : null;
      return verdict == null ? of(reason) : verdict;
    };
  }

  private static Verdict byDefault(Reason reason) {
    return switch (reason) {
      case Reason.CloseHandshake handshake -> ofCode(handshake.code());
      case Reason.Status answer -> ofStatus(answer.status());
      case Reason.GaveUp(var attempts, var last) -> byDefault(last);
      case Reason.Hop hop -> byDefault(hop.why());
      case Reason.Socks socks -> ofReply(socks.reply());
      case Reason.Tunnel(var through, var last) -> byDefault(last);
      case Reason.Protocol protocol -> Verdict.END_IF_REPEATED;
      case Reason.Limit limit ->
          limit.bound() == Reason.Bound.POOL_WAITING ? Verdict.RETRY : Verdict.END_IF_REPEATED;
      case Reason.OwnerClosed closed -> Verdict.END;
      case Reason.RedirectRefused refused -> Verdict.END;
      case Reason.Closed closed -> Verdict.RETRY;
      case Reason.Ended ended -> Verdict.RETRY;
      case Reason.StreamEnded ended -> Verdict.RETRY;
      case Reason.Reset reset -> Verdict.RETRY;
      case Reason.StreamReset reset -> Verdict.RETRY;
      case Reason.GoAway away -> Verdict.RETRY;
      case Reason.NotOffered missing -> Verdict.END;
      case Reason.Refused refused -> Verdict.RETRY;
      case Reason.Unreachable unreachable -> Verdict.RETRY;
      case Reason.Unresolved unresolved -> Verdict.RETRY;
      case Reason.Timeout timeout -> Verdict.RETRY;
      case Reason.Ongoing ongoing -> Verdict.RETRY;
      case Reason.Tls tls -> Verdict.RETRY; // certificates are renewed, and so is the way to them
      case Reason.BadState state -> Verdict.RETRY;
      case Reason.Unprocessed unprocessed -> Verdict.RETRY;
      case Reason.Unanswered unanswered -> Verdict.RETRY;
      case Reason.Incomplete incomplete -> Verdict.RETRY;
      case Reason.Cancelled cancelled -> Verdict.RETRY;
      case Reason.BodyUnfinished unfinished -> Verdict.RETRY;
      case Reason.KeepAlive over -> Verdict.RETRY;
      case Reason.HandlerThrew threw -> Verdict.RETRY;
      case Reason.EndpointThrew threw -> Verdict.RETRY;
      case Reason.OpeningThrew threw -> Verdict.RETRY;
      case Reason.AuthenticatorThrew threw -> Verdict.RETRY;
      case Reason.Unconfirmed unconfirmed -> Verdict.RETRY;
      case Reason.NotResumed lost -> Verdict.RETRY;
      case Reason.Corrupted corrupted -> Verdict.RETRY;
      case Reason.Superseded superseded -> Verdict.RETRY;
      case Reason.Unreadable unreadable -> Verdict.RETRY;
      case Reason.BudgetSpent spent -> Verdict.RETRY;
      case Reason.TopicRefused refused -> Verdict.RETRY;
      case Reason.RestartsExceeded exceeded -> Verdict.RETRY;
      case Reason.Fault fault -> Verdict.RETRY;
    };
  }

  private static Verdict ofStatus(int status) {
    return switch (status) {
      case 408, 425, 429 -> Verdict.RETRY;
      default -> status >= 100 && status < 500 ? Verdict.END : Verdict.RETRY;
    };
  }

  private static Verdict ofReply(Reason.SocksReply reply) {
    return switch (reply) {
      case FAILED,
          NETWORK_UNREACHABLE,
          HOST_UNREACHABLE,
          CONNECTION_REFUSED,
          EXPIRED,
          REJECTED,
          UNASSIGNED ->
          Verdict.RETRY;
      case NO_METHOD,
          LOGIN_REFUSED,
          NOT_ALLOWED,
          COMMAND_NOT_SUPPORTED,
          ADDRESS_NOT_SUPPORTED,
          NO_IDENTD,
          OTHER_USER ->
          Verdict.END;
    };
  }

  private static Verdict ofCode(int code) {
    return switch (code) {
      case 1002, 1003, 1007, 1009 -> Verdict.END_IF_REPEATED;
      case 1008, 1010, 3000, 3003 -> Verdict.END;
      default -> Verdict.RETRY;
    };
  }
}
