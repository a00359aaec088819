package dev.lariat.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.jline.reader.Candidate;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import org.jline.reader.impl.LineReaderImpl;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.utils.AttributedString;
import org.jline.utils.InfoCmp;
import org.jline.utils.Status;
import org.jspecify.annotations.Nullable;

/**
 * The line that a person edits, with what is shown above it and below it. What is wrong is not
 * accepted: the line stays, and the cursor goes to the mistake.
 */
final class Editor extends LineReaderImpl {
  private static final List<String> WITH_PATHS = List.of("/save", "/binary");
  private static final int NARROWEST = 8; // columns; a terminal that does not know says 0

  private final boolean checks;
  private final boolean dumb;
  private final Transcript transcript;
  private final @Nullable Status status;
  private volatile int columns;
  private volatile Runnable resized = () -> {};

  /**
   * A line at this terminal.
   *
   * @param checks whether JSON is checked
   * @param look how what is shown looks
   * @param history where lines are kept; null to keep none
   */
  Editor(Terminal terminal, boolean checks, Transcript.Look look, @Nullable Path history)
      throws IOException {
    super(terminal, "lariat");
    this.checks = checks;
    this.transcript = new Transcript(look, this::columns);
    this.dumb = terminal.getType().startsWith(Terminal.TYPE_DUMB);
    this.status = dumb ? null : Status.getStatus(terminal);
    this.columns = terminal.getColumns();
    setOpt(LineReader.Option.DISABLE_EVENT_EXPANSION); // an exclamation mark is just that
    setOpt(LineReader.Option.ERASE_LINE_ON_FINISH); // the transcript has it
    setOpt(LineReader.Option.HISTORY_IGNORE_SPACE);
    unsetOpt(LineReader.Option.HISTORY_REDUCE_BLANKS);
    unsetOpt(LineReader.Option.HISTORY_TIMESTAMPED);
    unsetOpt(LineReader.Option.HISTORY_INCREMENTAL); // a disk that is full is told by us
    unsetOpt(LineReader.Option.INSERT_TAB);
    setVariable(LineReader.SECONDARY_PROMPT_PATTERN, "  ");
    setVariable(LineReader.HISTORY_SIZE, Past.LINES);
    setVariable(LineReader.HISTORY_FILE_SIZE, Past.LINES);
    if (history != null) {
      setVariable(LineReader.HISTORY_FILE, history);
    }
    setHistory(new Past());
    setParser((line, cursor, context) -> new Typed(line, cursor));
    setCompleter((reader, line, candidates) -> complete(line, candidates));
  }

  Transcript transcript() {
    return transcript;
  }

  /** Whether the terminal cannot move the cursor. */
  boolean isDumb() {
    return dumb;
  }

  int columns() {
    return columns < NARROWEST ? 80 : columns;
  }

  /** Shows lines above the one that is edited, and one below it; null for neither. */
  void show(@Nullable AttributedString above, @Nullable AttributedString below) {
    lock.lock();
    try {
      if (above != null) {
        printAbove(above);
      }
      if (below != null && status != null) {
        status.update(List.of(below));
        terminal.flush();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Removes what is below the line. */
  void hideBelow() {
    lock.lock();
    try {
      if (status != null) {
        status.hide();
        status.close();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Sets what is called when the terminal has another size. */
  void resized(Runnable action) {
    resized = action;
  }

  /** Takes the lock first, and the monitor within it, like everything else here. */
  @Override
  @SuppressWarnings("UnsynchronizedOverridesSynchronized")
  protected void handleSignal(Terminal.Signal signal) {
    lock.lock();
    try {
      Size now = terminal.getBufferSize();
      boolean same = now.getRows() == size.getRows() && now.getColumns() == size.getColumns();
      if (signal == Terminal.Signal.WINCH && status != null && !same) {
        leaveLastRow(now.getRows());
      }
      super.handleSignal(signal);
      columns = size.getColumns();
    } finally {
      lock.unlock();
    }
    resized.run();
  }

  /** A terminal that has lost rows may have put the cursor where the state line belongs. */
  private void leaveLastRow(int rows) {
    terminal.puts(InfoCmp.Capability.save_cursor);
    terminal.puts(InfoCmp.Capability.change_scroll_region, 0, rows - 1); // which moves the cursor
    terminal.puts(InfoCmp.Capability.restore_cursor);
    terminal.puts(InfoCmp.Capability.carriage_return);
    terminal.puts(InfoCmp.Capability.clr_eos);
    terminal.writer().print('\n');
    terminal.puts(InfoCmp.Capability.cursor_up);
  }

  @Override
  protected boolean acceptLine() {
    String typed = buf.toString();
    return switch (Order.entered(typed, checks)) {
      case Order.Whole _ -> super.acceptLine();
      case Order.GoesOn(var soFar) -> {
        buf.clear();
        buf.write(soFar + "\n");
        yield true;
      }
      case Order.Mistaken(var fault) -> {
        printAbove(transcript.mistake(typed, fault));
        buf.cursor(fault.at());
        yield !dumb || super.acceptLine();
      }
    };
  }

  // ---- completion

  /** A command, or its name and the rest. */
  private record Typed(String line, int cursor) implements ParsedLine {
    private int start() {
      int space = line.indexOf(' ');
      return space < 0 || space >= cursor ? 0 : space + 1;
    }

    @Override
    public String word() {
      return line.substring(start());
    }

    @Override
    public int wordCursor() {
      return cursor - start();
    }

    @Override
    public int wordIndex() {
      return start() == 0 ? 0 : 1;
    }

    @Override
    public List<String> words() {
      return start() == 0 ? List.of(line) : List.of(line.substring(0, start() - 1), word());
    }
  }

  private static void complete(ParsedLine line, List<Candidate> candidates) {
    if (!line.line().startsWith("/")) {
      return;
    }
    if (line.wordIndex() == 0) {
      Order.COMMANDS.forEach(command -> candidates.add(candidate(command)));
    } else if (WITH_PATHS.contains(line.words().getFirst())) {
      paths(line.word().substring(0, line.wordCursor()), candidates);
    }
  }

  private static Candidate candidate(Order.Named command) {
    boolean alone = command.parameters().isEmpty();
    return new Candidate(
        command.name(), command.synopsis(), null, command.does(), null, null, !alone);
  }

  private static void paths(String typed, List<Candidate> candidates) {
    String folder = typed.substring(0, typed.lastIndexOf('/') + 1);
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(path(folder.isEmpty() ? "." : folder))) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        boolean within = Files.isDirectory(file);
        String shown = Line.plain(name) + (within ? "/" : "");
        candidates.add(
            new Candidate(
                folder + name + (within ? "/" : ""), shown, null, null, null, null, false));
      }
    } catch (IOException | InvalidPathException e) {
      return; // there is nothing to propose
    }
  }

  /** A path as a person types it. */
  static Path path(String typed) {
    boolean home =
        typed.equals("~") || typed.startsWith("~/") || typed.startsWith("~" + File.separator);
    return home ? Path.of(System.getProperty("user.home", ""), typed.substring(1)) : Path.of(typed);
  }
}
