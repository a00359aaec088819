package dev.lariat.cli;

import dev.lariat.event.Event;
import dev.lariat.event.Listener;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Frame;
import dev.lariat.message.Message;
import dev.lariat.message.Open;
import dev.lariat.message.Reason;
import dev.lariat.message.Side;
import dev.lariat.message.Text;
import dev.lariat.message.Waiting;
import java.io.IOError;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.jline.reader.EndOfFileException;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jspecify.annotations.Nullable;

/**
 * A terminal at which a person talks to a WebSocket: a line to edit, above it what passes, and
 * below it how the connection stands. Lines are messages, or commands that this carries out.
 *
 * <p>Ctrl-D, {@code /quit} and Ctrl-C at an empty line are the end of the input. From then on
 * Ctrl-C ends the WebSocket at once.
 *
 * <p>Until that end the terminal is raw, between two lines too: Ctrl-C is a character that is read
 * in its turn, once, after what was typed before it. As a signal it would overtake that, would be
 * lost between two lines, and would end the {@code stty} that sets the modes for the next one.
 */
final class Prompt implements Screen, Source, Listener {
  private static final String PROMPT = "> ";

  /**
   * What the prompt does with what is typed, and what it shows.
   *
   * @param binary whether lines are binary messages
   * @param most the most bytes of a message
   * @param selection what is shown of a text; null for all
   */
  record Manner(
      boolean binary,
      int most,
      @Nullable Selection selection,
      boolean verbose,
      boolean quiet,
      PromptOptions options) {}

  private final Manner manner;
  private final Reel reel;
  private final Terminal terminal;
  private final Attributes modes; // that the terminal had before
  private final Editor editor;
  private final Transcript transcript;
  private final Standing standing = new Standing(Moment.now());
  private final Painter painter;
  private final Past past;
  private final Object reading = new Object();
  private @Nullable Thread typist; // under the lock
  private boolean closed; // under the lock

  private volatile @Nullable LiveWebSocket live;
  private volatile @Nullable Wire wire;
  private volatile boolean leaving;
  private volatile Reason.@Nullable CloseHandshake farewell; // that this side began
  private final AtomicInteger pings = new AtomicInteger(); // asked for and not answered
  private boolean open; // whether a session is; of the thread that tells
  private String failure = ""; // that was told last; of the same

  /**
   * A prompt at this terminal, which it closes.
   *
   * @param reel has the session so far
   */
  Prompt(Manner manner, Reel reel, Terminal terminal) throws IOException {
    this.manner = manner;
    this.reel = reel;
    this.terminal = terminal;
    try {
      this.modes = terminal.enterRawMode();
    } catch (IOError e) {
      throw new IOException("The terminal's modes cannot be set.", e);
    }
    terminal.handle(Terminal.Signal.INT, signal -> interrupted());
    String trouble = null;
    Path history = null;
    if (manner.options.remembers()) {
      Path file = Past.file(System.getenv(), System.getProperty("user.home", ""));
      try {
        Past.prepare(file);
        history = file;
      } catch (IOException e) {
        trouble = Line.line("History", "it is not kept: " + Line.plain(e.toString()));
      }
    }
    this.editor = new Editor(terminal, manner.options.checks(), manner.options.look(), history);
    this.past = (Past) editor.getHistory();
    this.transcript = editor.transcript();
    this.painter = new Painter(editor, manner.quiet || editor.isDumb() ? null : standing);
    editor.resized(painter::changed);
    if (trouble != null) {
      notice(trouble);
    }
  }

  /**
   * The terminal of this process, by the provider that loads the least: it asks {@code stty}, and
   * needs no native access.
   */
  static Terminal terminal() throws IOException {
    // JLine would interrupt the reader for a Ctrl-C that it also gives it to read, so that one that
    // is slow to come is read after the interrupt, as a second Ctrl-C.
    System.setProperty(TerminalBuilder.PROP_SOFTWARE_SIGNALS, "false");
    boolean windows = System.getProperty("os.name", "").startsWith("Windows");
    return TerminalBuilder.builder()
        .system(true)
        .provider(windows ? TerminalBuilder.PROP_PROVIDER_FFM : TerminalBuilder.PROP_PROVIDER_EXEC)
        .dumb(true)
        .graphemeCluster(false) // it would ask the terminal, and wait for an answer
        .build();
  }

  /** Sets what it talks to. */
  void begin(LiveWebSocket live, Wire wire) {
    this.live = live;
    this.wire = wire;
  }

  // ---- what is typed

  @Override
  public @Nullable Frame next() {
    while (true) {
      String line = line();
      if (line == null) {
        leave();
        return null;
      }
      if (line.isEmpty()) {
        continue;
      }
      String trouble = past.kept();
      if (trouble != null) {
        notice(Line.line("History", "it cannot be written: " + Line.plain(trouble)));
      }
      Order order = Order.of(line);
      if (!(order instanceof Order.Say) && !editor.isDumb()) {
        painter.tell(transcript.command(line));
      }
      switch (order) {
        case Order.Say(var text) -> {
          Frame frame = manner.binary ? new Binary(Bytes.ofUtf8(text)) : new Text(text);
          if (isSent(frame)) {
            return frame;
          }
        }
        case Order.SendBytes(var bytes) -> {
          Frame frame = new Binary(bytes);
          if (isSent(frame)) {
            return frame;
          }
        }
        case Order.SendFile(var file) -> {
          Frame frame = content(file);
          if (frame != null && isSent(frame)) {
            return frame;
          }
        }
        case Order.Quit _ -> {
          leave();
          return null;
        }
        case Order.End(var close) -> {
          leave();
          if (live != null) {
            live.shutdown(close);
          }
          return null;
        }
        case Order other -> carryOut(other);
      }
    }
  }

  /** Waits for a line; empty for none, null at the end. */
  private @Nullable String line() {
    synchronized (reading) {
      if (closed) {
        return null;
      }
      typist = Thread.currentThread();
    }
    try {
      return editor.readLine(PROMPT);
    } catch (UserInterruptException | EndOfFileException e) {
      // Ctrl-C clears a line, also while completions are listed, which JLine tells as an end.
      return editor.getBuffer().length() > 0 ? "" : null;
    } catch (IOError e) {
      return null; // interrupted by close, or there is no terminal any more
    } finally {
      synchronized (reading) {
        typist = null;
        reading.notifyAll();
      }
    }
  }

  /** Whether this is a message that can be sent; shows it then. */
  private boolean isSent(Frame frame) {
    int size = EntryFormat.size(frame);
    if (size > manner.most) {
      String allowed = "--max-message allows " + Value.Size.words(manner.most);
      refused(Progress.size(size) + " are too many: " + allowed + ".");
      return false;
    }
    Moment now = Moment.now();
    standing.sent(frame, now);
    if (!editor.isDumb()) { // where the line that was typed stays
      painter.tell(transcript.sent(frame, now));
    }
    painter.changed();
    return true;
  }

  private @Nullable Frame content(String file) {
    try {
      Path path = Editor.path(file);
      if (Files.size(path) > manner.most) {
        String allowed = "--max-message allows " + Value.Size.words(manner.most);
        refused(Line.plain(file) + " is too large: " + allowed + ".");
        return null;
      }
      return new Binary(Bytes.wrap(Files.readAllBytes(path)));
    } catch (IOException | InvalidPathException e) {
      refused(Line.plain(file) + " cannot be read: " + Line.plain(e.toString()) + ".");
      return null;
    }
  }

  private void refused(String sentence) {
    painter.tell(transcript.bad(Line.line("Not sent", sentence)));
  }

  private void carryOut(Order order) {
    switch (order) {
      case Order.SendPing(var ping) -> {
        Wire to = wire;
        if (to == null || !isOpen()) {
          refused("No session is open.");
        } else {
          pings.incrementAndGet();
          to.deliver(ping);
        }
      }
      case Order.Reconnect _ -> reconnect();
      case Order.Save(var file) -> save(file);
      case Order.Stats _ -> standing.stats(Moment.now()).forEach(this::notice);
      case Order.Help _ ->
          Order.COMMANDS.forEach(
              command ->
                  notice(
                      String.format(Locale.ROOT, "%-28s %s", command.synopsis(), command.does())));
      case Order.Refused(var sentence) -> refused(sentence);
      case Order.Say _, Order.SendBytes _, Order.SendFile _, Order.Quit _, Order.End _ -> {}
    }
  }

  private void reconnect() {
    String what =
        isOpen()
            ? "a new session is opened in place of this one"
            : standing.isDown()
                ? "the next attempt begins at once"
                : "there is an attempt already, and it goes on";
    notice(Line.line("Reconnect", what));
    LiveWebSocket its = live;
    if (its != null) {
      its.rotate(); // does something if a session is open,
      its.retryNow(); // and this if an attempt waits
    }
  }

  private boolean isOpen() {
    LiveWebSocket its = live;
    return its != null && its.session() > 0;
  }

  private void save(String file) {
    String name = Line.plain(file);
    try {
      long lines = reel.save(Editor.path(file));
      String without =
          reel.dropped() == 0
              ? ""
              : ", without the first " + reel.dropped() + ", which are not in memory any more";
      notice(Line.line("Saved", lines + " lines in " + name + without));
    } catch (FileAlreadyExistsException e) {
      painter.tell(transcript.bad(Line.line("Not saved", "The file " + name + " exists.")));
    } catch (IOException | InvalidPathException e) {
      painter.tell(transcript.bad(Line.line("Not saved", name + ": " + Line.plain(e.toString()))));
    }
  }

  // ---- the end

  private void leave() {
    leaving = true;
    synchronized (reading) {
      if (!closed) {
        try {
          terminal.setAttributes(modes); // in which Ctrl-C is a signal
        } catch (IOError e) {
          // then only the server's answer or its silence ends this
        }
      }
    }
    standing.closing(Moment.now());
    painter.changed();
  }

  /** Ctrl-C after the end of the input. */
  private void interrupted() {
    LiveWebSocket its = live;
    if (leaving && its != null) {
      its.close();
    }
  }

  @Override
  public void event(Event event) {
    if (event instanceof Event.WebSocketEnd(_, Reason.CloseHandshake handshake, _)
        && handshake.initiator() == Side.CLIENT) {
      farewell = handshake;
    }
  }

  @Override
  public void closed(String sentence) {
    Reason.CloseHandshake handshake = farewell;
    notice(
        Line.line(
            "Closed",
            handshake != null
                ? Words.words(handshake.sent())
                    + "; the server answered "
                    + Words.words(handshake.received())
                : open ? "without a close frame from the server" : sentence));
  }

  // ---- what is shown

  @Override
  public void frame(Frame frame) {
    Moment now = Moment.now();
    var trip = standing.received(frame, now);
    for (Frame shown : Selection.shown(manner.selection, frame)) {
      painter.show(EntryFormat.size(shown), () -> transcript.received(shown, now, trip));
    }
    painter.changed();
  }

  @Override
  public void event(Message message) {
    standing
        .happened(message, Moment.now())
        .ifPresent(
            gap ->
                painter.tell(
                    transcript.mark(
                        Line.line(
                            "Gap",
                            Page.time(gap.length()) + " without a session: " + gap.reason()))));
    AttributedString line = line(message);
    if (line != null) {
      painter.tell(line);
    }
    painter.changed();
  }

  /** What is told of this; null for nothing. */
  private @Nullable AttributedString line(Message message) {
    boolean asked = Line.isPing(message) && pings.getAndUpdate(count -> Math.max(0, count - 1)) > 0;
    return switch (message) {
      case Open _ -> {
        open = true;
        failure = "";
        yield transcript.good(Line.of(message));
      }
      case Waiting waiting -> failed(waiting);
      case Message other ->
          asked || Screen.isTold(other, manner.verbose) ? transcript.notice(Line.of(other)) : null;
    };
  }

  /** The state line counts the attempts; another line is for another reason. */
  private @Nullable AttributedString failed(Waiting waiting) {
    String reason = Words.of(waiting.reason());
    String word = open && !waiting.open() ? "Lost" : "Failed";
    boolean news = !reason.equals(failure) || word.equals("Lost");
    open = waiting.open();
    failure = reason;
    if (manner.verbose || editor.isDumb()) {
      return transcript.bad(Line.of(waiting));
    }
    return news ? transcript.bad(Line.line(word, reason)) : null;
  }

  @Override
  public void notice(String line) {
    painter.tell(transcript.notice(line));
  }

  /** A terminal that is closed under a reader fails in the reader's hands: that one ends first. */
  @Override
  public void close() throws IOException {
    boolean interrupted = false;
    synchronized (reading) {
      closed = true;
      Thread typing = typist;
      if (typing != null) {
        typing.interrupt();
      }
      while (typist != null) {
        try {
          reading.wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    painter.close();
    terminal.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
