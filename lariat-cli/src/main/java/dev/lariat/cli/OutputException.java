package dev.lariat.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/** Standard output or a file takes nothing any more, or never did, so the command ends. */
final class OutputException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean closedPipe;

  /** Standard output cannot be written. */
  OutputException(IOException cause) {
    this(
        String.valueOf(cause.getMessage()),
        String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT).contains("pipe"),
        cause);
  }

  private OutputException(String why, boolean closedPipe, IOException cause) {
    super("The output cannot be written: " + why + ".", cause);
    this.closedPipe = closedPipe;
  }

  /** Something other than standard output cannot be written; the cause says what. */
  static OutputException of(IOException cause) {
    return new OutputException(Line.plain(String.valueOf(cause.getMessage())), false, cause);
  }

  /** This file cannot be written. */
  static OutputException of(Path file, IOException cause) {
    return new OutputException(Line.plain(file + ": " + why(file, cause)), false, cause);
  }

  private static String why(Path file, IOException cause) {
    return switch (cause) {
      case NoSuchFileException _ -> "there is no such directory";
      case FileAlreadyExistsException _ -> "the file exists";
      case AccessDeniedException _ -> "permission denied";
      case IOException _ when Files.isDirectory(file) -> "it is a directory";
      case FileSystemException its when its.getReason() != null -> its.getReason();
      case IOException _ -> String.valueOf(cause.getMessage());
    };
  }

  /** Whether its reader has left, as {@code head} does: no failure that anybody must be told of. */
  boolean closedPipe() {
    return closedPipe;
  }
}
