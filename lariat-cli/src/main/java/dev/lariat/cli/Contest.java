package dev.lariat.cli;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;

/** Measures one server, or two in turn; and the result as text and as JSON. */
final class Contest {
  private static final double[] PERCENTILES = {50, 90, 99, 99.9, 100};

  private final List<Destination> destinations;
  private final Load.Plan plan;
  private final int rounds;
  private final List<Tally> tallies;
  private final List<Double> medians =
      new ArrayList<>(); // the second's, by the first's, of each round
  private final long start = System.nanoTime();
  private final AtomicLong round = new AtomicLong();

  /**
   * Nothing is measured yet.
   *
   * @param destinations one or two
   * @param rounds how many, for two
   */
  Contest(List<Destination> destinations, Load.Plan plan, int rounds) {
    this.destinations = destinations;
    this.plan = plan;
    this.rounds = destinations.size() == 1 ? 1 : rounds;
    this.tallies = destinations.stream().map(_ -> new Tally()).toList();
  }

  /**
   * Measures.
   *
   * @return the exit code of the first failure; negative if there was none
   */
  int run() throws InterruptedException {
    int failure = -1;
    for (int i = 0; i < rounds; i++) {
      round.set(i + 1);
      List<Histogram> before = tallies.stream().map(Tally::latencies).toList();
      for (int k = 0; k < destinations.size(); k++) {
        int which = i % 2 == 0 ? k : destinations.size() - 1 - k; // neither is always the first
        int its = new Load(destinations.get(which), plan.part(rounds), tallies.get(which)).run();
        failure = failure < 0 ? its : failure;
      }
      if (destinations.size() == 2) {
        compare(before);
      }
    }
    return failure;
  }

  private void compare(List<Histogram> before) {
    List<Histogram> round = new ArrayList<>();
    for (int k = 0; k < 2; k++) {
      Histogram its = tallies.get(k).latencies();
      its.subtract(before.get(k));
      round.add(its);
    }
    long first = round.getFirst().getValueAtPercentile(50);
    if (first > 0 && round.getLast().getTotalCount() > 0) {
      medians.add((double) round.getLast().getValueAtPercentile(50) / first);
    }
  }

  long answers() {
    return tallies.stream().mapToLong(Tally::answers).sum();
  }

  long failures() {
    return tallies.stream().mapToLong(Tally::failures).sum();
  }

  /** One line for who waits. */
  String progress() {
    Histogram latencies = tallies.getFirst().latencies();
    tallies.stream().skip(1).forEach(tally -> latencies.add(tally.latencies()));
    String which = rounds == 1 ? "" : "round " + round.get() + " of " + rounds + ", ";
    return String.format(
        Locale.ROOT,
        "%s%.0f s, %d answers, p50 %s, p99 %s, %d errors",
        which,
        (System.nanoTime() - start) / 1e9,
        latencies.getTotalCount(),
        micros(latencies.getValueAtPercentile(50)),
        micros(latencies.getValueAtPercentile(99)),
        failures());
  }

  private static String micros(long micros) {
    return Page.time(Duration.ofNanos(micros * 1000));
  }

  // ---- as text

  private boolean isOpen() {
    return plan.rate().isPresent();
  }

  private String model() {
    String connections = Page.counted(plan.connections(), "connection");
    String warmUp =
        plan.warmUp().isZero()
            ? ", without warm-up"
            : ", after " + Page.time(plan.warmUp()) + " of warm-up";
    return isOpen()
        ? String.format(
            Locale.ROOT,
            "Open model: %s requests per second on %s%s. Latencies count from the intended time of"
                + " each request.",
            plain(plan.rate().getAsDouble()),
            connections,
            warmUp)
        : "Closed model: "
            + connections
            + ", each with the next request after an answer"
            + warmUp
            + ". Latencies count from the sending, and hide what a stall holds up: see --rate.";
  }

  private static String plain(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }

  String text() {
    StringBuilder text = new StringBuilder(model()).append('\n');
    for (int i = 0; i < destinations.size(); i++) {
      text.append('\n').append(Line.plain(url(i))).append('\n');
      result(text, tallies.get(i));
    }
    ratio(text);
    return text.toString().stripTrailing();
  }

  private String url(int i) {
    return destinations.get(i).endpoint().uri().toString();
  }

  private void result(StringBuilder text, Tally tally) {
    Histogram latencies = tally.latencies();
    line(
        text,
        "answers",
        String.format(
            Locale.ROOT,
            "%d in %s, %.1f per second%s",
            tally.answers(),
            Page.time(tally.measured()),
            tally.perSecond(),
            planned()));
    if (latencies.getTotalCount() > 0) {
      List<String> shown = new ArrayList<>();
      for (double percentile : PERCENTILES) {
        String name = percentile == 100 ? "max" : "p" + plain(percentile);
        shown.add(name + " " + micros(latencies.getValueAtPercentile(percentile)));
      }
      line(text, "latency", String.join("  ", shown));
    }
    if (tally.unsent() > 0) {
      String count = Page.counted(tally.unsent(), "planned request");
      line(
          text,
          "not sent",
          count + " before the end: the server was too slow. The latencies have their waits.");
    }
    if (tally.reconnects() > 0) {
      line(text, "reopened", Page.counted(tally.reconnects(), "connection"));
    }
    line(text, "errors", String.valueOf(tally.failures()));
    tally.errors().forEach((reason, count) -> line(text, "", count + " × " + Line.plain(reason)));
  }

  private String planned() {
    return isOpen() && plan.planned().isPresent()
        ? " (planned: " + plan.planned().getAsLong() + ")"
        : "";
  }

  private static void line(StringBuilder text, String word, String rest) {
    text.append(String.format(Locale.ROOT, "  %-9s  %s%n", word, rest));
  }

  private void ratio(StringBuilder text) {
    if (medians.isEmpty()) {
      return;
    }
    text.append("\nThe second, compared with the first\n");
    line(
        text,
        "median",
        String.format(
            Locale.ROOT,
            "%.2f times (rounds: %.2f to %.2f)",
            quotient(50),
            medians.stream().min(Double::compare).orElseThrow(),
            medians.stream().max(Double::compare).orElseThrow()));
    line(text, "p99", String.format(Locale.ROOT, "%.2f times", quotient(99)));
    if (!isOpen()) {
      double rate = tallies.getLast().perSecond() / tallies.getFirst().perSecond();
      line(text, "answers", String.format(Locale.ROOT, "%.2f times as many per second", rate));
    }
  }

  private double quotient(double percentile) {
    return (double) tallies.getLast().latencies().getValueAtPercentile(percentile)
        / Math.max(1, tallies.getFirst().latencies().getValueAtPercentile(percentile));
  }

  // ---- as JSON

  JsonObject json() {
    List<JsonObject> targets = new ArrayList<>();
    for (int i = 0; i < destinations.size(); i++) {
      targets.add(target(url(i), tallies.get(i)));
    }
    JsonObject json =
        new JsonObject()
            .with("model", isOpen() ? "open" : "closed")
            .with("latencyFrom", isOpen() ? "intended" : "sent")
            .with("connections", plan.connections());
    if (isOpen()) {
      json.with("rate", plan.rate().getAsDouble());
    }
    json.with("size", plan.size()).with("warmUp", plan.warmUp()).with("targets", targets);
    if (!medians.isEmpty()) {
      json.with(
          "ratio",
          new JsonObject()
              .with("median", quotient(50))
              .with("p99", quotient(99))
              .with("medianOfRounds", medians));
    }
    return json;
  }

  private JsonObject target(String url, Tally tally) {
    Histogram latencies = tally.latencies();
    JsonObject times = new JsonObject();
    if (latencies.getTotalCount() > 0) {
      for (double percentile : PERCENTILES) {
        String name = percentile == 100 ? "max" : "p" + plain(percentile);
        times.with(name, seconds(latencies.getValueAtPercentile(percentile)));
      }
      times.with("mean", seconds(Math.round(latencies.getMean())));
    }
    List<JsonObject> errors = new ArrayList<>();
    for (Map.Entry<String, Long> error : tally.errors().entrySet()) {
      errors.add(new JsonObject().with("reason", error.getKey()).with("count", error.getValue()));
    }
    JsonObject json =
        new JsonObject()
            .with("url", url)
            .with("answers", tally.answers())
            .with("measured", tally.measured())
            .with("perSecond", tally.perSecond());
    if (isOpen() && plan.planned().isPresent()) {
      json.with("planned", plan.planned().getAsLong());
    }
    return json.with("unsent", tally.unsent())
        .with("reopened", tally.reconnects())
        .with("latency", times)
        .with("errors", errors);
  }

  private static Duration seconds(long micros) {
    return Duration.ofNanos(micros * 1000);
  }
}
