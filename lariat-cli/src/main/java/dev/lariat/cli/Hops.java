package dev.lariat.cli;

import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.option.Classifier;
import dev.lariat.option.Content;
import dev.lariat.option.Request;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One request, and all that it takes: redirects, repetitions, and the body of the last response. It
 * reads that part by part, as {@code Client.send} does not.
 */
final class Hops {
  private static final Duration UP = Duration.ofMinutes(1); // past the sum of all steps' deadlines
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);
  private static final int DISCARDED = 1 << 20; // of a body that nobody wants, for its connection
  private static final Set<Integer> PASSING = Set.of(408, 425, 429, 500, 502, 503, 504);
  private static final Set<String> IDEMPOTENT =
      Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE");

  /**
   * How it is done.
   *
   * @param maxTime for everything; null for no limit
   * @param silence how long the server may send nothing
   * @param redirects how many are followed
   * @param retries how many failures may pass
   * @param decompress whether bodies are decompressed
   * @param fails whether an error status is a failure, whose body is not wanted
   * @param progress whether a long transfer shows how far it is
   */
  record Manner(
      @Nullable Duration maxTime,
      Duration silence,
      int redirects,
      int retries,
      boolean decompress,
      boolean fails,
      boolean progress) {}

  /** Is told of each response but those that are repeated. */
  @FunctionalInterface
  interface Heads {
    void head(Protocol protocol, int status, Headers headers);
  }

  /**
   * What is known at the end.
   *
   * @param status 0 if there was no response
   */
  record Summary(
      Asking asking,
      int status,
      Headers headers,
      Protocol protocol,
      int redirects,
      long sent,
      long received,
      Duration took) {}

  private record Answered(Exchange exchange, Protocol protocol, Response response) {
    int status() {
      return response.status();
    }

    Headers headers() {
      return response.headers();
    }
  }

  /** The time is over; the message is the state, as a sentence. */
  private static final class LateException extends RuntimeException {
    private static final long serialVersionUID = 1;

    LateException(String state) {
      super(state, null, false, false);
    }
  }

  private final Io io;
  private final Roads roads;
  private final Manner manner;
  private final Heads heads;
  private final Sink sink;
  private final long start = System.nanoTime();
  private boolean delivering;
  private boolean progressed; // in this attempt, a part of the body has come
  private int beforeProgress; // the failures before the last part that came
  private long received;
  private final AtomicLong sent = new AtomicLong();
  private volatile @Nullable IOException unreadable; // the body of the request
  private @Nullable Asking asked; // last
  private int followed; // redirects
  private @Nullable Summary summary;

  Hops(Io io, Roads roads, Manner manner, Heads heads, Sink sink) {
    this.io = io;
    this.roads = roads;
    this.manner = manner;
    this.heads = heads;
    this.sink = sink;
  }

  /** What is known of the last response, or of the request that has none. */
  Summary summary() {
    return summary != null
        ? summary
        : new Summary(
            Objects.requireNonNull(asked),
            0,
            Headers.EMPTY,
            Protocol.HTTP_1_1,
            followed,
            sent.get(),
            received,
            passed());
  }

  private Duration passed() {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /** Asks, and gives the exit code. */
  int run(Asking first) throws InterruptedException {
    try {
      return ask(first);
    } catch (LateException e) {
      io.complain("It took longer than --max-time: " + e.getMessage());
      return Exit.TIMEOUT;
    }
  }

  private int ask(Asking first) throws InterruptedException {
    Asking asking = first;
    int failures = 0;
    while (true) {
      Duration pause;
      asked = asking;
      try {
        Answered answer = answer(asking);
        String location = Asking.location(answer.status(), answer.headers());
        if (location != null && manner.redirects() > 0) {
          heads.head(answer.protocol(), answer.status(), answer.headers());
          if (++followed > manner.redirects()) {
            throw new FailedException(new Reason.Limit(Reason.Bound.REDIRECTS, manner.redirects()));
          }
          discard(answer);
          asking = asking.redirected(answer.status(), location);
          continue;
        }
        if (sink.needsAll(answer.status(), answer.headers())) {
          answer.exchange().cancel();
          asking = asking.whole();
          continue;
        }
        Duration its = pauseAfter(asking, answer, failures);
        if (its == null) {
          return deliver(asking, answer);
        }
        pause = its;
        tell("The server answered with status " + answer.status() + ".", pause);
        discard(answer);
      } catch (FailedException e) {
        Asking rest = rest(asking, e, failures);
        pause = pauseAfter(rest, e, failures);
        tell(Words.of(Words.why(e)), pause);
        roads.drop(asking.url());
        asking = rest;
      }
      failures++;
      if (pause.compareTo(left(LONGEST_PAUSE)) > 0) {
        throw new LateException("There is no time for another attempt.");
      }
      Thread.sleep(pause);
    }
  }

  // ---- time

  /** How long may be waited now. */
  private Duration left(Duration otherwise) {
    if (manner.maxTime() == null) {
      return otherwise;
    }
    Duration left = manner.maxTime().minus(passed());
    return left.isNegative() ? Duration.ZERO : left;
  }

  private void tell(String what, Duration pause) {
    if (manner.progress()) {
      io.err().println("* " + what + " Another attempt follows in " + pause.toSeconds() + " s.");
    }
  }

  /** The pause before another attempt after this response; null if it is the last one. */
  private @Nullable Duration pauseAfter(Asking asking, Answered answer, int failures) {
    boolean again =
        failures < manner.retries()
            && PASSING.contains(answer.status())
            && IDEMPOTENT.contains(asking.method())
            && asking.payload().isRepeatable();
    if (!again) {
      return null;
    }
    Duration wanted = answer.headers().first("retry-after").map(Hops::retryAfter).orElse(null);
    if (wanted != null && wanted.compareTo(LONGEST_PAUSE) > 0) {
      return null; // who wants so much wants no other attempt
    }
    return wanted == null ? pause(failures) : wanted;
  }

  private static Duration retryAfter(String value) {
    try {
      return value.matches("[0-9]{1,9}")
          ? Duration.ofSeconds(Long.parseLong(value))
          : positive(
              Duration.between(
                  Instant.now(), ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)));
    } catch (DateTimeParseException e) {
      return Duration.ofSeconds(1);
    }
  }

  private static Duration positive(Duration time) {
    return time.isNegative() ? Duration.ZERO : time;
  }

  private Duration pause(int failures) {
    int inVain = failures - beforeProgress;
    if (inVain < 0) {
      return Duration.ZERO;
    }
    Duration pause = Duration.ofSeconds(1L << Math.min(inVain, 10));
    return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
  }

  /**
   * What another attempt has to ask for after this failure: what is missing of a body that broke
   * off, if the file can go on, else the same. The first one after a part has come is made at once.
   */
  private Asking rest(Asking asking, FailedException failed, int failures) {
    boolean again = delivering && failures < manner.retries() && mayPass(asking, Words.why(failed));
    Asking rest = again ? sink.rest(asking) : null;
    if (rest == null) {
      return asking;
    }
    delivering = false;
    if (progressed) {
      progressed = false;
      beforeProgress = failures + 1;
    }
    return rest;
  }

  /** The pause before another attempt after this failure, which is thrown if there is none. */
  private Duration pauseAfter(Asking asking, FailedException failed, int failures) {
    if (failures >= manner.retries() || delivering || !asking.payload().isRepeatable()) {
      throw failed;
    }
    if (!mayPass(asking, Words.why(failed))) {
      throw failed;
    }
    return pause(failures);
  }

  private static boolean mayPass(Asking asking, Reason reason) {
    boolean unsent =
        switch (reason) {
          case Reason.Refused _, Reason.Unreachable _, Reason.Unprocessed _, Reason.Hop _ -> true;
          case Reason.Timeout(var step, _, _) ->
              step == Reason.Step.LOOKUP || step == Reason.Step.CONNECT || step == Reason.Step.TLS;
          default -> false;
        };
    boolean passes = Classifier.DEFAULT.of(reason) == Classifier.Verdict.RETRY;
    return passes && (unsent || IDEMPOTENT.contains(asking.method()));
  }

  // ---- one request

  private Answered answer(Asking asking) throws InterruptedException {
    OptionalLong length;
    try {
      length = asking.payload().length();
    } catch (IOException e) {
      throw unreadable(e);
    }
    Request request = request(asking, length); // which is checked before anything is tried
    Roads.Road road;
    try {
      road = roads.to(asking.url(), left(UP));
    } catch (FailedException e) {
      if (e.reason() instanceof Reason.Timeout late && late.step() == Reason.Step.AWAIT_UP) {
        throw new LateException(late.last().map(Words::of).orElse("There is no connection yet."));
      }
      throw e;
    }
    Exchange exchange = begin(road, request, asking.payload(), length);
    while (true) {
      switch (next(exchange, "There is no response yet.")) {
        case Response response -> {
          return new Answered(exchange, road.protocol(), response);
        }
        case StreamFailed(_, var reason) -> throw failed(reason);
        case Message.OfStream _ -> {} // interim responses
      }
    }
  }

  private Message.OfStream next(Exchange exchange, String state) throws InterruptedException {
    Duration silence = manner.silence();
    Duration left = left(silence);
    boolean endsFirst = left.compareTo(silence) < 0;
    Message.OfStream message = roads.mailbox().await(exchange, endsFirst ? left : silence);
    if (message != null) {
      return message;
    }
    exchange.cancel();
    if (endsFirst) {
      throw new LateException(state);
    }
    throw new FailedException(new Reason.Timeout(Reason.Step.READ, silence)); // which may pass
  }

  /** What fails because the body could not be read, fails for that reason. */
  private RuntimeException failed(Reason reason) {
    IOException why = unreadable;
    return why == null ? new FailedException(reason) : unreadable(why);
  }

  private static UsageException unreadable(IOException why) {
    return new UsageException(
        "The body cannot be read: " + Line.plain(String.valueOf(why.getMessage())) + ".");
  }

  private Request request(Asking asking, OptionalLong length) {
    try {
      Request request =
          Request.of(asking.method(), asking.target())
              .headers(asking.headers())
              .content(manner.decompress() ? Content.DECOMPRESSED : Content.PLAIN)
              .credentials(asking.credentials())
              .replyTo(roads.mailbox());
      if (roads.isElsewhere(asking.url()) && !asking.headers().contains("host")) {
        request = request.header("host", asking.url().getRawAuthority());
      }
      Payload payload = asking.payload();
      if (payload.isNone()) {
        return request;
      }
      if (payload.isHeld()) {
        return request.body(payload.held());
      }
      return length.isPresent()
          ? request.header("content-length", String.valueOf(length.getAsLong()))
          : request;
    } catch (IllegalArgumentException e) {
      throw UsageException.of("The request cannot be sent", e);
    }
  }

  private Exchange begin(Roads.Road road, Request request, Payload payload, OptionalLong length) {
    if (payload.isHeld()) {
      sent.set(request.body().size());
      return road.connection().request(request);
    }
    Exchange exchange = road.connection().begin(request);
    Thread.ofVirtual().name("lariat-body").start(() -> send(payload, length, exchange));
    return exchange;
  }

  /** On a thread of its own: a server may answer before it has read all. */
  private void send(Payload payload, OptionalLong length, Exchange exchange) {
    Progress progress = new Progress(io, manner.progress(), "Sent", length);
    sent.set(0);
    try {
      payload.send(
          exchange,
          count -> {
            sent.addAndGet(count);
            progress.add(count);
          });
    } catch (IOException e) {
      unreadable = e;
      exchange.cancel();
    } catch (IllegalArgumentException e) {
      unreadable = new IOException("its length has changed", e);
      exchange.cancel();
    } catch (FailedException e) {
      // the reader is told
    } finally {
      progress.end();
    }
  }

  // ---- its response

  /** Reads a short body that nobody wants to its end: the connection is of use after it. */
  private void discard(Answered answer) throws InterruptedException {
    if (answer.response().ends()) {
      return;
    }
    long read = 0;
    while (read < DISCARDED) {
      Message.OfStream message = next(answer.exchange(), "The response is incomplete.");
      if (message instanceof Data(_, _, var bytes)) {
        read += bytes.size();
      }
      if (message.ends()) {
        return;
      }
    }
    answer.exchange().cancel();
  }

  private int deliver(Asking asking, Answered answer) throws InterruptedException {
    int status = answer.status();
    boolean error = status >= 400;
    delivering = true;
    heads.head(answer.protocol(), status, answer.headers());
    if (error && manner.fails()) {
      answer.exchange().cancel();
      summarize(asking, answer);
      throw new FailedException(new Reason.Status(status, Optional.empty()));
    }
    sink.begin(status, answer.headers());
    Progress progress = new Progress(io, manner.progress(), "Received", length(answer.headers()));
    try {
      boolean ended = answer.response().ends();
      while (!ended) {
        Message.OfStream message = next(answer.exchange(), "The response is incomplete.");
        switch (message) {
          case Data(_, _, var bytes) -> {
            received += bytes.size();
            progressed |= bytes.size() > 0;
            sink.write(bytes.toArray());
            progress.add(bytes.size());
          }
          case StreamFailed(_, var reason) -> throw failed(reason);
          case Message.OfStream _ -> {} // trailers
        }
        ended = message.ends();
      }
    } finally {
      progress.end();
      summarize(asking, answer);
    }
    sink.end();
    return served(status);
  }

  /** The exit code of a response that has come to its end; what nobody sees is told. */
  private int served(int status) {
    if (sink.isServed(status)) {
      return Exit.OK;
    }
    if (received == 0 || sink.isFile()) {
      io.complain(Words.of(new Reason.Status(status, Optional.empty())) + sink.remark());
    }
    return Exit.STATUS;
  }

  private static OptionalLong length(Headers headers) {
    String length = headers.first("content-length").orElse("");
    return length.matches("[0-9]{1,18}") && !headers.contains("content-encoding")
        ? OptionalLong.of(Long.parseLong(length))
        : OptionalLong.empty();
  }

  private void summarize(Asking asking, Answered answer) {
    summary =
        new Summary(
            asking,
            answer.status(),
            answer.headers(),
            answer.protocol(),
            followed,
            sent.get(),
            received,
            passed());
  }
}
