package dev.lariat.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.event.PoolInfo;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.option.PoolOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * However what was wanted ends, and whenever: after a thousand times, nothing of it is left in the
 * pool. What users and servers do, and the engines make of it, is in {@code PoolLeakTest}; here is
 * all that a connection can tell of it.
 */
class PoolLeaksTest {
  private static final int TIMES = 1000;
  private static final Reason CLOSED = new Reason.Closed();

  /** How a stream, or the wait for one, ends for the pool. */
  enum End {
    /** The stream leaves, and the connection has room again. */
    LEAVES,
    /** The stream leaves, and the connection takes no more. */
    LEAVES_FOR_GOOD,
    /** The connection ends in good order. */
    CLOSES,
    /** The connection fails. */
    BREAKS,
    /** It does not begin: the user's mistake. */
    DOES_NOT_BEGIN,
    /** The connection had ended before it could begin there. */
    TOO_LATE,
    /** The server says that the connection is the wrong one. */
    MISDIRECTED,
    /** The caller gives up. */
    CANCELLED,
    /** Its time is over while it waits. */
    LATE
  }

  /** When that happens. */
  enum Phase {
    /** No connection is there yet. */
    WHILE_IT_WAITS,
    /** The connection has not seen the stream yet. */
    GRANTED,
    /** The connection carries it, and has told so. */
    CARRIED
  }

  static Stream<Arguments> ends() {
    List<Arguments> all = new ArrayList<>();
    for (Protocol protocol : List.of(Protocol.HTTP_1_1, Protocol.HTTP_2)) {
      for (Phase phase : Phase.values()) {
        for (End end : End.values()) {
          all.add(Arguments.of(protocol, phase, end));
        }
      }
    }
    return all.stream();
  }

  private final PoolOptions rules =
      PoolOptions.DEFAULT.connections(2).age(Duration.ofDays(365)).idle(Duration.ofDays(365));
  private final PoolCore<String, String> core = new PoolCore<>(2, new Random(1), true);
  private final List<Long> alive = new ArrayList<>();
  private final PoolCount count = new PoolCount();
  private Protocol protocol = Protocol.HTTP_1_1;
  private long now = 1;
  private long begun; // on the last connection
  private long left;

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("ends")
  void nothingIsLeft(Protocol spoken, Phase phase, End end) {
    protocol = spoken;
    for (int i = 0; i < TIMES; i++) {
      once("w" + i, phase, end);
    }
    settle();
    PoolInfo info = core.info(now);
    assertThat(info.streams()).isZero();
    assertThat(info.waiting()).isZero();
    assertThat(info.granted()).isEqualTo(info.ended());
    for (PoolInfo.Origin origin : info.origins()) {
      assertThat(origin.connections()).isEqualTo(origin.idle()).isLessThanOrEqualTo(2);
    }
    assertThat(count).hasToString(PoolCount.of(info));
    core.want("a", rules, "next", Long.MAX_VALUE, Wish.SHARED, now);
    settle();
    assertThat(core.info(now).ended()).isEqualTo(info.ended() + 1);
  }

  private void once(String want, Phase phase, End end) {
    core.want("a", rules, want, now + 10, Wish.SHARED, now);
    if (phase != Phase.WHILE_IT_WAITS) {
      connect();
    }
    if (phase == Phase.CARRIED && !alive.isEmpty()) {
      tell(false);
    }
    Long link = alive.isEmpty() ? null : alive.getLast();
    switch (end) {
      case CANCELLED -> core.cancel("a", want, now);
      case LATE -> {
        now += 10;
        core.elapsed(now);
      }
      case LEAVES -> settle();
      case LEAVES_FOR_GOOD -> {
        if (link != null) {
          left = begun;
          tell(true);
        }
      }
      case CLOSES, BREAKS -> {
        if (link != null) {
          gone(link, end == End.BREAKS);
        }
      }
      case DOES_NOT_BEGIN -> {
        if (link != null && begun > left) {
          begun--;
          core.unused(link, now);
        }
      }
      case TOO_LATE -> {
        if (link != null && begun > left) {
          core.again("a", rules, want, now + 10, Wish.SHARED, link, now);
          gone(link, true);
        }
      }
      case MISDIRECTED -> {
        if (link != null) {
          core.misdirected("a", link);
        }
      }
    }
    settle();
  }

  /** Tells how the last connection stands. */
  private void tell(boolean last) {
    long most = protocol == Protocol.HTTP_2 ? 100 : 1;
    long credit = left + (last ? 0 : most);
    core.told(alive.getLast(), protocol, left, credit, last, Long.MAX_VALUE, now);
  }

  private void gone(long link, boolean failure) {
    alive.remove(link);
    core.gone(link, CLOSED, failure, 0, now);
  }

  /** Carries out what is to be done: dials succeed, and what is retired ends. */
  private void connect() {
    for (List<Act<String, String>> acts = core.take(); !acts.isEmpty(); acts = core.take()) {
      for (Act<String, String> act : acts) {
        switch (act) {
          case Act.Dial<String, String>(var origin, var link) -> {
            alive.add(link);
            begun = 0;
            left = 0;
            tell(false);
          }
          case Act.Grant<String, String> grant -> begun++;
          case Act.Refuse<String, String> refuse -> {}
          case Act.Late<String, String> late -> {}
          case Act.Retire<String, String>(var link, var cause) -> gone(link, false);
          case Act.Tell<String, String>(var event) -> count.event(event);
          case Act.Seek<String, String> seek -> throw new AssertionError(seek);
        }
      }
    }
  }

  /** All streams leave. */
  private void settle() {
    for (connect(); begun > left && !alive.isEmpty(); connect()) {
      left = begun;
      tell(false);
    }
  }
}
