package dev.lariat.cli;

import dev.lariat.message.Frame;
import dev.lariat.message.Text;
import java.time.Duration;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntSupplier;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;

/**
 * What a person at a terminal reads: messages with their direction, and what happens besides. JSON
 * is in colours, on one line if it fits and folded otherwise, as little as necessary. Nothing in it
 * can command the terminal, and nothing in a message looks like the beginning of another line:
 * those of a message are indented.
 *
 * @param look how it looks
 * @param width of the terminal
 */
record Transcript(Look look, IntSupplier width) {
  private static final int SHOWN = 16_384; // characters of a message: some screens full
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT);
  private static final String INDENT = "  ";

  /** What can be shown of each message besides its content. */
  enum Detail {
    /** When. */
    TIME,
    /** How many bytes. */
    SIZE,
    /** Of the first message after one that was sent: the time between them. */
    TRIP
  }

  /**
   * How it looks.
   *
   * @param folds whether JSON is folded
   */
  record Look(boolean folds, boolean colours, Set<Detail> details) {
    AttributedStyle style(int colour) {
      return colours ? AttributedStyle.DEFAULT.foreground(colour) : AttributedStyle.DEFAULT;
    }

    AttributedStyle faint() {
      return colours ? AttributedStyle.DEFAULT.faint() : AttributedStyle.DEFAULT;
    }
  }

  /** One in colours, if they are wanted, with nothing but the messages. */
  static Transcript of(int width) {
    return new Transcript(new Look(true, Tty.hasColours(), Set.of()), () -> width);
  }

  // ---- messages

  /** A message from the server. */
  AttributedString received(Frame frame, Moment at, Optional<Duration> trip) {
    return message("< ", AttributedStyle.CYAN, frame, at, trip);
  }

  /** A message to the server. */
  AttributedString sent(Frame frame, Moment at) {
    return message("> ", AttributedStyle.GREEN, frame, at, Optional.empty());
  }

  private AttributedString message(
      String mark, int colour, Frame frame, Moment at, Optional<Duration> trip) {
    AttributedStringBuilder line = new AttributedStringBuilder();
    line.append(mark, look.style(colour).bold());
    StringBuilder details = new StringBuilder();
    if (look.details.contains(Detail.TIME)) {
      details.append(at.clock().format(CLOCK)).append(INDENT);
    }
    if (look.details.contains(Detail.SIZE)) {
      details.append(Progress.size(EntryFormat.size(frame))).append(INDENT);
    }
    if (look.details.contains(Detail.TRIP) && trip.isPresent()) {
      details.append("after ").append(Page.time(trip.get())).append(INDENT);
    }
    line.append(details, look.faint());
    return line.append(content(frame, line.columnLength())).toAttributedString();
  }

  private AttributedString content(Frame frame, int column) {
    return frame instanceof Text(var text)
        ? text(text, column)
        : new AttributedString(Line.of(frame));
  }

  private AttributedString text(String text, int column) {
    if (text.length() <= SHOWN) {
      return json(text) ? folded(text, column) : indented(new AttributedString(shown(text)));
    }
    int end = Character.isHighSurrogate(text.charAt(SHOWN - 1)) ? SHOWN - 1 : SHOWN;
    String rest = "\n… " + Progress.size(EntryFormat.size(new Text(text))) + " in all";
    return indented(new AttributedString(shown(text.substring(0, end)) + rest));
  }

  private boolean json(String text) {
    String start = text.stripLeading();
    boolean nested = start.startsWith("{") || start.startsWith("[");
    return look.folds && nested && Json.fault(text) == null;
  }

  private static String shown(String text) {
    return Line.block(text).replace("\r\n", "\n");
  }

  private AttributedString folded(String json, int column) {
    String text = Line.block(json);
    AttributedString line = folded(text, Folding.onOneLine(look.colours));
    if (column + line.columnLength() <= width.getAsInt()) {
      return line;
    }
    AttributedString lines = folded(text, new Folding(look.colours));
    int most = width.getAsInt() - INDENT.length();
    return indented(joined("\n", merged(lines.columnSplitLength(Integer.MAX_VALUE), most)));
  }

  private static AttributedString folded(String text, Folding folding) {
    return AttributedString.fromAnsi((folding.of(text) + folding.end()).stripTrailing());
  }

  /** Puts back on one line what fits there: an object or an array within this width. */
  private static List<AttributedString> merged(List<AttributedString> folded, int width) {
    List<AttributedString> lines = new ArrayList<>();
    Deque<Integer> opened = new ArrayDeque<>(); // where objects and arrays begin
    for (AttributedString line : folded) {
      String text = line.toString();
      lines.add(line);
      if (text.endsWith("{") || text.endsWith("[")) {
        opened.push(lines.size() - 1);
      } else if (text.stripLeading().startsWith("}") || text.stripLeading().startsWith("]")) {
        List<AttributedString> group = lines.subList(opened.pop(), lines.size());
        AttributedString one = onOneLine(group);
        boolean nested = group.stream().skip(1).anyMatch(inner -> isBroken(inner, group));
        if (!nested && one.columnLength() <= width) {
          group.clear();
          lines.add(one);
        }
      }
    }
    return lines;
  }

  /** Whether this line of a group is the end of a group within it that did not fit. */
  private static boolean isBroken(AttributedString line, List<AttributedString> group) {
    String text = line.toString().stripLeading();
    return line != group.getLast() && (text.startsWith("}") || text.startsWith("]"));
  }

  private static AttributedString onOneLine(List<AttributedString> group) {
    List<AttributedString> inner =
        group.subList(1, group.size() - 1).stream().map(Transcript::stripped).toList();
    return joined("", List.of(group.getFirst(), joined(" ", inner), stripped(group.getLast())));
  }

  private static AttributedString stripped(AttributedString line) {
    int start = line.length() - line.toString().stripLeading().length();
    return line.subSequence(start, line.length());
  }

  private static AttributedString joined(String between, List<AttributedString> parts) {
    return AttributedString.join(new AttributedString(between), parts);
  }

  /** Indents all lines but the first. */
  private static AttributedString indented(AttributedString text) {
    List<AttributedString> lines = text.columnSplitLength(Integer.MAX_VALUE);
    return joined("\n" + INDENT, lines);
  }

  // ---- what happens besides

  /** A command that was typed. */
  AttributedString command(String line) {
    return new AttributedString("> " + Line.plain(line), look.faint());
  }

  /** A line that begins with a word. */
  AttributedString notice(String line) {
    return notice(line, AttributedStyle.DEFAULT);
  }

  /** The same, for what is good. */
  AttributedString good(String line) {
    return notice(line, look.style(AttributedStyle.GREEN));
  }

  /** The same, for what is bad. */
  AttributedString bad(String line) {
    return notice(line, look.style(AttributedStyle.RED));
  }

  /** The same, for what must be noticed. */
  AttributedString mark(String line) {
    return notice(line, look.style(AttributedStyle.YELLOW).bold());
  }

  private AttributedString notice(String line, AttributedStyle style) {
    return new AttributedStringBuilder()
        .append("* ", look.faint())
        .append(line, style)
        .toAttributedString();
  }

  // ---- a mistake

  /** The line in which JSON is wrong, with a caret beneath the place, and what is allowed there. */
  AttributedString mistake(String text, Json.Fault fault) {
    int start = text.lastIndexOf('\n', Math.max(0, fault.at() - 1)) + 1;
    int end = text.indexOf('\n', fault.at());
    String before = Line.plain(text.substring(start, fault.at()));
    String after = Line.plain(text.substring(fault.at(), end < 0 ? text.length() : end));
    int room = Math.max(8, width.getAsInt() - INDENT.length() - 8);
    AttributedString lead = new AttributedString(before);
    if (lead.columnLength() > room) {
      lead = lead.columnSubSequence(lead.columnLength() - room, lead.columnLength());
    }
    int column = INDENT.length() + lead.columnLength();
    AttributedString line =
        AttributedString.join(AttributedString.EMPTY, lead, new AttributedString(after));
    int most = width.getAsInt() - INDENT.length();
    return new AttributedStringBuilder()
        .append(INDENT)
        .append(line.columnLength() <= most ? line : line.columnSubSequence(0, most))
        .append("\n")
        .append(" ".repeat(column))
        .append("^", look.style(AttributedStyle.RED).bold())
        .append("\n")
        .append(bad(Line.line("Not sent", "expected here: " + fault.allowed())))
        .toAttributedString();
  }
}
