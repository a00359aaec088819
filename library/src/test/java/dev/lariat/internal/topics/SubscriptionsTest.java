package dev.lariat.internal.topics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Reason;
import dev.lariat.option.TopicOptions;
import dev.lariat.option.TopicRule.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Which topic is subscribed where, and what its readers are told: a test for each decision. */
class SubscriptionsTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Reason LOST = new Reason.Closed();
  private static final String GAP = " gap: The server closed the connection.";
  private static final String CLOSED = " ended: The owner closed the connection.";

  private final Feed feed = new Feed();
  private Subscriptions<String, String> topics = of(TopicOptions.DEFAULT);
  private long now;

  private Subscriptions<String, String> of(TopicOptions options) {
    topics = new Subscriptions<>(options, feed);
    return topics;
  }

  private void open(String reader, String topic) {
    topics.open(reader, topic, now);
  }

  private void close(String reader) {
    topics.close(reader, now);
  }

  private Socket<String, String> socket(int number) {
    return feed.sockets.get(number);
  }

  /** A session of this socket opens. */
  private void session(int socket, String session) {
    topics.opening(socket(socket), session, now);
    topics.opened(socket(socket), now);
  }

  private void lost(int socket) {
    topics.lost(socket(socket), 1, Duration.ofSeconds(1), LOST, false, now);
  }

  private void acknowledge(int socket, String topic) {
    topics.acknowledged(socket(socket), new Subscription(topic, Optional.empty()), now);
  }

  private void elapse(int seconds) {
    now += seconds * SECOND;
    assertThat(topics.deadline()).isLessThanOrEqualTo(now);
    topics.elapsed(now);
  }

  private void expect(String... words) {
    assertThat(feed.next()).containsExactly(words);
  }

  @Nested
  class ATopic {
    @Test
    void isSubscribedWithItsFirstReader() {
      open("r1", "a");
      expect("connect 0");
      session(0, "s");
      expect("s + a", "r1 open");
    }

    @Test
    void hasManyReadersAndOneSubscription() {
      open("r1", "a");
      session(0, "s");
      feed.next();
      open("r2", "a");
      expect("r2 open");
      assertThat(topics.heard(socket(0), "a", now)).containsExactly("r1", "r2");
      close("r1");
      expect("r1" + CLOSED);
      assertThat(topics.heard(socket(0), "a", now)).containsExactly("r2");
      assertThat(topics.lingering()).isZero();
    }

    @Test
    void lingersAfterItsLastReader() {
      open("r1", "a");
      open("r2", "b");
      session(0, "s");
      feed.next();
      close("r1");
      expect("r1" + CLOSED);
      now += 4 * SECOND;
      topics.elapsed(now);
      expect();
      elapse(1);
      expect("s - a");
      assertThat(topics.topics()).isEqualTo(1);
    }

    @Test
    void costsNothingForAReaderThatComesInTime() {
      open("r1", "a");
      session(0, "s");
      feed.next();
      close("r1");
      now += 4 * SECOND;
      open("r2", "a");
      expect("r1" + CLOSED, "r2 open");
      assertThat(topics.deadline()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void isUnsubscribedAtOnceWithoutLinger() {
      of(TopicOptions.DEFAULT.linger(Duration.ZERO));
      open("r1", "a");
      open("r2", "b");
      session(0, "s");
      feed.next();
      close("r2");
      expect("r2" + CLOSED, "s - b");
    }

    @Test
    void isNotHeardAfterItsEnd() {
      of(TopicOptions.DEFAULT.linger(Duration.ZERO));
      open("r1", "a");
      open("r2", "b");
      session(0, "s");
      close("r1");
      close("r1"); // again
      assertThat(topics.heard(socket(0), "a", now)).isEmpty();
      assertThat(topics.heard(socket(0), "c", now)).isEmpty();
    }

    @Test
    void thatARuleCannotSayEndsItsReaders() {
      open("r1", "a");
      feed.throwing = true;
      session(0, "s");
      assertThat(feed.next())
          .startsWith("connect 0")
          .anyMatch(told -> told.startsWith("r1 ended: The handler threw: "))
          .endsWith("disconnect 0");
      assertThat(topics.topics()).isZero();
    }
  }

  @Nested
  class Sockets {
    @Test
    void areAsFewAsTheCapAllows() {
      of(TopicOptions.DEFAULT.perSocket(2).linger(Duration.ZERO));
      for (String topic : List.of("a", "b", "c", "d", "e")) {
        open("r" + topic, topic);
      }
      expect("connect 0", "connect 1", "connect 2");
      assertThat(feed.sockets.stream().map(Socket::topics)).containsExactly(2, 2, 1);
    }

    @Test
    void takeANewTopicWhereMostAre() {
      of(TopicOptions.DEFAULT.perSocket(3).linger(Duration.ZERO));
      for (String topic : List.of("a", "b", "c", "d", "e")) {
        open("r" + topic, topic);
      }
      close("ra");
      close("rb");
      open("rf", "f");
      assertThat(feed.sockets.stream().map(Socket::topics)).containsExactly(1, 3);
    }

    @Test
    void closeWithoutATopic() {
      of(TopicOptions.DEFAULT.perSocket(1).linger(Duration.ZERO));
      open("r1", "a");
      open("r2", "b");
      session(0, "s");
      session(1, "t");
      feed.next();
      close("r1");
      expect("r1" + CLOSED, "disconnect 0");
      open("r3", "c");
      expect("connect 2");
    }

    @Test
    void areNoMoreThanTheLimit() {
      of(TopicOptions.DEFAULT.perSocket(1).sockets(2));
      open("r1", "a");
      open("r2", "b");
      feed.next();
      open("r3", "c");
      expect("r3 ended: The number of topics exceeded the limit of 2 (topics.sockets).");
    }

    @Test
    void giveTheRoomOfALingeringTopicToANewOne() {
      of(TopicOptions.DEFAULT.perSocket(2).sockets(1));
      open("r1", "a");
      open("r2", "b");
      session(0, "s");
      close("r1");
      close("r2");
      feed.next();
      open("r3", "c");
      expect("s - a", "s + c", "r3 open");
      assertThat(topics.lingering()).isEqualTo(1);
    }

    @Test
    void thatEndForGoodEndTheirReadersAlone() {
      of(TopicOptions.DEFAULT.perSocket(1));
      open("r1", "a");
      open("r2", "b");
      session(0, "s");
      session(1, "t");
      feed.next();
      topics.ended(socket(0), LOST, now);
      expect("r1 ended: The server closed the connection.");
      open("r3", "a");
      expect("connect 2");
    }
  }

  @Nested
  class Healing {
    @Test
    void saysTheTopicsAgainAndTellsTheGapOnce() {
      open("r1", "a");
      open("r2", "b");
      session(0, "s");
      feed.next();
      lost(0);
      lost(0); // an attempt fails
      expect("r1" + GAP, "r2" + GAP);
      session(0, "t");
      expect("t + a", "t + b", "r1 open", "r2 open");
    }

    @Test
    void tellsAReaderThatComesInTheGap() {
      open("r1", "a");
      session(0, "s");
      lost(0);
      feed.next();
      open("r2", "a");
      open("r3", "b");
      expect("r2" + GAP, "r3" + GAP);
    }

    @Test
    void tellsAReaderOfTheFirstAttemptThatFails() {
      open("r1", "a");
      lost(0);
      lost(0);
      expect("connect 0", "r1" + GAP);
    }

    @Test
    void saysNothingOfTopicsThatWereClosedInTheGap() {
      of(TopicOptions.DEFAULT.linger(Duration.ZERO));
      open("r1", "a");
      open("r2", "b");
      session(0, "s");
      lost(0);
      close("r1");
      feed.next();
      session(0, "t");
      expect("t + b", "r2 open");
    }

    @Test
    void startsAgainWithALostOpeningStep() {
      open("r1", "a");
      topics.opening(socket(0), "s", now);
      lost(0);
      session(0, "t");
      expect("connect 0", "s + a", "r1" + GAP, "t + a", "r1 open");
    }
  }

  @Nested
  class ARotation {
    @Test
    void subscribesInTheNextSessionBeforeTheOldOneEnds() {
      open("r1", "a");
      session(0, "s");
      feed.next();
      topics.opening(socket(0), "t", now);
      expect("t + a");
      assertThat(topics.heard(socket(0), "a", now)).containsExactly("r1");
      topics.opened(socket(0), now);
      expect("r1 open");
      assertThat(topics.heard(socket(0), "a", now)).containsExactly("r1");
    }

    @Test
    void changesBothSessions() {
      of(TopicOptions.DEFAULT.linger(Duration.ZERO));
      open("r1", "a");
      session(0, "s");
      topics.opening(socket(0), "t", now);
      feed.next();
      open("r2", "b");
      expect("s + b", "r2 open", "t + b");
      close("r1");
      expect("r1" + CLOSED, "s - a", "t - a");
    }

    @Test
    void thatFailsIsNoGap() {
      open("r1", "a");
      session(0, "s");
      topics.opening(socket(0), "t", now);
      feed.next();
      topics.lost(socket(0), 1, Duration.ZERO, LOST, true, now);
      expect();
      open("r2", "b");
      expect("s + b", "r2 open");
    }

    @Test
    void goesOnWhenTheOldSessionIsLost() {
      open("r1", "a");
      session(0, "s");
      topics.opening(socket(0), "t", now);
      feed.next();
      lost(0);
      topics.opened(socket(0), now);
      expect("r1" + GAP, "r1 open");
    }

    @Test
    void thatIsFasterThanThePaceIsAToldGap() {
      of(TopicOptions.DEFAULT.pace(nanos -> 0));
      open("r1", "a");
      session(0, "s");
      feed.next();
      feed.pace = SECOND;
      topics.opening(socket(0), "t", now);
      assertThat(socket(0).isBehind()).isTrue();
      topics.opened(socket(0), now);
      expect("r1 gap: The subscription has taken 0 s so far.");
      elapse(1);
      expect("t + a", "r1 open");
    }
  }

  @Nested
  class AnAcknowledgement {
    private final TopicOptions acknowledged =
        TopicOptions.DEFAULT.acknowledgement(Duration.ofSeconds(10)).linger(Duration.ZERO);

    @Test
    void opensTheTopic() {
      of(acknowledged);
      open("r1", "a");
      session(0, "s");
      expect("connect 0", "s + a");
      acknowledge(0, "a");
      expect("r1 open");
      acknowledge(0, "a");
      expect();
    }

    @Test
    void thatDoesNotComeEndsTheReaders() {
      of(acknowledged);
      open("r1", "a");
      open("r2", "b");
      session(0, "s");
      acknowledge(0, "b");
      feed.next();
      elapse(10);
      expect("r1 ended: The subscription took longer than 10 s (topics.acknowledgement).", "s - a");
    }

    @Test
    void hasItsTimeFromTheMomentTheSessionIsOpen() {
      of(acknowledged);
      open("r1", "a");
      topics.opening(socket(0), "s", now);
      now += 60 * SECOND;
      topics.opened(socket(0), now);
      topics.elapsed(now);
      assertThat(feed.ended).isEmpty();
      assertThat(topics.deadline()).isEqualTo(now + 10 * SECOND);
    }

    @Test
    void hasItsFullTimeAgainWhenTheSocketWasNotRead() {
      of(acknowledged);
      open("r1", "a");
      session(0, "s");
      now += 9 * SECOND;
      topics.readAgain(socket(0), now);
      now += 9 * SECOND;
      topics.elapsed(now);
      assertThat(feed.ended).isEmpty();
      elapse(1);
      assertThat(feed.ended).containsExactly("r1");
    }

    @Test
    void isAMessageOfTheTopicToo() {
      of(acknowledged);
      open("r1", "a");
      session(0, "s");
      feed.next();
      assertThat(topics.heard(socket(0), "a", now)).containsExactly("r1");
      expect("r1 open");
    }

    @Test
    void namesAChannelOfThisSession() {
      of(acknowledged);
      open("r1", "a");
      open("r2", "b");
      session(0, "s");
      topics.acknowledged(socket(0), new Subscription("a", Optional.of(7)), now);
      topics.acknowledged(socket(0), new Subscription("b", Optional.of(8)), now);
      assertThat(topics.heard(socket(0), 7, now)).containsExactly("r1");
      lost(0);
      session(0, "t");
      topics.acknowledged(socket(0), new Subscription("b", Optional.of(7)), now);
      assertThat(topics.heard(socket(0), 7, now)).containsExactly("r2");
      assertThat(topics.heard(socket(0), 8, now)).isEmpty();
      feed.next();
      close("r2");
      expect("r2" + CLOSED, "t - b=7");
    }

    @Test
    void isAwaitedBeforeATopicIsUnsubscribed() {
      of(acknowledged);
      open("r1", "a");
      open("r2", "b");
      session(0, "s");
      close("r1");
      feed.next();
      topics.acknowledged(socket(0), new Subscription("a", Optional.of(7)), now);
      expect("s - a=7");
    }

    @Test
    void isNotAskedForAgainByAReaderThatComesBefore() {
      of(acknowledged);
      open("r1", "a");
      open("r2", "b");
      session(0, "s");
      close("r1");
      feed.next();
      open("r3", "a");
      expect();
      acknowledge(0, "a");
      expect("r3 open");
    }

    @Test
    void leavesRoomForTheNextTopicOnlyWhenTheOneBeforeIsUnsubscribed() {
      of(acknowledged.perSocket(1).sockets(1).linger(Duration.ofSeconds(5)));
      open("r1", "a");
      session(0, "s");
      close("r1");
      feed.next();
      open("r2", "b");
      expect();
      acknowledge(0, "a");
      expect("s - a", "s + b");
    }
  }

  @Nested
  class ARefusal {
    private final Reason refused = new Reason.TopicRefused("a", "unknown symbol");

    @Test
    void endsTheReadersAndIsNotUnsubscribed() {
      open("r1", "a");
      open("r2", "b");
      session(0, "s");
      feed.next();
      topics.refused(socket(0), "a", refused, now);
      expect("r1 ended: The server refused the topic a: unknown symbol.");
    }

    @Test
    void letsTheNextReaderTryAgain() {
      open("r1", "a");
      open("r2", "b");
      session(0, "s");
      topics.refused(socket(0), "a", refused, now);
      feed.server.get("s").remove("a");
      feed.next();
      open("r3", "a");
      expect("s + a", "r3 open");
    }

    @Test
    void ofAnUnknownTopicChangesNothing() {
      open("r1", "a");
      session(0, "s");
      feed.next();
      topics.refused(socket(0), "x", refused, now);
      expect();
    }

    @Test
    void inARotationUnsubscribesInTheNextSession() {
      open("r1", "a");
      open("r2", "b");
      session(0, "s");
      topics.opening(socket(0), "t", now);
      feed.next();
      topics.refused(socket(0), "a", refused, now);
      expect("r1 ended: The server refused the topic a: unknown symbol.", "t - a");
    }
  }

  @Nested
  class Sending {
    @Test
    void goesInBatches() {
      of(TopicOptions.DEFAULT.batch(2));
      open("r1", "a");
      open("r2", "b");
      open("r3", "c");
      topics.opening(socket(0), "s", now);
      expect("connect 0", "s + a b", "s + c");
    }

    @Test
    void takesOneOfTheBudgetForEachBatch() {
      of(TopicOptions.DEFAULT.pace(nanos -> 0));
      feed.pace = SECOND;
      open("r1", "a");
      open("r2", "b");
      session(0, "s");
      expect("connect 0");
      elapse(1);
      expect("s + a", "r1 open");
      now += SECOND / 2;
      topics.elapsed(now);
      expect();
      now -= SECOND / 2;
      elapse(1);
      expect("s + b", "r2 open");
      assertThat(topics.deadline()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void takesTurnsAmongSockets() {
      of(TopicOptions.DEFAULT.perSocket(2).pace(nanos -> 0));
      for (String topic : List.of("a", "b", "c", "d")) {
        open("r" + topic, topic);
      }
      feed.pace = SECOND;
      session(0, "s");
      session(1, "t");
      feed.next();
      elapse(1);
      elapse(1);
      assertThat(feed.next()).containsExactly("s + a", "ra open", "t + c", "rc open");
    }

    @Test
    void waitsForRoom() {
      feed.full.add("s");
      open("r1", "a");
      session(0, "s");
      expect("connect 0");
      feed.full.clear();
      topics.room(socket(0), "s", now);
      expect("s + a", "r1 open");
    }
  }

  @Test
  void theEndEndsEveryReader() {
    of(TopicOptions.DEFAULT.perSocket(1));
    open("r1", "a");
    open("r2", "b");
    session(0, "s");
    feed.next();
    topics.end(new Reason.OwnerClosed());
    assertThat(feed.next()).containsExactlyInAnyOrder("r1" + CLOSED, "r2" + CLOSED);
    assertThat(topics.readers()).isZero();
    assertThat(topics.deadline()).isEqualTo(Long.MAX_VALUE);
    topics.ended(socket(0), LOST, now);
    assertThat(feed.next()).isEmpty();
  }
}
