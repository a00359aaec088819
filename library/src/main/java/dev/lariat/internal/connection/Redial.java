package dev.lariat.internal.connection;

import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Fallback;
import dev.lariat.internal.retry.Attempts;
import dev.lariat.internal.transport.Dialer;
import dev.lariat.internal.transport.Loop;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.option.ConnectionOptions;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * How a connection is dialed again: whether and when there is a next attempt, and whether HTTP/2 is
 * left out of it.
 */
final class Redial {
  private final ConnectionOptions options;
  private final Engines engines;
  private final Attempts attempts;
  private Dialer dialer;

  Redial(ConnectionOptions options, Engines engines, Dialer dialer, RandomGenerator random) {
    this.options = options;
    this.engines = engines;
    this.dialer = dialer;
    this.attempts = new Attempts(options.retry(), random);
  }

  /** Begins an attempt. */
  Dialer.Attempt dial(Loop loop, Dialer.Outcome outcome) {
    return dialer.dial(loop, outcome);
  }

  /**
   * What the end of a link means for the next one.
   *
   * @param failed whether the policy counts it as a failure
   * @param unharmed whether no stream was lost with it, so that nothing has to wait for the next
   */
  record Loss(boolean failed, boolean unharmed) {}

  /**
   * A link was lost.
   *
   * @param nanos how long it lasted
   */
  Loss lost(Hosting root, Engine.Casualties casualties, Reason reason, long nanos) {
    Protocol protocol = root.protocol();
    if (protocol == Protocol.HTTP_2
        && Fallback.isPossible(options.protocols())
        && Fallback.isRequired(reason)) {
      engines.fallBack();
      dialer = dialer.withoutHttp2();
    }
    boolean tunnel = protocol == Protocol.RAW && root.inGoodOrder(); // that HTTP/1.1 has become
    boolean http = protocol == Protocol.HTTP_1_1 || protocol == Protocol.HTTP_2 || tunnel;
    boolean unharmed = http && casualties.killed().isEmpty();
    boolean failed = !unharmed || !root.inGoodOrder();
    if (failed) {
      attempts.lostAfter(nanos);
    } else {
      attempts.restart(); // an HTTP server may close a connection after any response
    }
    return new Loss(failed, unharmed);
  }

  /** How long to wait for the next attempt, after a failure for this reason; empty to give up. */
  Optional<Duration> delay(Reason reason) {
    Optional<Duration> policy = attempts.next(reason);
    return dialer.isOver() ? Optional.empty() : policy;
  }

  /** Which attempt the next one is, or how many there were. */
  int attempt() {
    return attempts.attempt();
  }
}
