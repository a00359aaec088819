package dev.lariat.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jline.reader.impl.history.DefaultHistory;
import org.jspecify.annotations.Nullable;

/**
 * What was typed before. It is in a file that nobody but its owner reads, because messages may hold
 * secrets.
 */
final class Past extends DefaultHistory {
  /** How many lines are kept. */
  static final int LINES = 1000;

  private static final int LONGEST = 16_384; // characters: a line that is pasted may be a file
  private static final Set<PosixFilePermission> OWNER =
      PosixFilePermissions.fromString("rw-------");
  private static final Set<PosixFilePermission> OWNERS_FOLDER =
      PosixFilePermissions.fromString("rwx------");

  @Override
  public void add(Instant time, String line) {
    if (line.length() <= LONGEST) {
      super.add(time, line);
    }
  }

  /** Where it is kept, by the XDG base directory specification. */
  static Path file(Map<String, String> environment, String home) {
    String state = environment.getOrDefault("XDG_STATE_HOME", "");
    Path folder = Path.of(state).isAbsolute() ? Path.of(state) : Path.of(home, ".local", "state");
    return folder.resolve("lariat").resolve("history");
  }

  /** Makes the file if it is missing, and keeps others from reading it. */
  static void prepare(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    if (!posix) {
      Files.createDirectories(folder);
    } else if (Files.notExists(folder)) {
      Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNERS_FOLDER));
    }
    if (!Files.exists(file)) {
      if (posix) {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER));
      } else {
        Files.createFile(file);
      }
    } else if (posix) {
      Files.setPosixFilePermissions(file, OWNER);
    }
    if (!Files.isReadable(file) || !Files.isWritable(file)) {
      throw new IOException("it cannot be read or written");
    }
  }

  /** Writes what is new; why that failed, or null. */
  @Nullable String kept() {
    try {
      save();
      return null;
    } catch (IOException e) {
      return e.toString();
    }
  }
}
