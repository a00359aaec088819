package dev.lariat.cli;

import dev.lariat.message.Headers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/**
 * What tells the versions of a file on a server apart (RFC 9110 section 8.8). That of a file which
 * is not complete stands in a small file beside it.
 */
final class Validator {
  private static final Duration STRONG = Duration.ofMinutes(1); // RFC 9110 section 8.8.2.2

  private Validator() {}

  /** The strong validator of a response, as If-Range takes it; empty if it has none. */
  static Optional<String> of(Headers headers) {
    Optional<String> tag = headers.first("etag");
    if (tag.isPresent()) {
      return tag.filter(its -> its.startsWith("\""));
    }
    Optional<Instant> date = time(headers, "date");
    return time(headers, "last-modified")
        .filter(its -> date.isPresent() && !its.plus(STRONG).isAfter(date.get()))
        .flatMap(_ -> headers.first("last-modified"));
  }

  /** When the file on the server was changed, as far as it says. */
  static Optional<Instant> modified(Headers headers) {
    return time(headers, "last-modified");
  }

  private static Optional<Instant> time(Headers headers, String name) {
    try {
      return headers
          .first(name)
          .map(its -> ZonedDateTime.parse(its, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static Path beside(Path file) {
    return file.resolveSibling("." + file.getFileName() + ".lariat-version");
  }

  /** The version that the bytes of a file are of, if that is known. */
  static Optional<String> recall(Path file) {
    try {
      return Optional.of(Files.readString(beside(file)).strip()).filter(Headers::isValue);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Keeps the version that the bytes of a file are of, or that it is not known. */
  static void remember(Path file, Optional<String> version) {
    try {
      if (version.isPresent()) {
        Files.writeString(beside(file), version.get() + "\n");
      } else {
        Files.deleteIfExists(beside(file));
      }
    } catch (IOException e) {
      // the file can be written, which is what counts
    }
  }

  /** A file is complete. */
  static void forget(Path file) {
    remember(file, Optional.empty());
  }
}
