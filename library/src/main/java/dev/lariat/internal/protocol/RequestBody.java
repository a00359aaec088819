package dev.lariat.internal.protocol;

import dev.lariat.message.Reason;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request, while it is sent part by part.
 *
 * <p>It has until the deadline of its request. Its states:
 *
 * <ul>
 *   <li><b>awaiting consent</b>: the head said {@code Expect: 100-continue}. Parts gather here
 *       until the server sends 100, or {@code deadline} comes;
 *   <li><b>sending</b>: parts go out in order;
 *   <li><b>hurried</b>: the response has ended before the body. The sender has until {@code
 *       deadline} to finish it;
 *   <li><b>complete</b>, when the last part is written, or <b>dropped</b>.
 * </ul>
 */
public abstract class RequestBody implements Parts.Form {

  /** The parts that are not wholly written. */
  protected final Parts parts = new Parts();

  private final Command.Request request;

  /** How long to wait for the server's 100 response; null if it is not awaited. */
  private @Nullable Duration patience;

  /** When waiting for the consent ends, or, after the response's end, the time for the body. */
  private long deadline = Engine.NEVER;

  /**
   * A body of which nothing was sent yet.
   *
   * @param request whose body it is
   * @param patience how long to wait for the server's 100 response; null if none is asked for
   */
  protected RequestBody(Command.Request request, @Nullable Duration patience) {
    this.request = request;
    this.patience = patience;
  }

  // ---- the server's consent

  /** Whether the parts wait for the server's consent. */
  public final boolean awaitsConsent() {
    return patience != null;
  }

  /** Starts the time for the consent. */
  public final void expectConsent(long now) {
    if (patience != null) {
      deadline = now + patience.toNanos();
    }
  }

  /** The server consents, or has had its time to. */
  public void consent() {
    patience = null;
    deadline = Engine.NEVER;
  }

  // ---- the end of the time

  /** When a time of it is over. */
  public final long deadline() {
    return Math.min(deadline, request.deadline());
  }

  /** Why it is given up, if the time of its request is over; null otherwise. */
  public final @Nullable Reason late(long now) {
    return now >= request.deadline() ? request.unended() : null;
  }

  /** The response has ended: the sender has this long to finish the body. */
  public final void hurry(long now, long time) {
    deadline = now + time;
  }

  /** Whether nothing waits to be written, so that it is the sender who is slow. */
  public final boolean isStarved() {
    return parts.isEmpty();
  }

  /**
   * Sends nothing more, and answers the parts that wait.
   *
   * @param reason what a message tells: that no more of it can be sent
   * @param why what fates are told: why that is so
   */
  protected final void drop(Stream stream, Reason reason, Reason why, Out out) {
    patience = null;
    deadline = Engine.NEVER;
    parts.removeAll().forEach(part -> Refusals.refuse(part, reason, why, out));
    stream.gate().ended();
  }
}
