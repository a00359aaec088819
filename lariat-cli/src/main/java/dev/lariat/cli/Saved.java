package dev.lariat.cli;

import dev.lariat.message.Headers;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A file. It has its name only when it is complete, so that nobody takes half of it for all. One
 * that is resumed grows in its place.
 */
final class Saved implements Sink {
  private static final Pattern RANGE =
      Pattern.compile("bytes (?:([0-9]+)-[0-9]+|\\*)/([0-9]+|\\*)");

  private final Path file;
  private final boolean resumes;
  private final long before; // bytes that are there already
  private @Nullable OutputStream out;
  private @Nullable Path part; // where it grows until it is complete
  private @Nullable Thread remover;
  private boolean complete; // before anything was sent

  /** Nothing is written yet; the file is not even there. */
  Saved(Path file, boolean resumes) {
    this.file = file;
    this.resumes = resumes;
    try {
      this.before = resumes && Files.exists(file) ? Files.size(file) : 0;
    } catch (IOException e) {
      throw new OutputException(e);
    }
  }

  /** How many bytes of it are there, so that only the others are asked for. */
  long before() {
    return before;
  }

  /** Whether nothing was missing, which the server says by a refusal. */
  boolean isComplete() {
    return complete;
  }

  @Override
  public void begin(int status, Headers headers) {
    try {
      open(status, headers);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private OutputException failed(IOException e) {
    return new OutputException(new IOException(Line.plain(file + ": " + why(e)), e));
  }

  private static String why(IOException e) {
    return e instanceof java.nio.file.NoSuchFileException
        ? "there is no such directory"
        : e instanceof java.nio.file.AccessDeniedException
            ? "permission denied"
            : String.valueOf(e.getMessage());
  }

  private void open(int status, Headers headers) throws IOException {
    if (resumes && before > 0) {
      Matcher range = RANGE.matcher(headers.first("content-range").orElse(""));
      boolean known = range.matches();
      if (status == 416) {
        complete = known && range.group(2).equals(String.valueOf(before));
        return; // what comes is not the file
      }
      boolean rest = status == 206 && known && String.valueOf(before).equals(range.group(1));
      if (status == 206 && !rest) {
        throw new IOException("the server sent another part of it than the one asked for");
      }
      out =
          rest
              ? Files.newOutputStream(file, StandardOpenOption.APPEND)
              : Files.newOutputStream(file);
      return;
    }
    boolean special = Files.exists(file) && !Files.isRegularFile(file);
    if (resumes || special) {
      out = Files.newOutputStream(file);
      return;
    }
    Path target = Files.isSymbolicLink(file) ? file.toRealPath() : file;
    Path temporary =
        target.resolveSibling(
            "." + target.getFileName() + "." + ProcessHandle.current().pid() + ".part");
    part = temporary;
    out = Files.newOutputStream(temporary);
    remover = new Thread(() -> remove(temporary)); // a Ctrl-C leaves nothing behind
    Runtime.getRuntime().addShutdownHook(remover);
  }

  private static void remove(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // it stays, and its name says what it is
    }
  }

  @Override
  public void write(byte[] bytes) {
    try {
      if (out != null) {
        out.write(bytes);
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public void end() {
    try {
      if (out != null) {
        out.close();
        out = null;
      }
      Path from = part;
      if (from != null) {
        Path to = Files.isSymbolicLink(file) ? file.toRealPath() : file;
        try {
          Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
          Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
        part = null;
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public void close() {
    try {
      if (out != null) {
        out.close();
      }
    } catch (IOException e) {
      // what failed before is told
    }
    if (part != null) {
      remove(part);
    }
    if (remover != null) {
      try {
        Runtime.getRuntime().removeShutdownHook(remover);
      } catch (IllegalStateException e) {
        // it is running
      }
    }
  }
}
