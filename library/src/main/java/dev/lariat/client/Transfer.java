package dev.lariat.client;

import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.event.ConnectionInfo;
import dev.lariat.event.DownloadProgress;
import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.download.DownloadCore;
import dev.lariat.internal.download.DownloadCore.Ask;
import dev.lariat.internal.download.DownloadCore.Step;
import dev.lariat.internal.download.PartState;
import dev.lariat.internal.entrance.Await;
import dev.lariat.internal.retry.Attempts;
import dev.lariat.internal.transport.Machine;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.option.DownloadOptions;
import dev.lariat.option.Request;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One download of a {@link Client}, on the thread of its user. A {@link DownloadCore} decides what
 * to ask for and what a response means; each request is a {@link Call}, which follows redirects and
 * answers challenges; the bytes go to a {@link PartFile}. What is here is the order of these, the
 * waits between requests, and the reports.
 */
final class Transfer {
  private static final int CHUNK = 64 << 10;
  private static final long AHEAD = 64; // parts in memory that are not written yet: a few MiB
  private static final Duration NEVER = Duration.ofDays(365);
  private static final Duration SHORTEST = Duration.ofMillis(1); // that a request may have
  private static final HexFormat HEX = HexFormat.of();
  private static final int REFUSED_RANGE = 416;

  private final Settings settings; // without retries, which are made here
  private final Pool pool;
  private final Machine machine;
  private final HttpUri uri;
  private final DownloadOptions options;
  private final Attempts backoff;
  private final PartFile part;
  private final DownloadCore core;
  private final long start;

  private long resumedFrom; // of the response that arrives
  private long found; // bytes that an earlier download has left, and that are still used
  private long most; // bytes of this version that were here at a time
  private int attempt;
  private Optional<Reason> last = Optional.empty();
  private long reported; // when
  private long reportedBytes;

  /** How a request has ended. */
  private record Outcome(Step step, Answer answer) {}

  /** Leaves a response whose body is not wanted. */
  private static final class Left extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Step step;

    Left(Step step) {
      super(null, null, false, false);
      this.step = step;
    }
  }

  private Transfer(
      Settings settings, Pool pool, HttpUri uri, PartFile part, DownloadOptions options)
      throws IOException {
    this.settings = settings.once();
    this.pool = pool;
    this.machine = pool.machine();
    this.uri = uri;
    this.part = part;
    this.options = options;
    this.backoff = new Attempts(options.retry().backoff(), machine.random());
    this.start = machine.nanos();
    this.core =
        new DownloadCore(
            PartState.digest(uri.toString()),
            part.state(),
            part.length(),
            options.restarts(),
            options.limit());
    this.found = core.length();
    this.most = found;
  }

  /** Downloads a file. */
  static Downloaded run(
      Settings settings, Pool pool, HttpUri uri, Path file, DownloadOptions options)
      throws IOException {
    pool.machine().refuseToBlock("download", "use downloadAsync");
    try (PartFile part = PartFile.open(file)) {
      boolean keeps = part.isContinued(); // until it is read
      try {
        Transfer transfer = new Transfer(settings, pool, uri, part, options);
        keeps = false;
        try {
          Outcome end = transfer.run();
          keeps = true;
          return transfer.downloaded(file, end.answer());
        } finally {
          keeps |= transfer.core.canContinue() && transfer.core.length() > 0;
        }
      } finally {
        if (!keeps) {
          part.discard(); // nothing could continue it
        }
      }
    }
  }

  private Downloaded downloaded(Path file, Answer answer) {
    return new Downloaded(
        file,
        core.length(),
        found,
        attempt,
        core.restarted(),
        last,
        answer.uri(),
        answer.headers());
  }

  private Outcome run() throws IOException {
    while (true) {
      Outcome outcome = attempt();
      if (outcome == null) {
        continue; // it broke
      }
      Step step = outcome.step() instanceof Step.Whole whole ? checked(whole) : outcome.step();
      switch (step) {
        case Step.Whole whole -> {
          part.finish();
          report(true);
          return outcome;
        }
        case Step.More more -> progressed();
        case Step.Cut cut -> broke(new FailedException(new Reason.Incomplete(new Reason.Closed())));
        case Step.Other other -> refused(outcome.answer());
        case Step.Again(var why) -> lost(why);
        case Step.Fail fail -> throw failure(fail);
        case Step.Begin begin -> throw new IllegalStateException(begin.toString());
        case Step.Continue more -> throw new IllegalStateException(more.toString());
      }
    }
  }

  // ---- one request

  /** One request; null if it broke, and another one may be made. */
  private @Nullable Outcome attempt() throws IOException {
    attempt++;
    if (isOver()) {
      throw late(last);
    }
    Duration wait = left().compareTo(options.idle()) < 0 ? left() : options.idle();
    Step[] taken = {new Step.Other()};
    Call.Taking taking =
        (from, exchange, response, its) -> {
          try {
            taken[0] = take(from, exchange, response);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          boolean read = taken[0] instanceof Step.Other || response.status() == REFUSED_RANGE;
          return read ? exchange.body(its) : Bytes.EMPTY;
        };
    try {
      Answer answer =
          new Call(settings, pool, machine, uri, request(core.ask()), wait, taking).answer();
      return new Outcome(taken[0], answer);
    } catch (Left e) {
      if (e.step instanceof Step.Fail fail) {
        throw failure(fail);
      }
      lost(((Step.Again) e.step).why());
      return null;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (FailedException e) {
      broke(e);
      return null;
    }
  }

  private Request request(Ask ask) {
    Request request =
        Request.of("GET", uri.target())
            .headers(options.headers())
            .credit(AHEAD)
            .header("accept-encoding", "identity"); // ranges are of the bytes that are sent
    if (options.timeout().isPresent()) {
      Duration left = left();
      request = request.timeout(left.compareTo(SHORTEST) < 0 ? SHORTEST : left);
    }
    return switch (ask) {
      case Ask.All all -> request;
      case Ask.Rest rest ->
          request.header("range", rest.range()).header("if-range", rest.version().value());
    };
  }

  /** Takes a response: writes its body, if it is of the file. */
  private Step take(HttpUri from, Exchange exchange, Response response) throws IOException {
    Headers headers = response.headers();
    String path = from.target().split("\\?", 2)[0]; // what signs a URI is in its query
    String source = PartState.digest(from.origin() + path);
    boolean certain = from.secure() || isFramed(exchange, headers);
    Step step = core.answered(response.status(), headers, source, machine.now(), certain);
    switch (step) {
      case Step.Begin(var state, var why) -> {
        why.ifPresent(this::lost);
        part.begin(state);
      }
      case Step.Continue(var at, var state) -> {
        part.keep(at, state);
        found = Math.min(found, at);
      }
      case Step.Again again -> throw left(exchange, again);
      case Step.Fail fail -> throw left(exchange, fail);
      case Step.Whole whole -> {
        return step;
      }
      case Step.Other other -> {
        return step;
      }
      case Step.More more -> throw new IllegalStateException(more.toString());
      case Step.Cut cut -> throw new IllegalStateException(cut.toString());
    }
    resumedFrom = core.length();
    reportedBytes = resumedFrom;
    report(true);
    read(exchange);
    return core.ended(certain);
  }

  private static Left left(Exchange exchange, Step step) {
    exchange.cancel();
    return new Left(step);
  }

  private void read(Exchange exchange) throws IOException {
    byte[] chunk = new byte[CHUNK];
    try (InputStream in = exchange.inputStream(options.idle())) {
      for (int size = in.read(chunk); size >= 0; size = in.read(chunk)) {
        Step.Fail fail = core.received(size).orElse(null);
        if (fail != null) {
          throw new Left(fail);
        }
        part.write(ByteBuffer.wrap(chunk, 0, size));
        report(false);
      }
    }
  }

  /**
   * Whether the end of the body is more than the end of the connection. TLS has an end by itself,
   * and HTTP/2 has one for each stream.
   */
  private boolean isFramed(Exchange exchange, Headers headers) {
    boolean chunked =
        headers.all("transfer-encoding").stream()
            .anyMatch(value -> value.toLowerCase(Locale.ROOT).endsWith("chunked"));
    if (chunked || headers.contains("content-length")) {
      return true;
    }
    CompletableFuture<ConnectionInfo> info = exchange.connection().info();
    Await.on(info, "download", machine);
    return info.join().protocol().filter(Protocol.HTTP_2::equals).isPresent();
  }

  // ---- after a request

  /** Bytes that were here are not used any more. */
  private void lost(Reason why) {
    last = Optional.of(why);
    found = 0;
    most = 0;
  }

  private FailedException failure(Step.Fail fail) throws IOException {
    if (fail.why() instanceof Reason.Corrupted) {
      part.discard();
    }
    return fail.last()
        .map(cause -> new FailedException(fail.why(), cause))
        .orElseGet(() -> new FailedException(fail.why()));
  }

  /** Whether the file has the digests that it should have. */
  private Step checked(Step.Whole whole) throws IOException {
    Optional<String> own = options.sha256();
    Optional<String> theirs = core.digest().map(HEX::formatHex);
    if (own.isEmpty() && theirs.isEmpty()) {
      return whole;
    }
    String actual = HEX.formatHex(part.sha256());
    if (own.isPresent() && !own.get().equals(actual)) {
      return mismatched(own.get(), actual, "download.sha256");
    }
    return theirs.isPresent() && !theirs.get().equals(actual)
        ? mismatched(theirs.get(), actual, "the server's Repr-Digest, RFC 9530 section 3")
        : whole;
  }

  private Step mismatched(String expected, String actual, String source) {
    return core.mismatched(new Reason.Corrupted("SHA-256", expected, actual, source));
  }

  /** Counts from the beginning if there are further bytes, which another request continues. */
  private void progressed() {
    if (core.canContinue() && core.length() > most) {
      most = core.length();
      backoff.restart();
    }
  }

  /** Waits for the next request, or throws what broke this one. */
  private void broke(FailedException thrown) {
    FailedException failed = named(thrown);
    Reason reason = failed.reason();
    boolean idle =
        reason instanceof Reason.Timeout late
            && (late.step() == Reason.Step.PROGRESS || late.step() == Reason.Step.CHECKOUT);
    if (!(idle || Call.isTransient(reason, true))) {
      throw failed;
    }
    progressed();
    pause(failed, Optional.empty());
  }

  /** Waits for the next request, if the status allows it. */
  private void refused(Answer answer) {
    Reason.Status status = Call.status(answer, machine);
    FailedException failed = new FailedException(status);
    boolean later =
        status
            .retryAfter()
            .filter(wait -> wait.compareTo(options.retry().longestWait()) > 0)
            .isEmpty();
    if (!later || !options.retry().statuses().contains(answer.status())) {
      throw failed;
    }
    pause(failed, status.retryAfter());
  }

  private void pause(FailedException failed, Optional<Duration> atLeast) {
    last = Optional.of(failed.reason());
    if (!core.mayGoOn()) {
      throw failed;
    }
    Duration own = backoff.next(failed.reason()).orElseThrow(() -> failed);
    Duration delay = atLeast.filter(wanted -> wanted.compareTo(own) > 0).orElse(own);
    if (delay.compareTo(left()) >= 0) {
      throw failed;
    }
    try {
      machine.pause(delay);
    } catch (InterruptedException e) {
      throw Await.interrupted("download");
    }
  }

  // ---- time

  private Duration left() {
    Duration passed = Duration.ofNanos(machine.nanos() - start);
    return options.timeout().map(timeout -> timeout.minus(passed)).orElse(NEVER);
  }

  private boolean isOver() {
    return !left().isPositive();
  }

  private FailedException late(Optional<Reason> why) {
    Duration limit = options.timeout().orElse(NEVER);
    return new FailedException(new Reason.Timeout(Reason.Step.DOWNLOAD, limit, why));
  }

  /** The failure by the name of the option whose time is over. */
  private FailedException named(FailedException failed) {
    if (!(failed.reason() instanceof Reason.Timeout timeout)) {
      return failed;
    }
    if (isOver()) {
      return late(timeout.last());
    }
    boolean idle = timeout.step() == Reason.Step.RESPONSE || timeout.step() == Reason.Step.READ;
    return idle
        ? new FailedException(
            new Reason.Timeout(Reason.Step.PROGRESS, options.idle(), timeout.last()))
        : failed;
  }

  // ---- reports

  private void report(boolean always) {
    if (options.progress().isEmpty()) {
      return;
    }
    long now = machine.nanos();
    long passed = now - reported;
    if (!always && passed < options.interval().toNanos()) {
      return;
    }
    long bytes = core.length();
    long rate = passed <= 0 ? 0 : (long) ((bytes - reportedBytes) * 1e9 / passed);
    reported = now;
    reportedBytes = bytes;
    options
        .progress()
        .get()
        .accept(new DownloadProgress(bytes, core.total(), rate, resumedFrom, attempt, last));
  }
}
