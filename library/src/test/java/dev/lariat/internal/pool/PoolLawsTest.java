package dev.lariat.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.event.PoolInfo;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.option.PoolOptions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.jspecify.annotations.Nullable;

/**
 * A pool beside connections that do anything at any time, and tell it late. After every step: no
 * limit is exceeded, each request has one end and none after its deadline, those that wait are
 * served in order, nothing is granted on a connection that is gone or has no room, and the
 * statistics say what has happened.
 */
class PoolLawsTest {
  private static final int STEPS = 400;
  private static final int ORIGINS = 3;

  @Property(tries = 400, shrinking = ShrinkingMode.OFF)
  void theLawsHold(@ForAll long seed) {
    new Walk(seed).run();
  }

  private static final class Peer {
    final String origin;
    final Protocol protocol;
    boolean dialing = true;
    boolean last;
    boolean retired;
    long granted;
    long begun; // of the grants, those that have arrived
    long ended;
    long limit;
    final Deque<Runnable> tellings = new ArrayDeque<>();

    Peer(String origin, Protocol protocol, long limit) {
      this.origin = origin;
      this.protocol = protocol;
      this.limit = limit;
    }
  }

  private record Want(int number, String origin, long deadline, Wish wish) {}

  private static final class Walk {
    private final Random random;
    private final PoolOptions rules;
    private final int total;
    private final PoolCore<String, Want> core;
    private final Map<Long, Peer> peers = new LinkedHashMap<>();
    private final Map<String, Protocol> protocols = new HashMap<>();
    private final Map<Want, Long> waiting = new LinkedHashMap<>();
    private final Map<String, Integer> lastGranted = new HashMap<>();
    private long now = 1_000;
    private int wants;
    private long granted;
    private long refused;
    private long opened;
    private long closed;
    private final PoolCount count = new PoolCount();
    private final Deque<Runnable> answers = new ArrayDeque<>(); // where origins are

    Walk(long seed) {
      random = new Random(seed);
      total = 1 + random.nextInt(6);
      rules =
          PoolOptions.DEFAULT
              .connections(1 + random.nextInt(4))
              .waiting(random.nextInt(6))
              .streams(1 + random.nextInt(4))
              .openings(1 + random.nextInt(3))
              .budget(at -> random.nextInt(3) * 1_000_000L)
              .uses(random.nextBoolean() ? 1 + random.nextInt(5) : Long.MAX_VALUE)
              .least(random.nextInt(3))
              .idle(Duration.ofMillis(1 + random.nextInt(50)))
              .age(Duration.ofMillis(1 + random.nextInt(500)))
              .forget(Duration.ofMillis(1 + random.nextInt(100)))
              .choice(random.nextBoolean() ? PoolOptions.Choice.RECENT : PoolOptions.Choice.SPREAD)
              .failFast(random.nextBoolean())
              .coalesce(random.nextBoolean());
      core = new PoolCore<>(total, random, true);
      for (int i = 0; i < ORIGINS; i++) {
        protocols.put("o" + i, random.nextBoolean() ? Protocol.HTTP_2 : Protocol.HTTP_1_1);
      }
    }

    void run() {
      for (int i = 0; i < STEPS; i++) {
        step();
        carryOut();
        check();
      }
      core.close(now);
      carryOut();
      for (long link : List.copyOf(peers.keySet())) {
        gone(link);
      }
      carryOut();
      check();
      assertThat(waiting).isEmpty();
      assertThat(core.isOver()).isTrue();
      assertThat(core.info(now).ended()).isEqualTo(granted);
    }

    private void step() {
      switch (random.nextInt(13)) {
        case 0, 1, 2, 3 -> want();
        case 4 -> pick(waiting.keySet()).ifPresent(this::cancel);
        case 5, 6 -> pick(peers.keySet()).ifPresent(this::happens);
        case 7, 8 -> pick(peers.keySet()).ifPresent(this::tells);
        case 9 ->
            pick(peers.keySet())
                .ifPresent(random.nextInt(4) > 0 ? this::mayEnd : this::isTheWrongOne);
        case 11 -> {
          if (!answers.isEmpty()) {
            answers.remove().run();
          }
        }
        case 10 -> elapse(1 + random.nextInt(20));
        default -> core.warm("o" + random.nextInt(ORIGINS), rules, random.nextInt(3), now);
      }
    }

    private <T> Optional<T> pick(Collection<T> all) {
      return all.isEmpty()
          ? Optional.empty()
          : all.stream().skip(random.nextInt(all.size())).findFirst();
    }

    private void want() {
      String origin = "o" + random.nextInt(ORIGINS);
      long deadline = now + Duration.ofMillis(1 + random.nextInt(100)).toNanos();
      Want want = new Want(++wants, origin, deadline, wish());
      waiting.put(want, now);
      core.want(origin, rules, want, deadline, want.wish(), now);
    }

    private Wish wish() {
      return switch (random.nextInt(12)) {
        case 0 -> Wish.OWN;
        case 1 -> Wish.FRESH;
        case 2, 3, 4, 5, 6, 7 -> Wish.ANYWHERE;
        default -> Wish.SHARED;
      };
    }

    private void cancel(Want want) {
      core.cancel(want.origin(), want, now);
      waiting.remove(want);
    }

    private void elapse(long millis) {
      now += Duration.ofMillis(millis).toNanos();
      core.elapsed(now);
      carryOut();
      assertThat(core.deadline()).isGreaterThan(now);
      for (Want want : waiting.keySet()) {
        assertThat(want.deadline()).as("a request that waits at " + now).isGreaterThan(now);
      }
    }

    /** Something happens on a connection, which tells it later. */
    private void happens(long number) {
      Peer peer = peers.get(number);
      if (peer.dialing && random.nextInt(4) == 0) {
        gone(number);
        return;
      }
      switch (random.nextInt(6)) {
        case 0 -> peer.limit = peer.protocol == Protocol.HTTP_2 ? random.nextInt(6) : 1;
        case 1 -> peer.last |= random.nextInt(4) == 0;
        case 2, 3 -> peer.ended += peer.begun > peer.ended ? 1 : 0;
        default -> peer.begun = peer.granted;
      }
      peer.dialing = false;
      long open = peer.begun - peer.ended;
      long credit = peer.begun + (peer.last ? 0 : Math.max(0, peer.limit - open));
      long ended = peer.ended;
      boolean last = peer.last;
      peer.tellings.add(
          () -> core.told(number, peer.protocol, ended, credit, last, Long.MAX_VALUE, now));
    }

    private void tells(long number) {
      Runnable telling = peers.get(number).tellings.poll();
      if (telling != null) {
        telling.run();
      }
    }

    private void isTheWrongOne(long number) {
      core.misdirected("o" + random.nextInt(ORIGINS), number);
    }

    private void seek(String origin) {
      int address = random.nextInt(3);
      answers.add(
          () ->
              core.sought(
                  origin,
                  address == 2
                      ? Optional.empty()
                      : Optional.of(new Reached.Sought("", Set.of(address), "a.b.example")),
                  now));
    }

    private void mayEnd(long number) {
      if (peers.get(number).retired || random.nextInt(5) == 0) {
        gone(number);
      }
    }

    private void gone(long number) {
      Peer peer = peers.get(number);
      while (!peer.tellings.isEmpty()) {
        tells(number);
        carryOut();
      }
      boolean was = core.link(number).protocol != null;
      closed += was ? 1 : 0;
      opened += was ? 1 : 0;
      peers.remove(number);
      boolean failure = random.nextBoolean();
      core.gone(number, new Reason.Closed(), failure, Duration.ofMillis(5).toNanos(), now);
    }

    private void carryOut() {
      for (List<Act<String, Want>> acts = core.take(); !acts.isEmpty(); acts = core.take()) {
        carryOut(acts);
      }
    }

    private void carryOut(List<Act<String, Want>> acts) {
      for (Act<String, Want> act : acts) {
        switch (act) {
          case Act.Dial<String, Want>(var origin, var link) -> {
            Peer peer = new Peer(origin, protocols.get(origin), 1);
            peers.put(link, peer);
            if (peer.protocol == Protocol.HTTP_2) {
              core.reached(link, new Reached("", random.nextInt(2), Set.of("*.b.example")));
            }
          }
          case Act.Seek<String, Want>(var origin) -> seek(origin);
          case Act.Grant<String, Want>(var want, var link, var reused, var waited) ->
              granted(want, link);
          case Act.Refuse<String, Want>(var want, var why, var last, var waited) -> {
            assertThat(waiting.remove(want)).as("a request that is refused").isNotNull();
            refused++;
          }
          case Act.Late<String, Want>(var want, var link, var last, var waited) -> {
            assertThat(waiting.remove(want)).as("a request that is late").isNotNull();
            refused++;
          }
          case Act.Retire<String, Want>(var link, var cause) -> {
            Peer peer = peers.get(link);
            assertThat(peer.retired).as("retired before").isFalse();
            peer.retired = true;
          }
          case Act.Tell<String, Want>(var event) -> count.event(event);
        }
      }
    }

    private void granted(Want want, long link) {
      @Nullable Peer peer = peers.get(link);
      assertThat(peer).as("a connection that is alive").isNotNull();
      assertThat(peer.retired).isFalse();
      if (!(want.wish() == Wish.ANYWHERE && rules.coalesce() && peer.protocol == Protocol.HTTP_2)) {
        assertThat(peer.origin).isEqualTo(want.origin());
      }
      assertThat(want.deadline()).isGreaterThan(now - Duration.ofMillis(20).toNanos());
      assertThat(waiting.remove(want)).as("a request that is granted").isNotNull();
      granted++;
      if (want.wish() == Wish.FRESH) {
        assertThat(peer.granted).as("what a fresh connection has carried").isZero();
      } else {
        assertThat(lastGranted.getOrDefault(want.origin(), 0)).isLessThan(want.number());
        lastGranted.put(want.origin(), want.number());
      }
      if (random.nextInt(20) == 0) {
        core.unused(link, now); // its user's mistake
        return;
      }
      peer.granted++;
    }

    private void check() {
      PoolInfo info = core.info(now);
      assertThat(count).as("the sums of the events").hasToString(PoolCount.of(info));
      assertThat(info.connections()).isBetween(peers.size(), total); // some wait for the budget
      for (PoolInfo.Origin origin : info.origins()) {
        assertThat(origin.connections()).isLessThanOrEqualTo(rules.connections());
        assertThat(origin.waiting())
            .isEqualTo(
                (int)
                    waiting.keySet().stream()
                        .filter(w -> w.origin().equals(origin.origin()))
                        .count());
      }
      assertThat(info.granted()).isEqualTo(granted).isEqualTo(info.ended() + info.streams());
      assertThat(info.refused()).isEqualTo(refused);
      long ends = info.closed().values().stream().mapToLong(Long::longValue).sum();
      long alive = peers.keySet().stream().filter(link -> core.link(link).protocol != null).count();
      assertThat(info.opened()).isEqualTo(ends + alive).isEqualTo(opened + alive);
      assertThat(ends).isEqualTo(closed);
    }
  }
}
