package dev.lariat.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.lariat.event.PoolInfo;
import dev.lariat.event.PoolInfo.Cause;
import dev.lariat.live.AttemptBudget;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.option.PoolOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each decision of a pool. What is to be done is written as one line each. */
class PoolCoreTest {
  private static final long SECOND = 1_000_000_000;
  private static final Reason REFUSED = new Reason.Refused("127.0.0.1:1");
  private static final Reason CLOSED = new Reason.Closed();

  private PoolOptions rules = PoolOptions.DEFAULT;
  private PoolCore<String, String> core = new PoolCore<>(1024, new Random(1), false);
  private long now = 5 * SECOND;

  @AfterEach
  void nothingIsLeftToDo() {
    assertThat(acts()).isEmpty();
  }

  private List<String> acts() {
    List<String> lines = new ArrayList<>();
    for (Act<String, String> act : core.take()) {
      lines.add(
          switch (act) {
            case Act.Dial<String, String>(var origin, var link) -> "dial " + origin + " " + link;
            case Act.Grant<String, String>(var want, var link, var reused, var waited) ->
                "grant " + want + " " + link + (reused ? " reused" : "");
            case Act.Refuse<String, String>(var want, var why, var last, var waited) ->
                "refuse " + want + " " + why;
            case Act.Late<String, String>(var want, var link, var last, var waited) ->
                "late " + want + " for " + link;
            case Act.Retire<String, String>(var link, var cause) -> "retire " + link + " " + cause;
            case Act.Tell<String, String>(var event) -> event.toString();
            case Act.Seek<String, String>(var origin) -> "seek " + origin;
          });
    }
    return lines;
  }

  private void want(String origin, String want) {
    core.want(origin, rules, want, now + 10 * SECOND, Wish.SHARED, now);
  }

  private void told(long link, Protocol protocol, long ended, long credit) {
    core.told(link, protocol, ended, credit, false, Long.MAX_VALUE, now);
  }

  private void h1(long link, long ended, long credit) {
    told(link, Protocol.HTTP_1_1, ended, credit);
  }

  private void h2(long link, long ended, long credit) {
    told(link, Protocol.HTTP_2, ended, credit);
  }

  private void gone(long link, Reason reason) {
    core.gone(link, reason, reason != CLOSED, SECOND, now);
  }

  private void after(Duration time) {
    now += time.toNanos();
    core.elapsed(now);
  }

  private PoolInfo.Origin site(String origin) {
    return core.info(now).origins().stream()
        .filter(its -> its.origin().equals(origin))
        .findFirst()
        .orElseThrow();
  }

  /** A connection of HTTP/1.1 to "a" whose first stream has left it. */
  private void idle() {
    want("a", "x");
    h1(1, 0, 1);
    assertThat(acts()).containsExactly("dial a 1", "grant x 1");
    h1(1, 1, 2);
    assertThat(acts()).isEmpty();
  }

  // ---- one connection

  @Test
  void theFirstRequestOpensAConnectionAndGetsIt() {
    want("a", "x");
    assertThat(acts()).containsExactly("dial a 1");
    h1(1, 0, 1);
    assertThat(acts()).containsExactly("grant x 1");
    assertThat(core.info(now).waited()).isEqualTo(1);
  }

  @Test
  void aConnectionWithRoomIsGivenInTheSameTurn() {
    idle();
    want("a", "y");
    assertThat(acts()).containsExactly("grant y 1 reused");
  }

  @Test
  void aConnectionThatStoodIdleMayBeStaleThoughItCarriedNothing() {
    core.warm("a", rules, 1, now);
    h1(1, 0, 1);
    now++;
    want("a", "x");
    assertThat(acts()).containsExactly("dial a 1", "grant x 1 reused");
  }

  @Test
  void aGrantThatIsOnItsWayCountsAgainstTheCredit() {
    idle();
    want("a", "y");
    h1(1, 1, 2); // the connection has not seen the grant yet
    want("a", "z");
    assertThat(acts()).containsExactly("grant y 1 reused", "dial a 2");
  }

  @Test
  void anUnknownOriginIsDialedOnceUntilItsProtocolIsKnown() {
    want("a", "x");
    want("a", "y");
    want("a", "z");
    assertThat(acts()).containsExactly("dial a 1");
    h1(1, 0, 1);
    assertThat(acts()).containsExactly("grant x 1", "dial a 2", "dial a 3");
  }

  @Test
  void overHttp2OneConnectionServesAll() {
    want("a", "x");
    want("a", "y");
    want("a", "z");
    h2(1, 0, 100);
    assertThat(acts())
        .containsExactly("dial a 1", "grant x 1", "grant y 1 reused", "grant z 1 reused");
  }

  @Test
  void beyondTheServersLimitOfStreamsAFurtherConnectionIsOpened() {
    want("a", "x");
    want("a", "y");
    want("a", "z");
    h2(1, 0, 2);
    assertThat(acts()).containsExactly("dial a 1", "grant x 1", "grant y 1 reused", "dial a 2");
  }

  @Test
  void theLimitOfStreamsMayFallBelowWhatIsOpen() {
    rules = rules.connections(1);
    for (int i = 0; i < 50; i++) {
      want("a", "x" + i);
    }
    h2(1, 0, 100);
    acts();
    h2(1, 0, 10); // the server allows 10 from now on
    want("a", "y");
    assertThat(acts()).isEmpty();
    h2(1, 40, 50);
    assertThat(acts()).isEmpty();
    h2(1, 41, 51);
    assertThat(acts()).containsExactly("grant y 1 reused");
  }

  @Test
  void ownLimitsOfStreamsHoldToo() {
    rules = rules.streams(2).connections(1);
    want("a", "x");
    h2(1, 0, 100);
    want("a", "y");
    want("a", "z");
    assertThat(acts()).containsExactly("dial a 1", "grant x 1", "grant y 1 reused");
    h2(1, 1, 101);
    assertThat(acts()).containsExactly("grant z 1 reused");
  }

  @Test
  void asManyConnectionsAreOpenedAtATimeAsTheOptionsAllow() {
    rules = rules.openings(2);
    idle();
    for (String want : List.of("p", "q", "r", "s")) {
      want("a", want);
    }
    assertThat(acts()).containsExactly("grant p 1 reused", "dial a 2", "dial a 3");
    h1(2, 0, 1);
    assertThat(acts()).containsExactly("grant q 2", "dial a 4");
  }

  @Test
  void noMoreConnectionsAreOpenedThanTheOptionsAllow() {
    rules = rules.connections(1);
    idle();
    want("a", "y");
    want("a", "z");
    assertThat(acts()).containsExactly("grant y 1 reused");
    h1(1, 2, 3);
    assertThat(acts()).containsExactly("grant z 1 reused");
  }

  // ---- waiting

  @Test
  void whoWaitsLongestIsServedFirst() {
    rules = rules.connections(1);
    idle();
    want("a", "y");
    want("a", "p");
    want("a", "q");
    h1(1, 2, 3);
    h1(1, 3, 4);
    assertThat(acts()).containsExactly("grant y 1 reused", "grant p 1 reused", "grant q 1 reused");
  }

  @Test
  void aRequestThatComesLaterDoesNotOvertake() {
    rules = rules.connections(1).openings(1);
    want("a", "x");
    want("a", "y");
    h1(1, 0, 1);
    acts();
    core.cancel("a", "y", now);
    h1(1, 1, 2);
    want("a", "z");
    assertThat(acts()).containsExactly("grant z 1 reused");
  }

  @Test
  void aCancelledRequestIsNotServed() {
    rules = rules.connections(1);
    idle();
    want("a", "y");
    want("a", "p");
    want("a", "q");
    core.cancel("a", "p", now);
    h1(1, 2, 3);
    assertThat(acts()).containsExactly("grant y 1 reused", "grant q 1 reused");
  }

  @Test
  void aConnectionThatNobodyWaitsForAnyMoreBecomesIdle() {
    rules = rules.connections(2);
    idle();
    want("a", "y");
    want("a", "z");
    h1(1, 2, 3); // z takes the one that has become free
    h1(2, 0, 1);
    assertThat(acts()).containsExactly("grant y 1 reused", "dial a 2", "grant z 1 reused");
    assertThat(site("a").idle()).isEqualTo(1);
  }

  @Test
  void aRequestIsRefusedAtItsDeadline() {
    rules = rules.connections(1);
    idle();
    want("a", "y");
    want("a", "z");
    acts();
    after(Duration.ofSeconds(9));
    assertThat(acts()).isEmpty();
    assertThat(core.deadline()).isLessThanOrEqualTo(now + SECOND);
    after(Duration.ofSeconds(1));
    assertThat(acts()).containsExactly("refuse z LATE");
  }

  @Test
  void oneMoreThanMayWaitIsRefusedAtOnce() {
    rules = rules.connections(1).waiting(1);
    idle();
    want("a", "y");
    want("a", "z");
    want("a", "p");
    assertThat(acts()).containsExactly("grant y 1 reused", "refuse p FULL");
  }

  @Test
  void withoutAQueueARequestMayStillOpenAConnection() {
    rules = rules.connections(2).waiting(0);
    idle();
    want("a", "y");
    want("a", "z");
    want("a", "p");
    assertThat(acts()).containsExactly("grant y 1 reused", "dial a 2", "refuse p FULL");
  }

  @Test
  void aRequestForWhichAConnectionCanBeOpenedIsNotOneThatMayWait() {
    rules = rules.connections(3).waiting(1);
    List.of("w", "x", "y", "z", "p").forEach(want -> want("a", want));
    assertThat(acts()).containsExactly("dial a 1", "refuse p FULL");
    rules = rules.connections(3).waiting(0);
    List.of("w", "x", "y", "p").forEach(want -> want("b", want));
    assertThat(acts()).containsExactly("dial b 2", "refuse p FULL");
  }

  @Test
  void aFullQueueSaysWhatToChange() {
    rules = rules.connections(1).waiting(0);
    idle();
    want("a", "y");
    want("a", "z");
    core.take()
        .forEach(
            act -> {
              if (act instanceof Act.Refuse<String, String> refused) {
                assertThat(refused.last().orElseThrow().sentence())
                    .contains("no connection to a has room: 1 busy", "pool.connections");
              }
            });
  }

  // ---- failures

  @Test
  void allThatWaitLearnWhyNoConnectionCouldBeOpened() {
    want("a", "x");
    want("a", "y");
    gone(1, REFUSED);
    assertThat(acts()).containsExactly("dial a 1", "refuse x FAILED", "refuse y FAILED");
    want("a", "z");
    assertThat(acts()).containsExactly("dial a 2");
  }

  @Test
  void whileAConnectionServesAFailedDialRefusesNobody() {
    rules = rules.connections(2);
    idle();
    want("a", "y");
    want("a", "z");
    gone(2, REFUSED);
    assertThat(acts()).containsExactly("grant y 1 reused", "dial a 2");
    want("a", "p"); // the next dial is a second away
    assertThat(acts()).isEmpty();
    after(Duration.ofSeconds(1));
    assertThat(acts()).containsExactly("dial a 3");
    h1(1, 2, 3);
    assertThat(acts()).containsExactly("grant z 1 reused");
  }

  @Test
  void thePatientWaitForTheNextDial() {
    rules = rules.failFast(false);
    want("a", "x");
    gone(1, REFUSED);
    assertThat(acts()).containsExactly("dial a 1");
    after(Duration.ofMillis(999));
    assertThat(acts()).isEmpty();
    after(Duration.ofMillis(1));
    assertThat(acts()).containsExactly("dial a 2");
    h1(2, 0, 1);
    assertThat(acts()).containsExactly("grant x 2");
  }

  @Test
  void aLateRequestLearnsWhyTheLastDialFailed() {
    rules = rules.failFast(false);
    want("a", "x");
    core.gone(1, REFUSED, true, 100 * SECOND, now);
    acts();
    after(Duration.ofSeconds(10));
    List<Act<String, String>> acts = core.take();
    assertThat(acts).hasSize(1);
    if (acts.getFirst() instanceof Act.Refuse<String, String> refused) {
      assertThat(refused.last()).contains(REFUSED);
    }
    assertThat(acts.getFirst()).isInstanceOf(Act.Refuse.class);
  }

  @Test
  void aConnectionThatIsGoneIsNotGiven() {
    idle();
    gone(1, CLOSED);
    want("a", "y");
    assertThat(acts()).containsExactly("dial a 2");
    assertThat(core.info(now).closed()).containsEntry(Cause.PEER, 1L);
  }

  @Test
  void aConnectionThatACancelledRequestHasClosedIsNotTheServersDoing() {
    idle();
    core.gone(1, new Reason.Cancelled(), false, SECOND, now);
    assertThat(core.info(now).closed()).containsOnly(entry(Cause.CANCELLED, 1L));
  }

  @Test
  void aConnectionThatTakesNothingMoreIsNotGiven() {
    want("a", "x");
    h2(1, 0, 100);
    acts();
    core.told(1, Protocol.HTTP_2, 0, 1, true, Long.MAX_VALUE, now); // GOAWAY
    want("a", "y");
    assertThat(acts()).containsExactly("dial a 2");
    assertThat(site("a").draining()).isEqualTo(1);
    core.told(1, Protocol.HTTP_2, 1, 1, true, Long.MAX_VALUE, now);
    assertThat(acts()).containsExactly("retire 1 PEER");
  }

  // ---- time

  @Test
  void anIdleConnectionIsEnded() {
    idle();
    after(Duration.ofSeconds(29));
    assertThat(acts()).isEmpty();
    assertThat(core.deadline()).isLessThanOrEqualTo(now + SECOND);
    after(Duration.ofSeconds(1));
    assertThat(acts()).containsExactly("retire 1 IDLE");
    assertThat(site("a").connections()).isEqualTo(1); // until it is gone
    gone(1, CLOSED);
    assertThat(core.info(now).closed()).containsEntry(Cause.IDLE, 1L);
  }

  @Test
  void anIdleConnectionIsEndedBeforeTheServerDoesIt() {
    idle();
    core.told(1, Protocol.HTTP_1_1, 1, 2, false, 4 * SECOND, now);
    after(Duration.ofSeconds(4));
    assertThat(acts()).containsExactly("retire 1 IDLE");
  }

  @Test
  void useKeepsAConnection() {
    idle();
    after(Duration.ofSeconds(29));
    want("a", "y");
    h1(1, 2, 3);
    after(Duration.ofSeconds(29));
    assertThat(acts()).containsExactly("grant y 1 reused");
  }

  @Test
  void anOldConnectionEndsWithItsLastStream() {
    rules = rules.idle(Duration.ofDays(1));
    idle();
    after(Duration.ofMinutes(5));
    want("a", "y");
    after(Duration.ofMinutes(7));
    assertThat(acts()).containsExactly("grant y 1 reused");
    want("a", "z");
    assertThat(acts()).containsExactly("dial a 2");
    h1(1, 2, 3);
    assertThat(acts()).containsExactly("retire 1 AGE");
  }

  @Test
  void aConnectionCarriesNoMoreThanItsUses() {
    rules = rules.uses(2);
    idle();
    want("a", "y");
    want("a", "z");
    assertThat(acts()).containsExactly("grant y 1 reused", "dial a 2");
    h1(1, 2, 3);
    assertThat(acts()).containsExactly("retire 1 USES");
  }

  @Test
  void theLeastNumberOfConnectionsIsKeptWhileTheOriginIsUsed() {
    rules = rules.least(2).forget(Duration.ofMinutes(1));
    want("a", "x");
    h1(1, 0, 1);
    h1(2, 0, 1);
    h1(1, 1, 2);
    assertThat(acts()).containsExactly("dial a 1", "grant x 1", "dial a 2");
    after(Duration.ofSeconds(31));
    assertThat(acts()).isEmpty();
    gone(2, CLOSED); // which was of no use, so the next one is opened later
    assertThat(acts()).isEmpty();
    after(Duration.ofSeconds(1));
    assertThat(acts()).containsExactly("dial a 3");
    h1(3, 0, 1);
    after(Duration.ofSeconds(31));
    assertThat(acts()).containsExactly("retire 1 IDLE", "retire 3 IDLE");
  }

  @Test
  void connectionsAreOpenedBeforeTheFirstRequest() {
    core.warm("a", rules, 3, now);
    assertThat(acts()).containsExactly("dial a 1");
    h1(1, 0, 1);
    assertThat(acts()).containsExactly("dial a 2", "dial a 3");
    h1(2, 0, 1);
    h1(3, 0, 1);
    assertThat(site("a").idle()).isEqualTo(3);
    want("a", "x");
    assertThat(acts()).containsExactly("grant x 3");
  }

  @Test
  void whatWasWarmedIsNotOpenedAgainWhenItEnds() {
    rules = rules.connections(1); // so the number is never reached
    core.warm("a", rules, 2, now);
    h1(1, 0, 1);
    assertThat(acts()).containsExactly("dial a 1");
    after(Duration.ofSeconds(31));
    assertThat(acts()).containsExactly("retire 1 IDLE");
    gone(1, CLOSED);
    after(Duration.ofSeconds(31));
    assertThat(acts()).isEmpty();
  }

  @Test
  void aServerThatRefusesIsNotDialedAgainAndAgainForTheLeastNumber() {
    rules = rules.least(1);
    want("a", "x");
    gone(1, REFUSED);
    assertThat(acts()).containsExactly("dial a 1", "refuse x FAILED");
    after(Duration.ofSeconds(1));
    assertThat(acts()).containsExactly("dial a 2");
    gone(2, REFUSED);
    assertThat(acts()).isEmpty();
    want("a", "y");
    assertThat(acts()).containsExactly("dial a 3"); // a request does not wait for that
    h1(3, 0, 1);
    assertThat(acts()).containsExactly("grant y 3");
  }

  // ---- which connection

  @Test
  void theConnectionUsedLastIsNext() {
    core.warm("a", rules, 2, now);
    h1(1, 0, 1);
    h1(2, 0, 1);
    acts();
    want("a", "x");
    h1(2, 1, 2);
    want("a", "y");
    assertThat(acts()).containsExactly("grant x 2", "grant y 2 reused");
  }

  @Test
  void requestsAreSpreadOnDemand() {
    rules = rules.choice(PoolOptions.Choice.SPREAD);
    core.warm("a", rules, 2, now);
    h2(1, 0, 100);
    h2(2, 0, 100);
    acts();
    want("a", "x");
    now++;
    want("a", "y");
    now++;
    want("a", "z");
    assertThat(acts()).containsExactly("grant x 1", "grant y 2 reused", "grant z 1 reused");
  }

  @Test
  void aConnectionThatIsTakenServesNobodyElse() {
    core.want("a", rules, "socket", now + SECOND, Wish.OWN, now);
    h1(1, 0, 1);
    assertThat(acts()).containsExactly("dial a 1", "grant socket 1");
    h1(1, 0, 1);
    assertThat(site("a").taken()).isEqualTo(1);
    want("a", "x");
    assertThat(acts()).containsExactly("dial a 2");
    gone(2, REFUSED); // nothing serves
    assertThat(acts()).containsExactly("refuse x FAILED");
    gone(1, CLOSED);
  }

  // ---- many origins

  @Test
  void aFullPoolEndsTheConnectionThatWasUnusedForLongest() {
    core = new PoolCore<>(2, new Random(1), false);
    want("a", "x");
    h1(1, 0, 1);
    want("b", "y");
    h1(2, 0, 1);
    h1(1, 1, 2);
    now++;
    h1(2, 1, 2);
    acts();
    want("c", "z");
    assertThat(acts()).containsExactly("retire 1 EXCESS");
    gone(1, CLOSED);
    assertThat(acts()).containsExactly("dial c 3");
    assertThat(core.info(now).closed()).containsEntry(Cause.EXCESS, 1L);
  }

  @Test
  void ifNoneIsIdleTheFirstThatBecomesSoGoes() {
    core = new PoolCore<>(1, new Random(1), false);
    want("a", "x");
    h1(1, 0, 1);
    want("b", "y");
    assertThat(acts()).containsExactly("dial a 1", "grant x 1");
    h1(1, 1, 2);
    assertThat(acts()).containsExactly("retire 1 EXCESS");
    gone(1, CLOSED);
    assertThat(acts()).containsExactly("dial b 2");
  }

  @Test
  void aPlaceThatBecomesFreeGoesToWhoeverHasWaitedForItAndNotToItsOwnOriginAgain() {
    core = new PoolCore<>(1, new Random(1), false);
    rules = rules.least(1);
    idle();
    want("b", "y");
    assertThat(acts()).containsExactly("retire 1 EXCESS");
    gone(1, CLOSED);
    assertThat(acts()).containsExactly("dial b 2"); // although "a" has less than it keeps
    want("a", "z");
    h1(2, 0, 1);
    h1(2, 1, 2);
    assertThat(acts()).containsExactly("grant y 2", "retire 2 EXCESS");
    want("b", "p");
    gone(2, CLOSED);
    assertThat(acts()).containsExactly("dial a 3"); // although "b" has a request that waits
  }

  @Test
  void originsThatNobodyAsksForAreForgotten() {
    for (int i = 0; i < 1000; i++) {
      want("o" + i, "x" + i);
      gone(i + 1, REFUSED);
      now += Duration.ofSeconds(10).toNanos();
    }
    acts();
    assertThat(core.info(now).origins()).hasSizeLessThan(70);
  }

  @Test
  void tenThousandOriginsLeaveNothingBehind() {
    int total = 100;
    core = new PoolCore<>(total, new Random(1), false);
    Duration each = Duration.ofSeconds(1);
    int most = (int) (rules.forget().toSeconds() / each.toSeconds()) + total;
    for (int i = 0; i < 10_000; i++) {
      want("o" + i, "x" + i);
      serveAll();
      assertThat(core.info(now).connections()).isLessThanOrEqualTo(total);
      assertThat(core.origins()).isLessThanOrEqualTo(2 * most); // they are looked over now and then
      after(each);
    }
    assertThat(core.info(now).granted()).isEqualTo(10_000);
    after(rules.forget());
    serveAll();
    after(rules.forget());
    want("last", "x");
    serveAll();
    assertThat(core.origins()).isEqualTo(1);
  }

  /** Opens what is dialed, ends each stream as soon as it is granted, and ends what is retired. */
  private void serveAll() {
    for (List<Act<String, String>> acts = core.take(); !acts.isEmpty(); acts = core.take()) {
      for (Act<String, String> act : acts) {
        switch (act) {
          case Act.Dial<String, String>(var origin, var link) -> h1(link, 0, 1);
          case Act.Grant<String, String>(var want, var link, var reused, var waited) ->
              h1(link, 1, 2);
          case Act.Retire<String, String>(var link, var cause) -> gone(link, CLOSED);
          case Act.Refuse<String, String> refuse -> throw new AssertionError(refuse);
          case Act.Late<String, String> late -> throw new AssertionError(late);
          case Act.Tell<String, String> tell -> throw new AssertionError(tell);
          case Act.Seek<String, String> seek -> throw new AssertionError(seek);
        }
      }
    }
  }

  // ---- many that wait

  private static final int MANY = 10_000;

  /** One connection serves, and this many wait for it; the pool dials as much as it may. */
  private void manyWait(int openings) {
    rules = rules.waiting(MANY).openings(openings);
    idle();
    want("a", "served");
    for (int i = 0; i < MANY; i++) {
      want("a", "w" + i);
    }
    assertThat(site("a").waiting()).isEqualTo(MANY);
  }

  @Test
  void whenAServerDiesAllThatWaitLearnItWithTheLastDialInTheirOrder() {
    manyWait(2);
    assertThat(acts()).containsExactly("grant served 1 reused", "dial a 2", "dial a 3");
    gone(1, new Reason.Reset("read"));
    gone(2, REFUSED);
    acts(); // the third is on its way, and might succeed
    assertThat(site("a").waiting()).isEqualTo(MANY);
    for (long link = 3; site("a").dialing() > 0; link++) {
      gone(link, REFUSED);
    }
    List<String> acts = acts();
    assertThat(acts.stream().filter(act -> act.startsWith("refuse")))
        .hasSize(MANY)
        .startsWith("refuse w0 FAILED", "refuse w1 FAILED")
        .endsWith("refuse w9999 FAILED");
    assertThat(site("a").waiting()).isZero();
  }

  @Test
  void whoIsPatientIsServedInOrderByConnectionsThatABudgetAllows() {
    rules = rules.failFast(false).budget(AttemptBudget.perSecond(10, 1)); // one each 100 ms
    manyWait(8);
    acts();
    gone(1, new Reason.Reset("read")); // the server is dead, and comes back at once
    int dials = 0;
    int served = 0;
    for (int i = 0; i < 20; i++) {
      after(Duration.ofMillis(100));
      for (String act : acts()) {
        if (act.startsWith("dial")) {
          dials++;
          h1(Long.parseLong(act.split(" ")[2]), 0, 1);
        }
      }
      for (String act : acts()) {
        if (act.startsWith("grant")) {
          assertThat(act).startsWith("grant w" + served++ + " ");
        }
      }
      assertThat(dials).isLessThanOrEqualTo(i + 2);
    }
    assertThat(dials).isGreaterThanOrEqualTo(15);
    assertThat(served).isEqualTo(dials);
  }

  @Test
  void aConnectionThatIsDueIsNotOpenedIfNobodyNeedsItAnyMore() {
    rules = rules.budget(at -> SECOND);
    want("a", "x");
    assertThat(acts()).isEmpty();
    assertThat(site("a").dialing()).isEqualTo(1);
    core.cancel("a", "x", now);
    after(Duration.ofSeconds(1));
    assertThat(core.info(now).connections()).isZero();
  }

  @Test
  void theEndForgetsConnectionsThatAreDue() {
    rules = rules.budget(at -> SECOND);
    want("a", "x");
    core.close(now);
    assertThat(acts()).containsExactly("refuse x CLOSED");
    assertThat(core.isOver()).isTrue();
  }

  @Test
  void aBudgetThatThrowsLimitsNothing() {
    rules =
        rules.budget(
            at -> {
              throw new IllegalStateException("a user's mistake");
            });
    want("a", "x");
    assertThat(acts()).containsExactly("dial a 1");
  }

  // ---- a connection of its own

  private void fresh(String want) {
    core.want("a", rules, want, now + 10 * SECOND, Wish.FRESH, now);
  }

  @Test
  void whatWasMisdirectedGetsAConnectionThatCarriedNothing() {
    idle();
    core.misdirected("a", 1);
    assertThat(acts()).containsExactly("retire 1 PEER");
    fresh("y");
    assertThat(acts()).containsExactly("dial a 2");
    h1(2, 0, 1);
    assertThat(acts()).containsExactly("grant y 2");
    gone(1, CLOSED);
  }

  @Test
  void aConnectionThatIsUnusedYetIsAConnectionOfItsOwn() {
    idle();
    core.warm("a", rules, 2, now);
    h1(2, 0, 1);
    assertThat(acts()).containsExactly("dial a 2");
    fresh("y");
    assertThat(acts()).containsExactly("grant y 2");
  }

  @Test
  void whereThereIsNoPlaceForItAUsedConnectionGoes() {
    rules = rules.connections(1);
    idle();
    fresh("y");
    assertThat(acts()).containsExactly("retire 1 EXCESS");
    want("a", "z"); // which must wait for it too
    gone(1, CLOSED);
    h1(2, 0, 1);
    assertThat(acts()).containsExactly("dial a 2", "grant y 2");
    h1(2, 1, 2);
    assertThat(acts()).containsExactly("grant z 2 reused");
  }

  @Test
  void whoFoundItsConnectionEndedComesBeforeThoseThatWait() {
    rules = rules.connections(1);
    idle();
    want("a", "y");
    want("a", "z");
    assertThat(acts()).containsExactly("grant y 1 reused");
    core.again("a", rules, "y", now + SECOND, Wish.SHARED, 1, now); // 1 had ended already
    gone(1, CLOSED);
    h1(2, 0, 1);
    assertThat(acts()).containsExactly("dial a 2", "grant y 2");
    h1(2, 1, 2);
    assertThat(acts()).containsExactly("grant z 2 reused");
  }

  // ---- the end

  @Test
  void theEndRefusesWhatWaitsAndEndsAllConnections() {
    rules = rules.connections(1);
    idle();
    want("a", "y");
    want("a", "z");
    want("b", "p");
    acts();
    core.close(now);
    assertThat(acts())
        .containsExactly(
            "refuse z CLOSED", "refuse p CLOSED", "retire 1 SHUTDOWN", "retire 2 SHUTDOWN");
    want("a", "q");
    assertThat(acts()).containsExactly("refuse q CLOSED");
    assertThat(core.isOver()).isFalse();
    gone(1, CLOSED);
    h1(2, 0, 1); // established all the same
    gone(2, CLOSED);
    assertThat(core.isOver()).isTrue();
    assertThat(core.info(now).opened()).isEqualTo(2);
    assertThat(core.info(now).closed()).containsEntry(Cause.SHUTDOWN, 2L);
  }

  // ---- live connections

  @Test
  void aConnectionThatIsRenewedTakesNothingMoreAndEndsWithItsLastStream() {
    want("a", "x");
    h2(1, 0, 100);
    want("a", "y");
    assertThat(acts()).containsExactly("dial a 1", "grant x 1", "grant y 1 reused");
    core.renew(1);
    core.unused(1, now);
    want("a", "y");
    assertThat(acts()).containsExactly("dial a 2");
    h2(2, 0, 100);
    h2(1, 1, 100);
    assertThat(acts()).containsExactly("grant y 2", "retire 1 REPLACED");
  }

  @Test
  void whileLivesSayGoodbyeTheirConnectionsStayAndNothingNewBegins() {
    want("a", "x");
    h2(1, 0, 100);
    want("b", "y");
    assertThat(acts()).containsExactly("dial a 1", "grant x 1", "dial b 2");
    core.refuse(now);
    want("a", "z");
    assertThat(acts()).containsExactly("refuse y CLOSED", "retire 2 SHUTDOWN", "refuse z CLOSED");
    h2(1, 0, 100);
    assertThat(acts()).isEmpty();
    core.close(now);
    assertThat(acts()).containsExactly("retire 1 SHUTDOWN");
    core.close(now);
    gone(1, CLOSED);
    gone(2, CLOSED);
    assertThat(core.isOver()).isTrue();
  }

  // ---- connections that carry requests for other origins

  private static final Reached HERE =
      new Reached("options", "192.0.2.1:443", Set.of("a.example", "*.example"));

  private static Optional<Reached.Sought> at(String address, String host) {
    return Optional.of(new Reached.Sought("options", Set.of(address, "192.0.2.9:443"), host));
  }

  private void anywhere(String origin, String want) {
    core.want(origin, rules, want, now + 10 * SECOND, Wish.ANYWHERE, now);
  }

  /** A connection of HTTP/2 to "a" that may carry requests for others, with room for so many. */
  private void shared(int room) {
    rules = rules.coalesce(true);
    anywhere("a", "x");
    core.reached(1, HERE);
    h2(1, 0, room);
    assertThat(acts()).containsExactly("dial a 1", "grant x 1");
  }

  @Test
  void anOriginAtTheSamePlaceNeedsNoConnectionOfItsOwn() {
    shared(100);
    anywhere("b", "y");
    assertThat(acts()).containsExactly("seek b");
    anywhere("b", "z");
    assertThat(acts()).as("it is asked once").isEmpty();
    core.sought("b", at("192.0.2.1:443", "a.example"), now);
    assertThat(acts()).containsExactly("grant y 1 reused", "grant z 1 reused");
    anywhere("b", "u");
    assertThat(acts()).containsExactly("grant u 1 reused");
    assertThat(site("a").streams()).isEqualTo(4);
  }

  @ParameterizedTest
  @CsvSource({
    "options, 192.0.2.2:443, a.example", // another address
    "options, 192.0.2.1:444, a.example", // another port
    "others, 192.0.2.1:443, a.example",
    "options, 192.0.2.1:443, b.other",
    "options, 192.0.2.1:443, b.www.example", // the star is one label
    "options, 192.0.2.1:443, b.example", // and not before a public suffix
    "options, 192.0.2.1:443, example"
  })
  void anOriginElsewhereHasAConnectionOfItsOwn(String how, String address, String host) {
    shared(100);
    anywhere("b", "y");
    assertThat(acts()).containsExactly("seek b");
    core.sought("b", Optional.of(new Reached.Sought(how, Set.of(address), host)), now);
    assertThat(acts()).containsExactly("dial b 2");
  }

  @Test
  void aStarIsOneLabel() {
    Reached reached = new Reached("", "", Set.of("*.www.example"));
    assertThat(reached.serves(new Reached.Sought("", Set.of(""), "a.www.example"))).isTrue();
    assertThat(reached.serves(new Reached.Sought("", Set.of(""), "a.b.www.example"))).isFalse();
    assertThat(reached.serves(new Reached.Sought("", Set.of(""), "www.example"))).isFalse();
  }

  @Test
  void whereNobodyKnowsWhereItIsItHasAConnectionOfItsOwn() {
    shared(100);
    anywhere("b", "y");
    core.sought("b", Optional.empty(), now);
    assertThat(acts()).containsExactly("seek b", "dial b 2");
  }

  @Test
  void withoutTheOptionNobodyAsks() {
    shared(100);
    rules = rules.coalesce(false);
    anywhere("b", "y");
    assertThat(acts()).containsExactly("dial b 2");
  }

  @Test
  void aConnectionThatCarriesOnlyItsOwnIsNoReasonToAsk() {
    rules = rules.coalesce(true);
    want("a", "x");
    h2(1, 0, 100);
    anywhere("b", "y");
    assertThat(acts()).containsExactly("dial a 1", "grant x 1", "dial b 2");
  }

  @Test
  void whatIsReadPartByPartHasAConnectionOfItsOwnOrigin() {
    shared(100);
    want("b", "y");
    assertThat(acts()).containsExactly("dial b 2");
    h2(2, 0, 100);
    anywhere("b", "z");
    assertThat(acts())
        .as("which then carries all")
        .containsExactly("grant y 2", "grant z 2 reused");
  }

  @Test
  void beyondTheRoomOfTheSharedConnectionOneOfItsOwnIsOpened() {
    shared(2);
    anywhere("b", "y");
    anywhere("b", "z");
    core.sought("b", at("192.0.2.1:443", "a.example"), now);
    assertThat(acts()).containsExactly("seek b", "grant y 1 reused", "dial b 2");
    h2(1, 1, 3);
    assertThat(acts()).as("room on the shared one comes first").containsExactly("grant z 1 reused");
    h2(2, 0, 100);
  }

  @Test
  void aMisdirectedPairIsRemembered() {
    shared(100);
    anywhere("b", "y");
    core.sought("b", at("192.0.2.1:443", "a.example"), now);
    assertThat(acts()).containsExactly("seek b", "grant y 1 reused");
    core.misdirected("b", 1);
    core.want("b", rules, "y", now + 10 * SECOND, Wish.FRESH, now);
    assertThat(acts()).containsExactly("dial b 2");
    anywhere("a", "z");
    assertThat(acts()).as("its own origin goes on").containsExactly("grant z 1 reused");
    gone(2, REFUSED);
    assertThat(acts()).containsExactly("refuse y FAILED");
    anywhere("b", "u");
    assertThat(acts()).as("no more there").containsExactly("dial b 3");
  }

  @Test
  void theEndOfTheSharedConnectionLetsAnOriginLookForAnother() {
    shared(100);
    anywhere("b", "y");
    core.sought("b", at("192.0.2.1:443", "a.example"), now);
    assertThat(acts()).containsExactly("seek b", "grant y 1 reused");
    gone(1, CLOSED);
    anywhere("b", "z");
    assertThat(acts()).containsExactly("dial b 2");
  }

  @Test
  void aSharedConnectionThatDrainsTakesNothingForOthers() {
    shared(100);
    anywhere("b", "y");
    core.sought("b", at("192.0.2.1:443", "a.example"), now);
    core.told(1, Protocol.HTTP_2, 0, 100, true, Long.MAX_VALUE, now);
    anywhere("b", "z");
    assertThat(acts()).containsExactly("seek b", "grant y 1 reused", "dial b 2");
  }

  @Test
  void aPoolThatIsClosedMeanwhileOpensNothing() {
    shared(100);
    anywhere("b", "y");
    core.close(now);
    assertThat(acts()).containsExactly("seek b", "refuse y CLOSED", "retire 1 SHUTDOWN");
    core.sought("b", at("192.0.2.1:443", "a.example"), now);
    gone(1, CLOSED);
    assertThat(core.isOver()).isTrue();
  }
}
