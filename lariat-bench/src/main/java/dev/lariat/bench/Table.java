package dev.lariat.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

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
    List<String> heads = new ArrayList<>(List.of(workload.label()));
    figures.forEach(figure -> heads.add(head(figure, workload.unit())));
    List<Ratio> ratios = ratios(results, workload, contenders);
    ratios.forEach(ratio -> heads.add(ratio.head));
    System.out.println("\n| " + String.join(" | ", heads) + " |");
    System.out.println("|---" + "|---:".repeat(heads.size() - 1) + "|");
    for (Contender contender : contenders) {
      List<String> cells = new ArrayList<>(List.of(contender.title));
      for (String figure : figures) {
        OptionalDouble value = Result.median(results, workload, contender, figure);
        String none = contender.canDo(workload) ? "failed" : "n/a";
        cells.add(value.isPresent() ? shown(value.getAsDouble(), figure, workload) : none);
      }
      ratios.forEach(ratio -> cells.add(ratio.cell(results, workload, contender)));
      System.out.println("| " + String.join(" | ", cells) + " |");
    }
  }

  /** The columns of ratios: to other clients, and for some workloads to the client's own. */
  private static List<Ratio> ratios(
      List<Result> results, Workload workload, List<Contender> contenders) {
    String main = workload.figures().getFirst();
    List<Ratio> ratios = new ArrayList<>();
    Comparator<Contender> order =
        Comparator.comparingDouble(
            one -> Result.median(results, workload, one, main).getAsDouble());
    Optional<Contender> best =
        contenders.stream()
            .filter(one -> !one.isLariat() && one != Contender.C)
            .filter(one -> Result.median(results, workload, one, main).isPresent())
            .max(main.equals("rate") ? order : order.reversed());
    best.ifPresent(one -> ratios.add(new Ratio("to the best peer", main, one, workload)));
    if (contenders.contains(Contender.NETTY)) {
      ratios.add(new Ratio("to Netty", main, Contender.NETTY, workload));
    }
    if (contenders.contains(Contender.C)) {
      ratios.add(new Ratio("to C", main, Contender.C, workload));
    }
    if (workload.isOfHttp2() && workload.figures().contains("cpu")) {
      best.ifPresent(one -> ratios.add(new Ratio("CPU to its", "cpu", one, workload)));
    }
    workload
        .baseline()
        .ifPresent(
            its -> {
              String figure = workload.compared();
              String what = figure.equals("cpu") ? "CPU to " : "to ";
              ratios.add(new Ratio(what + its.label(), figure, null, its));
            });
    return ratios;
  }

  /**
   * A figure of a client, divided by that of a reference.
   *
   * @param to whose figure it is divided by; null is the client itself
   * @param of the workload of that figure
   */
  private record Ratio(String head, String figure, @Nullable Contender to, Workload of) {
    String cell(List<Result> results, Workload workload, Contender contender) {
      OptionalDouble value = Result.median(results, workload, contender, figure);
      OptionalDouble reference = Result.median(results, of, to == null ? contender : to, figure);
      boolean both = value.isPresent() && reference.isPresent();
      return both ? "%.2f".formatted(value.getAsDouble() / reference.getAsDouble()) : "";
    }
  }

  private static String head(String figure, String unit) {
    return switch (figure) {
      case "rate" -> unit.equals("MiB") ? "MiB/s" : unit + "s/s";
      case "cpu" -> "CPU µs/" + unit;
      case "heap" -> "heap " + weight(unit);
      case "rss" -> "RSS " + weight(unit);
      default -> figure + " µs";
    };
  }

  private static String weight(String unit) {
    return (unit.equals("stream") ? "bytes/" : "KiB/") + unit;
  }

  private static String shown(double value, String figure, Workload workload) {
    return switch (figure) {
      case "rate" -> String.format(Locale.ROOT, "%,.0f", value);
      case "cpu" -> String.format(Locale.ROOT, value < 1 ? "%.3f" : "%.1f", value);
      case "heap", "rss" -> workload.weight(value);
      default -> String.format(Locale.ROOT, "%.0f", value);
    };
  }
}
