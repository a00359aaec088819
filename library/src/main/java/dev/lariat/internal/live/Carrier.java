package dev.lariat.internal.live;

import dev.lariat.option.Rotation;
import java.util.random.RandomGenerator;

/**
 * The session that carries traffic, with what is known of it. {@link Life} decides what follows.
 *
 * <p>Its states:
 *
 * <ul>
 *   <li><b>serving</b>: nothing is there that replaces it. A silence that is too long ends it;
 *   <li><b>resting</b> ({@code restEnd} is set): messages go out by the next session, and this one
 *       receives until it is quiet, or for the rotation's settle time;
 *   <li><b>draining</b> ({@code drainEnd} is set): this side has said goodbye.
 * </ul>
 *
 * @param <S> a session
 */
final class Carrier<S> {
  private static final long NEVER = Life.NEVER;
  private static final double YOUNGEST = 0.9; // of the maximum age, when a session is replaced

  final S session;
  private final Rotation rotation;
  private final long openedAt; // when it began to carry traffic
  private long rotateAt; // when it is to be replaced; NEVER once that was tried
  private boolean served; // whether the owner got a message from it
  private long heardAt; // when a message last arrived that counts
  private long restEnd = NEVER; // when the rest ends at the latest; NEVER without rest
  private long stirredAt; // while it rests: when it last received, or had something written
  private long drainEnd = NEVER; // when the goodbye must have ended; NEVER before one
  private boolean unread; // whether the owner's inbox is full, so that nothing is read
  private long unreadSince; // when the owner's inbox became full, or the rest began

  /** A session that begins to carry traffic. It is to be replaced at 90 to 100 % of its age. */
  Carrier(S session, Rotation rotation, RandomGenerator random, long now) {
    this.session = session;
    this.rotation = rotation;
    this.openedAt = now;
    this.heardAt = now;
    double age = YOUNGEST + (1 - YOUNGEST) * random.nextDouble();
    this.rotateAt = now + (long) (age * rotation.maxAge().toNanos());
  }

  /** For how long it has carried traffic. */
  long age(long now) {
    return now - openedAt;
  }

  /** Whether the owner got a message from it. */
  boolean served() {
    return served;
  }

  /** Notes that the owner gets a message from it. */
  void noteServed() {
    served = true;
  }

  // ---- rotation

  /** When it is to be replaced. */
  long rotateAt() {
    return rotateAt;
  }

  /** Its age does not replace it any more, since a rotation has begun. */
  void cancelRotateAt() {
    rotateAt = NEVER;
  }

  /** Lets it rest: it receives until it is quiet, and nothing more is sent by it. */
  void rest(long now) {
    restEnd = now + rotation.settle().toNanos();
    stirredAt = now;
    unreadSince = now;
  }

  boolean rests() {
    return restEnd != NEVER;
  }

  /** Whether the rest has lasted as long as it may. */
  boolean hasRested(long now) {
    return now >= restEnd;
  }

  /** Ends the rest: the session that was to replace it is lost. */
  void endRest() {
    restEnd = NEVER;
  }

  /** While it rests: a message has come, or what it was given is written. */
  void stirred(long now) {
    stirredAt = now;
  }

  /** When it has been quiet for long enough; {@code NEVER} while it does not rest. */
  long quietEnd() {
    return rests() && !unread ? Math.min(restEnd, stirredAt + rotation.quiet().toNanos()) : NEVER;
  }

  /** Its goodbye begins, and must end in time. */
  void drain(long now) {
    restEnd = NEVER;
    drainEnd = now + rotation.drain().toNanos();
  }

  boolean drains() {
    return drainEnd != NEVER;
  }

  /** Its goodbye must have ended at this time, if not before. */
  void drainBy(long end) {
    drainEnd = Math.min(drainEnd, end);
  }

  /** When its goodbye must have ended; {@code NEVER} without one. */
  long drainEnd() {
    return drainEnd;
  }

  // ---- silence

  /** A message that counts has arrived. */
  void heard(long now) {
    heardAt = now;
  }

  /**
   * Whether what the server sends is left unread, since the owner's inbox is full. Silence is not
   * the server's then, and the time of a rest does not pass.
   */
  void unread(boolean is, long now) {
    if (is && !unread) {
      unreadSince = now;
    } else if (!is && unread && rests()) {
      restEnd += now - unreadSince;
      stirredAt = now;
    }
    unread = is;
    heardAt = now;
  }

  /**
   * When the server has been silent for too long.
   *
   * @param limit in nanoseconds; {@code NEVER} without one
   */
  long silenceEnd(long limit) {
    return limit == NEVER || rests() || drains() || unread ? NEVER : heardAt + limit;
  }

  /** The earliest of its times. */
  long deadline(long silenceLimit) {
    return Math.min(Math.min(quietEnd(), drainEnd), Math.min(rotateAt, silenceEnd(silenceLimit)));
  }
}
