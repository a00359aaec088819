package dev.lariat.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A page of findings: as text, as JSON, and by {@link HtmlPage} for a browser.
 *
 * @param title what was done
 * @param subject to what
 * @param picture the rows of its picture
 */
record Page(String title, String subject, Instant at, List<Finding> findings, List<Row> picture) {

  private static final double MINUTE = 60_000; // ms

  Map<Finding.Area, List<Finding>> byArea() {
    Map<Finding.Area, List<Finding>> all = new EnumMap<>(Finding.Area.class);
    for (Finding finding : findings) {
      all.merge(
          finding.area(),
          List.of(finding),
          (before, more) -> Stream.concat(before.stream(), more.stream()).toList());
    }
    return all;
  }

  private long count(Finding.Grade grade) {
    return findings.stream().filter(finding -> finding.grade() == grade).count();
  }

  boolean hasProblem() {
    return count(Finding.Grade.PROBLEM) > 0;
  }

  /** How many there are of each grade, in a sentence. */
  String verdict() {
    return counted(count(Finding.Grade.PROBLEM), "problem")
        + ", "
        + counted(count(Finding.Grade.NOTE), "note")
        + ", "
        + count(Finding.Grade.NOT_TRIED)
        + " not tried.";
  }

  static String counted(long count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  /** A time with three digits. */
  static String time(Duration time) {
    double millis = time.toNanos() / 1e6;
    if (millis >= MINUTE) {
      long seconds = Math.round(millis / 1000);
      return seconds / 60 + " min " + seconds % 60 + " s";
    }
    boolean seconds = millis >= 1000;
    double value = seconds ? millis / 1000 : millis;
    String digits = value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f";
    return String.format(Locale.ROOT, digits, value) + (seconds ? " s" : " ms");
  }

  String text() {
    StringBuilder page = new StringBuilder();
    page.append(title).append(' ').append(Line.plain(subject)).append("\n");
    byArea()
        .forEach(
            (area, all) -> {
              page.append('\n').append(area.title).append('\n');
              for (Finding finding : all) {
                page.append(line(finding.grade().word, finding.what()));
                finding.advice().ifPresent(advice -> page.append(line("", advice)));
              }
            });
    return page.append('\n').append(verdict()).append('\n').toString();
  }

  private static String line(String word, String sentence) {
    return String.format(Locale.ROOT, "  %-9s  %s%n", word, Line.plain(sentence));
  }

  JsonObject json() {
    return new JsonObject()
        .with("title", title)
        .with("subject", subject)
        .with("at", at)
        .with("problems", count(Finding.Grade.PROBLEM))
        .with("findings", findings.stream().map(Finding::json).toList())
        .with("timeline", picture.stream().map(Row::json).toList());
  }
}
