package dev.lariat.internal.http2;

import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Fallback;
import dev.lariat.internal.protocol.Out;
import dev.lariat.message.Reason;

/**
 * How far the end of a connection of HTTP/2 has come, why it ends, and whether that is a failure:
 *
 * <ul>
 *   <li><b>open</b>: what is asked for begins if the server allows one more stream;
 *   <li><b>draining</b>: either side said GOAWAY, or the connection has ended and streams still
 *       keep what came before. The streams that are left go on to their ends, and nothing more
 *       begins;
 *   <li><b>over</b>: the end was asked for, and nothing that arrives matters.
 * </ul>
 */
final class Ending {
  private sealed interface Phase {}

  private record Open() implements Phase {}

  private record Draining(Reason why) implements Phase {}

  private record Over() implements Phase {}

  private static final Phase OPEN = new Open();
  private static final Phase OVER = new Over();

  /** Whether the next connection may speak HTTP/1.1. */
  private final boolean mayFallBack;

  private Phase phase = OPEN;

  /** Whether the connection ends for a fault, be it the server's or the network's. */
  private boolean harmed;

  /** Whether it ends since the server demands HTTP/1.1, and the next one speaks that. */
  private boolean fallsBack;

  @SuppressWarnings("NullAway.Init") // nothing ends before begin
  private Out out;

  Ending(boolean mayFallBack) {
    this.mayFallBack = mayFallBack;
  }

  void begin(Out out) {
    this.out = out;
  }

  boolean isOpen() {
    return phase == OPEN;
  }

  boolean isOver() {
    return phase == OVER;
  }

  /** Nothing more begins. A failure is a better reason than a goodbye that came before it. */
  void drain(Reason why) {
    if (isOpen() || phase instanceof Draining && !(why instanceof Reason.Closed)) {
      phase = new Draining(why);
    }
  }

  /** Whether the server demands HTTP/1.1 by this error code, and can have it. */
  boolean fallsBack(long code) {
    boolean its = mayFallBack && Fallback.isRequired(code);
    fallsBack |= its;
    return its;
  }

  /** It ends for a fault. */
  void harmed() {
    harmed = true;
  }

  /** Asks for the end. */
  void over(Reason reason) {
    if (!isOver()) {
      phase = OVER;
      out.become(new Change.Close(reason));
    }
  }

  /** No stream is left: asks for the end that it drains for; false if it does not drain. */
  boolean drained() {
    if (phase instanceof Draining(var why)) {
      over(why);
      return true;
    }
    return false;
  }

  /** The end has come for this reason, asked for or not; streams may be left to drain. */
  void ended(Reason reason, boolean streamsLeft) {
    phase = streamsLeft ? new Draining(reason) : OVER;
  }

  /**
   * Whether the end is no failure.
   *
   * @param answered whether the server has answered a request
   */
  boolean inGoodOrder(boolean answered) {
    return fallsBack || answered && !harmed;
  }
}
