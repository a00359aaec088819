package dev.lariat.client;

import dev.lariat.FailedException;
import dev.lariat.client.HttpCache.Flight;
import dev.lariat.client.HttpCache.Outcome;
import dev.lariat.client.HttpCache.Seat;
import dev.lariat.event.CacheStatus;
import dev.lariat.event.CacheStatus.Detail;
import dev.lariat.event.CacheStatus.Forwarded;
import dev.lariat.internal.cache.Asking;
import dev.lariat.internal.cache.CacheRules;
import dev.lariat.internal.cache.Decision;
import dev.lariat.internal.cache.Stored;
import dev.lariat.internal.transport.Time;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** One request of a call that has a cache. The {@link CacheRules} decide what becomes of it. */
final class Lookup {
  private static final int NOT_MODIFIED = 304;
  private static final int GATEWAY_TIMEOUT = 504;
  private static final int OK = 200;
  private static final int CLIENT_ERROR = 400;
  private static final int NOT_FOUND = 404;
  private static final int GONE = 410;

  private final HttpCache cache;
  private final CacheRules rules;
  private final Asking asking;
  private final Way way;
  private final Time time;
  private boolean collapsed;

  /** How a request goes to its server. */
  interface Way {

    /** Sends it with these headers in addition, and waits for the response. */
    Answer send(Headers conditions);

    /** An answer to it. */
    Answer answer(int status, Headers headers, Bytes body, CacheStatus how);

    /** Waits for another request, as long as this one has time. */
    void await(CompletableFuture<Boolean> other);

    /** Sends the same request on another thread, for which nobody waits. */
    void later(Consumer<Way> task);
  }

  Lookup(HttpCache cache, Asking asking, Way way, Time time) {
    this.cache = cache;
    this.rules = cache.rules();
    this.asking = asking;
    this.way = way;
    this.time = time;
  }

  Answer answer() {
    Optional<Forwarded> passes = rules.passes(asking);
    if (passes.isPresent()) {
      return past(passes.get());
    }
    boolean waits = true; // once, and then it asks for itself
    boolean again = true;
    while (true) {
      long landed = cache.landed();
      switch (cache.decide(asking, time)) {
        case Decision.Use use -> {
          Optional<Bytes> body = body(use.stored());
          if (body.isPresent()) {
            return used(use, body.get());
          } // otherwise it is gone, and this is another case
        }
        case Decision.Unsatisfiable none -> {
          return unsatisfiable();
        }
        case Decision.Forward forward -> {
          Seat seat = cache.board(asking, forward.shared() && waits);
          if (!seat.leads()) {
            way.await(seat.flight().over);
            collapsed = true;
            waits = false;
          } else if (forward.shared() && again && cache.landed() != landed) {
            again = false; // what has landed meanwhile may be what this one would bring
            cache.land(seat.flight());
          } else {
            return forwarded(forward, seat.flight());
          }
        }
      }
    }
  }

  /** The cache neither knows what answers this request nor stores it, but it may invalidate. */
  private Answer past(Forwarded why) {
    cache.count(Outcome.BYPASSED);
    if (why == Forwarded.BYPASS && CacheRules.forbidsSending(asking)) {
      return unsatisfiable();
    }
    boolean unsafe = CacheRules.isUnsafe(asking.method());
    Answer answer;
    try {
      answer = way.send(Headers.EMPTY);
    } catch (FailedException e) {
      if (unsafe) {
        cache.invalidate(Set.of(asking.key())); // the server may have done it all the same
      }
      throw e;
    }
    if (unsafe) {
      cache.invalidate(CacheRules.invalidated(asking.uri(), answer.status(), answer.headers()));
    }
    return answer.cached(
        new CacheStatus(
            false,
            Optional.of(why),
            OptionalInt.empty(),
            Optional.empty(),
            false,
            false,
            Optional.empty()));
  }

  private Answer unsatisfiable() {
    return way.answer(
        GATEWAY_TIMEOUT,
        Headers.EMPTY,
        Bytes.EMPTY,
        new CacheStatus(
            false,
            Optional.empty(),
            OptionalInt.empty(),
            Optional.empty(),
            false,
            collapsed,
            Optional.of(Detail.ONLY_IF_CACHED)));
  }

  private Optional<Bytes> body(Stored stored) {
    return asking.method().equals("HEAD") ? Optional.of(Bytes.EMPTY) : cache.body(stored);
  }

  // ---- by what is stored

  private Answer used(Decision.Use use, Bytes body) {
    cache.count(Outcome.HIT);
    if (use.refresh()) {
      refresh(use.stored());
    }
    return way.answer(
        use.stored().status(),
        use.shown(),
        body,
        new CacheStatus(
            true,
            Optional.empty(),
            OptionalInt.empty(),
            Optional.of(use.ttl()),
            false,
            collapsed,
            use.why()));
  }

  /** Validates it in the background (RFC 5861 section 3), unless that goes on already. */
  private void refresh(Stored stored) {
    Seat seat = cache.board(asking, true);
    if (!seat.leads()) {
      return;
    }
    Flight flight = seat.flight();
    try {
      way.later(
          its -> {
            try {
              new Lookup(cache, asking, its, time).forwarded(rules.refresh(asking, stored), flight);
            } catch (FailedException e) {
              // nobody waits for it, and the next request tries again
            } finally {
              cache.land(flight); // however the task has ended
            }
          });
    } catch (RuntimeException | Error e) {
      cache.land(flight);
      throw e;
    }
  }

  // ---- by the server

  private Answer forwarded(Decision.Forward forward, Flight flight) {
    try {
      Instant asked = cache.now(time);
      Answer answer = way.send(forward.conditions());
      if (CacheRules.isError(answer.status())) {
        Optional<Answer> stale = rescued(forward, OptionalInt.of(answer.status()));
        if (stale.isPresent()) {
          return stale.get();
        }
      }
      if (answer.status() == NOT_MODIFIED && !forward.conditions().isEmpty()) {
        Optional<Answer> confirmed = confirmed(forward, flight, answer, asked);
        if (confirmed.isPresent()) {
          return confirmed.get();
        }
        asked = cache.now(time);
        answer = way.send(Headers.EMPTY);
      }
      return brought(forward, flight, answer, asked);
    } catch (FailedException e) {
      boolean own = e.reason() instanceof Reason.BadState; // such as an interruption
      Optional<Answer> stale = own ? Optional.empty() : rescued(forward, OptionalInt.empty());
      return stale.orElseThrow(() -> e);
    } finally {
      cache.land(flight);
    }
  }

  /** The stale response instead of an error, if it may be used (RFC 5861 section 4). */
  private Optional<Answer> rescued(Decision.Forward forward, OptionalInt status) {
    Optional<Decision.Use> use =
        forward.selected().flatMap(its -> rules.onError(asking, its, cache.now(time)));
    if (use.isEmpty()) {
      return Optional.empty();
    }
    Optional<Bytes> body = body(use.get().stored());
    if (body.isPresent()) {
      cache.count(Outcome.RESCUED);
    }
    return body.map(
        its ->
            way.answer(
                use.get().stored().status(),
                use.get().shown(),
                its,
                new CacheStatus(
                    false,
                    Optional.of(forward.why()),
                    status,
                    Optional.of(use.get().ttl()),
                    false,
                    collapsed,
                    use.get().why())));
  }

  /**
   * The stored response, which the server has confirmed; empty if it is not the one that is meant.
   */
  private Optional<Answer> confirmed(
      Decision.Forward forward, Flight flight, Answer answer, Instant asked) {
    Stored selected = forward.selected().orElseThrow();
    Bytes body = body(selected).orElse(null);
    if (body == null) {
      return Optional.empty();
    }
    Instant now = cache.now(time);
    CacheRules.Confirmed confirmed =
        rules
            .confirmed(
                asking,
                selected.body(body),
                answer.headers(),
                Duration.between(asked, now),
                time.now(),
                now)
            .orElse(null);
    if (confirmed == null) {
      return Optional.empty();
    }
    cache.count(Outcome.VALIDATED);
    boolean stored = replaces(selected, confirmed.stored(), flight);
    return Optional.of(
        way.answer(
            selected.status(),
            confirmed.shown(),
            body,
            new CacheStatus(
                false,
                Optional.of(forward.why()),
                OptionalInt.of(NOT_MODIFIED),
                confirmed.stored().map(its -> rules.ttl(its, now)),
                stored,
                collapsed,
                Optional.empty())));
  }

  /** Stores a response in the place of an older one, which goes even if there is none. */
  private boolean replaces(Stored old, Optional<Stored> its, Flight flight) {
    if (!its.map(Stored::variant).equals(Optional.of(old.variant()))) {
      cache.remove(old);
    }
    return its.isPresent() && cache.put(its.get(), flight);
  }

  /** The server's response. */
  private Answer brought(Decision.Forward forward, Flight flight, Answer answer, Instant asked) {
    cache.count(Outcome.MISS);
    Instant now = cache.now(time);
    Duration delay = Duration.between(asked, now);
    Optional<Stored> its;
    boolean stored;
    if (asking.method().equals("HEAD")) {
      its =
          answer.status() == OK
              ? forward.selected().flatMap(old -> byHead(old, answer, delay, now))
              : Optional.empty();
      stored =
          answer.status() == OK
              && forward.selected().isPresent()
              && replaces(forward.selected().get(), its, flight);
    } else {
      its =
          rules.storable(
              asking, answer.status(), answer.headers(), answer.body(), delay, time.now(), now);
      boolean newer =
          forward.selected().isPresent() && (its.isPresent() || isNewer(answer.status()));
      stored =
          newer
              ? replaces(forward.selected().get(), its, flight)
              : its.isPresent() && cache.put(its.get(), flight);
    }
    return answer.cached(
        new CacheStatus(
            false,
            Optional.of(forward.why()),
            OptionalInt.empty(),
            its.map(each -> rules.ttl(each, now)),
            stored,
            collapsed,
            Optional.empty()));
  }

  private Optional<Stored> byHead(Stored old, Answer answer, Duration delay, Instant now) {
    return cache
        .body(old)
        .flatMap(
            body ->
                rules.confirmedByHead(
                    asking, old.body(body), answer.headers(), delay, time.now(), now))
        .flatMap(CacheRules.Confirmed::stored);
  }

  /** Whether a response that is not stored shows that the stored one is out of date. */
  private static boolean isNewer(int status) {
    return status < CLIENT_ERROR || status == NOT_FOUND || status == GONE;
  }
}
