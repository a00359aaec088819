package dev.lariat.internal.http1;

import static dev.lariat.internal.protocol.Engine.NEVER;

import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.PendingUpgrade;
import dev.lariat.message.Reason;
import dev.lariat.option.Timeouts;
import java.time.Duration;

/**
 * The time of an {@link Http1Engine}: how long it waits, and what it does when the time is over.
 *
 * <ul>
 *   <li>A response has until its request's deadline. Then its request is given up.
 *   <li>The last response of the connection must go on within {@code timeouts.closing} at a time.
 *       What answers no request has a second for its head. Then the connection ends.
 *   <li>The answer to an upgrade has {@code timeouts.upgrade} once it is the next in line. Then the
 *       connection ends.
 *   <li>The rest of a response that nobody wants has a second, or {@code timeouts.closing} if other
 *       requests were sent after its own. Then the connection ends.
 *   <li>A body's sender has {@code timeouts.closing} once the response has ended, and until the
 *       request's deadline. Then the connection ends. The server's consent to the body has as long
 *       as the request says. Then the body is sent without it.
 *   <li>A connection on which nothing is sent gets an empty line, if {@code http1.keepalive} says
 *       so.
 * </ul>
 *
 * <p>While the lane is not read, what is waited for may have arrived already. So such a step gets
 * its whole time again when reading resumes.
 */
final class Patience {

  /** How long the rest of a response that nobody wants may keep those waiting who come next. */
  private static final long NEAR = Duration.ofSeconds(1).toNanos();

  private final Http1Engine engine;
  private final Requests requests;
  private final Pipeline pipeline;
  private final long upgradeTimeout;
  private final long closingTimeout;

  /** The earliest deadline of a request, or a time before it. */
  private long firstDeadline = NEVER;

  /** When a part of the connection's last response must have come; NEVER before the last. */
  private long stalled = NEVER;

  /** How long it may stall. */
  private long lastTime;

  /**
   * That of this engine.
   *
   * @param requests its sending side
   * @param pipeline the exchanges that are not answered to their end
   */
  Patience(Http1Engine engine, Requests requests, Pipeline pipeline, Timeouts timeouts) {
    this.engine = engine;
    this.requests = requests;
    this.pipeline = pipeline;
    this.upgradeTimeout = timeouts.upgrade().toNanos();
    this.closingTimeout = timeouts.closing().toNanos();
    this.lastTime = closingTimeout;
  }

  // ---- what is waited for

  /** Notes the deadline of this exchange. */
  void hasDeadline(Exchange exchange) {
    firstDeadline = Math.min(firstDeadline, exchange.deadline);
  }

  /** Starts the deadlines of the first exchange that count from when it is first in line. */
  void awaitAnswer(long now) {
    Exchange current = pipeline.current();
    if (current == null) {
      return;
    }
    if (current.upgrade != null) {
      current.upgrade.awaitUntil(now + upgradeTimeout);
    }
    if (current.cancelled && current.discardBy == NEVER) {
      current.discardBy = now + discardTime();
    }
    BodyWriter body = requests.sending();
    if (body != null && body.stream == current.stream) {
      body.expectConsent(now);
    }
  }

  /** How long this upgrade has gone on, whose answer is the next. */
  Reason ofUpgrade(PendingUpgrade upgrade, long now) {
    Duration passed = Duration.ofNanos(now - (upgrade.deadline() - upgradeTimeout));
    return new Reason.Ongoing(Reason.Step.UPGRADE, passed);
  }

  /** The body's response has ended, or is the next: its sender has {@code timeouts.closing}. */
  void hurry(BodyWriter body, long now) {
    body.hurry(now, closingTimeout);
  }

  /** The response that comes is the connection's last. */
  void awaitsLast(long now) {
    stalled = now + lastTime;
  }

  /** What comes answers no request: those who ask next wait for its head, and for nothing else. */
  void awaitsUnasked(long now) {
    lastTime = Math.min(closingTimeout, NEAR);
    awaitsLast(now);
  }

  /** A part of a response has come, so that the last one has not stalled. */
  void goesOn(long now) {
    if (stalled != NEVER) {
      awaitsLast(now);
    }
  }

  /**
   * How long the rest of a cancelled response may take. A short rest comes within a round trip or
   * two. If other requests were written after it, it has more time, for their sake.
   */
  private long discardTime() {
    return pipeline.size() > 1 ? closingTimeout : Math.min(closingTimeout, NEAR);
  }

  // ---- what is late

  /** When to call {@link #elapsed}. */
  long deadline() {
    long deadline = Math.min(requests.emptyLineAt(), Math.min(firstDeadline, stalled));
    BodyWriter body = requests.sending();
    deadline = Math.min(deadline, body == null ? NEVER : body.deadline());
    Exchange current = pipeline.current();
    if (current != null) {
      deadline = Math.min(deadline, current.discardBy);
      deadline = Math.min(deadline, current.upgrade == null ? NEVER : current.upgrade.deadline());
    }
    return deadline;
  }

  /** The time has come. */
  void elapsed(Out out) {
    if (out.now() >= firstDeadline) {
      giveUpLate(out);
    }
    if (out.now() >= stalled) {
      stalled = until(lastTime, out);
      if (out.now() >= stalled) {
        engine.over(timedOut(Reason.Step.CLOSE, lastTime), out);
      }
    }
    BodyWriter body = requests.sending();
    if (body != null && out.now() >= body.deadline()) {
      bodyElapsed(body, out);
    }
    if (out.now() >= requests.emptyLineAt()) {
      requests.emptyLine(out);
    }
    Exchange current = pipeline.current();
    if (current == null || engine.isOver()) {
      return;
    }
    PendingUpgrade upgrade = current.upgrade;
    if (upgrade != null && out.now() >= upgrade.deadline()) {
      // what has come was read, but for informational responses that there was no room for
      engine.over(new Reason.Timeout(Reason.Step.UPGRADE, Duration.ofNanos(upgradeTimeout)), out);
    } else if (out.now() >= current.discardBy) {
      current.discardBy = until(discardTime(), out);
      if (out.now() >= current.discardBy) {
        engine.leave(timedOut(Reason.Step.DISCARD, discardTime()), out);
      }
    }
  }

  /** Gives up what has not ended by its deadline, and looks for the next one. */
  private void giveUpLate(Out out) {
    for (Exchange exchange : pipeline.all()) {
      Reason reason = exchange.late;
      if (out.now() >= exchange.deadline && reason != null) {
        engine.cancel(exchange.stream, reason, out);
      }
    }
    firstDeadline = NEVER;
    for (Exchange exchange : pipeline) {
      firstDeadline = Math.min(firstDeadline, exchange.cancelled ? NEVER : exchange.deadline);
    }
  }

  private void bodyElapsed(BodyWriter body, Out out) {
    Reason late = body.late(out.now());
    if (late != null) {
      engine.failBody(body.stream, late, out);
    } else if (body.awaitsConsent()) {
      body.consent(); // a server need not say that it consents
      requests.sendBody(out);
    } else if (body.isStarved()) {
      engine.over(new Reason.Timeout(Reason.Step.BODY, Duration.ofNanos(closingTimeout)), out);
    } else {
      hurry(body, out.now()); // the server's turn, which has a deadline of its own
    }
  }

  /** When a step ends that has this much time, counted from when reading last resumed. */
  private static long until(long time, Out out) {
    return Math.min(out.now(), out.unreadUntil()) + time;
  }

  private Reason timedOut(Reason.Step step, long time) {
    boolean unasked = engine.ending() == Responses.UNASKED;
    return unasked ? Responses.UNASKED : new Reason.Timeout(step, Duration.ofNanos(time));
  }
}
