package dev.lariat.cli;

import java.util.List;
import java.util.Locale;

/** A manual page in the language of {@code man(7)}. */
final class Roff {
  private static final int WIDTH = 60; // that escapes may make longer

  private final StringBuilder page = new StringBuilder();

  /** Begins the page of section 1. */
  Roff(String title, String date, String source) {
    page.append(".TH \"" + escaped(title.toUpperCase(Locale.ROOT)) + "\" 1 " + date)
        .append(" \"" + escaped(source) + "\" \"User Commands\"\n");
  }

  void section(String heading) {
    page.append(".SH " + heading.toUpperCase(Locale.ROOT) + "\n");
  }

  void subsection(String heading) {
    page.append(".SS " + heading + "\n");
  }

  /** Paragraphs, the first of which follows its heading. */
  void paragraphs(List<String> paragraphs) {
    for (int i = 0; i < paragraphs.size(); i++) {
      page.append(i == 0 ? "" : ".PP\n");
      text(paragraphs.get(i));
    }
  }

  /** What is explained, in bold, and below it the explanation. */
  void item(String tag, String text) {
    page.append(".TP\n.B ").append(escaped(tag)).append('\n');
    text(text);
  }

  /** Lines that are shown as they are. */
  void verbatim(String lines) {
    page.append(".nf\n");
    lines.lines().forEach(this::line);
    page.append(".fi\n");
  }

  /** A text that is filled; a long line of the page would be bad style. */
  void text(String text) {
    StringBuilder line = new StringBuilder();
    for (String word : text.strip().split("\\s+", -1)) {
      if (line.length() + word.length() >= WIDTH) {
        line(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    line(line.toString());
  }

  private void line(String text) {
    String escaped = escaped(text);
    // a period or an apostrophe at the beginning of a line would be a macro
    page.append(escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" : "");
    page.append(escaped).append('\n');
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\e")
        .replace("-", "\\-")
        .replace("\"", "\\(dq")
        .replace("^", "\\(ha")
        .replace("~", "\\(ti")
        .replace("`", "\\(ga")
        .replace("…", "...");
  }

  @Override
  public String toString() {
    return page.toString();
  }
}
