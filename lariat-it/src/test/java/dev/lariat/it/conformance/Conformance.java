package dev.lariat.it.conformance;

import java.io.PrintStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Runs Lariat through the cases of a fuzzing server, prints what it says of each, and fails on
 * every verdict but {@code OK} and {@code INFORMATIONAL}.
 *
 * @param server where it is: its scheme, host and port
 * @param agent the name in the server's reports
 * @param cases which cases, as {@code 1.*,9.1.3}; a star stands for anything
 * @param deadline how long one case may take, and one answer
 * @param out where the table goes
 */
record Conformance(URI server, String agent, Pattern cases, Duration deadline, PrintStream out) {
  private static final int PASSED = 0;
  private static final int FAILED = 1;
  private static final int NOT_RUN = 2;

  Conformance(URI server, String agent, String cases, Duration deadline, PrintStream out) {
    this(server, agent, pattern(cases), deadline, out);
  }

  /** Runs with the server, the agent, the cases and the deadline in seconds. */
  public static void main(String[] args) throws InterruptedException {
    System.exit(run(args, System.out));
  }

  /** The exit status of a run with these arguments. */
  static int run(String[] args, PrintStream out) throws InterruptedException {
    try {
      Duration deadline = Duration.ofMillis((long) (1000 * Double.parseDouble(args[3])));
      return new Conformance(URI.create(args[0]), args[1], args[2], deadline, out).exitStatus();
    } catch (IllegalArgumentException e) {
      out.println("Cannot run with " + String.join(" ", args) + ": " + e.getMessage());
      return NOT_RUN;
    }
  }

  private int exitStatus() throws InterruptedException {
    try {
      List<Score> scores = scores();
      if (scores.isEmpty()) {
        out.println("None of the server's cases was asked for.");
        return NOT_RUN;
      }
      summarize(scores);
      return scores.stream().allMatch(Score::passes) ? PASSED : FAILED;
    } catch (Visit.Unreachable e) {
      out.println("Cannot run: " + e.getMessage());
      return NOT_RUN;
    }
  }

  /**
   * Runs the cases and prints the table.
   *
   * @throws Visit.Unreachable if the server is not there, or goes away
   */
  List<Score> scores() throws InterruptedException {
    int count = Integer.parseInt(ask("/getCaseCount").strip());
    out.println(Score.head());
    List<Score> scores = new ArrayList<>();
    for (int number = 1; number <= count; number++) {
      String id = field(ask("/getCaseInfo?case=" + number), "id");
      if (cases.matcher(id).matches()) {
        Score score = score(number, id);
        out.println(score.row());
        scores.add(score);
      }
    }
    ask("/updateReports?agent=" + agentInUri());
    return scores;
  }

  private Score score(int number, String id) throws InterruptedException {
    String query = "?case=" + number + "&agent=" + agentInUri();
    long start = System.nanoTime();
    boolean inTime = Visit.echo(server, "/runCase" + query, deadline);
    Duration duration = Duration.ofNanos(System.nanoTime() - start);
    if (!inTime) {
      return new Score(id, Score.LATE, "", duration);
    }
    String status = ask("/getCaseStatus" + query);
    return new Score(id, field(status, "behavior"), field(status, "behaviorClose"), duration);
  }

  private void summarize(List<Score> scores) {
    Map<String, Long> counts =
        scores.stream()
            .collect(Collectors.groupingBy(Score::behavior, TreeMap::new, Collectors.counting()));
    List<Score> bad = scores.stream().filter(score -> !score.passes()).toList();
    out.println();
    out.println(scores.size() + " cases: " + counts);
    if (!bad.isEmpty()) {
      out.println(bad.size() + " of them not as they should be:");
      bad.forEach(score -> out.println(score.row()));
    }
  }

  private String ask(String path) throws InterruptedException {
    return Visit.ask(server, path, deadline);
  }

  private String agentInUri() {
    return URLEncoder.encode(agent, StandardCharsets.UTF_8);
  }

  /** A field of a flat JSON object; empty if it has none of this name. */
  private static String field(String json, String name) {
    Matcher field = Pattern.compile("\"" + name + "\"\\s*:\\s*\"([^\"]*)\"").matcher(json);
    return field.find() ? field.group(1) : "";
  }

  private static Pattern pattern(String cases) {
    return Pattern.compile(
        Arrays.stream(cases.split(","))
            .map(one -> Pattern.quote(one.strip()).replace("*", "\\E.*\\Q"))
            .collect(Collectors.joining("|")));
  }
}
