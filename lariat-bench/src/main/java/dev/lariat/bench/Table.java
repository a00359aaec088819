package dev.lariat.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;

/** The medians, in Markdown, with ratios of the first figure to the best other client's. */
final class Table {
  private Table() {}

  static void print(List<Result> results, List<Workload> workloads, List<Contender> contenders) {
    for (Workload workload : workloads) {
      print(results, workload, contenders.stream().filter(one -> one.speaks(workload)).toList());
    }
  }

  private static void print(List<Result> results, Workload workload, List<Contender> contenders) {
    List<String> figures = workload.figures();
    String main = figures.getFirst();
    boolean more = main.equals("rate"); // is better
    DoubleStream others =
        contenders.stream()
            .filter(one -> !one.isLariat() && one != Contender.C)
            .flatMapToDouble(one -> Result.median(results, workload, one, main).stream());
    OptionalDouble best = more ? others.max() : others.min();
    OptionalDouble netty = Result.median(results, workload, Contender.NETTY, main);
    OptionalDouble floor = Result.median(results, workload, Contender.C, main);
    List<String> heads = new ArrayList<>(List.of(workload.label()));
    figures.forEach(figure -> heads.add(head(figure, workload.unit())));
    heads.addAll(List.of("to the best peer", "to Netty"));
    if (contenders.contains(Contender.C)) {
      heads.add("to C");
    }
    System.out.println("\n| " + String.join(" | ", heads) + " |");
    System.out.println("|---" + "|---:".repeat(heads.size() - 1) + "|");
    for (Contender contender : contenders) {
      List<String> cells = new ArrayList<>(List.of(contender.title));
      for (String figure : figures) {
        OptionalDouble value = Result.median(results, workload, contender, figure);
        String none = contender.canDo(workload) ? "failed" : "n/a";
        cells.add(value.isPresent() ? shown(value.getAsDouble(), figure) : none);
      }
      OptionalDouble value = Result.median(results, workload, contender, main);
      List<OptionalDouble> references = List.of(best, netty, floor);
      for (OptionalDouble reference : references.subList(0, heads.size() - cells.size())) {
        boolean both = value.isPresent() && reference.isPresent();
        cells.add(both ? "%.2f".formatted(value.getAsDouble() / reference.getAsDouble()) : "");
      }
      System.out.println("| " + String.join(" | ", cells) + " |");
    }
  }

  private static String head(String figure, String unit) {
    return switch (figure) {
      case "rate" -> unit.equals("MiB") ? "MiB/s" : unit + "s/s";
      case "cpu" -> "CPU µs/" + unit;
      case "heap" -> "heap KiB/connection";
      case "rss" -> "RSS KiB/connection";
      default -> figure + " µs";
    };
  }

  private static String shown(double value, String figure) {
    return switch (figure) {
      case "rate" -> String.format(Locale.ROOT, "%,.0f", value);
      case "cpu" -> String.format(Locale.ROOT, value < 1 ? "%.3f" : "%.1f", value);
      case "heap", "rss" -> String.format(Locale.ROOT, "%.1f", value / 1024);
      default -> String.format(Locale.ROOT, "%.0f", value);
    };
  }
}
