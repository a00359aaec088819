package dev.lariat;

import dev.lariat.message.Reason;
import org.jspecify.annotations.Nullable;

/**
 * A call failed. {@link #reason} says why. If a call fails with this exception because the thread
 * was interrupted, the interrupt status of the thread stays set. A call that throws {@code
 * InterruptedException} clears it.
 */
public final class FailedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient Reason reason;

  /**
   * A failure with this reason. Lariat makes these exceptions; make one yourself only if a fake
   * replaces Lariat in a test. Its cause is the exception in the reason, or the failure that led to
   * this one, if the reason has one.
   *
   * @param reason the reason
   */
  public FailedException(Reason reason) {
    this(reason, cause(reason));
  }

  /**
   * A failure with this reason, caused by another failure.
   *
   * @param reason the reason
   * @param last the reason of the other failure, which is the cause
   */
  public FailedException(Reason reason, Reason last) {
    this(reason, new FailedException(last));
  }

  private FailedException(Reason reason, @Nullable Throwable cause) {
    super(reason.sentence(), cause);
    this.reason = reason;
  }

  private static @Nullable Throwable cause(Reason reason) {
    return switch (reason) {
      case Reason.Timeout timeout -> timeout.last().map(FailedException::new).orElse(null);
      case Reason.Unprocessed(var why, var last) -> last.map(FailedException::new).orElse(null);
      case Reason.Tls tls -> tls.last().map(FailedException::new).orElse(null);
      case Reason.Unanswered(var last) -> new FailedException(last);
      case Reason.GaveUp(var attempts, var last) -> new FailedException(last);
      case Reason.Hop hop -> new FailedException(hop.why());
      case Reason.Incomplete(var last) -> new FailedException(last);
      case Reason.Tunnel(var through, var last) -> new FailedException(last);
      case Reason.Unconfirmed(var last) -> new FailedException(last);
      case Reason.HandlerThrew(var thrown) -> thrown;
      case Reason.AuthenticatorThrew(var thrown) -> thrown;
      case Reason.EndpointThrew(var thrown) -> thrown;
      case Reason.OpeningThrew(var thrown) -> thrown;
      case Reason.RestartsExceeded exceeded -> exceeded.cause().orElse(null);
      case Reason.Fault(var thrown) -> thrown;
      case Reason.Ongoing ongoing -> null;
      case Reason.Closed closed -> null;
      case Reason.Ended ended -> null;
      case Reason.StreamEnded ended -> null;
      case Reason.Reset reset -> null;
      case Reason.StreamReset reset -> null;
      case Reason.GoAway away -> null;
      case Reason.NotOffered missing -> null;
      case Reason.Refused refused -> null;
      case Reason.Unreachable unreachable -> null;
      case Reason.Unresolved unresolved -> null;
      case Reason.Protocol protocol -> null;
      case Reason.Limit limit -> null;
      case Reason.BadState state -> null;
      case Reason.Cancelled cancelled -> null;
      case Reason.BodyUnfinished unfinished -> null;
      case Reason.KeepAlive over -> null;
      case Reason.RedirectRefused refused -> null;
      case Reason.Socks socks -> null;
      case Reason.Status status -> null;
      case Reason.CloseHandshake handshake -> null;
      case Reason.OwnerClosed closed -> null;
      case Reason.BudgetSpent spent -> null;
      case Reason.TopicRefused refused -> null;
      case Reason.NotResumed lost -> null;
      case Reason.Corrupted corrupted -> null;
      case Reason.Superseded superseded -> null;
      case Reason.Unreadable unreadable -> unreadable.cause();
    };
  }

  /** {@return why it failed} */
  public Reason reason() {
    return reason;
  }
}
