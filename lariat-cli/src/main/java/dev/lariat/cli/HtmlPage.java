package dev.lariat.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

/**
 * A {@link Page} for a browser: one file that loads nothing and runs no script. The picture has
 * positions in percent and texts of fixed size, so it fits every width.
 */
final class HtmlPage {
  private static final int ROW = 40; // px: a label above its bars
  private static final int BAR = 14;
  private static final int AXIS = 24;

  private static final String STYLE =
      """
      :root { color-scheme: light dark; --ink: #1c2024; --soft: #596068; --back: #fff; --line: #d8dce0;
        --step: #3867d6; --open: #17713d; --waiting: #8f5600; --failed: #c8313f; }
      @media (prefers-color-scheme: dark) {
        :root { --ink: #e8eaed; --soft: #a0a8b0; --back: #14171a; --line: #363c42;
          --step: #7c9df5; --open: #52c481; --waiting: #f0ad4e; --failed: #f47c86; } }
      * { box-sizing: border-box; }
      body { margin: 0 auto; max-width: 56rem; padding: 1rem; background: var(--back);
        color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
      h1 { font-size: 1.3rem; line-height: 1.3; }
      h2 { font-size: 1rem; margin: 1.5rem 0 .3rem; }
      p, ul { margin: .3rem 0; padding: 0; }
      li { display: grid; grid-template-columns: 5.5rem 1fr; list-style: none; padding: .3rem 0;
        border-top: 1px solid var(--line); }
      li b { font-weight: 600; color: var(--soft); }
      li.ok b { color: var(--open); } li.note b { color: var(--waiting); }
      li.problem b { color: var(--failed); }
      small, .advice { color: var(--soft); }
      svg { display: block; width: 100%; overflow: hidden; }
      svg text { fill: var(--ink); font-size: 13px; } svg .axis { fill: var(--soft); font-size: 11px; }
      svg line { stroke: var(--line); }
      .bar-step { fill: var(--step); } .bar-open { fill: var(--open); }
      .bar-waiting { fill: var(--waiting); } .bar-failed { fill: var(--failed); }
      """;

  private final StringBuilder html = new StringBuilder();

  private HtmlPage() {}

  /** Writes the page into a file, which it replaces. */
  static void write(Page page, Path file) {
    try {
      Files.writeString(file, of(page), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw OutputException.of(file, e);
    }
  }

  static String of(Page page) {
    HtmlPage html = new HtmlPage();
    html.page(page);
    return html.html.toString();
  }

  private void page(Page page) {
    String title = escaped(page.title() + " " + page.subject());
    html.append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';")
        .append(" style-src 'unsafe-inline'; img-src data:\">\n")
        .append("<link rel=\"icon\" href=\"data:,\">\n<title>")
        .append(title)
        .append("</title>\n<style>\n")
        .append(STYLE)
        .append("</style>\n</head>\n<body>\n<h1>")
        .append(title)
        .append("</h1>\n<p>")
        .append(escaped(page.verdict()))
        .append(" <small>")
        .append(page.at().truncatedTo(ChronoUnit.SECONDS))
        .append("</small></p>\n");
    if (!page.picture().isEmpty()) {
      html.append("<h2>Timeline</h2>\n");
      picture(page.picture());
    }
    page.byArea().forEach(this::area);
    html.append("</body>\n</html>\n");
  }

  private void area(Finding.Area area, List<Finding> findings) {
    html.append("<h2>").append(escaped(area.title)).append("</h2>\n<ul>\n");
    for (Finding finding : findings) {
      String word = finding.grade().word;
      html.append("<li class=\"").append(word.replace(' ', '-')).append("\"><b>").append(word);
      html.append("</b><span>").append(escaped(finding.what()));
      finding
          .advice()
          .ifPresent(
              advice ->
                  html.append("<br><span class=\"advice\">")
                      .append(escaped(advice))
                      .append("</span>"));
      html.append("</span></li>\n");
    }
    html.append("</ul>\n");
  }

  // ---- the picture

  private void picture(List<Row> rows) {
    Duration length =
        rows.stream()
            .flatMap(row -> row.bars().stream())
            .map(Span::end)
            .max(Duration::compareTo)
            .orElse(Duration.ZERO);
    long nanos = Math.max(1, length.toNanos());
    int height = rows.size() * ROW + AXIS;
    html.append("<svg role=\"img\" aria-label=\"Timeline of ")
        .append(escaped(Page.time(length)))
        .append("\" height=\"")
        .append(height)
        .append("\" xmlns=\"http://www.w3.org/2000/svg\">\n");
    for (int i = 0; i < rows.size(); i++) {
      row(rows.get(i), i * ROW, nanos);
    }
    axis(rows.size() * ROW, length);
    html.append("</svg>\n");
  }

  private void row(Row row, int top, long nanos) {
    html.append("<text x=\"0\" y=\"").append(top + 14).append("\">");
    html.append(escaped(row.label())).append("</text>\n");
    html.append("<line x1=\"0\" x2=\"100%\" y1=\"").append(top + ROW - 6).append("\" y2=\"");
    html.append(top + ROW - 6).append("\"/>\n");
    for (Span bar : row.bars()) {
      double x = 100.0 * bar.from().toNanos() / nanos;
      double width = Math.max(0.4, 100.0 * bar.took().toNanos() / nanos); // what is short is seen
      double tall = Math.max(1, BAR * bar.height());
      html.append(
          String.format(
              Locale.ROOT,
              "<rect class=\"bar-%s\" x=\"%.3f%%\" width=\"%.3f%%\" y=\"%.1f\" height=\"%.1f\">",
              bar.kind(),
              Math.min(x, 100 - Math.min(width, 100)),
              Math.min(width, 100),
              top + ROW - 6 - tall,
              tall));
      html.append("<title>").append(escaped(bar.detail())).append("</title></rect>\n");
    }
  }

  private void axis(int top, Duration length) {
    tick(0, "start", "0", top);
    tick(50, "middle", Page.time(length.dividedBy(2)), top);
    tick(100, "end", Page.time(length), top);
  }

  private void tick(int percent, String anchor, String text, int top) {
    html.append("<text class=\"axis\" x=\"")
        .append(percent)
        .append("%\" y=\"")
        .append(top + 12)
        .append("\" text-anchor=\"")
        .append(anchor)
        .append("\">")
        .append(escaped(text))
        .append("</text>\n");
  }

  private static String escaped(String text) {
    return Line.plain(text)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
