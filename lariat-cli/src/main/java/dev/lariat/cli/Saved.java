package dev.lariat.cli;

import dev.lariat.message.Headers;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A file. It has its name only when it is complete, so that nobody takes half of it for all. One
 * that is resumed grows in its place; but what begins anew grows beside it, and takes its place
 * when it has more.
 */
final class Saved implements Sink {
  private static final Pattern RANGE =
      Pattern.compile("bytes (?:([0-9]+)-[0-9]+|\\*)/([0-9]+|\\*)");

  private final Io io;
  private final Path file;
  private final boolean resumes;
  private final boolean makesFolders;
  private long before; // bytes that are there already
  private Optional<String> version; // that these are of, if it is known
  private final StringBuilder heads = new StringBuilder(); // before the body
  private Optional<String> coming = Optional.empty(); // the version of what is written
  private @Nullable OutputStream out;
  private @Nullable Thread interrupted;
  private boolean complete;

  // under the lock, because an interrupt ends it too
  private @Nullable Path part; // where it grows until it is complete
  private long written; // since it was opened
  private long kept; // before that

  /**
   * Nothing is written yet; the file is not even there.
   *
   * @param makesFolders whether the folders that it is in are made
   */
  Saved(Io io, Path file, boolean resumes, boolean makesFolders) {
    this.io = io;
    this.file = file;
    this.resumes = resumes && (!Files.exists(file) || Files.isRegularFile(file));
    this.makesFolders = makesFolders;
    this.before = this.resumes ? size(file) : 0;
    this.version = before > 0 ? Validator.recall(file) : Optional.empty();
  }

  private static long size(Path file) {
    try {
      return Files.exists(file) ? Files.size(file) : 0;
    } catch (IOException e) {
      throw OutputException.of(file, e);
    }
  }

  /** This request, but only for what is not there. */
  Asking missing(Asking asking) {
    return before == 0 ? asking : asking.from(before, version);
  }

  @Override
  public boolean needsAll(int status, Headers headers) {
    if (before == 0 || status != 206 || version.isPresent()) {
      return false;
    }
    try {
      return Validator.modified(headers)
          .filter(Files.getLastModifiedTime(file).toInstant()::isBefore)
          .isPresent();
    } catch (IOException e) {
      throw OutputException.of(file, e);
    }
  }

  @Override
  public boolean isServed(int status) {
    return resumes ? complete : status < 400;
  }

  @Override
  public boolean isFile() {
    return true;
  }

  @Override
  public String remark() {
    return before == 0 || kept > 0 ? "" : " " + Line.plain(file.toString()) + " is as it was.";
  }

  @Override
  public void head(String text) {
    heads.append(text);
  }

  @Override
  public void begin(int status, Headers headers) {
    try {
      if (makesFolders && file.getParent() != null) {
        Files.createDirectories(file.getParent());
      }
      open(status, headers);
      if (!resumes) {
        write(heads.toString().getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw OutputException.of(file, e);
    }
  }

  private void open(int status, Headers headers) throws IOException {
    coming = Validator.of(headers);
    if (!resumes) {
      boolean special = Files.exists(file) && !Files.isRegularFile(file);
      out = special ? Files.newOutputStream(file) : beside();
      return;
    }
    switch (status) {
      case 206 -> out = before > 0 ? rest(headers) : inPlace();
      case 200, 203 -> out = before > 0 ? beside() : inPlace();
      case 416 -> complete = before > 0 && isAll(headers);
      default -> {} // what comes is not the file
    }
  }

  private boolean isAll(Headers headers) {
    Matcher range = RANGE.matcher(headers.first("content-range").orElse(""));
    return range.matches() && range.group(2).equals(String.valueOf(before));
  }

  private OutputStream rest(Headers headers) throws IOException {
    Matcher range = RANGE.matcher(headers.first("content-range").orElse(""));
    if (!range.matches() || !String.valueOf(before).equals(range.group(1))) {
      throw new IOException("the server sent another part of it than the one asked for");
    }
    OutputStream end = Files.newOutputStream(file, StandardOpenOption.APPEND);
    Validator.remember(file, coming.or(() -> version));
    return end;
  }

  private OutputStream inPlace() throws IOException {
    OutputStream all = Files.newOutputStream(file);
    Validator.remember(file, coming);
    return all;
  }

  private OutputStream beside() throws IOException {
    Path target = target();
    Path temporary =
        target.resolveSibling(
            "." + target.getFileName() + "." + ProcessHandle.current().pid() + ".part");
    OutputStream all = Files.newOutputStream(temporary);
    synchronized (this) {
      part = temporary;
    }
    interrupted = new Thread(this::interrupted, "lariat-interrupted");
    Runtime.getRuntime().addShutdownHook(interrupted);
    return all;
  }

  /** The file itself, if its name is a link. */
  private Path target() throws IOException {
    return Files.isSymbolicLink(file) ? file.toRealPath() : file;
  }

  @Override
  public void write(byte[] bytes) {
    try {
      if (out != null) {
        out.write(bytes);
        count(bytes.length);
      }
    } catch (IOException e) {
      throw OutputException.of(file, e);
    }
  }

  private synchronized void count(int bytes) {
    written += bytes;
  }

  @Override
  public void end() {
    try {
      if (out != null) {
        out.close();
        out = null;
        complete = true;
        takePlace();
      }
      if (complete) {
        Validator.forget(file);
      }
    } catch (IOException e) {
      throw OutputException.of(file, e);
    }
  }

  private synchronized void takePlace() throws IOException {
    Path from = part;
    if (from == null) {
      return;
    }
    Path to = target();
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
    part = null;
  }

  // ---- what is not complete

  @Override
  public @Nullable Asking rest(Asking asking) {
    boolean own = before == 0 && asking.headers().contains("range"); // the user's own part
    if (!resumes || out == null || own) {
      return null; // it is not the file that has broken off
    }
    closeFile();
    out = null;
    keepOrDrop();
    unhook();
    before = size(file);
    version = before > 0 ? Validator.recall(file) : Optional.empty();
    return missing(asking.whole());
  }

  /** Ends an attempt of several. */
  private synchronized void keepOrDrop() {
    Path from = part;
    try {
      if (from == null) {
        kept += written;
      } else if (written >= before) {
        takePlace();
        Validator.remember(file, coming);
        kept += written;
      } else {
        part = null;
        Files.deleteIfExists(from);
      }
    } catch (IOException e) {
      throw OutputException.of(file, e);
    }
    written = 0;
  }

  @Override
  public void close() {
    closeFile();
    giveUp();
    unhook();
  }

  private void closeFile() {
    try {
      if (out != null) {
        out.close();
      }
    } catch (IOException e) {
      // what failed before is told
    }
  }

  private void unhook() {
    if (interrupted != null) {
      try {
        Runtime.getRuntime().removeShutdownHook(interrupted);
        interrupted = null;
      } catch (IllegalStateException e) {
        // it is running
      }
    }
  }

  private void interrupted() {
    if (io.errTerminal()) {
      io.err().println(); // behind the ^C
    }
    giveUp();
  }

  /** Keeps what can be resumed, if it is more than what was there, and drops the rest. */
  private synchronized void giveUp() {
    Path from = part;
    if (from == null) {
      if (!complete) { // what is in its place
        tellKept();
      }
      return;
    }
    try {
      if (resumes && written >= before) {
        takePlace();
        Validator.remember(file, coming);
        tellKept();
        return;
      }
      part = null;
      Files.deleteIfExists(from);
    } catch (IOException e) {
      // it stays, and its name says what it is
    }
    if (written > 0) {
      String what = Progress.size(written) + " dropped";
      io.complain(what + (resumes ? ":" + remark() : "; --resume keeps them."));
    }
  }

  private void tellKept() {
    if (resumes && written + kept > 0) {
      io.complain(Progress.size(written + kept) + " kept; the same command continues.");
    }
  }
}
