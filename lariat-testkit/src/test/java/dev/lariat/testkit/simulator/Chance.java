package dev.lariat.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Mailbox;
import dev.lariat.client.Client;
import dev.lariat.event.PoolInfo;
import dev.lariat.live.AttemptBudget;
import dev.lariat.message.Protocol;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Healing;
import dev.lariat.option.Http2;
import dev.lariat.option.Keepalive;
import dev.lariat.option.PoolOptions;
import dev.lariat.option.Rotation;
import dev.lariat.option.Timeouts;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;

/** What a seed decides. */
final class Chance {
  private final SplittableRandom random;

  Chance(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** True once in so many times. */
  boolean oneIn(int times) {
    return random.nextInt(times) == 0;
  }

  /** One of both. */
  boolean half() {
    return random.nextBoolean();
  }

  /** From the least to the most, both included. */
  int number(int least, int most) {
    return random.nextInt(least, most + 1);
  }

  /** Between two times; short ones as likely as long ones. */
  Duration time(Duration least, Duration most) {
    double ratio = (double) most.toNanos() / least.toNanos();
    return Duration.ofNanos((long) (least.toNanos() * Math.pow(ratio, random.nextDouble())));
  }

  Duration millis(int least, int most) {
    return time(Duration.ofMillis(least), Duration.ofMillis(most));
  }

  @SafeVarargs
  final <T> T oneOf(T... all) {
    return all[random.nextInt(all.length)];
  }

  // ---- options that all scenarios have

  Mailbox mailbox() {
    return half()
        ? Mailbox.create()
        : half() ? Mailbox.bounded(number(1, 50)) : Mailbox.bounded(1000, number(1, 2000));
  }

  Timeouts timeouts() {
    return Timeouts.DEFAULT
        .lookup(millis(100, 10_000))
        .connect(millis(100, 10_000))
        .upgrade(millis(100, 10_000))
        .write(millis(1000, 20_000))
        .settings(millis(1000, 20_000))
        .closing(millis(100, 10_000));
  }

  /** HTTP/2 with every other seed. */
  static Protocol protocol(long seed) {
    return seed % 2 == 0 ? Protocol.HTTP_2 : Protocol.HTTP_1_1;
  }

  /** Whether a live connection shares its connections, with every other seed of HTTP/2. */
  static boolean shares(long seed) {
    return seed % 4 == 0;
  }

  /**
   * The client whose connections a live connection uses: with some seeds of HTTP/2, and some of
   * HTTP/1.1. Each connection carries one stream, as the scripts do.
   */
  static Optional<Client> client(long seed, ConnectionOptions options) {
    return seed % 16 == 2 || seed % 8 == 5
        ? Optional.of(Client.open(PoolOptions.DEFAULT.uses(1).connection(options)))
        : Optional.empty();
  }

  static void endsWithNothingLeft(Client client) {
    client.close();
    try {
      assertThat(client.awaitTermination(Duration.ofMinutes(30))).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    PoolInfo info = client.info();
    assertThat(info.connections()).isZero();
    assertThat(info.waiting()).isZero();
    assertThat(info.granted()).isEqualTo(info.ended());
  }

  Http2 http2() {
    Http2 http2 =
        Http2.DEFAULT
            .streamWindow(number(65_535, 500_000))
            .maxStreams(oneOf(1, 3, 100, 1000))
            .push(half())
            .maxPushes(oneOf(1, 3, 100));
    return half() ? http2 : http2.keepalive(new Keepalive(millis(500, 20_000), millis(200, 5000)));
  }

  Rotation rotation() {
    return Rotation.DEFAULT
        .maxAge(millis(20_000, 10_000_000))
        .drain(millis(10, 5000))
        .quiet(millis(0, 3000))
        .settle(millis(0, 6000));
  }

  Backoff backoff() {
    return Backoff.DEFAULT.delays(millis(1, 2000), millis(2000, 60_000)).stable(millis(1, 60_000));
  }

  Healing healing() {
    Healing healing =
        Healing.DEFAULT.spread(half() ? Duration.ZERO : millis(1, 10_000)).retry(backoff());
    return oneIn(4) ? healing.budget(AttemptBudget.perSecond(number(1, 10) / 10.0, 1)) : healing;
  }
}
