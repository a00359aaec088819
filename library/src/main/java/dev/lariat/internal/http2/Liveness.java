package dev.lariat.internal.http2;

import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.message.Reason;
import dev.lariat.option.Keepalive;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether the server is alive: it must send its SETTINGS and acknowledge this side's in time (RFC
 * 9113 section 6.5.3), and answer the PINGs that are sent when it is silent, if there are any. Both
 * measure the round trip.
 */
final class Liveness {
  private static final int MOST_PINGS = 100; // that wait for their answers

  private final @Nullable Keepalive keepalive;
  private final Duration settingsTimeout;

  /** When the server's SETTINGS, and its acknowledgement of this side's, must have come. */
  private long settingsBy = Engine.NEVER;

  private long settingsSentAt;
  private boolean settingsCame;
  private boolean acknowledged;

  /** When anything last came, or the first stream began after none. */
  private long heardAt;

  /** How many PINGs were sent; the number of the newest. */
  private long pings;

  /** Those that were not acknowledged, by their numbers. */
  private final Map<Long, Sent> unanswered = new LinkedHashMap<>(0);

  /**
   * A PING on its way.
   *
   * @param asked who asked for it; null if the keepalive did
   */
  private record Sent(long at, Command.@Nullable Ping asked) {}

  /** When anything must have come after a PING; NEVER if none is awaited. */
  private long pongBy = Engine.NEVER;

  private long roundTrip;

  private boolean ended;

  Liveness(Optional<Keepalive> keepalive, Duration settingsTimeout) {
    this.keepalive = keepalive.orElse(null);
    this.settingsTimeout = settingsTimeout;
  }

  void began(long now) {
    settingsSentAt = now;
    settingsBy = now + settingsTimeout.toNanos();
    heardAt = now;
  }

  /** A stream begins. */
  void busy(long now) {
    heardAt = Math.max(heardAt, now);
  }

  void heard(long now) {
    heardAt = now;
    pongBy = Engine.NEVER;
  }

  long roundTrip() {
    return roundTrip;
  }

  void settings() {
    settingsCame = true;
    settled();
  }

  /** False if the server acknowledges what was not sent. */
  boolean settingsAcknowledged(long now) {
    if (acknowledged) {
      return false;
    }
    acknowledged = true;
    roundTrip = Math.max(1, now - settingsSentAt);
    settled();
    return true;
  }

  private void settled() {
    if (settingsCame && acknowledged) {
      settingsBy = Engine.NEVER;
    }
  }

  /** False if this PING was not sent, or was acknowledged before. */
  boolean pong(long data, long now) {
    Sent sent = unanswered.remove(data);
    if (sent == null) {
      return false;
    }
    roundTrip = Math.max(1, now - sent.at);
    if (sent.asked != null) {
      sent.asked.answered(Duration.ofNanos(roundTrip));
    }
    return true;
  }

  /** Sends a PING that a user asks for. */
  void ping(Command.Ping asked, long now, Sending sending) {
    if (unanswered.size() >= MOST_PINGS) {
      asked.failed(new Reason.BadState("ping", MOST_PINGS + " pings wait for their answers"));
    } else {
      send(asked, now, sending);
    }
  }

  private void send(Command.@Nullable Ping asked, long now, Sending sending) {
    pings++;
    unanswered.put(pings, new Sent(now, asked));
    sending.ping(pings, false);
  }

  /** The connection has ended: nothing is awaited any more. */
  void end(Reason reason) {
    ended = true;
    for (Sent sent : unanswered.values()) {
      if (sent.asked != null) {
        sent.asked.failed(reason);
      }
    }
    unanswered.clear();
  }

  /**
   * When to call {@link #elapsed}.
   *
   * @param busy whether there are streams
   */
  long deadline(boolean busy) {
    if (ended) {
      return Engine.NEVER;
    }
    long deadline = Math.min(settingsBy, pongBy);
    return keepalive == null || !busy || pongBy != Engine.NEVER
        ? deadline
        : Math.min(deadline, heardAt + keepalive.interval().toNanos());
  }

  /**
   * A deadline has come: a PING is sent, or the server is found dead.
   *
   * @param unreadUntil when reading last resumed; silence before that says nothing
   * @return why it is dead; null if it is not
   */
  @Nullable Reason elapsed(long now, long unreadUntil, Sending sending) {
    if (now >= settingsBy) {
      return new Reason.Timeout(Reason.Step.SETTINGS, settingsTimeout);
    }
    if (keepalive == null) {
      return null;
    }
    if (now >= pongBy) {
      long since = Math.max(pongBy, Math.min(now, unreadUntil) + keepalive.deadline().toNanos());
      if (now >= since) {
        return new Reason.Timeout(Reason.Step.PONG, keepalive.deadline());
      }
      pongBy = since;
    } else if (pongBy == Engine.NEVER && now >= heardAt + keepalive.interval().toNanos()) {
      pongBy = now + keepalive.deadline().toNanos();
      send(null, now, sending);
    }
    return null;
  }
}
