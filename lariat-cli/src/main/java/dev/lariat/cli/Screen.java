package dev.lariat.cli;

import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Frame;
import dev.lariat.message.Text;
import java.io.IOError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;

/** Where {@code ws} shows what arrives: a terminal, or pipes. */
sealed interface Screen extends AutoCloseable {

  /** Shows a message with data. */
  void frame(Frame frame);

  /** Shows what happens besides. */
  void notice(String line);

  /** Shows nothing more; what reads from here is interrupted, and leaves nothing on the screen. */
  @Override
  void close() throws IOException;

  /** Messages on standard output, notices on standard error. */
  final class Piped implements Screen {
    private final Io io;
    private final @Nullable Format format;

    /**
     * Pipes to write to.
     *
     * @param format of the messages; null to write none
     */
    Piped(Io io, @Nullable Format format) {
      this.io = io;
      this.format = format;
    }

    @Override
    public void frame(Frame frame) {
      if (format != null) {
        io.out().write(format.of(frame));
      }
    }

    @Override
    public void notice(String line) {
      io.err().println(line);
    }

    @Override
    public void close() {}
  }

  /** A line to edit, and all that happens above it. */
  final class Interactive implements Screen, Source {
    private final Terminal terminal;
    private final LineReader reader;
    private final boolean binary;
    private final Object reading = new Object();
    private @Nullable Thread typist; // under the lock
    private boolean closed; // under the lock

    /**
     * The terminal of this process.
     *
     * @param binary whether lines are binary messages
     */
    Interactive(boolean binary) throws IOException {
      this.binary = binary;
      terminal = TerminalBuilder.builder().system(true).build();
      reader = LineReaderBuilder.builder().terminal(terminal).appName("lariat").build();
      reader.setOpt(LineReader.Option.DISABLE_EVENT_EXPANSION); // an exclamation mark is just that
    }

    @Override
    public @Nullable Frame next() {
      synchronized (reading) {
        if (closed) {
          return null;
        }
        typist = Thread.currentThread();
      }
      try {
        String line = reader.readLine("> ");
        return binary
            ? new Binary(Bytes.wrap(line.getBytes(StandardCharsets.UTF_8)))
            : new Text(line);
      } catch (EndOfFileException | UserInterruptException e) {
        return null;
      } catch (IOError e) {
        return null; // interrupted by close
      } finally {
        synchronized (reading) {
          typist = null;
          reading.notifyAll();
        }
      }
    }

    @Override
    public void frame(Frame frame) {
      String shown = frame instanceof Text(var text) ? Line.plain(text) : Line.of(frame);
      reader.printAbove("< " + shown);
    }

    @Override
    public void notice(String line) {
      reader.printAbove("* " + line);
    }

    /**
     * A terminal that is closed under a reader fails in the reader's hands: that one ends first.
     */
    @Override
    public void close() throws IOException {
      boolean interrupted = false;
      synchronized (reading) {
        closed = true;
        reader.setOpt(LineReader.Option.ERASE_LINE_ON_FINISH);
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
      terminal.close();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
