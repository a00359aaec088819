package dev.lariat.internal.live;

import dev.lariat.internal.retry.Attempts;
import dev.lariat.message.Connecting;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Step;
import dev.lariat.message.Waiting;
import dev.lariat.option.Budget;
import dev.lariat.option.Healing;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Silence;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The life of a live connection: one session after another, and the attempts to open them. It has
 * no socket, no thread and no clock: it decides, and its {@link Stage} does it.
 *
 * <p>At any time there is at most one session that carries traffic, the <em>carrier</em>, and at
 * most one attempt to open the next:
 *
 * <pre>
 *   NONE ─► WAITING ─► SEARCHING ─► CONNECTING ─► OPENING ──────────────► carrier
 *     ▲        ▲     for an endpoint    │        the user's step   │        ▲
 *     │        └───────── failed ◄──────┴──────────────┘           ▼        │
 *     └──────────────────────────────────────────────────────── READY ──────┘
 *                                                              until the old carrier has ended
 * </pre>
 *
 * <p>Mostly there is either a carrier or an attempt. In a rotation there are both. The attempt
 * runs, and when it is READY, messages go out by its session. The carrier <em>rests</em>: it
 * receives until it is quiet. Then it is <em>drained</em>: this side says goodbye, and its end lets
 * the next session carry. An attempt of a rotation that fails is made again, and ends nothing.
 *
 * @param <S> a session
 */
public final class Life<S> {
  private static final Logger LOG = System.getLogger("dev.lariat");

  /** No deadline. */
  public static final long NEVER = Long.MAX_VALUE;

  /** A session that has lasted so long, and has a good end, was no failure even without traffic. */
  private static final long LASTED = Duration.ofSeconds(10).toNanos();

  /**
   * Does what a life decides. All calls return at once, and none leads back into the life. Answers
   * come later, by calls of the life's methods.
   *
   * @param <S> a session
   */
  public interface Stage<S> {

    /**
     * Searches for an endpoint; answered by {@link #found} or {@link #notFound}.
     *
     * @param search its number
     * @param attempt how many attempts in a row have failed
     * @param last why the session or the attempt before ended
     */
    void search(long search, int attempt, Optional<Reason> last);

    /** Gives the newest search up. */
    void giveUpSearch();

    /**
     * Runs the user's step; answered by {@link #opened}, or {@link #lost}.
     *
     * @return whether there is one
     */
    boolean open(S session);

    /**
     * Lets the session carry traffic, beginning with what it has received already, and tells so.
     */
    void carry(S session, long number);

    /**
     * Sends by this session from now on; it carries traffic, or will when the carrier has ended.
     */
    void sendBy(S session);

    /** Whether the session was given something of the owner's to send. */
    boolean hasSent(S session);

    /** Whether nothing of what the session was given to send is on its way any more. */
    boolean hasLanded(S session);

    /** Says goodbye to a session by which nothing more goes out; {@link #lost} tells its end. */
    void drain(S session);

    /** Sends what waits, then says goodbye; {@link #lost} tells its end. */
    void leave(S session);

    /** Ends the session at once. Nothing more is told of it. */
    void end(S session);

    /** Tells the owner. */
    void tell(Message message);

    /** Tells the owner that the live connection has ended. */
    void over(Reason reason);
  }

  private enum Phase {
    NONE,
    WAITING,
    SEARCHING,
    CONNECTING,
    OPENING,
    READY
  }

  private final LiveRef ref;
  private final LiveOptions options;
  private final Healing healing;
  private final RandomGenerator random;
  private final Stage<S> stage;

  // The attempt.
  private final Attempts backoff; // counts attempts without a carrier
  private @Nullable Attempts renewal; // counts attempts of a rotation; null without a rotation
  private Phase phase = Phase.NONE; // how far the attempt has come
  private long phaseEnd = NEVER; // when the phase ends by itself
  private @Nullable S candidate; // the session of the attempt; from CONNECTING on
  private long search; // the number of the newest search for an endpoint
  private boolean paid; // whether the budget has granted the next attempt, after a wait
  private Optional<Reason> last = Optional.empty(); // why the session or attempt before ended
  private final Delays delays; // how long to wait before the next one
  private final Verdicts verdicts; // whether an end is the end of all

  // The session.
  private @Nullable Carrier<S> carrier; // null without a session that carries traffic
  private long sessions; // how many sessions have carried traffic
  private long silenceLimit = NEVER; // how long the server may be silent, in nanoseconds
  private @Nullable Reason lostReady; // why the READY session has ended, if it has
  private boolean leaving; // whether the owner wants it to end when everything is sent
  private long leaveEnd = NEVER; // when leaving must have ended
  private boolean gone; // whether the live connection has ended

  /** A life that has not begun. */
  public Life(LiveRef ref, LiveOptions options, RandomGenerator random, Stage<S> stage) {
    this.ref = ref;
    this.options = options;
    this.healing = options.healing();
    this.random = random;
    this.stage = stage;
    this.backoff = new Attempts(healing.retry(), random);
    this.delays = new Delays(healing, random);
    this.verdicts = new Verdicts(healing);
    silence(options.silence(), 0);
  }

  // ---- what the owner asks

  /** Starts the first attempt. */
  public void start(long now) {
    attempt(now);
  }

  /**
   * Opens the next session before this one has ended, unless that is on its way or none is open.
   */
  public void rotate(long now) {
    Carrier<S> open = carrier;
    if (open != null && phase == Phase.NONE && !open.drains() && !gone) {
      renewal = new Attempts(healing.retry(), random);
      open.cancelRotateAt();
      last = Optional.empty();
      attempt(now);
    }
  }

  /** Makes the attempt at once that waits for its time. A wait for the budget stays. */
  public void retryNow(long now) {
    if (phase == Phase.WAITING && !paid) {
      attempt(now);
    }
  }

  /** No attempt after a loss is made sooner than after this. */
  public void patience(Duration least) {
    delays.patience(least);
  }

  /** Changes the rule on silence. */
  public void silence(Optional<Silence> silence, long now) {
    silenceLimit = silence.map(rule -> rule.limit().toNanos()).orElse(NEVER);
    heard(now);
  }

  /** Says goodbye, then ends. */
  public void leave(long now) {
    if (gone || leaving) {
      return;
    }
    leaveEnd = now + options.connection().timeouts().closing().toNanos();
    Carrier<S> open = carrier;
    S next = candidate;
    if (phase == Phase.READY && open != null && next != null) {
      leaving = true;
      if (!open.drains()) {
        drain(open, now);
      }
      open.drainBy(leaveEnd);
      stage.leave(next);
      return;
    }
    giveUpAttempt();
    if (open == null) {
      over(new Reason.OwnerClosed());
      return;
    }
    leaving = true;
    open.drainBy(leaveEnd);
    stage.leave(open.session);
  }

  /** Ends at once. */
  public void close() {
    end(new Reason.OwnerClosed());
  }

  /** Ends at once, after an exception. */
  public void fault(Throwable cause) {
    end(new Reason.Fault(cause));
  }

  private void end(Reason reason) {
    Carrier<S> ended = carrier;
    if (ended != null) {
      carrier = null;
      stage.end(ended.session);
    }
    over(reason);
  }

  // ---- the attempt

  private void attempt(long now) {
    if (!paid) {
      long wait = healing.budget().map(budget -> wait(budget, now)).orElse(0L);
      if (wait > 0) {
        paid = true;
        pause(Duration.ofNanos(wait), new Reason.BudgetSpent(), now);
        return;
      }
    }
    paid = false;
    enter(Phase.SEARCHING, now + options.endpoint().toNanos());
    search++;
    stage.tell(new Connecting(ref, counted().attempt(), carrier != null));
    stage.search(search, counted().attempt(), last);
  }

  private static long wait(Budget budget, long now) {
    try {
      return budget.take(now);
    } catch (Throwable e) { // whatever a user's code throws
      LOG.log(Level.ERROR, "The budget threw. The attempt is made.", e);
      return 0;
    }
  }

  private Attempts counted() {
    return carrier != null && renewal != null ? renewal : backoff;
  }

  /** The session that is being opened, if there is one. */
  public @Nullable S candidate() {
    return candidate;
  }

  /** How long the attempt has waited for the user's code, if it does. */
  public Optional<Reason> soFar(long now) {
    return switch (phase) {
      case SEARCHING -> Optional.of(ongoing(Step.ENDPOINT, options.endpoint(), now));
      case OPENING -> Optional.of(ongoing(Step.OPENING, options.opening(), now));
      case NONE, WAITING, CONNECTING, READY -> Optional.empty();
    };
  }

  private Reason ongoing(Step step, Duration limit, long now) {
    Duration passed = limit.minusNanos(phaseEnd - now);
    return new Reason.Ongoing(step, passed.truncatedTo(ChronoUnit.MILLIS));
  }

  private void enter(Phase next, long end) {
    phase = next;
    phaseEnd = end;
  }

  /**
   * There is an endpoint, and a session that connects to it; {@link #connected} tells that it has,
   * or {@link #lost} that it has not.
   *
   * @return whether it is still wanted; otherwise the session is forgotten
   */
  public boolean found(long search, S session) {
    if (phase != Phase.SEARCHING || search != this.search) {
      return false;
    }
    candidate = session;
    enter(Phase.CONNECTING, NEVER); // the connection's own timeouts end it
    return true;
  }

  /**
   * The attempt goes on by another session: the server has sent it elsewhere, or wants to be asked
   * once more.
   *
   * @return whether it is still wanted; otherwise the other session is forgotten
   */
  public boolean goesOn(S session, S next) {
    if (session != candidate || phase != Phase.CONNECTING) {
      return false;
    }
    candidate = next;
    return true;
  }

  /** There is no endpoint. */
  public void notFound(long search, Reason reason, long now) {
    if (phase == Phase.SEARCHING && search == this.search) {
      failed(reason, now);
    }
  }

  /** The session is connected. */
  public void connected(S session, long now) {
    if (session == candidate && phase == Phase.CONNECTING) {
      enter(Phase.OPENING, now + options.opening().toNanos());
      if (!stage.open(session)) {
        opened(session, now);
      }
    }
  }

  /** The user's step is done. */
  public void opened(S session, long now) {
    if (session != candidate || phase != Phase.OPENING) {
      return;
    }
    if (carrier == null) {
      carry(session, now);
    } else {
      enter(Phase.READY, NEVER);
      stage.sendBy(session);
      rest(carrier, now);
    }
  }

  private void rest(Carrier<S> open, long now) {
    if (options.rotation().quiet().isZero()) {
      drain(open, now);
    } else {
      open.rest(now);
    }
  }

  private void drain(Carrier<S> open, long now) {
    open.drain(now);
    stage.drain(open.session);
  }

  private void carry(S session, long now) {
    enter(Phase.NONE, NEVER);
    candidate = null;
    renewal = null;
    carrier = new Carrier<>(session, options.rotation(), random, now);
    sessions++;
    stage.carry(session, sessions);
  }

  private void giveUpAttempt() {
    S given = candidate;
    candidate = null;
    if (phase == Phase.SEARCHING) {
      stage.giveUpSearch();
    }
    enter(Phase.NONE, NEVER);
    paid = false;
    if (given != null) {
      stage.end(given);
    }
  }

  // ---- failure

  /** A session has ended by itself, or could not be opened. */
  public void lost(S session, Reason reason, long now) {
    Carrier<S> open = carrier;
    if (open != null && session == open.session) {
      carrierLost(open, reason, now);
    } else if (session == candidate && phase == Phase.READY) {
      nextLost(session, reason, now);
    } else if (session == candidate) {
      candidate = null;
      failed(reason, now);
    }
  }

  /** The next session has ended before it carried traffic. */
  private void nextLost(S next, Reason reason, long now) {
    Carrier<S> open = carrier;
    if (open == null || lostReady != null) {
      return; // a READY one has a carrier before it
    }
    if (!open.drains() && !stage.hasSent(next)) { // so the carrier can go on as if it had not been
      open.endRest();
      candidate = null;
      stage.sendBy(open.session);
      failed(reason, now);
      return;
    }
    lostReady = reason; // told when the session carries, after what it has received
    if (!open.drains()) {
      drain(open, now);
    }
  }

  private void failed(Reason reason, long now) {
    boolean accepted = phase == Phase.OPENING || phase == Phase.READY;
    enter(Phase.NONE, NEVER);
    last = Optional.of(reason);
    Reason ends =
        accepted
            ? verdicts.afterSession(reason, 0, backoff.attempt())
            : verdicts.afterAttempt(reason);
    if (carrier != null) { // no failure to replace an open session ends anything
      Duration longest = healing.retry().cap();
      Optional<Duration> delay = ends == null ? counted().next(reason) : Optional.empty();
      pause(delays.atLeast(delay.orElse(longest), reason), reason, now);
    } else if (ends != null) {
      over(ends);
    } else {
      retry(reason, delay -> delays.atLeast(delay, reason), now);
    }
  }

  private void carrierLost(Carrier<S> lost, Reason why, long now) {
    S next = candidate;
    long age = lost.age(now);
    carrier = null;
    if (phase == Phase.READY && next != null) {
      replace(next, now);
      return;
    }
    if (leaving) {
      over(new Reason.OwnerClosed());
      return;
    }
    boolean healthy = Verdicts.isGoodEnd(why) && (lost.served() || age >= LASTED);
    if (healthy) {
      backoff.restart();
    } else {
      backoff.lostAfter(age);
    }
    Reason end = verdicts.afterSession(why, age, backoff.attempt());
    last = Optional.of(why);
    if (end != null) {
      over(end);
      return;
    }
    switch (phase) {
      case NONE, WAITING, READY -> {
        paid = false;
        retry(
            why,
            delay ->
                healthy
                    ? delays.afterGoodEnd(delay)
                    : delays.afterLoss(delay, backoff.attempt(), why),
            now);
      }
      case SEARCHING, CONNECTING, OPENING -> {
        // the attempt that was to replace it is the next one now
        stage.tell(new Waiting(ref, backoff.attempt(), Duration.ZERO, why, false));
        stage.tell(new Connecting(ref, backoff.attempt(), false));
      }
    }
  }

  /** The READY session becomes the carrier. It may have ended already. */
  private void replace(S next, long now) {
    Reason ended = lostReady;
    lostReady = null;
    verdicts.replaced();
    carry(next, now);
    if (leaving && carrier != null) {
      carrier.drainBy(leaveEnd);
    }
    if (ended != null) {
      lost(next, ended, now);
    }
  }

  private void retry(Reason reason, UnaryOperator<Duration> wait, long now) {
    Optional<Duration> next = backoff.next(reason);
    if (next.isPresent()) {
      pause(wait.apply(next.get()), reason, now);
    } else {
      over(new Reason.GaveUp(backoff.attempt(), reason));
    }
  }

  private void pause(Duration delay, Reason reason, long now) {
    enter(Phase.WAITING, now + delay.toNanos());
    stage.tell(new Waiting(ref, counted().attempt(), delay, reason, carrier != null));
  }

  private void over(Reason reason) {
    if (!gone) {
      gone = true;
      giveUpAttempt();
      stage.over(reason);
    }
  }

  // ---- what the carrier does

  /** The owner gets an event or a message from the carrier. */
  public void served() {
    if (carrier != null) {
      carrier.noteServed();
    }
  }

  /** A message that counts has arrived on the carrier. */
  public void heard(long now) {
    if (carrier != null) {
      carrier.heard(now);
    }
  }

  /** Whether the owner has no room for more, so that nothing is read from the carrier. */
  public void unread(boolean is, long now) {
    if (carrier != null) {
      carrier.unread(is, now);
    }
  }

  /** Whether the carrier waits until it is quiet; {@link #stirred} matters only then. */
  public boolean rests() {
    return carrier != null && carrier.rests();
  }

  /** A message has come on the carrier, or what it was given is written. */
  public void stirred(long now) {
    if (carrier != null) {
      carrier.stirred(now);
    }
  }

  private void drainIfQuiet(Carrier<S> open, long now) {
    if (open.hasRested(now) || stage.hasLanded(open.session)) {
      drain(open, now);
    } else {
      open.stirred(now); // no answer can come to what is not written yet
    }
  }

  // ---- time

  /** When to call {@link #elapsed}. */
  public long deadline() {
    long ofCarrier = carrier == null ? NEVER : carrier.deadline(silenceLimit);
    return gone ? NEVER : Math.min(phaseEnd, ofCarrier);
  }

  /** Time has passed. */
  public void elapsed(long now) {
    Carrier<S> open = carrier;
    if (open != null) {
      carrierElapsed(open, now);
    }
    if (now >= phaseEnd) {
      phaseElapsed(now);
    }
    if (carrier != null && now >= carrier.rotateAt()) {
      rotate(now);
    }
  }

  private void carrierElapsed(Carrier<S> open, long now) {
    if (now >= open.drainEnd()) {
      stage.end(open.session);
      carrierLost(open, new Reason.Timeout(Step.CLOSE, options.rotation().drain()), now);
    } else if (now >= open.quietEnd()) {
      drainIfQuiet(open, now);
    } else if (now >= open.silenceEnd(silenceLimit)) {
      stage.end(open.session);
      carrierLost(open, new Reason.Timeout(Step.SILENCE, Duration.ofNanos(silenceLimit)), now);
    }
  }

  private void phaseElapsed(long now) {
    switch (phase) {
      case WAITING -> attempt(now);
      case SEARCHING -> {
        stage.giveUpSearch();
        failed(new Reason.Timeout(Step.ENDPOINT, options.endpoint()), now);
      }
      case OPENING -> {
        S late = candidate;
        candidate = null;
        if (late != null) {
          stage.end(late);
        }
        failed(new Reason.Timeout(Step.OPENING, options.opening()), now);
      }
      case NONE, CONNECTING, READY -> {} // none of them has an end of its own
    }
  }
}
