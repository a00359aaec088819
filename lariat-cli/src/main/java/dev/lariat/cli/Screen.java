package dev.lariat.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;

/** Where {@code ws} reads lines and shows what arrives: a terminal, or pipes. */
sealed interface Screen extends AutoCloseable {

  /** The next line; null at the end of the input. */
  @Nullable String read() throws IOException;

  /** Shows a text message. */
  void text(String text);

  /** Shows another frame with data. */
  void data(String line);

  /** Shows what happens besides. */
  void notice(String line);

  @Override
  void close() throws IOException;

  static Screen of(Io io) throws IOException {
    return io.terminal() ? new Interactive() : new Piped(io);
  }

  /** Text as it is on standard output, notices on standard error. */
  final class Piped implements Screen {
    private final Io io;
    private final BufferedReader reader;

    Piped(Io io) {
      this.io = io;
      this.reader = new BufferedReader(new InputStreamReader(io.in(), StandardCharsets.UTF_8));
    }

    @Override
    public @Nullable String read() throws IOException {
      return reader.readLine();
    }

    @Override
    public void text(String text) {
      io.out().println(text);
    }

    @Override
    public void data(String line) {
      io.out().println(line);
    }

    @Override
    public void notice(String line) {
      io.err().println(line);
    }

    @Override
    public void close() {
      io.out().flush();
    }
  }

  /** A line to edit, and all that happens above it. */
  final class Interactive implements Screen {
    private final Terminal terminal;
    private final LineReader reader;

    Interactive() throws IOException {
      terminal = TerminalBuilder.builder().system(true).build();
      reader = LineReaderBuilder.builder().terminal(terminal).appName("lariat").build();
      reader.setOpt(LineReader.Option.DISABLE_EVENT_EXPANSION); // an exclamation mark is just that
    }

    @Override
    public @Nullable String read() {
      try {
        return reader.readLine("> ");
      } catch (EndOfFileException | UserInterruptException e) {
        return null;
      }
    }

    @Override
    public void text(String text) {
      reader.printAbove("< " + Line.plain(text));
    }

    @Override
    public void data(String line) {
      reader.printAbove("< " + line);
    }

    @Override
    public void notice(String line) {
      reader.printAbove("* " + line);
    }

    @Override
    public void close() throws IOException {
      terminal.close();
    }
  }
}
