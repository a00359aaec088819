package dev.lariat.cli;

import dev.lariat.message.Connecting;
import dev.lariat.message.Frame;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Open;
import dev.lariat.message.Waiting;
import java.time.Duration;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;
import org.jspecify.annotations.Nullable;

/** How a live WebSocket stands: what the state line and {@code /stats} of the prompt tell. */
final class Standing {
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
  private static final int WORTH = 8; // columns of a sentence that are worth reading

  /** What the connection does. */
  private enum State {
    CONNECTING("connecting", AttributedStyle.YELLOW),
    OPEN("open", AttributedStyle.GREEN),
    DOWN("down", AttributedStyle.RED),
    CLOSING("closing", AttributedStyle.YELLOW);

    final String word;
    final int colour;

    State(String word, int colour) {
      this.word = word;
      this.colour = colour;
    }
  }

  /** A time without a session, and why there was none. */
  record Gap(Duration length, String reason) {}

  private final Moment start;

  // under the lock
  private State state = State.CONNECTING;
  private Moment since; // when this state began
  private int attempt;
  private Moment due; // when the next attempt begins, if it is down
  private String reason = ""; // why the last attempt failed
  private String loss = ""; // why the last session was lost
  private @Nullable Moment lost; // when the last session was, while there is none
  private long session;
  private long losses;
  private Duration without = Duration.ZERO; // a session, after the first one
  private long in;
  private long bytesIn;
  private long out;
  private long bytesOut;
  private @Nullable Moment asked; // when the last message was sent, until one is received
  private long trips;
  private Duration trip = Duration.ZERO;
  private Duration shortest = Duration.ZERO;
  private Duration longest = Duration.ZERO;

  Standing(Moment start) {
    this.start = start;
    this.since = start;
    this.due = start;
  }

  // ---- what happens

  /** Notes what happens; gives the gap that it ends. */
  synchronized Optional<Gap> happened(Message message, Moment now) {
    switch (message) {
      case Connecting(_, var number, var open) -> {
        if (!open && state != State.CLOSING) {
          attempt = number;
          enter(State.CONNECTING, now);
        }
      }
      case Waiting(_, var number, var delay, var why, var open) -> {
        if (!open) {
          isDown(number, delay, Words.of(why), now);
        }
      }
      case Open(_, var number, _, _) -> {
        session = number;
        enter(State.OPEN, now);
        return ended(now);
      }
      case Notice(_, Notice.PingAcknowledged(_, var took)) -> tripped(took);
      case Message _ -> {} // nothing that these tell of
    }
    return Optional.empty();
  }

  private void enter(State next, Moment now) {
    state = next;
    since = now;
  }

  private void isDown(int number, Duration delay, String why, Moment now) {
    if (state == State.OPEN) {
      losses++;
      lost = now;
      loss = why;
      asked = null;
    }
    reason = why;
    attempt = number;
    due = new Moment(now.nanos() + delay.toNanos(), now.clock().plus(delay));
    enter(State.DOWN, now);
  }

  private Optional<Gap> ended(Moment now) {
    Moment before = lost;
    lost = null;
    if (before == null) {
      return Optional.empty();
    }
    Gap gap = new Gap(now.since(before), loss);
    without = without.plus(gap.length);
    return Optional.of(gap);
  }

  private void tripped(Duration took) {
    shortest = trips == 0 || took.compareTo(shortest) < 0 ? took : shortest;
    longest = took.compareTo(longest) > 0 ? took : longest;
    trip = took;
    trips++;
  }

  /** Notes that it is about to end. */
  synchronized void closing(Moment now) {
    enter(State.CLOSING, now);
  }

  /** Counts a message that was received; gives the time since the last one that was sent. */
  synchronized Optional<Duration> received(Frame frame, Moment now) {
    in++;
    bytesIn += EntryFormat.size(frame);
    Optional<Duration> took = Optional.ofNullable(asked).map(now::since);
    asked = null;
    return took;
  }

  /** Counts a message that was sent. */
  synchronized void sent(Frame frame, Moment now) {
    out++;
    bytesOut += EntryFormat.size(frame);
    asked = state == State.OPEN ? now : null;
  }

  // ---- what is told

  /** Whether there is no session, and the next attempt waits for its time. */
  synchronized boolean isDown() {
    return state == State.DOWN;
  }

  /** How long the state line stays true; empty if until something happens. */
  synchronized Optional<Duration> lasts() {
    boolean counts = state == State.DOWN || state == State.CONNECTING && lost != null;
    return counts ? Optional.of(Duration.ofSeconds(1)) : Optional.empty();
  }

  /** One line of this width. */
  synchronized AttributedString line(Moment now, int width, boolean colours) {
    AttributedStyle style = AttributedStyle.BOLD;
    AttributedStringBuilder line = new AttributedStringBuilder();
    line.append(state.word, colours ? style.foreground(state.colour) : style);
    for (String part : parts(now)) {
      int room = width - line.columnLength() - 2;
      AttributedString next = new AttributedString(part);
      if (next.columnLength() <= room) {
        line.append("  ").append(next);
      } else if (room >= WORTH) {
        line.append("  ").append(next.columnSubSequence(0, room - 1)).append("…");
        break;
      }
    }
    AttributedString whole = line.toAttributedString();
    return whole.columnLength() <= width ? whole : whole.columnSubSequence(0, width);
  }

  private List<String> parts(Moment now) {
    List<String> parts = new ArrayList<>();
    switch (state) {
      case OPEN -> {
        parts.add("since " + since.clock().format(CLOCK));
        if (trips > 0) {
          parts.add("ping " + Page.time(trip));
        }
        parts.add("in " + in);
        parts.add("out " + out);
        parts.add("session " + session);
      }
      case CONNECTING -> {
        parts.add(attempt == 0 ? "first attempt" : "attempt " + attempt);
        if (lost != null) {
          parts.add("down for " + whole(now.since(lost)));
          parts.add(reason);
        }
      }
      case DOWN -> {
        long left = Math.max(0, due.since(now).toMillis());
        parts.add("attempt " + attempt + " in " + (left + 999) / 1000 + " s");
        if (lost != null) {
          parts.add("down for " + whole(now.since(lost)));
        }
        parts.add(reason);
      }
      case CLOSING -> parts.add("Ctrl-C ends it at once");
    }
    return parts;
  }

  /** A time in whole seconds, or in larger units. */
  static String whole(Duration time) {
    long seconds = time.toSeconds();
    if (seconds < 60) {
      return seconds + " s";
    }
    return seconds < 3600
        ? seconds / 60 + " min " + seconds % 60 + " s"
        : seconds / 3600 + " h " + seconds / 60 % 60 + " min";
  }

  /** What has passed so far, in lines. */
  synchronized List<String> stats(Moment now) {
    List<String> lines = new ArrayList<>();
    lines.add(Line.line("Time", whole(now.since(start)) + ", session " + session));
    lines.add(
        Line.line(
            "Losses",
            losses == 0
                ? "none"
                : losses + ", " + Page.time(without(now)) + " without a session in all"));
    lines.add(Line.line("Received", Page.counted(in, "message") + ", " + Progress.size(bytesIn)));
    lines.add(Line.line("Sent", Page.counted(out, "message") + ", " + Progress.size(bytesOut)));
    lines.add(
        Line.line(
            "Pings",
            trips == 0
                ? "none was answered yet"
                : trips
                    + " answered, the last after "
                    + Page.time(trip)
                    + ", from "
                    + Page.time(shortest)
                    + " to "
                    + Page.time(longest)));
    return lines;
  }

  private Duration without(Moment now) {
    return lost == null ? without : without.plus(now.since(lost));
  }
}
