package dev.lariat.opentelemetry;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the spans of a live connection's sessions say about each other: each has a link to the one
 * before it, and the gap between them is in the events of the later one. The connections of two
 * sessions can have two loops, so a lock guards it.
 */
final class Feed {
  private static final int MOST = 100; // failed attempts that a session's span shows

  private SpanContext session = SpanContext.getInvalid(); // the one that carries traffic, or did
  private @Nullable Instant lostAt; // when it ended; null if it has not
  private Optional<String> lostBy = Optional.empty();
  private Instant idleSince = Instant.EPOCH; // when the loss, or the last attempt after it, was
  private Instant attemptAt = Instant.EPOCH;
  private int attempts; // that failed since the loss
  private final List<Failure> failures = new ArrayList<>(0);

  /** A failed attempt, and how long it had been waited for. */
  private record Failure(int number, Instant at, Duration delay, String error) {}

  /** An attempt to open a session begins. */
  synchronized void attempts(SpanBuilder attempt) {
    attemptAt = Instant.now();
    linked(attempt);
  }

  /** Links what begins with the session before it. */
  synchronized void linked(SpanBuilder next) {
    if (session.isValid()) {
      next.addLink(session);
    }
  }

  /** The attempt has failed. */
  synchronized void failed(String error) {
    Instant now = Instant.now();
    attempts++;
    if (lostAt != null && failures.size() < MOST) {
      Duration delay = Duration.between(idleSince, attemptAt);
      failures.add(new Failure(attempts, now, delay, error));
    }
    idleSince = now;
  }

  /** A session is open, whose span this is. */
  synchronized void opened(Span next) {
    if (lostAt != null) {
      heals(next, lostAt);
    }
    session = next.getSpanContext();
    lostAt = null;
    attempts = 0;
    failures.clear();
  }

  private void heals(Span next, Instant lost) {
    AttributesBuilder why = Attributes.builder();
    lostBy.ifPresent(error -> why.put(Conventions.ERROR, error));
    next.addEvent("lariat.session.lost", why.build(), lost);
    for (Failure failure : failures) {
      Attributes its =
          Attributes.of(
              Conventions.ATTEMPT,
              (long) failure.number,
              Conventions.DELAY,
              seconds(failure.delay),
              Conventions.ERROR,
              failure.error);
      next.addEvent("lariat.attempt.failed", its, failure.at);
    }
    Attributes gap =
        Attributes.of(
            Conventions.ATTEMPT,
            attempts + 1L,
            Conventions.DELAY,
            seconds(Duration.between(idleSince, attemptAt)),
            Conventions.GAP,
            seconds(Duration.between(lost, Instant.now())));
    next.addEvent("lariat.session.healed", gap);
  }

  private static double seconds(Duration length) {
    return length.toNanos() / (double) TimeUnit.SECONDS.toNanos(1);
  }

  /** A session has ended. If another one has replaced it before, nothing is lost. */
  synchronized void ended(Span its, Optional<String> error) {
    if (its.getSpanContext().equals(session)) {
      lostAt = Instant.now();
      lostBy = error;
      idleSince = lostAt;
    }
  }
}
