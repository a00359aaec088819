package dev.lariat.cli;

import dev.lariat.message.Protocol;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The text of {@code --write-out}: variables as {@code %{status}}, and the escapes of C. */
final class WriteOut {
  static final String VARIABLES =
      "content_type, http_code, http_version, method, num_redirects, response_code, size_download,"
          + " size_upload, time_total and url_effective";

  private static final Pattern PART = Pattern.compile("%\\{([a-z_]*)}|\\\\(.)|%%");

  private WriteOut() {}

  /** Refuses a text with unknown variables. */
  static void check(String format) {
    Matcher matcher = PART.matcher(format);
    while (matcher.find()) {
      String name = matcher.group(1);
      if (name != null && !VARIABLES.matches(".*\\b" + name + "\\b.*")) {
        throw new UsageException(
            "--write-out: \"" + name + "\", allowed are the variables " + VARIABLES + ".");
      }
    }
  }

  static String of(String format, Hops.Summary its) {
    return PART.matcher(format)
        .replaceAll(
            match ->
                Matcher.quoteReplacement(
                    match.group(1) != null
                        ? value(match.group(1), its)
                        : match.group(2) != null ? escape(match.group(2)) : "%"));
  }

  private static String escape(String letter) {
    return switch (letter) {
      case "n" -> "\n";
      case "r" -> "\r";
      case "t" -> "\t";
      default -> letter;
    };
  }

  private static String value(String name, Hops.Summary its) {
    return switch (name) {
      case "http_code", "response_code" -> String.format(Locale.ROOT, "%03d", its.status());
      case "content_type" -> its.headers().first("content-type").orElse("");
      case "http_version" ->
          its.status() == 0 ? "0" : its.protocol() == Protocol.HTTP_2 ? "2" : "1.1";
      case "method" -> its.asking().method();
      case "num_redirects" -> String.valueOf(its.redirects());
      case "size_download" -> String.valueOf(its.received());
      case "size_upload" -> String.valueOf(its.sent());
      case "time_total" -> String.format(Locale.ROOT, "%.6f", its.took().toNanos() / 1e9);
      case "url_effective" -> its.asking().url().toString();
      default -> "";
    };
  }
}
