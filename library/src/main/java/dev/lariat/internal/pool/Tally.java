package dev.lariat.internal.pool;

import dev.lariat.event.PoolEvent;
import dev.lariat.event.PoolEvent.Need;
import dev.lariat.event.PoolEvent.Outcome;
import dev.lariat.event.PoolInfo;
import dev.lariat.event.PoolInfo.Cause;
import dev.lariat.message.Reason;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What has happened to a pool since its beginning: each time, it is counted and told in one place,
 * so the numbers are the sums of the events.
 */
final class Tally {
  private final @Nullable Consumer<PoolEvent> teller; // null where nobody listens

  private long opened;
  private final Map<Cause, Long> closings = new EnumMap<>(Cause.class);
  private long failed;
  private long granted;
  private long left; // streams that have left connections which are gone
  private long waited;
  private long refused;
  private long repeated;

  Tally(@Nullable Consumer<PoolEvent> teller) {
    this.teller = teller;
  }

  private void tell(Supplier<PoolEvent> event) {
    if (teller != null) {
      teller.accept(event.get());
    }
  }

  // ---- requests

  void granted(Object origin, boolean hasWaited, long wait) {
    granted++;
    waited += hasWaited ? 1 : 0;
    waitEnded(origin, hasWaited ? Outcome.WAITED : Outcome.AT_ONCE, wait, Optional.empty());
  }

  void refused(Object origin, Act.Why why, long wait, Optional<Reason> reason) {
    refused++;
    Outcome outcome =
        switch (why) {
          case FULL -> Outcome.FULL;
          case LATE -> Outcome.LATE;
          case FAILED -> Outcome.FAILED;
          case CLOSED -> Outcome.CLOSED;
        };
    waitEnded(origin, outcome, wait, reason);
  }

  void cancelled(Object origin, long wait) {
    waitEnded(origin, Outcome.CANCELLED, wait, Optional.empty());
  }

  private void waitEnded(Object origin, Outcome how, long wait, Optional<Reason> reason) {
    tell(() -> new PoolEvent.PoolWait(origin.toString(), how, Duration.ofNanos(wait), reason));
  }

  void repeated(Object origin) {
    repeated++;
    tell(() -> new PoolEvent.PoolRepeat(origin.toString()));
  }

  // ---- connections

  void opening(Link<?, ?> link, Need need) {
    tell(() -> new PoolEvent.PoolOpening(link.site.origin.toString(), link.number, need));
  }

  void opened(Link<?, ?> link, long now) {
    opened++;
    openingEnded(link, Optional.empty(), now);
  }

  void failed(Link<?, ?> link, Reason reason, long now) {
    failed++;
    openingEnded(link, Optional.of(reason), now);
  }

  /** It was being opened when the pool was closed. */
  void abandoned(Link<?, ?> link, long now) {
    openingEnded(link, Optional.empty(), now);
  }

  private void openingEnded(Link<?, ?> link, Optional<Reason> failure, long now) {
    tell(
        () ->
            new PoolEvent.PoolOpened(
                link.site.origin.toString(),
                link.number,
                Optional.ofNullable(link.protocol),
                failure,
                Duration.ofNanos(now - link.dialedAt)));
  }

  void closed(Link<?, ?> link, Cause cause, Reason reason, long now) {
    closings.merge(cause, 1L, Long::sum);
    left += link.granted;
    tell(
        () ->
            new PoolEvent.PoolClosed(
                link.site.origin.toString(),
                link.number,
                cause,
                reason,
                Duration.ofNanos(now - link.openedAt)));
  }

  /** What was granted has left at once, since it did not begin. */
  void left() {
    left++;
  }

  /**
   * The numbers.
   *
   * @param ended how many streams have left the connections that are alive
   */
  PoolInfo info(List<PoolInfo.Origin> origins, long ended) {
    return new PoolInfo(
        origins, opened, closings, failed, granted, left + ended, waited, refused, repeated);
  }
}
