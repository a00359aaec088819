package dev.lariat.internal.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Close;
import dev.lariat.message.Connecting;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Step;
import dev.lariat.message.Side;
import dev.lariat.message.Waiting;
import dev.lariat.option.Backoff;
import dev.lariat.option.Classifier;
import dev.lariat.option.Classifier.Verdict;
import dev.lariat.option.Healing;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Rotation;
import dev.lariat.option.Silence;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A life without a socket: its stage is a list of what it was asked for. */
class LifeTest {
  private static final LiveRef REF = () -> "feed";
  private static final Reason CLOSED = new Reason.Closed();
  private static final Reason REFUSED = new Reason.Refused("10.0.0.1:80");
  private static final String OWNER_CLOSED = new Reason.OwnerClosed().sentence();
  private static final Duration FIRST = Duration.ofSeconds(1);

  /** Without jitter and spread: 1 s, 2 s, 4 s, 8 s, 8 s. */
  private static final Healing EVEN =
      Healing.DEFAULT
          .spread(Duration.ZERO)
          .retry(
              Backoff.DEFAULT
                  .jitter(false)
                  .delays(FIRST, Duration.ofSeconds(8))
                  .stable(Duration.ofSeconds(30)));

  private static final LiveOptions OPTIONS = LiveOptions.DEFAULT.healing(EVEN);

  private final Theatre theatre = new Theatre();
  private Life<String> life = born(OPTIONS);
  private long now;

  /** Notes what it is asked for, as words. */
  private static final class Theatre implements Life.Stage<String> {
    private final List<String> done = new ArrayList<>();
    private boolean opens = true; // by a step
    private final Set<String> sent = new HashSet<>(); // sessions that were given something to send
    private boolean landed = true; // all of that is written
    private long search;
    private Optional<Reason> last = Optional.empty();

    @Override
    public void search(long search, int attempt, Optional<Reason> last) {
      this.search = search;
      this.last = last;
      done.add("search");
    }

    @Override
    public void giveUpSearch() {
      done.add("give up search");
    }

    @Override
    public boolean open(String session) {
      done.add("open " + session);
      return opens;
    }

    @Override
    public void carry(String session, long number) {
      done.add("carry " + session + " as " + number);
    }

    @Override
    public void sendBy(String session) {
      done.add("send by " + session);
    }

    @Override
    public boolean hasSent(String session) {
      return sent.contains(session);
    }

    @Override
    public boolean hasLanded(String session) {
      return landed;
    }

    @Override
    public void drain(String session) {
      done.add("drain " + session);
    }

    @Override
    public void leave(String session) {
      done.add("leave " + session);
    }

    @Override
    public void end(String session) {
      done.add("end " + session);
    }

    @Override
    public void tell(Message message) {
      done.add(
          switch (message) {
            case Connecting(var stream, var attempt, var open) ->
                "connecting " + attempt + (open ? " open" : "");
            case Waiting(var stream, var attempt, var delay, var reason, var open) ->
                "waiting " + attempt + " " + delay.toMillis() + (open ? " open" : "");
            default -> message.toString();
          });
    }

    @Override
    public void over(Reason reason) {
      done.add("over: " + reason.sentence());
    }

    List<String> done() {
      List<String> all = List.copyOf(done);
      done.clear();
      return all;
    }
  }

  private Life<String> born(LiveOptions options) {
    return new Life<>(REF, options, () -> -1L, theatre); // random numbers just below one
  }

  private Life<String> open(LiveOptions options) {
    life = born(options);
    life.start(now);
    open("a");
    theatre.done();
    return life;
  }

  private void open(String session) {
    connect(session);
    life.opened(session, now);
  }

  private void connect(String session) {
    assertThat(life.found(theatre.search, session)).isTrue();
    life.connected(session, now);
  }

  /** Lets so much time pass, all at once. */
  private void advance(Duration time) {
    now += time.toNanos();
    life.elapsed(now);
  }

  // ---- the way to a session

  @Test
  void aLifeBeginsWithASearchAndEndsItsFirstAttemptWithASession() {
    life.start(now);
    assertThat(theatre.done()).containsExactly("connecting 0", "search");
    assertThat(life.found(theatre.search, "a")).isTrue();
    life.connected("a", now);
    life.opened("a", now);
    assertThat(theatre.done()).containsExactly("open a", "carry a as 1");
    assertThat(theatre.last).isEmpty();
  }

  @Test
  void aSessionWithoutAStepIsOpenAtOnce() {
    theatre.opens = false;
    life.start(now);
    connect("a");
    assertThat(theatre.done()).containsExactly("connecting 0", "search", "open a", "carry a as 1");
  }

  @Test
  void anAttemptThatFailsIsMadeAgainLaterAndLater() {
    life.start(now);
    for (int seconds : List.of(1, 2, 4, 8, 8)) {
      life.found(theatre.search, "x");
      theatre.done();
      life.lost("x", REFUSED, now);
      assertThat(theatre.done()).singleElement().asString().endsWith(" " + seconds * 1000);
      assertThat(life.deadline()).isEqualTo(now + Duration.ofSeconds(seconds).toNanos());
      advance(Duration.ofSeconds(seconds).minusNanos(1));
      assertThat(theatre.done()).isEmpty();
      advance(Duration.ofNanos(1));
      assertThat(theatre.last).contains(REFUSED);
      assertThat(theatre.done()).hasSize(2).contains("search");
    }
  }

  @Test
  void anEndpointThatIsNotFoundIsAFailedAttempt() {
    life.start(now);
    theatre.done();
    life.notFound(theatre.search, new Reason.EndpointThrew(new IllegalStateException()), now);
    assertThat(theatre.done()).containsExactly("waiting 1 1000");
  }

  @Test
  void aSearchHasItsTime() {
    life.start(now);
    theatre.done();
    advance(OPTIONS.endpoint());
    assertThat(theatre.done()).containsExactly("give up search", "waiting 1 1000");
    assertThat(life.found(theatre.search, "late")).isFalse();
    advance(FIRST);
    assertThat(theatre.last).contains(new Reason.Timeout(Step.ENDPOINT, OPTIONS.endpoint()));
  }

  @Test
  void theAnswerToASearchThatWasGivenUpIsForgotten() {
    life.start(now);
    long first = theatre.search;
    advance(OPTIONS.endpoint());
    advance(FIRST);
    theatre.done();
    assertThat(life.found(first, "late")).isFalse();
    life.notFound(first, REFUSED, now);
    assertThat(theatre.done()).isEmpty();
  }

  @Test
  void anOpeningStepHasItsTime() {
    life.start(now);
    connect("a");
    theatre.done();
    advance(OPTIONS.opening().minusNanos(1));
    assertThat(theatre.done()).isEmpty();
    advance(Duration.ofNanos(1));
    assertThat(theatre.done()).containsExactly("end a", "waiting 1 1000");
    life.opened("a", now); // too late
    life.lost("a", CLOSED, now);
    assertThat(theatre.done()).isEmpty();
  }

  @Test
  void aSessionThatIsLostWhileItIsOpenedIsAFailedAttempt() {
    life.start(now);
    connect("a");
    theatre.done();
    life.lost("a", CLOSED, now);
    assertThat(theatre.done()).containsExactly("waiting 1 1000");
  }

  // ---- loss

  @Test
  void aLostSessionIsFollowedByTheNext() {
    open(OPTIONS);
    life.lost("a", CLOSED, now);
    assertThat(theatre.done()).containsExactly("waiting 1 1000");
    advance(FIRST);
    assertThat(theatre.done()).containsExactly("connecting 1", "search");
    open("b");
    assertThat(theatre.done()).containsExactly("open b", "carry b as 2");
  }

  @Test
  void sessionsThatDoNotLastMakeTheDelaysGrow() {
    open(OPTIONS);
    life.lost("a", CLOSED, now);
    advance(Duration.ofSeconds(1));
    open("b");
    theatre.done();
    advance(Duration.ofSeconds(30).minusNanos(1));
    life.lost("b", CLOSED, now);
    assertThat(theatre.done()).containsExactly("waiting 2 2000");
    advance(Duration.ofSeconds(2));
    open("c");
    theatre.done();
    advance(Duration.ofSeconds(30));
    life.lost("c", CLOSED, now);
    assertThat(theatre.done()).containsExactly("waiting 1 1000");
  }

  @Test
  void theFirstAttemptAfterALossIsSpread() {
    open(OPTIONS.healing(EVEN.spread(Duration.ofSeconds(5))));
    life.lost("a", CLOSED, now);
    assertThat(theatre.done()).singleElement().asString().matches("waiting 1 4999");
    advance(Duration.ofSeconds(5));
    life.found(theatre.search, "b");
    theatre.done();
    life.lost("b", REFUSED, now);
    assertThat(theatre.done()).containsExactly("waiting 2 2000"); // not the others
  }

  @Test
  void aPolicyThatIsUsedUpEndsTheLife() {
    open(OPTIONS.healing(EVEN.retry(EVEN.retry().attempts(1))));
    life.lost("a", CLOSED, now);
    advance(FIRST);
    life.found(theatre.search, "b");
    theatre.done();
    life.lost("b", REFUSED, now);
    assertThat(theatre.done()).containsExactly("over: " + new Reason.GaveUp(1, REFUSED).sentence());
    assertThat(life.deadline()).isEqualTo(Life.NEVER);
  }

  @Test
  void aPatienceThatTheServerAsksForIsHadUpToALimit() {
    open(OPTIONS.healing(EVEN.longestRetryAfter(Duration.ofMinutes(1))));
    life.lost("a", CLOSED, now);
    advance(FIRST);
    theatre.done();
    life.found(theatre.search, "b");
    life.lost("b", new Reason.Status(503, Optional.of(Duration.ofSeconds(20))), now);
    assertThat(theatre.done()).containsExactly("waiting 2 20000");
    advance(Duration.ofSeconds(20));
    life.found(theatre.search, "c");
    theatre.done();
    life.lost("c", new Reason.Status(429, Optional.of(Duration.ofDays(1))), now);
    assertThat(theatre.done()).containsExactly("waiting 3 60000");
    advance(Duration.ofMinutes(1));
    life.found(theatre.search, "d");
    theatre.done();
    life.lost("d", new Reason.Status(503, Optional.of(Duration.ZERO)), now);
    assertThat(theatre.done()).containsExactly("waiting 4 8000");
  }

  // ---- a good end

  private static final Reason ENDED = new Reason.Ended();

  /** The next session, after this wait, with traffic; then it is lost so. */
  private void comesAndGoes(Reason reason) {
    advance(Duration.ofNanos(Math.max(0, life.deadline() - now)));
    open("x");
    life.served();
    theatre.done();
    life.lost("x", reason, now);
  }

  static Stream<Reason> goodEnds() {
    return Stream.of(
        ENDED,
        byServer(1000),
        byServer(1001),
        byServer(1012),
        new Reason.CloseHandshake(Close.EMPTY, Close.EMPTY, Side.SERVER));
  }

  @ParameterizedTest
  @MethodSource("goodEnds")
  void sessionsThatServedAndHaveAGoodEndAreNoFailures(Reason good) {
    open(OPTIONS);
    life.served();
    life.lost("a", good, now);
    assertThat(theatre.done()).containsExactly("waiting 1 1000");
    for (int i = 0; i < 10; i++) {
      comesAndGoes(good);
      assertThat(theatre.done()).containsExactly("waiting 1 1000");
    }
  }

  @ParameterizedTest
  @MethodSource("goodEnds")
  void sessionsThatLastedAndHaveAGoodEndAreNoFailures(Reason good) {
    open(OPTIONS);
    for (int i = 0; i < 3; i++) {
      advance(Duration.ofSeconds(10));
      life.lost("a", good, now);
      assertThat(theatre.done()).containsExactly("waiting 1 1000");
      advance(FIRST);
      open("a");
      theatre.done();
    }
  }

  @ParameterizedTest
  @MethodSource("goodEnds")
  void aGoodEndWithoutTrafficIsAFailure(Reason good) {
    open(OPTIONS);
    for (int seconds : List.of(1, 2, 4, 8, 8)) {
      advance(Duration.ofSeconds(10).minusNanos(1));
      life.lost("a", good, now);
      assertThat(theatre.done()).singleElement().asString().endsWith(" " + seconds * 1000);
      advance(Duration.ofSeconds(seconds));
      open("a");
      theatre.done();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1011, 1013, 1014, 4000})
  void anyOtherEndIsAFailureWhateverTheSessionBrought(int code) {
    open(OPTIONS);
    life.lost("a", byServer(code), now);
    theatre.done();
    comesAndGoes(byServer(code));
    assertThat(theatre.done()).containsExactly("waiting 2 2000");
    comesAndGoes(CLOSED);
    assertThat(theatre.done()).containsExactly("waiting 3 4000");
    comesAndGoes(byServer(1000));
    assertThat(theatre.done()).containsExactly("waiting 1 1000");
  }

  @Test
  void whatOneSessionBroughtIsNoTrafficOfTheNext() {
    open(OPTIONS);
    life.served();
    life.lost("a", ENDED, now);
    advance(FIRST);
    open("b");
    theatre.done();
    life.lost("b", ENDED, now);
    assertThat(theatre.done()).containsExactly("waiting 2 2000");
  }

  @Test
  void aServerThatEndsInGoodOrderIsAskedAgainAfterTheTimeThatItNamed() {
    open(
        OPTIONS.healing(
            EVEN.retry(EVEN.retry().delays(Duration.ofSeconds(4), FIRST.multipliedBy(9)))));
    life.patience(Duration.ofMillis(700));
    for (int i = 0; i < 10; i++) {
      life.served();
      life.lost("a", ENDED, now);
      assertThat(theatre.done()).containsExactly("waiting 1 700");
      advance(Duration.ofMillis(700));
      open("a");
      theatre.done();
    }
  }

  @Test
  void theTimeThatAServerNamedIsSpreadByAsMuch() {
    open(OPTIONS.healing(EVEN.spread(Duration.ofSeconds(5))));
    life.patience(Duration.ofMillis(700));
    life.served();
    life.lost("a", ENDED, now);
    assertThat(theatre.done()).containsExactly("waiting 1 1399"); // random numbers just below one
    life.patience(Duration.ofMinutes(1));
    comesAndGoes(ENDED);
    assertThat(theatre.done()).containsExactly("waiting 1 64999");
  }

  @Test
  void withoutATimeThatTheServerNamedTheWaitAfterAGoodEndIsSpread() {
    open(OPTIONS.healing(EVEN.spread(Duration.ofSeconds(5))));
    life.served();
    life.lost("a", ENDED, now);
    assertThat(theatre.done()).containsExactly("waiting 1 4999");
  }

  /** A policy that would try again at once, for ever. */
  private static final Healing HASTY =
      Healing.DEFAULT
          .spread(Duration.ZERO)
          .retry(Backoff.DEFAULT.immediate(true).stable(Duration.ZERO));

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void noWaitAfterAGoodEndIsShorterThanItMayBe(boolean served) {
    open(OPTIONS.healing(HASTY));
    for (int i = 0; i < 5; i++) {
      if (served) {
        life.served();
      }
      life.lost("a", ENDED, now);
      assertThat(theatre.done()).containsExactly("waiting 1 500");
      advance(Duration.ofMillis(500));
      open("a");
      theatre.done();
    }
    life.lost("a", ENDED, now);
    life.patience(Duration.ZERO);
    comesAndGoes(ENDED);
    assertThat(theatre.done()).containsExactly("waiting 1 500");
    open(OPTIONS.healing(HASTY.shortestWait(Duration.ofSeconds(3))));
    life.served();
    life.lost("a", byServer(1000), now);
    assertThat(theatre.done()).containsExactly("waiting 1 3000");
  }

  @Test
  void evenTheLuckiestDrawIsNoShorterThanItMayBe() {
    life = new Life<>(REF, OPTIONS.healing(Healing.DEFAULT), () -> 0L, theatre);
    life.start(now);
    open("a");
    life.served();
    theatre.done();
    life.lost("a", ENDED, now);
    assertThat(theatre.done()).containsExactly("waiting 1 500");
  }

  @Test
  void aLongWaitThatAServerAsksForByItsEventsHasItsLimitAfterAGoodEndToo() {
    open(OPTIONS.healing(EVEN.longestRetryAfter(Duration.ofMinutes(1))));
    life.patience(Duration.ofDays(9));
    life.served();
    life.lost("a", ENDED, now);
    assertThat(theatre.done()).containsExactly("waiting 1 60000");
  }

  @Test
  void aPolicyWithoutAttemptsEndsWithAGoodEndToo() {
    open(OPTIONS.healing(EVEN.retry(Backoff.NEVER)));
    life.served();
    life.lost("a", ENDED, now);
    assertThat(theatre.done()).containsExactly("over: " + new Reason.GaveUp(0, ENDED).sentence());
  }

  // ---- the same rule, again and again

  private static Reason closeCode(int code) {
    return new Reason.Protocol("a close frame has the code " + code, "RFC 6455 section 7.4");
  }

  private static final Reason MASKED =
      new Reason.Protocol("the server masked a frame", "RFC 6455 section 5.1");
  private static final Reason TOO_LONG = new Reason.Limit(Reason.Bound.MESSAGE, 1000);

  static Stream<Reason> violations() {
    return Stream.of(
        MASKED,
        TOO_LONG,
        new Reason.Limit(Reason.Bound.EVENT, 1000),
        new Reason.Limit(Reason.Bound.INFLATE_RATIO, 300),
        byServer(1002),
        byServer(1003),
        byServer(1007),
        byServer(1009));
  }

  @ParameterizedTest
  @MethodSource("violations")
  void theThirdSessionInARowThatEndsByTheSameRuleEndsIt(Reason violation) {
    open(OPTIONS);
    life.lost("a", violation, now);
    assertThat(theatre.done()).containsExactly("waiting 1 1000");
    comesAndGoes(violation);
    assertThat(theatre.done()).containsExactly("waiting 2 2000");
    comesAndGoes(violation);
    assertThat(theatre.done())
        .containsExactly("over: " + new Reason.GaveUp(2, violation).sentence());
    assertThat(life.deadline()).isEqualTo(Life.NEVER);
  }

  @Test
  void theSameRuleIsTheSameWhateverTheValues() {
    open(OPTIONS);
    life.lost("a", closeCode(1006), now);
    comesAndGoes(closeCode(1015));
    theatre.done();
    comesAndGoes(closeCode(5000));
    assertThat(theatre.done()).singleElement().asString().startsWith("over: Gave up");
  }

  @ParameterizedTest
  @MethodSource("violations")
  void anotherReasonBetweenThemBeginsTheRowAnew(Reason other) {
    Reason violation = closeCode(1006);
    open(OPTIONS);
    life.lost("a", violation, now);
    for (int i = 0; i < 5; i++) {
      comesAndGoes(violation);
      comesAndGoes(i % 2 == 0 ? CLOSED : other);
      comesAndGoes(violation);
      assertThat(theatre.done()).singleElement().asString().startsWith("waiting");
    }
    comesAndGoes(violation);
    comesAndGoes(violation);
    assertThat(theatre.done()).singleElement().asString().startsWith("over: ");
  }

  @Test
  void aStableSessionBeginsTheRowAnew() {
    open(OPTIONS);
    life.lost("a", MASKED, now);
    comesAndGoes(MASKED);
    advance(Duration.ofSeconds(2));
    open("c");
    advance(EVEN.retry().stable());
    theatre.done();
    life.lost("c", MASKED, now);
    assertThat(theatre.done()).containsExactly("waiting 1 1000");
    comesAndGoes(MASKED);
    comesAndGoes(MASKED);
    assertThat(theatre.done()).containsExactly("waiting 3 4000");
    comesAndGoes(MASKED);
    assertThat(theatre.done()).singleElement().asString().startsWith("over: ");
  }

  @Test
  void aGoodEndBeginsTheRowAnew() {
    open(OPTIONS);
    life.lost("a", MASKED, now);
    comesAndGoes(MASKED);
    comesAndGoes(byServer(1000));
    comesAndGoes(MASKED);
    comesAndGoes(MASKED);
    assertThat(theatre.done()).containsExactly("waiting 3 4000");
  }

  @Test
  void attemptsThatOpenNothingDoNotInterruptTheRow() {
    open(OPTIONS);
    life.lost("a", MASKED, now);
    comesAndGoes(MASKED);
    advance(Duration.ofSeconds(2));
    life.found(theatre.search, "b");
    life.lost("b", REFUSED, now);
    theatre.done();
    comesAndGoes(MASKED);
    assertThat(theatre.done()).containsExactly("over: " + new Reason.GaveUp(3, MASKED).sentence());
  }

  @Test
  void anAttemptThatBreaksARuleBeforeItsSessionEndsIt() {
    life.start(now);
    life.found(theatre.search, "a");
    theatre.done();
    life.lost("a", MASKED, now);
    assertThat(theatre.done()).containsExactly("over: " + MASKED.sentence());
  }

  @Test
  void aRuleThatIsBrokenDuringTheOpeningStepIsBrokenInASession() {
    life.start(now);
    for (int i = 0; i < 2; i++) {
      connect("a");
      theatre.done();
      life.lost("a", MASKED, now);
      assertThat(theatre.done()).singleElement().asString().startsWith("waiting ");
      advance(Duration.ofSeconds(2));
    }
    connect("a");
    theatre.done();
    life.lost("a", MASKED, now);
    assertThat(theatre.done()).containsExactly("over: " + new Reason.GaveUp(2, MASKED).sentence());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void howManySessionsMustEndByTheSameRuleCanBeChosen(int repeats) {
    open(OPTIONS.healing(EVEN.repeats(repeats)));
    life.lost("a", MASKED, now);
    for (int i = 1; i < repeats; i++) {
      assertThat(theatre.done()).singleElement().asString().startsWith("waiting ");
      comesAndGoes(MASKED);
    }
    assertThat(theatre.done())
        .containsExactly("over: " + new Reason.GaveUp(repeats - 1, MASKED).sentence());
  }

  @Test
  void theUserChoosesWhatARepeatedRuleDoes() {
    Classifier end = reason -> reason.equals(MASKED) ? Verdict.END : Classifier.DEFAULT.of(reason);
    open(OPTIONS.healing(EVEN.classifier(end)));
    life.lost("a", MASKED, now);
    assertThat(theatre.done()).containsExactly("over: " + MASKED.sentence());

    open(OPTIONS.healing(EVEN.classifier(reason -> Verdict.RETRY)));
    life.lost("a", MASKED, now);
    for (int i = 0; i < 10; i++) {
      comesAndGoes(MASKED);
      assertThat(theatre.done()).singleElement().asString().startsWith("waiting ");
    }

    Map<Integer, Verdict> busy = Map.of(4029, Verdict.END_IF_REPEATED);
    open(OPTIONS.healing(EVEN.classifier(Classifier.DEFAULT.closes(busy))));
    life.lost("a", byServer(4029), now);
    comesAndGoes(byServer(4029));
    theatre.done();
    comesAndGoes(byServer(4029));
    assertThat(theatre.done()).singleElement().asString().startsWith("over: Gave up");
  }

  @Test
  void aRuleThatIsBrokenDuringARotationEndsNothing() {
    open(OPTIONS);
    life.rotate(now);
    for (int i = 0; i < 5; i++) {
      connect("b");
      theatre.done();
      life.lost("b", MASKED, now);
      assertThat(theatre.done()).singleElement().asString().endsWith(" open");
      advance(Duration.ofSeconds(8));
    }
    theatre.done();
    life.lost("a", CLOSED, now);
    assertThat(theatre.done()).containsExactly("waiting 0 0", "connecting 0");
  }

  @Test
  void aSessionThatIsReplacedBeginsTheRowAnew() {
    open(OPTIONS);
    life.lost("a", MASKED, now);
    comesAndGoes(MASKED);
    advance(Duration.ofSeconds(2));
    open("c");
    life.rotate(now);
    open("d");
    life.lost("c", byServer(1000), now);
    theatre.done();
    life.lost("d", MASKED, now);
    assertThat(theatre.done()).containsExactly("waiting 3 4000");
  }

  // ---- what ends it

  private static Reason.CloseHandshake byServer(int code) {
    return new Reason.CloseHandshake(new Close(code, ""), new Close(code, ""), Side.SERVER);
  }

  @ParameterizedTest
  @ValueSource(ints = {1008, 1010, 3000, 3003})
  void theseCloseCodesEndIt(int code) {
    open(OPTIONS);
    life.lost("a", byServer(code), now);
    assertThat(theatre.done()).containsExactly("over: " + byServer(code).sentence());
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 1001, 1002, 1003, 1007, 1009, 1011, 1012, 1013, 1014, 3008, 4999})
  void theseCloseCodesDoNot(int code) {
    open(OPTIONS);
    life.lost("a", byServer(code), now);
    assertThat(theatre.done()).containsExactly("waiting 1 1000");
  }

  @Test
  void aCloseWithoutACodeDoesNot() {
    open(OPTIONS);
    life.lost("a", new Reason.CloseHandshake(Close.EMPTY, Close.EMPTY, Side.SERVER), now);
    assertThat(theatre.done()).containsExactly("waiting 1 1000");
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 204, 301, 400, 401, 403, 404, 405, 410, 426})
  void theseStatusesEndIt(int status) {
    life.start(now);
    life.found(theatre.search, "a");
    theatre.done();
    life.lost("a", new Reason.Status(status, Optional.empty()), now);
    assertThat(theatre.done()).singleElement().asString().startsWith("over: ");
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 425, 429, 500, 502, 503, 504, 599})
  void theseStatusesDoNot(int status) {
    life.start(now);
    life.found(theatre.search, "a");
    theatre.done();
    life.lost("a", new Reason.Status(status, Optional.empty()), now);
    assertThat(theatre.done()).containsExactly("waiting 1 1000");
  }

  @Test
  void theUsersTableOfCloseCodesCounts() {
    Classifier classifier =
        Classifier.DEFAULT.closes(Map.of(4004, Verdict.END, 1008, Verdict.RETRY));
    open(OPTIONS.healing(EVEN.classifier(classifier)));
    life.lost("a", byServer(1008), now);
    assertThat(theatre.done()).containsExactly("waiting 1 1000");
    advance(FIRST);
    open("b");
    theatre.done();
    life.lost("b", byServer(4004), now);
    assertThat(theatre.done()).singleElement().asString().startsWith("over: ");
  }

  @Test
  void theUsersTableOfStatusesCounts() {
    Classifier classifier = Classifier.DEFAULT.statuses(Map.of(401, Verdict.RETRY));
    life = born(OPTIONS.healing(EVEN.classifier(classifier)));
    life.start(now);
    life.found(theatre.search, "a");
    theatre.done();
    life.lost("a", new Reason.Status(401, Optional.empty()), now);
    assertThat(theatre.done()).containsExactly("waiting 1 1000");
  }

  @Test
  void aCodeThatThisSideClosedWithCountsAsItsOwn() {
    Reason own = new Reason.CloseHandshake(new Close(1000, ""), new Close(4004, ""), Side.CLIENT);
    Classifier classifier = Classifier.DEFAULT.closes(Map.of(4004, Verdict.END));
    assertThat(classifier.of(own)).isEqualTo(Verdict.END);
    assertThat(classifier.of(byServer(1000))).isEqualTo(Verdict.RETRY);
  }

  @Test
  void theOwnerEndsItInEveryState() {
    life.start(now);
    theatre.done();
    life.close();
    assertThat(theatre.done())
        .containsExactly("give up search", "over: The owner closed the connection.");

    life = born(OPTIONS);
    life.start(now);
    connect("a");
    theatre.done();
    life.close();
    assertThat(theatre.done()).containsExactly("end a", "over: The owner closed the connection.");

    open(OPTIONS);
    life.close();
    life.close();
    assertThat(theatre.done()).containsExactly("end a", "over: The owner closed the connection.");
    life.lost("a", CLOSED, now);
    life.rotate(now);
    life.leave(now);
    assertThat(theatre.done()).isEmpty();
    assertThat(life.deadline()).isEqualTo(Life.NEVER);
  }

  @Test
  void whoLeavesIsGoneWhenTheSessionIs() {
    open(OPTIONS);
    life.leave(now);
    life.leave(now);
    assertThat(theatre.done()).containsExactly("leave a");
    life.rotate(now);
    life.lost("a", byServer(1001), now);
    assertThat(theatre.done()).containsExactly("over: The owner closed the connection.");
  }

  @Test
  void whoLeavesDoesNotWaitForEver() {
    open(OPTIONS);
    life.leave(now);
    theatre.done();
    advance(OPTIONS.connection().timeouts().closing());
    assertThat(theatre.done()).containsExactly("end a", "over: The owner closed the connection.");
  }

  @Test
  void whoLeavesWithoutASessionIsGoneAtOnce() {
    open(OPTIONS);
    life.lost("a", CLOSED, now);
    theatre.done();
    life.leave(now);
    assertThat(theatre.done()).containsExactly("over: The owner closed the connection.");
  }

  @Test
  void whatNobodyForesawEndsIt() {
    open(OPTIONS);
    life.fault(new IllegalStateException("odd"));
    assertThat(theatre.done()).hasSize(2).startsWith("end a").last().asString().contains("odd");
  }

  // ---- the budget

  @Test
  void anAttemptThatTheBudgetDoesNotGrantWaitsForItsTurnAndIsNotAskedForAgain() {
    List<Long> asked = new ArrayList<>();
    life =
        born(
            OPTIONS.healing(
                EVEN.budget(
                    nanos -> {
                      asked.add(nanos);
                      return Duration.ofMillis(250).toNanos();
                    })));
    life.start(now);
    assertThat(theatre.done()).containsExactly("waiting 0 250");
    advance(Duration.ofMillis(250));
    assertThat(theatre.done()).containsExactly("connecting 0", "search");
    assertThat(asked).containsExactly(0L);
    open("a");
    life.lost("a", CLOSED, now);
    advance(FIRST);
    assertThat(asked).hasSize(2);
  }

  // ---- an attempt before its time

  @Test
  void anAttemptThatWaitsIsMadeAtOnceOnRequestAndCountsLikeAnyOther() {
    open(OPTIONS);
    life.lost("a", CLOSED, now);
    assertThat(theatre.done()).containsExactly("waiting 1 1000");
    life.retryNow(now);
    assertThat(theatre.done()).containsExactly("connecting 1", "search");
    life.retryNow(now); // is on its way
    assertThat(theatre.done()).isEmpty();
    life.found(theatre.search, "b");
    life.retryNow(now);
    theatre.done();
    life.lost("b", REFUSED, now);
    assertThat(theatre.done()).containsExactly("waiting 2 2000");
    assertThat(life.deadline()).isEqualTo(now + Duration.ofSeconds(2).toNanos());
  }

  @Test
  void aWaitThatTheServerAsksForEndsOnRequest() {
    life = born(OPTIONS);
    life.start(now);
    life.found(theatre.search, "a");
    theatre.done();
    life.lost("a", new Reason.Status(503, Optional.of(Duration.ofSeconds(20))), now);
    assertThat(theatre.done()).containsExactly("waiting 1 20000");
    life.retryNow(now);
    assertThat(theatre.done()).containsExactly("connecting 1", "search");
  }

  @Test
  void theBudgetHoldsForAnAttemptOnRequestToo() {
    Queue<Duration> grants = new ArrayDeque<>(List.of(Duration.ZERO, FIRST, Duration.ZERO));
    life = born(OPTIONS.healing(EVEN.budget(nanos -> grants.remove().toNanos())));
    life.start(now);
    life.found(theatre.search, "a");
    life.lost("a", REFUSED, now);
    theatre.done();
    life.retryNow(now);
    assertThat(theatre.done()).containsExactly("waiting 1 1000"); // for the budget
    life.retryNow(now);
    assertThat(theatre.done()).isEmpty();
    advance(FIRST);
    assertThat(theatre.done()).containsExactly("connecting 1", "search");
    assertThat(grants).hasSize(1);
  }

  @Test
  void aRotationThatWaitsIsTriedAgainOnRequest() {
    open(OPTIONS);
    life.retryNow(now); // waits for nothing
    assertThat(theatre.done()).isEmpty();
    life.rotate(now);
    life.found(theatre.search, "b");
    life.lost("b", REFUSED, now);
    theatre.done();
    life.retryNow(now);
    assertThat(theatre.done()).containsExactly("connecting 1 open", "search");
  }

  @Test
  void nothingIsRetriedAfterTheEnd() {
    open(OPTIONS);
    life.lost("a", CLOSED, now);
    life.close();
    theatre.done();
    life.retryNow(now);
    assertThat(theatre.done()).isEmpty();
  }

  // ---- rotation

  @Test
  void aRotationOpensTheNextBeforeItDrainsTheOld() {
    open(OPTIONS);
    life.rotate(now);
    assertThat(theatre.done()).containsExactly("connecting 0 open", "search");
    life.rotate(now); // is on its way
    connect("b");
    life.opened("b", now);
    assertThat(theatre.done()).containsExactly("open b", "send by b");
    advance(Rotation.DEFAULT.quiet());
    assertThat(theatre.done()).containsExactly("drain a");
    life.lost("a", byServer(1000), now);
    assertThat(theatre.done()).containsExactly("carry b as 2");
    life.lost("b", CLOSED, now);
    assertThat(theatre.done()).containsExactly("waiting 1 1000");
  }

  @Test
  void anOldSessionThatDoesNotEndIsEnded() {
    open(OPTIONS);
    life.rotate(now);
    open("b");
    advance(Rotation.DEFAULT.quiet());
    theatre.done();
    advance(Rotation.DEFAULT.drain());
    assertThat(theatre.done()).containsExactly("end a", "carry b as 2");
  }

  /** The first session rests, the next one is ready. */
  private void rest(LiveOptions options) {
    open(options);
    life.rotate(now);
    open("b");
    theatre.done();
  }

  private static final Duration ALMOST = Rotation.DEFAULT.quiet().minusNanos(1);

  @Test
  void theGoodbyeWaitsUntilTheOldSessionIsQuiet() {
    rest(OPTIONS);
    for (int i = 0; i < 3; i++) {
      advance(ALMOST);
      life.stirred(now);
    }
    advance(ALMOST);
    assertThat(theatre.done()).isEmpty();
    advance(Duration.ofNanos(1));
    assertThat(theatre.done()).containsExactly("drain a");
  }

  @Test
  void anOldSessionThatIsNeverQuietIsToldGoodbyeInTheEnd() {
    rest(OPTIONS);
    Duration end = Rotation.DEFAULT.settle();
    while (now < end.toNanos() - 1) {
      life.stirred(now);
      advance(Duration.ofNanos(Math.min(ALMOST.toNanos(), end.toNanos() - 1 - now)));
    }
    assertThat(theatre.done()).isEmpty();
    life.stirred(now);
    advance(Duration.ofNanos(1));
    assertThat(theatre.done()).containsExactly("drain a");
  }

  @Test
  void whatIsNotWrittenYetKeepsTheOldSessionFromBeingQuiet() {
    rest(OPTIONS);
    theatre.landed = false;
    advance(Rotation.DEFAULT.quiet().multipliedBy(2));
    assertThat(theatre.done()).isEmpty();
    theatre.landed = true;
    life.stirred(now);
    advance(ALMOST);
    assertThat(theatre.done()).isEmpty();
    advance(Duration.ofNanos(1));
    assertThat(theatre.done()).containsExactly("drain a");
  }

  @Test
  void anOwnerThatIsFullMakesNoSessionQuiet() {
    rest(OPTIONS);
    advance(ALMOST);
    life.unread(true, now);
    advance(Duration.ofHours(1));
    life.unread(false, now);
    advance(ALMOST);
    assertThat(theatre.done()).isEmpty();
    advance(Duration.ofNanos(1));
    assertThat(theatre.done()).containsExactly("drain a");
  }

  @Test
  void aRotationWithoutAQuietTimeSaysGoodbyeAtOnce() {
    open(OPTIONS.rotation(Rotation.DEFAULT.quiet(Duration.ZERO)));
    life.rotate(now);
    connect("b");
    theatre.done();
    life.opened("b", now);
    assertThat(theatre.done()).containsExactly("send by b", "drain a");
  }

  @Test
  void aSessionThatIsLostWhileItRestsIsReplacedAtOnce() {
    rest(OPTIONS);
    life.lost("a", CLOSED, now);
    assertThat(theatre.done()).containsExactly("carry b as 2");
  }

  @Test
  void aNewSessionThatIsLostBeforeItSentAnythingIsAnAttemptThatFailed() {
    rest(OPTIONS);
    life.lost("b", REFUSED, now);
    assertThat(theatre.done()).containsExactly("send by a", "waiting 1 1000 open");
    advance(Rotation.DEFAULT.settle().plus(FIRST));
    assertThat(theatre.done()).containsExactly("connecting 1 open", "search");
  }

  @Test
  void aNewSessionThatIsLostAfterItSentSomethingHasItsTurnAndItsEnd() {
    rest(OPTIONS);
    theatre.sent.add("b");
    life.lost("b", CLOSED, now);
    assertThat(theatre.done()).containsExactly("drain a");
    life.lost("a", byServer(1000), now);
    assertThat(theatre.done()).containsExactly("carry b as 2", "waiting 1 1000");
  }

  @Test
  void whoLeavesWhileTheOldSessionRestsLeavesBothWithinOneTime() {
    rest(OPTIONS);
    life.leave(now);
    assertThat(theatre.done()).containsExactly("drain a", "leave b");
    advance(OPTIONS.connection().timeouts().closing());
    advance(Duration.ofNanos(1));
    assertThat(theatre.done())
        .containsExactly("end a", "carry b as 2", "end b", "over: " + OWNER_CLOSED);
  }

  @Test
  void aSessionIsReplacedWithinTheLastTenthOfItsAge() {
    open(OPTIONS.rotation(Rotation.DEFAULT.maxAge(Duration.ofHours(24))));
    assertThat(Duration.ofNanos(life.deadline()))
        .isBetween(Duration.ofHours(24).multipliedBy(9).dividedBy(10), Duration.ofHours(24));
    advance(Duration.ofHours(24));
    assertThat(theatre.done()).containsExactly("connecting 0 open", "search");
  }

  @Test
  void aRotationThatFailsIsTriedAgainWhileTheOldSessionGoesOn() {
    open(OPTIONS);
    life.rotate(now);
    life.found(theatre.search, "b");
    theatre.done();
    life.lost("b", REFUSED, now);
    assertThat(theatre.done()).containsExactly("waiting 1 1000 open");
    advance(FIRST);
    assertThat(theatre.done()).containsExactly("connecting 1 open", "search");
    life.found(theatre.search, "c");
    life.lost("c", new Reason.Status(403, Optional.empty()), now);
    assertThat(theatre.done()).containsExactly("waiting 1 8000 open"); // as long as there is
  }

  @Test
  void aSessionThatIsLostDuringItsRotationMakesTheRunningAttemptTheNext() {
    open(OPTIONS);
    life.rotate(now);
    connect("b");
    theatre.done();
    life.lost("a", CLOSED, now);
    assertThat(theatre.done()).containsExactly("waiting 0 0", "connecting 0");
    life.opened("b", now);
    assertThat(theatre.done()).containsExactly("carry b as 2");
  }

  @Test
  void aSessionThatIsLostBetweenTwoAttemptsOfItsRotationIsRetriedAsAnyOther() {
    open(OPTIONS);
    life.rotate(now);
    life.found(theatre.search, "b");
    life.lost("b", REFUSED, now);
    theatre.done();
    life.lost("a", CLOSED, now);
    assertThat(theatre.done()).containsExactly("waiting 1 1000");
  }

  @Test
  void aSessionThatIsLostForGoodDuringItsRotationEndsTheAttempt() {
    open(OPTIONS);
    life.rotate(now);
    connect("b");
    theatre.done();
    life.lost("a", byServer(1008), now);
    assertThat(theatre.done()).hasSize(2).startsWith("end b");
  }

  @Test
  void aNewSessionThatIsLostWhileTheOldOneIsDrainedIsTheReasonOfTheGap() {
    open(OPTIONS);
    life.rotate(now);
    open("b");
    advance(Rotation.DEFAULT.quiet());
    theatre.done();
    life.lost("b", REFUSED, now);
    assertThat(theatre.done()).isEmpty();
    life.lost("a", byServer(1000), now);
    assertThat(theatre.done()).containsExactly("carry b as 2", "waiting 1 1000");
    advance(FIRST);
    assertThat(theatre.last).contains(REFUSED);
  }

  @Test
  void whoLeavesDuringARotationEndsItsAttempt() {
    open(OPTIONS);
    life.rotate(now);
    connect("b");
    theatre.done();
    life.leave(now);
    assertThat(theatre.done()).containsExactly("end b", "leave a");
  }

  @Test
  void aRotationNeedsASession() {
    life.start(now);
    theatre.done();
    life.rotate(now);
    assertThat(theatre.done()).isEmpty();
  }

  // ---- silence

  private static final Duration QUIET = Duration.ofSeconds(10);
  private static final LiveOptions TALKATIVE = OPTIONS.silence(Silence.of(QUIET));

  @Test
  void aSessionThatIsSilentForTooLongIsGivenUp() {
    open(TALKATIVE);
    advance(QUIET.minusSeconds(1));
    life.heard(now);
    advance(QUIET.minusNanos(1));
    assertThat(theatre.done()).isEmpty();
    advance(Duration.ofNanos(1));
    assertThat(theatre.done()).containsExactly("end a", "waiting 1 1000");
    advance(FIRST);
    assertThat(theatre.last).contains(new Reason.Timeout(Step.SILENCE, QUIET));
  }

  @Test
  void timeInWhichTheOwnerIsFullDoesNotCount() {
    open(TALKATIVE);
    life.unread(true, now);
    advance(QUIET.multipliedBy(9));
    assertThat(theatre.done()).isEmpty();
    life.unread(false, now);
    advance(QUIET.minusNanos(1));
    assertThat(theatre.done()).isEmpty();
    advance(Duration.ofNanos(1));
    assertThat(theatre.done()).startsWith("end a");
  }

  @Test
  void theRuleOnSilenceChangesWhileItLives() {
    open(OPTIONS);
    advance(Duration.ofHours(1));
    life.silence(Optional.of(Silence.of(QUIET)), now);
    advance(QUIET.minusNanos(1));
    assertThat(theatre.done()).isEmpty();
    life.silence(Optional.empty(), now);
    advance(QUIET.multipliedBy(9));
    assertThat(theatre.done()).isEmpty();
  }

  @Test
  void theSilenceOfASessionThatIsDrainedDoesNotCount() {
    LiveOptions options = TALKATIVE.rotation(Rotation.DEFAULT.drain(QUIET.multipliedBy(3)));
    open(options);
    life.rotate(now);
    open("b");
    theatre.done();
    advance(QUIET.multipliedBy(2));
    assertThat(theatre.done()).containsExactly("drain a");
  }
}
