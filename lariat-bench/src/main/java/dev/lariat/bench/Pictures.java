package dev.lariat.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Draws recorded results as bars, one picture for each workload of a record, best first. A record
 * is a results file that is kept: {@code lariat-bench/results/NAME.jsonl}.
 */
final class Pictures {
  private static final String PREFIX = "performance-";

  // In pixels. Two pictures fit side by side in a page's text, and one on a phone.
  private static final int WIDTH = 304;
  private static final int NAMES = 116;
  private static final int BARS = 126;
  private static final int TOP = 46;
  private static final int ROW = 20;

  private record Bar(Contender contender, double value) {}

  private Pictures() {}

  public static void main(String[] args) throws IOException {
    Path pictures = Path.of(args[1]);
    Files.createDirectories(pictures);
    try (Stream<Path> old = Files.list(pictures)) {
      for (Path file : old.filter(Pictures::isOurs).toList()) {
        Files.delete(file);
      }
    }
    for (var picture : of(Path.of(args[0])).entrySet()) {
      Files.writeString(pictures.resolve(picture.getKey()), picture.getValue());
      System.out.println(pictures.resolve(picture.getKey()));
    }
  }

  static boolean isOurs(Path file) {
    String name = file.getFileName().toString();
    return name.startsWith(PREFIX) && name.endsWith(".svg");
  }

  /** The pictures of all records in a directory, by file name. */
  static SortedMap<String, String> of(Path records) throws IOException {
    SortedMap<String, String> pictures = new TreeMap<>();
    try (Stream<Path> files = Files.list(records)) {
      for (Path file : files.filter(one -> one.toString().endsWith(".jsonl")).toList()) {
        String record = file.getFileName().toString().replace(".jsonl", "");
        List<Result> results = Result.read(file);
        for (Workload workload : Workload.values()) {
          List<Bar> bars = bars(results, workload);
          if (!bars.isEmpty()) {
            // "http-http-get" would say it twice.
            String name = workload.label().startsWith(record + "-") ? "" : record + "-";
            pictures.put(PREFIX + name + workload.label() + ".svg", draw(workload, bars));
          }
        }
      }
    }
    return pictures;
  }

  private static List<Bar> bars(List<Result> results, Workload workload) {
    String figure = workload.figures().getFirst();
    Comparator<Bar> order = Comparator.comparingDouble(Bar::value);
    return Arrays.stream(Contender.values())
        .flatMap(
            one -> {
              OptionalDouble value = Result.median(results, workload, one, figure);
              return value.stream().mapToObj(median -> new Bar(one, median));
            })
        .sorted(figure.equals("rate") ? order.reversed() : order)
        .toList();
  }

  private static String draw(Workload workload, List<Bar> bars) {
    double longest = bars.stream().mapToDouble(Bar::value).max().orElseThrow();
    int height = TOP + ROW * bars.size() + 4;
    String what = what(workload);
    StringBuilder svg =
        new StringBuilder(
            """
            <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" \
            viewBox="0 0 %1$d %2$d" role="img" aria-label="%3$s: %4$s">
            <style>
            text { font: 11px system-ui, sans-serif; fill: #24292f }
            .head { font-weight: 600; font-size: 13px }
            .what { fill: #57606a }
            .lariat { fill: #0d9488 }
            .peer { fill: #8c959f }
            .floor { fill: #d0d7de }
            @media (prefers-color-scheme: dark) {
            text { fill: #e6edf3 }
            .what { fill: #9ea7b3 }
            .lariat { fill: #2dd4bf }
            .peer { fill: #6e7681 }
            .floor { fill: #444c56 }
            }
            </style>
            <text class="head" x="0" y="14">%3$s</text>
            <text class="what" x="0" y="31">%4$s</text>
            """
                .formatted(WIDTH, height, workload.label(), what));
    for (int i = 0; i < bars.size(); i++) {
      Bar bar = bars.get(i);
      int y = TOP + ROW * i;
      double width = Math.max(1, bar.value / longest * BARS);
      svg.append(
          String.format(
              Locale.ROOT,
              """
              <text x="0" y="%d">%s</text>
              <rect class="%s" x="%d" y="%d" width="%.1f" height="14" rx="2"/>
              <text x="%.1f" y="%d">%s</text>
              """,
              y + 11,
              name(bar.contender),
              kind(bar.contender),
              NAMES,
              y,
              width,
              NAMES + width + 6,
              y + 11,
              shown(bar.value, workload)));
    }
    return svg.append("</svg>\n").toString();
  }

  /** Short enough for its column; the tables have the versions. */
  private static String name(Contender contender) {
    return contender.title.replaceAll(" [\\d.]+$", "");
  }

  private static String kind(Contender contender) {
    return contender.isLariat() ? "lariat" : contender == Contender.C ? "floor" : "peer";
  }

  private static String what(Workload workload) {
    return switch (workload.figures().getFirst()) {
      case "rate" ->
          (workload.isLarge() ? "MiB" : workload.unit() + "s") + " per second, more is better";
      case "heap" ->
          (workload.multiplexed ? "bytes" : "KiB")
              + " of heap per "
              + workload.unit()
              + ", less is better";
      case "first" -> "µs to the first answer, less is better";
      default -> "median round trip in µs, less is better";
    };
  }

  private static String shown(double value, Workload workload) {
    if (workload.isIdle()) {
      return workload.weight(value);
    }
    if (value >= 1_000_000) {
      return String.format(Locale.ROOT, "%.2f M", value / 1_000_000);
    }
    return String.format(Locale.ROOT, "%,.0f", value);
  }
}
