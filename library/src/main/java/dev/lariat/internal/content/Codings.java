package dev.lariat.internal.content;

import dev.lariat.message.Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The content codings that can be undone here.
 *
 * @param brotli whether {@code br} is among them
 * @param zstd whether {@code zstd} is among them
 */
record Codings(boolean brotli, boolean zstd) {
  /** The codings for which there is code. Finding that out loads libraries. */
  static final Codings PRESENT = new Codings(Brotli.present(), Zstd.present());

  private static final int MOST = 4; // each has native memory, and nobody needs two

  /** What a request offers, the most wanted first. */
  String offer() {
    List<String> names = new ArrayList<>();
    if (zstd) {
      names.add("zstd");
    }
    if (brotli) {
      names.add("br");
    }
    names.add("gzip");
    names.add("deflate");
    return String.join(", ", names);
  }

  /** The names of a response's codings in the order they were done; empty if one is unknown. */
  Optional<List<String>> done(Headers headers) {
    List<String> names = new ArrayList<>();
    for (String value : headers.all("content-encoding")) {
      for (String part : value.split(",", -1)) {
        String name = part.strip().toLowerCase(Locale.ROOT);
        if (name.isEmpty() || name.equals("identity")) {
          continue;
        }
        if (!knows(name) || names.size() == MOST) {
          return Optional.empty();
        }
        names.add(name);
      }
    }
    return Optional.of(names);
  }

  private boolean knows(String name) {
    return switch (name) {
      case "gzip", "x-gzip", "deflate" -> true; // RFC 9110 section 8.4.1.3
      case "br" -> brotli;
      case "zstd" -> zstd;
      default -> false;
    };
  }

  /** Undoes one of these. */
  static Coding undo(String name) {
    return switch (name) {
      case "gzip", "x-gzip" -> new Gzip();
      case "deflate" -> new Deflate();
      case "br" -> new Brotli();
      case "zstd" -> new Zstd();
      default -> throw new IllegalArgumentException(name);
    };
  }
}
