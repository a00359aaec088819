package dev.lariat.cli;

import dev.lariat.message.Frame;
import dev.lariat.message.Message;
import dev.lariat.message.Open;
import dev.lariat.message.Waiting;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Where {@code ws} shows what arrives: a terminal, or pipes. */
sealed interface Screen extends AutoCloseable permits Screen.Piped, Prompt {

  /** Shows a message with data. */
  void frame(Frame frame);

  /** Shows what happens to the connection. */
  void event(Message message);

  /** Shows what happens besides. */
  void notice(String line);

  /** Shows that it has ended as it should, and why. */
  default void closed(String sentence) {
    notice(Line.line("Closed", sentence));
  }

  /** Shows nothing more; what reads from here is interrupted, and leaves nothing on the screen. */
  @Override
  void close() throws IOException;

  /** Messages on standard output, everything else on standard error. */
  final class Piped implements Screen {
    private final Io io;
    private final @Nullable Format format;
    private final @Nullable Selection selection;
    private final boolean verbose;

    /**
     * Pipes to write to.
     *
     * @param format of the messages; null to write none
     * @param selection what is shown of a text; null for all
     * @param verbose whether attempts and pings are shown, too
     */
    Piped(Io io, @Nullable Format format, @Nullable Selection selection, boolean verbose) {
      this.io = io;
      this.format = format;
      this.selection = selection;
      this.verbose = verbose;
    }

    @Override
    public void frame(Frame frame) {
      if (format != null) {
        Selection.shown(selection, frame).forEach(shown -> io.out().write(format.of(shown)));
      }
    }

    @Override
    public void event(Message message) {
      if (isTold(message, verbose)) {
        notice(Line.of(message));
      }
    }

    @Override
    public void notice(String line) {
      io.err().println(line);
    }

    @Override
    public void close() {}
  }

  /** Whether a line tells of this. */
  static boolean isTold(Message message, boolean verbose) {
    return verbose
        || message instanceof Open
        || message instanceof Waiting
        || !(message instanceof Message.OfLive || Line.isPing(message));
  }
}
