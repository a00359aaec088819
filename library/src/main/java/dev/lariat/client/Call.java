package dev.lariat.client;

import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.Mailbox;
import dev.lariat.event.CacheStatus;
import dev.lariat.event.Trace;
import dev.lariat.internal.cache.Asking;
import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.codec.Proof;
import dev.lariat.internal.codec.RetryAfter;
import dev.lariat.internal.content.Contents;
import dev.lariat.internal.entrance.Authentication;
import dev.lariat.internal.entrance.Await;
import dev.lariat.internal.entrance.Login;
import dev.lariat.internal.entrance.Redirection;
import dev.lariat.internal.protocol.Fallback;
import dev.lariat.internal.retry.Attempts;
import dev.lariat.internal.transport.Time;
import dev.lariat.message.Bytes;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.option.Classifier;
import dev.lariat.option.Classifier.Verdict;
import dev.lariat.option.Redirects;
import dev.lariat.option.Request;
import dev.lariat.option.RequestRetry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One call of a {@link Caller} or a {@link Client}: a request, which changes on its way, and the
 * answers to it. Each answer is a challenge that is answered, or a redirect that is followed, or a
 * reason to send the request again, or the answer of the call.
 */
final class Call implements Lookup.Way {
  private static final int MISDIRECTED = 421; // RFC 9110 section 15.5.20

  private final Settings settings;
  private final Source source;
  private final Time time;
  private final Duration timeout;
  private final Taking taking;
  private final long start;
  private final Optional<Attempts> backoff;
  private final Tracing tracing;

  private final Redirection way;
  private final Map<HttpUri, Authentication> authentications = new HashMap<>(); // by origin
  private final List<Answer.Step> history = new ArrayList<>();
  private final Set<Asked> asked = new HashSet<>(); // where redirects have led, and from where
  private final Set<ConnectionRef> failed = new HashSet<>(); // which could not be used again
  private boolean unlucky; // whether a connection did not even serve its first request
  private boolean misdirected; // whether a server has said so, which it may once
  private boolean fresh; // whether the next request needs a connection that carried nothing before

  /** What was asked for, and where; asked for again it would lead back to here. */
  private record Asked(HttpUri uri, Request request) {}

  private Asked asked() {
    return new Asked(uri().target(uri().target()), request()); // a fragment makes no difference
  }

  /** How the body of a response is taken. */
  interface Taking {
    /**
     * Takes the body.
     *
     * @param uri what the response is from, after redirects
     * @param left how long the call may still take
     */
    Bytes body(HttpUri uri, Exchange exchange, Response response, Duration left);
  }

  /** A call whose answer has the whole body. */
  Call(
      Settings settings, Source source, Time time, HttpUri uri, Request request, Duration timeout) {
    this(
        settings,
        source,
        time,
        uri,
        request,
        timeout,
        (from, exchange, response, left) -> exchange.body(left));
  }

  Call(
      Settings settings,
      Source source,
      Time time,
      HttpUri uri,
      Request request,
      Duration timeout,
      Taking taking) {
    this.settings = settings;
    this.taking = taking;
    this.source = source;
    this.time = time;
    this.timeout = timeout;
    this.start = time.nanos();
    this.backoff =
        settings.retry().map(retry -> new Attempts(retry.backoff(), source.machine().random()));
    this.tracing = new Tracing(source.optionsOf(uri));
    this.way = new Redirection(settings.redirects().orElse(Redirects.NONE), uri, request);
  }

  Answer answer() {
    source.machine().refuseToBlock("send", "be a Receiver");
    try (source) {
      while (true) {
        Answer answer = ask();
        if (answer == null) {
          continue; // once more
        }
        boolean goesOn = answersChallenge(answer) || follows(answer) || waits(answer);
        if (!goesOn) {
          return answer;
        }
      }
    }
  }

  private HttpUri uri() {
    return way.uri();
  }

  private Request request() {
    return way.request();
  }

  private Duration left() {
    return timeout.minusNanos(time.nanos() - start);
  }

  // ---- one request

  /** The answer to the request; null if it failed, and is to be sent once more. */
  private @Nullable Answer ask() {
    try {
      return settings
          .cache()
          .map(cache -> new Lookup(cache, asking(), this, time).answer())
          .orElseGet(() -> send(Headers.EMPTY));
    } catch (FailedException e) {
      await(e);
      return null;
    }
  }

  /** Sends the request, again at once if the connection was stale, or the wrong one. */
  @Override
  public Answer send(Headers conditions) {
    while (true) {
      Source.Begun begun = null;
      Trace trace = Trace.NONE;
      try (Mailbox mailbox = Mailbox.create()) {
        Request request = shown();
        for (Headers.Field condition : conditions) {
          request = request.header(condition.name(), condition.value());
        }
        boolean unused = fresh;
        fresh = false;
        trace = tracing.begin(source.optionsOf(uri()), uri(), request);
        begun = source.begin(uri(), request, mailbox, left(), unused, trace);
        Answer answer = answer(begun.exchange());
        if (!isMisdirected(begun, answer)) {
          return answer;
        }
      } catch (FailedException e) {
        if (begun == null) {
          trace.failed(e.reason());
        }
        if (begun == null || !isStale(begun, e.reason())) {
          throw e.reason() instanceof Reason.Timeout late && isOfThis(late)
              ? new FailedException(new Reason.Timeout(late.step(), timeout, late.last()))
              : e;
        }
      }
    }
  }

  private Answer answer(Exchange exchange) {
    Response response = exchange.response(left());
    Bytes body = taking.body(uri(), exchange, response, left());
    return new Answer(
        response.status(),
        response.headers(),
        body,
        exchange.trailers(),
        uri().toString(),
        history,
        Optional.empty());
  }

  /** Whether the server has this request sent again on another connection, as it may once. */
  private boolean isMisdirected(Source.Begun begun, Answer answer) {
    boolean again =
        answer.status() == MISDIRECTED && !misdirected && source.misdirected(uri(), begun);
    if (again) {
      misdirected = true;
      fresh = true;
      source.repeated(uri());
      note(answer);
    }
    return again;
  }

  /**
   * Whether the server has closed a connection that was there before, which is no failure of this
   * request: it is sent again at once if it may be. Each connection is an excuse once. A new one is
   * an excuse for what the server certainly did not process, as when it restarts at that moment,
   * but once in a call: a server that refuses all of them is not asked in a loop.
   */
  private boolean isStale(Source.Begun begun, Reason reason) {
    boolean unprocessed = reason instanceof Reason.Unprocessed;
    boolean again =
        unprocessed
            || reason instanceof Reason.Unanswered && idempotent().contains(request().method());
    boolean excused = begun.reused() || unprocessed && source.hasOthers() && !unlucky;
    boolean stale = again && excused && failed.add(begun.exchange().connection());
    unlucky |= stale && !begun.reused();
    if (stale) {
      source.repeated(uri());
    }
    return stale;
  }

  private Set<String> idempotent() {
    return settings.retry().orElse(RequestRetry.DEFAULT).methods();
  }

  /** Whether it is the time of the call that is over, of which the request had the rest. */
  private boolean isOfThis(Reason.Timeout late) {
    boolean ofRequest = request().timeout().equals(Optional.of(late.limit()));
    return late.step() == Reason.Step.CHECKOUT || late.step() == Reason.Step.RESPONSE && !ofRequest;
  }

  /** The request with the credentials, if it goes where they belong. */
  private Request shown() {
    Request request = settings.named(request());
    return authentication()
        .map(its -> its.with(request.headers(), request.method(), request.target(), request.body()))
        .map(request::headers)
        .orElse(request);
  }

  private Optional<Authentication> authentication() {
    return login()
        .map(
            its ->
                authentications.computeIfAbsent(
                    Settings.root(uri()), origin -> new Authentication(its)));
  }

  /** What this client shows there, unless the request has something of its own. */
  private Optional<Login> login() {
    boolean own =
        request().headers().contains("authorization") || request().credentials().isPresent();
    return own
        ? Optional.empty()
        : Optional.ofNullable(settings.logins().get(Settings.root(uri())));
  }

  private void note(Answer answer) {
    history.add(
        new Answer.Step(request().method(), uri().toString(), answer.status(), answer.headers()));
  }

  // ---- what a cache wants

  /** The request, as it is sent, but for what only its connection knows. */
  private Asking asking() {
    Request request = Contents.negotiate(settings.named(request()));
    Optional<String> credentials =
        request
            .credentials()
            .map(Proof::identity)
            .or(() -> login().map(Login::identity))
            .or(() -> request.headers().first("authorization"));
    Set<String> unknown = new HashSet<>();
    if (credentials.isPresent() && !request.headers().contains("authorization")) {
      unknown.add("authorization");
    }
    if (request.cookies() && source.keepsCookies(uri())) {
      unknown.add("cookie");
    }
    // who sets Cookie may speak for many users, and a store of cookies for one
    List<String> cookies = request.headers().all("cookie");
    return new Asking(
        uri(),
        request.method(),
        request.headers(),
        !request.body().isEmpty(),
        request.content().decompress(),
        credentials.isEmpty() && cookies.isEmpty() ? "" : credentials + " " + cookies,
        credentials.isPresent(),
        unknown);
  }

  @Override
  public Answer answer(int status, Headers headers, Bytes body, CacheStatus how) {
    return new Answer(
        status, headers, body, Headers.EMPTY, uri().toString(), history, Optional.of(how));
  }

  @Override
  public void await(CompletableFuture<Boolean> other) {
    try {
      if (!Await.on(other, Await.nanos(left()), time)) {
        throw new FailedException(
            new Reason.Timeout(Reason.Step.RESPONSE, timeout, Optional.empty()));
      }
    } catch (InterruptedException e) {
      throw Await.interrupted("send");
    }
  }

  @Override
  public void later(Consumer<Lookup.Way> task) {
    Call same = new Call(settings, source.another(), time, uri(), request(), timeout);
    source
        .machine()
        .start(
            "lariat-cache",
            () -> {
              try (same.source) {
                task.accept(same);
              }
            });
  }

  // ---- challenges

  private boolean answersChallenge(Answer answer) {
    Authentication its = authentication().orElse(null);
    if (its == null) {
      return false;
    }
    boolean again = its.asksAgain(answer.status(), answer.headers());
    if (again) {
      note(answer);
    } else {
      its.accepted(answer.trailers());
    }
    return again;
  }

  // ---- redirects

  private boolean follows(Answer answer) {
    if (settings.redirects().isEmpty() || !Redirection.isRedirect(answer.status())) {
      return false;
    }
    HttpUri before = uri();
    Request asking = request();
    asked.add(asked());
    way.follow(answer.status(), answer.headers());
    history.add(
        new Answer.Step(asking.method(), before.toString(), answer.status(), answer.headers()));
    if (answer.headers().contains("set-cookie")) {
      asked.clear(); // what was asked for before may be answered otherwise
    }
    authentications.values().forEach(Authentication::anew);
    if (!asked.add(asked())) {
      throw Redirection.refused(uri(), "it leads back to a URL that was requested before");
    }
    return true;
  }

  // ---- once more

  /** Waits before the request is sent again because of this answer, if it is to be. */
  private boolean waits(Answer answer) {
    RequestRetry retry = settings.retry().orElse(null);
    if (retry == null
        || !retry.statuses().contains(answer.status())
        || !retry.methods().contains(request().method())) {
      return false;
    }
    Reason.Status why = status(answer, time);
    Optional<Duration> wanted = why.retryAfter();
    if (wanted.filter(wait -> wait.compareTo(retry.longestWait()) > 0).isPresent()) {
      return false;
    }
    Optional<Duration> delay = delay(why, wanted);
    delay.ifPresent(
        length -> {
          note(answer);
          pause(length);
        });
    return delay.isPresent();
  }

  /** An answer as the failure that its status is. */
  static Reason.Status status(Answer answer, Time time) {
    Optional<Duration> wanted =
        answer.headers().first("retry-after").flatMap(value -> RetryAfter.parse(value, time.now()));
    return new Reason.Status(answer.status(), wanted, answer.headers(), answer.body());
  }

  /** Waits before the request is sent again because of this failure, or throws it. */
  private void await(FailedException failed) {
    RequestRetry retry = settings.retry().orElse(null);
    if (retry == null
        || !isTransient(failed.reason(), retry.methods().contains(request().method()))) {
      throw failed;
    }
    if (source.hasEnded(uri())) {
      throw failed; // which says more than that it has ended
    }
    Duration delay = delay(failed.reason(), Optional.empty()).orElseThrow(() -> failed);
    pause(delay);
  }

  /** Whether another attempt may succeed, and may be made. */
  static boolean isTransient(Reason reason, boolean idempotent) {
    return switch (reason) {
      case Reason.Unprocessed unprocessed -> true;
      case Reason.Refused refused -> true; // nothing was sent
      case Reason.Unreachable unreachable -> true;
      case Reason.Unresolved unresolved -> true;
      case Reason.Hop hop -> isTransient(hop); // nothing was sent
      case Reason.Tls tls -> isTransient(tls); // nothing was sent
      case Reason.Socks socks -> false; // comes in a hop only
      case Reason.Unanswered unanswered -> idempotent;
      case Reason.Incomplete incomplete -> idempotent;
      case Reason.Closed closed -> idempotent;
      case Reason.Ended ended -> false;
      case Reason.StreamEnded ended -> false;
      case Reason.Reset reset -> idempotent;
      case Reason.StreamReset reset -> idempotent && !Fallback.isRequired(reset);
      case Reason.GoAway away -> idempotent && !Fallback.isRequired(away);
      case Reason.NotOffered missing -> false;
      case Reason.Timeout timeout ->
          switch (timeout.step()) {
            case LOOKUP, CONNECT, TLS, PROXY -> true; // nothing was sent
            case RESPONSE, READ, CHECKOUT, PROGRESS, DOWNLOAD -> false; // there is no time left
            case SETTINGS,
                UPGRADE,
                WRITE,
                PONG,
                CLOSE,
                AWAIT_UP,
                SEND,
                BODY,
                DISCARD,
                ENDPOINT,
                ANSWER,
                OPENING,
                SILENCE,
                RECEIVE,
                AWAIT_OPEN,
                SUBSCRIBE ->
                idempotent;
          };
      case Reason.Ongoing ongoing -> false;
      case Reason.Protocol protocol -> false;
      case Reason.Limit limit -> false;
      case Reason.BadState state -> false;
      case Reason.Cancelled cancelled -> false;
      case Reason.BodyUnfinished unfinished -> false;
      case Reason.KeepAlive over -> true; // nothing was sent
      case Reason.CloseHandshake handshake -> false;
      case Reason.OwnerClosed closed -> false;
      case Reason.GaveUp gaveUp -> false;
      case Reason.RedirectRefused refused -> false;
      case Reason.Status status -> false;
      case Reason.Tunnel(var through, var last) -> isTransient(last, idempotent);
      case Reason.HandlerThrew threw -> false;
      case Reason.EndpointThrew threw -> false;
      case Reason.OpeningThrew threw -> false;
      case Reason.AuthenticatorThrew threw -> false; // within its Hop, which decides
      case Reason.Unconfirmed unconfirmed -> false;
      case Reason.NotResumed lost -> false;
      case Reason.Corrupted corrupted -> false;
      case Reason.Superseded superseded -> false;
      case Reason.Unreadable unreadable -> false;
      case Reason.BudgetSpent spent -> false;
      case Reason.TopicRefused refused -> false;
      case Reason.RestartsExceeded exceeded -> false;
      case Reason.Fault fault -> false;
    };
  }

  private static boolean isTransient(Reason.Hop hop) {
    return hop.why() instanceof Reason.Tls tls
        ? isTransient(tls)
        : Classifier.DEFAULT.of(hop.why()) == Verdict.RETRY;
  }

  /** A certificate stays as it is while a call waits. */
  private static boolean isTransient(Reason.Tls tls) {
    return tls.last().isPresent();
  }

  /** The time before the next attempt; empty where there is none, or not in time. */
  private Optional<Duration> delay(Reason reason, Optional<Duration> atLeast) {
    return backoff
        .flatMap(counted -> counted.next(reason))
        .map(own -> atLeast.filter(wanted -> wanted.compareTo(own) > 0).orElse(own))
        .filter(length -> length.compareTo(left()) < 0);
  }

  private void pause(Duration length) {
    try {
      time.pause(length);
    } catch (InterruptedException e) {
      throw Await.interrupted("send");
    }
  }
}
