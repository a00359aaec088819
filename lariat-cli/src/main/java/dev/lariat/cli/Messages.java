package dev.lariat.cli;

import dev.lariat.message.Binary;
import dev.lariat.message.Frame;
import dev.lariat.message.Text;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Messages that files hold, a line each, and what tells messages from control frames. */
final class Messages {
  private Messages() {}

  /** Whether it carries data, as a text or a binary message. */
  static boolean isMessage(Frame frame) {
    return frame instanceof Text || frame instanceof Binary;
  }

  /** The lines of a file as text messages. */
  static List<Frame> lines(String option, Path file, int limit) {
    String name = Line.plain(file.toString());
    try (InputStream in = Files.newInputStream(file)) {
      Source source = Source.ended(in, (byte) '\n', limit, false);
      List<Frame> frames = new ArrayList<>();
      for (Frame frame = source.next(); frame != null; frame = source.next()) {
        frames.add(frame);
      }
      return frames;
    } catch (NoSuchFileException e) {
      throw new UsageException(option + ": there is no file " + name + ".");
    } catch (IOException e) {
      throw new UsageException(option + ": " + name + " cannot be read: " + e.getMessage() + ".");
    } catch (UsageException e) {
      throw new UsageException(option + ": " + name + ": " + e.getMessage());
    }
  }
}
