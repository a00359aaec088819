package dev.lariat.cli;

import dev.lariat.event.Event;
import dev.lariat.event.Listener;
import dev.lariat.message.Reason;
import dev.lariat.message.Side;
import dev.lariat.option.Classifier;

/**
 * What {@code ws} tries again after: what time may mend. A name that does not resolve and a
 * certificate that is refused are mistakes before the first session, and outages after it; so is a
 * command that gives no token.
 */
final class Patience implements Classifier, Listener {
  private final boolean withEverything;
  private volatile boolean opened;

  Patience(boolean withEverything) {
    this.withEverything = withEverything;
  }

  // Not an opening step: what a server says and does while that runs is not shown.
  @Override
  public void event(Event event) {
    if (event instanceof Event.ProtocolChanged) {
      opened = true; // there is a first session
    }
  }

  @Override
  public Verdict of(Reason reason) {
    if (reason instanceof Reason.OwnerClosed) {
      return Verdict.END;
    }
    if (withEverything) {
      return Verdict.RETRY;
    }
    if (reason instanceof Reason.Hop hop) {
      return of(hop.why());
    }
    if (reason instanceof Reason.Unresolved
        || reason instanceof Reason.Tls tls && tls.last().isEmpty()
        || reason instanceof Reason.EndpointThrew) {
      return opened ? Verdict.RETRY : Verdict.END;
    }
    if (reason instanceof Reason.Limit) {
      return Verdict.END; // the same message would come again
    }
    if (reason instanceof Reason.CloseHandshake handshake && handshake.initiator() == Side.SERVER) {
      return comesBack(handshake.received().code()) ? Verdict.RETRY : Verdict.END;
    }
    return Classifier.DEFAULT.of(reason);
  }

  /** Whether a server with this close code expects its clients back (RFC 6455 section 7.4). */
  private static boolean comesBack(int code) {
    return code == 1001 || code >= 1011 && code <= 1014;
  }
}
