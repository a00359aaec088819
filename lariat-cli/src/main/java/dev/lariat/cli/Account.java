package dev.lariat.cli;

import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a recording shows, as a page. */
final class Account {
  private static final int SHOWN = 20; // sessions and gaps, each on a line
  private static final int BINS = 60; // of the picture: the least that a bar of 360 px can show
  private static final double NANOS = 1e9;

  private final Recording recording;
  private final List<Recording.Session> sessions;
  private final List<Finding> findings = new ArrayList<>();

  Account(Recording recording) {
    this.recording = recording;
    this.sessions = recording.sessions();
  }

  Page page() {
    whole();
    sessions();
    gaps();
    latency();
    messages();
    return new Page(
        "lariat report", recording.head().url(), recording.head().started(), findings, picture());
  }

  // ---- sessions

  private void whole() {
    Duration open =
        sessions.stream().map(Recording.Session::length).reduce(Duration.ZERO, Duration::plus);
    String length = Page.time(recording.length());
    findings.add(
        sessions.isEmpty()
            ? Finding.problem(
                Finding.Area.SESSIONS,
                "No session was open in " + length + ".",
                "lariat check shows why a URL cannot be reached.")
            : Finding.ok(
                Finding.Area.SESSIONS,
                Page.counted(sessions.size(), "session")
                    + " in "
                    + length
                    + ", open for "
                    + Page.time(open)
                    + percent(open)
                    + "."));
    if (recording.truncated()) {
      findings.add(
          Finding.note(
              Finding.Area.SESSIONS,
              "The last line is incomplete and left out.",
              "The recorder was killed, so the end of the session is not known."));
    }
  }

  private String percent(Duration open) {
    long all = recording.length().toNanos();
    return all == 0 ? "" : String.format(Locale.ROOT, " (%.1f %%)", 100.0 * open.toNanos() / all);
  }

  private void sessions() {
    for (Recording.Session session : sessions.stream().limit(SHOWN).toList()) {
      findings.add(session(session));
    }
    if (sessions.size() > SHOWN) {
      int more = sessions.size() - SHOWN;
      findings.add(
          Finding.notTried(
              Finding.Area.SESSIONS, Page.counted(more, "more session") + " not shown."));
    }
  }

  private static Finding session(Recording.Session session) {
    long received = session.passed().stream().filter(entry -> payload(entry, false) >= 0).count();
    long sent = session.passed().stream().filter(entry -> payload(entry, true) >= 0).count();
    String what =
        "Session "
            + session.open().session()
            + ": "
            + Page.time(session.length())
            + ", "
            + received
            + " received, "
            + sent
            + " sent. ";
    Finding.Area area = Finding.Area.SESSIONS;
    return switch (session.end()) {
      case Entry.Waiting(_, _, _, var reason) ->
          Finding.note(
              area, what + reason, "It was tried again. If it came back, the gap is listed.");
      case Entry.Gone(_, var reason) when badClose(session) ->
          Finding.problem(
              area, what + reason, "The close code and its text say what the server wants.");
      case Entry.Gone(_, var reason) -> Finding.ok(area, what + reason);
      case null -> Finding.ok(area, what + "It was open at the end of the recording.");
      case Entry _ -> throw new IllegalStateException("a session has no other end");
    };
  }

  private static boolean badClose(Recording.Session session) {
    return session.passed().stream()
        .anyMatch(
            entry ->
                entry instanceof Entry.Received(_, Close(var code, _))
                    && code != Close.NORMAL.code()
                    && code != Close.GOING_AWAY.code()
                    && code != Close.NO_CODE);
  }

  // ---- gaps

  private void gaps() {
    List<Finding> gaps = new ArrayList<>();
    Entry.Waiting lost = null;
    int attempts = 0;
    for (Entry entry : recording.entries()) {
      switch (entry) {
        case Entry.Waiting waiting -> lost = lost == null ? waiting : lost;
        case Entry.Connecting _ -> attempts++;
        case Entry.Open open -> {
          if (lost != null) {
            gaps.add(gap(lost, open.at(), attempts, "Session " + open.session() + " ended it."));
          }
          lost = null;
          attempts = 0;
        }
        case Entry.Gone gone -> {
          if (lost != null) {
            gaps.add(gap(lost, gone.at(), attempts, gone.reason()));
            lost = null;
          }
        }
        case Entry.Step _, Entry.Sent _, Entry.Received _, Entry.Event _ -> {}
        case Entry.Undelivered _, Entry.RoundTrip _ -> {}
      }
    }
    gaps.stream().limit(SHOWN).forEach(findings::add);
    if (gaps.size() > SHOWN) {
      int more = gaps.size() - SHOWN;
      findings.add(
          Finding.notTried(Finding.Area.GAPS, Page.counted(more, "more gap") + " not shown."));
    }
    if (gaps.isEmpty()) {
      findings.add(Finding.ok(Finding.Area.GAPS, "There are no gaps between sessions."));
    }
    silence();
  }

  private static Finding gap(Entry.Waiting lost, Duration end, int attempts, String how) {
    return Finding.note(
        Finding.Area.GAPS,
        Page.time(end.minus(lost.at()))
            + " without a session at "
            + Page.time(lost.at())
            + ", "
            + Page.counted(attempts, "attempt")
            + ": "
            + lost.reason(),
        how);
  }

  /** The longest time in which an open session brought nothing. */
  private void silence() {
    Duration longest = Duration.ZERO;
    for (Recording.Session session : sessions) {
      Duration before = session.open().at();
      for (Entry entry : session.passed()) {
        if (payload(entry, false) >= 0) {
          longest = max(longest, entry.at().minus(before));
          before = entry.at();
        }
      }
      longest = max(longest, session.open().at().plus(session.length()).minus(before));
    }
    if (!sessions.isEmpty()) {
      findings.add(
          Finding.ok(
              Finding.Area.GAPS,
              "The longest silence of the server in an open session was "
                  + Page.time(longest)
                  + "."));
    }
  }

  private static Duration max(Duration one, Duration other) {
    return one.compareTo(other) >= 0 ? one : other;
  }

  // ---- latency

  private void latency() {
    Map<String, List<Duration>> times = new LinkedHashMap<>();
    int failed = 0;
    Entry.Sent asked = null;
    for (Entry entry : recording.entries()) {
      switch (entry) {
        case Entry.Step(_, var name, var took, _, var failure) -> {
          failed += failure.isPresent() ? 1 : 0;
          if (failure.isEmpty()) {
            add(times, "The step " + name, took);
          }
        }
        case Entry.RoundTrip(_, var took) -> add(times, "A ping's round trip", took);
        case Entry.Sent sent -> asked = Messages.isMessage(sent.frame()) ? sent : asked;
        case Entry.Received received -> {
          if (asked != null && Messages.isMessage(received.frame())) {
            add(times, "The next message after one that was sent", received.at().minus(asked.at()));
            asked = null;
          }
        }
        case Entry.Waiting _ -> asked = null;
        case Entry.Connecting _, Entry.Open _, Entry.Event _, Entry.Undelivered _ -> {}
        case Entry.Gone _ -> {}
      }
    }
    times.forEach((what, all) -> findings.add(spread(what, all)));
    if (failed > 0) {
      findings.add(
          Finding.note(
              Finding.Area.LATENCY,
              Page.counted(failed, "step") + " of attempts failed.",
              "The gaps say when and why."));
    }
    if (!times.containsKey("A ping's round trip")) {
      findings.add(
          Finding.notTried(
              Finding.Area.LATENCY,
              "Round trips: no ping was answered. Pings are sent in silence: see"
                  + " --ping-interval."));
    }
  }

  private static void add(Map<String, List<Duration>> times, String what, Duration took) {
    times.computeIfAbsent(what, _ -> new ArrayList<>()).add(took);
  }

  private static Finding spread(String what, List<Duration> all) {
    List<Duration> sorted = all.stream().sorted().toList();
    String times =
        sorted.size() == 1
            ? Page.time(sorted.getFirst())
            : Page.time(sorted.getFirst())
                + " to "
                + Page.time(sorted.getLast())
                + ", median "
                + Page.time(sorted.get(sorted.size() / 2));
    return Finding.ok(
        Finding.Area.LATENCY,
        what + " took " + times + " (" + Page.counted(sorted.size(), "time") + ").");
  }

  // ---- messages

  /** The bytes of a message in this direction; negative for anything else. */
  private static long payload(Entry entry, boolean sent) {
    return switch (entry) {
      case Entry.Sent(_, var frame) -> sent ? size(frame) : -1;
      case Entry.Received(_, var frame) -> sent ? -1 : size(frame);
      case Entry.Event(_, _, _, var data) ->
          sent ? -1 : data.getBytes(StandardCharsets.UTF_8).length;
      case Entry.Connecting _, Entry.Step _, Entry.Open _, Entry.Undelivered _ -> -1;
      case Entry.RoundTrip _, Entry.Waiting _, Entry.Gone _ -> -1;
    };
  }

  private static long size(Frame frame) {
    return Messages.isMessage(frame) ? EntryFormat.size(frame) : -1;
  }

  private void messages() {
    findings.add(flow("received", false));
    findings.add(flow("sent", true));
    long undelivered =
        recording.entries().stream().filter(Entry.Undelivered.class::isInstance).count();
    if (undelivered > 0) {
      findings.add(
          Finding.problem(
              Finding.Area.MESSAGES,
              Page.counted(undelivered, "message") + " was not delivered, or possibly not.",
              "Send again what the server must have, or let it acknowledge."));
    }
  }

  private Finding flow(String word, boolean sent) {
    Map<Long, Integer> seconds = new LinkedHashMap<>();
    long count = 0;
    long bytes = 0;
    long largest = 0;
    for (Entry entry : recording.entries()) {
      long size = payload(entry, sent);
      if (size >= 0) {
        count++;
        bytes += size;
        largest = Math.max(largest, size);
        seconds.merge(entry.at().toSeconds(), 1, Integer::sum);
      }
    }
    if (count == 0) {
      return Finding.ok(Finding.Area.MESSAGES, "No message was " + word + ".");
    }
    double length = Math.max(recording.length().toNanos() / NANOS, 1);
    int peak = seconds.values().stream().max(Integer::compare).orElse(0);
    return Finding.ok(
        Finding.Area.MESSAGES,
        String.format(
            Locale.ROOT,
            "%s %s, %d bytes, the largest of %d; %.1f per second in the mean, at most %d in one"
                + " second.",
            Page.counted(count, "message"),
            word,
            bytes,
            largest,
            count / length,
            peak));
  }

  // ---- the picture

  private List<Row> picture() {
    List<Row> rows = new ArrayList<>();
    rows.add(new Row("States: connecting, open, waiting", states()));
    List<Duration> received = times(false);
    List<Duration> sent = times(true);
    if (!received.isEmpty()) {
      rows.add(rate("Received", received));
    }
    if (!sent.isEmpty()) {
      rows.add(rate("Sent", sent));
    }
    trips().ifPresent(rows::add);
    return rows;
  }

  private List<Span> states() {
    List<Span> bars = new ArrayList<>();
    Duration from = Duration.ZERO;
    String kind = "step";
    String detail = "connecting";
    for (Entry entry : recording.entries()) {
      String next = state(entry);
      if (next != null) {
        bars.add(Span.of(from, entry.at().minus(from), kind, detail));
        from = entry.at();
        kind = next;
        detail = detail(entry);
      }
    }
    bars.add(Span.of(from, recording.length().minus(from), kind, detail));
    return bars.stream()
        .filter(bar -> !bar.took().isZero() || bar.kind().equals("failed"))
        .toList();
  }

  private static @Nullable String state(Entry entry) {
    return switch (entry) {
      case Entry.Connecting _ -> "step";
      case Entry.Open _ -> "open";
      case Entry.Waiting _ -> "waiting";
      case Entry.Gone _ -> "waiting";
      case Entry.Step _, Entry.Sent _, Entry.Received _, Entry.Event _ -> null;
      case Entry.Undelivered _, Entry.RoundTrip _ -> null;
    };
  }

  private static String detail(Entry entry) {
    return switch (entry) {
      case Entry.Connecting connecting -> "connecting, attempt " + connecting.attempt();
      case Entry.Open open -> "open, session " + open.session();
      case Entry.Waiting waiting -> "waiting: " + waiting.reason();
      case Entry.Gone gone -> "ended: " + gone.reason();
      case Entry _ -> "";
    };
  }

  private List<Duration> times(boolean sent) {
    return recording.entries().stream()
        .filter(entry -> payload(entry, sent) >= 0)
        .map(Entry::at)
        .toList();
  }

  private Row rate(String word, List<Duration> times) {
    long length = Math.max(1, recording.length().toNanos());
    int[] bins = new int[BINS];
    for (Duration time : times) {
      bins[(int) Math.min(BINS - 1, time.toNanos() * BINS / length)]++;
    }
    int most = Arrays.stream(bins).max().orElse(1);
    Duration width = Duration.ofNanos(length / BINS);
    List<Span> bars = new ArrayList<>();
    for (int i = 0; i < BINS; i++) {
      if (bins[i] > 0) {
        String detail = Page.counted(bins[i], "message") + " in " + Page.time(width);
        bars.add(new Span(width.multipliedBy(i), width, "step", (double) bins[i] / most, detail));
      }
    }
    return new Row(
        word + ": " + times.size() + ", at most " + most + " in " + Page.time(width), bars);
  }

  private Optional<Row> trips() {
    List<Entry.RoundTrip> trips =
        recording.entries().stream()
            .flatMap(
                entry -> entry instanceof Entry.RoundTrip trip ? Stream.of(trip) : Stream.empty())
            .toList();
    Duration most = trips.stream().map(Entry.RoundTrip::took).max(Duration::compareTo).orElse(null);
    if (most == null) {
      return Optional.empty();
    }
    double scale = Math.max(1, most.toNanos());
    List<Span> bars =
        trips.stream()
            .map(
                trip ->
                    new Span(
                        trip.at(),
                        Duration.ZERO,
                        "open",
                        trip.took().toNanos() / scale,
                        "answered after " + Page.time(trip.took())))
            .toList();
    return Optional.of(new Row("Round trips: at most " + Page.time(most), bars));
  }
}
