package dev.lariat.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Files that a user names in the value of an option, or as the option's value. */
final class Input {
  private Input() {}

  /** A file that can be read. */
  static Path file(String option, String name) {
    Path path;
    try {
      path = Path.of(name);
    } catch (InvalidPathException e) {
      throw refused(option, name);
    }
    if (!Files.isReadable(path) || Files.isDirectory(path)) {
      throw refused(option, name);
    }
    return path;
  }

  /** All of a file. */
  static byte[] bytes(String option, String name) {
    try {
      return Files.readAllBytes(file(option, name));
    } catch (IOException e) {
      throw refused(option, name);
    }
  }

  /** All of a file, or of standard input if its name is a hyphen. */
  static byte[] bytes(String option, String name, InputStream in) {
    if (!name.equals("-")) {
      return bytes(option, name);
    }
    try {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UsageException("Standard input cannot be read: " + e.getMessage() + ".");
    }
  }

  /** All of a file, as text. */
  static String text(String option, String name) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes(option, name)))
          .toString();
    } catch (CharacterCodingException e) {
      throw new UsageException(option + ": the file " + Line.plain(name) + " is not UTF-8.");
    }
  }

  private static UsageException refused(String option, String name) {
    return new UsageException(
        option + ": \"" + Line.plain(name) + "\" is not a file that can be read.");
  }
}
