package dev.lariat.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A line of the results file. */
record Result(String workload, String peer, int round, Map<String, Double> figures) {
  private static final Pattern FIELD = Pattern.compile("\"(\\w+)\":(?:\"([^\"]*)\"|([-\\d.]+))");

  static List<Result> read(Path file) throws IOException {
    return Files.exists(file)
        ? Files.readAllLines(file).stream().map(Result::parse).toList()
        : List.of();
  }

  private static Result parse(String line) {
    Map<String, String> texts = new HashMap<>();
    Map<String, Double> figures = new HashMap<>();
    Matcher field = FIELD.matcher(line);
    while (field.find()) {
      if (field.group(2) != null) {
        texts.put(field.group(1), field.group(2));
      } else {
        figures.put(field.group(1), Double.valueOf(field.group(3)));
      }
    }
    int round = figures.remove("round").intValue();
    return new Result(texts.get("workload"), texts.get("peer"), round, figures);
  }

  boolean isOf(Workload workload, Contender contender) {
    return this.workload.equals(workload.label()) && peer.equals(contender.label);
  }

  /** The median over the rounds; empty where there is none. */
  static OptionalDouble median(
      List<Result> results, Workload workload, Contender contender, String figure) {
    double[] sorted =
        results.stream()
            .filter(one -> one.isOf(workload, contender) && one.figures.containsKey(figure))
            .mapToDouble(one -> one.figures.get(figure))
            .sorted()
            .toArray();
    if (sorted.length == 0) {
      return OptionalDouble.empty();
    }
    int middle = sorted.length / 2;
    return OptionalDouble.of(
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2);
  }
}
