package dev.lariat.internal.connection;

import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.transport.Outflow;
import dev.lariat.message.Reason;
import io.netty.channel.Channel;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Looks now and then whether one channel's socket takes anything of what waits for it. Used on the
 * connection's loop.
 */
final class WriteWatch {
  private static final int CHECKS = 4; // within the time that a write may take

  private final Channel channel;
  private long limit;
  private @Nullable Outflow outflow; // once something has waited
  private long check = Engine.NEVER; // when to look, while something waits
  private long takenAt; // when it was last seen to have taken any

  WriteWatch(Channel channel, Duration limit) {
    this.channel = channel;
    this.limit = limit.toNanos();
  }

  /** From now on a write may take this long. */
  void limit(Duration limit, long now) {
    this.limit = limit.toNanos();
    check = check == Engine.NEVER ? check : now; // by the new limit
  }

  /** Begins to look, if the socket has not taken all that was flushed. */
  void flushed(long now) {
    if (check != Engine.NEVER || !Outflow.waits(channel)) {
      return;
    }
    if (outflow == null) {
      outflow = Outflow.of(channel);
    } else {
      outflow.moved(); // from now on
    }
    takenAt = now;
    check = now + limit / CHECKS;
  }

  /** When to ask whether it is stuck. */
  long deadline() {
    return check;
  }

  /** How long it has taken nothing of what waits for it; empty if it takes it. */
  Optional<Reason> soFar(long now) {
    if (outflow == null || !Outflow.waits(channel)) {
      return Optional.empty();
    }
    takenAt = outflow.moved() ? now : takenAt;
    Duration passed = Duration.ofNanos(now - takenAt).truncatedTo(ChronoUnit.MILLIS);
    return passed.isZero()
        ? Optional.empty()
        : Optional.of(new Reason.Ongoing(Reason.Step.WRITE, passed));
  }

  /**
   * Whether it has taken nothing for the whole limit, so that the write has timed out.
   *
   * @param unreadUntil until when this side took nothing of what the peer sends: a peer that cannot
   *     get rid of its own bytes may take none of ours
   */
  boolean isStuck(long unreadUntil, long now) {
    if (outflow == null || !Outflow.waits(channel)) {
      check = Engine.NEVER;
      return false;
    }
    takenAt = outflow.moved() ? now : Math.max(takenAt, Math.min(unreadUntil, now));
    check = Math.min(takenAt + limit, now + limit / CHECKS);
    return now >= takenAt + limit;
  }
}
