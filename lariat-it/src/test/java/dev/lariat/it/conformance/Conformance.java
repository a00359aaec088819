package dev.lariat.it.conformance;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
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
 * @param http2 whether to speak HTTP/2, with a WebSocket on a stream (RFC 8441)
 * @param reports the folder where the server writes its reports, if it can be read from here
 * @param out where the table goes
 */
record Conformance(
    URI server,
    String agent,
    Pattern cases,
    Duration deadline,
    boolean http2,
    Optional<Path> reports,
    PrintStream out) {
  private static final int PASSED = 0;
  private static final int FAILED = 1;
  private static final int NOT_RUN = 2;

  /**
   * Checks what could be mistaken.
   *
   * @throws IllegalArgumentException if the server is not a scheme, host and port, or the agent is
   *     a name that the server's files could not have
   */
  Conformance {
    if (!"ws".equals(server.getScheme()) && !"wss".equals(server.getScheme())) {
      throw new IllegalArgumentException("server: " + server + ", allowed the schemes ws and wss");
    }
    if (server.getHost() == null
        || !List.of("", "/").contains(server.getRawPath())
        || server.getRawQuery() != null
        || server.getRawFragment() != null) {
      throw new IllegalArgumentException(
          "server: " + server + ", allowed a scheme, a host and a port, as ws://localhost:9001");
    }
    if (!agent.matches("[ -~&&[^\"\\\\]]+")) {
      throw new IllegalArgumentException(
          "agent: " + agent + ", allowed printable ASCII without quotes and backslashes");
    }
  }

  /** Of what {@link #main} is given. */
  static Conformance of(String[] args, PrintStream out) {
    return new Conformance(
        URI.create(args[0]),
        args[1],
        pattern(args[2]),
        Duration.ofMillis((long) (1000 * Double.parseDouble(args[3]))),
        Boolean.parseBoolean(args[4]),
        Optional.of(args[5]).filter(folder -> !folder.isEmpty()).map(Path::of),
        out);
  }

  /**
   * Runs with the server, the agent, the cases and the deadline in seconds; whether HTTP/2 is
   * spoken and the folder of the reports are system properties.
   */
  public static void main(String[] args) throws InterruptedException {
    List<String> all = new ArrayList<>(List.of(args));
    all.add(System.getProperty("http2", "false"));
    all.add(System.getProperty("reports", ""));
    System.exit(run(all.toArray(String[]::new), System.out));
  }

  /** The exit status of a run with these arguments. */
  static int run(String[] args, PrintStream out) throws InterruptedException {
    try {
      return of(args, out).exitStatus();
    } catch (IllegalArgumentException e) {
      out.println("Cannot run with " + String.join(" ", args).strip() + ": " + e.getMessage());
      return NOT_RUN;
    }
  }

  private int exitStatus() throws InterruptedException {
    Instant start = Instant.now();
    try {
      List<Score> scores = scores();
      if (scores.isEmpty()) {
        out.println("None of the server's cases was asked for.");
        return NOT_RUN;
      }
      String untold = report(start, scores);
      summarize(scores);
      if (!untold.isEmpty()) {
        out.println(untold);
        return FAILED;
      }
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
  private List<Score> scores() throws InterruptedException {
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
    return scores;
  }

  private Score score(int number, String id) throws InterruptedException {
    String query = "?case=" + number + "&agent=" + agentInUri();
    long start = System.nanoTime();
    boolean inTime = Visit.echo(place(), "/runCase" + query, deadline);
    Duration duration = Duration.ofNanos(System.nanoTime() - start);
    String behavior = inTime ? field(ask("/getCaseStatus" + query), "behavior") : Score.LATE;
    return new Score(id, behavior, "", duration);
  }

  /**
   * Lets the server write its reports, and adds what they say of the close to the scores.
   *
   * @return what went wrong; empty for nothing
   */
  private String report(Instant start, List<Score> scores) throws InterruptedException {
    try {
      Visit.command(place(), "/updateReports?agent=" + agentInUri(), deadline);
    } catch (Visit.Unreachable e) {
      return "The server did not write its reports: " + e.getMessage();
    }
    if (reports.isPresent()) {
      try {
        Report report = Report.read(reports.get(), agent, start);
        scores.replaceAll(score -> score.closed(report));
      } catch (IOException e) {
        return "The reports cannot be read: " + e.getMessage();
      }
    }
    return "";
  }

  private void summarize(List<Score> scores) {
    out.println();
    scores.stream()
        .collect(Collectors.groupingBy(Score::section, TreeMap::new, Collectors.toList()))
        .forEach((section, those) -> out.println("Section " + section + ": " + sum(those)));
    out.println("All: " + sum(scores));
    List<Score> bad = scores.stream().filter(score -> !score.passes()).toList();
    if (!bad.isEmpty()) {
      out.println(bad.size() + " of them not as they should be:");
      bad.forEach(score -> out.println(score.row()));
    }
  }

  private static String sum(List<Score> scores) {
    Map<String, Long> closes = counts(scores, Score::behaviorClose);
    return scores.size()
        + (scores.size() == 1 ? " case: " : " cases: ")
        + counts(scores, Score::behavior)
        + ", on the close "
        + (closes.keySet().equals(Set.of("")) ? "not known" : closes);
  }

  private static Map<String, Long> counts(List<Score> scores, Function<Score, String> what) {
    return scores.stream()
        .collect(Collectors.groupingBy(what, TreeMap::new, Collectors.counting()));
  }

  private String ask(String path) throws InterruptedException {
    return Visit.ask(place(), path, deadline);
  }

  private Visit.Place place() {
    return new Visit.Place(server, http2);
  }

  private String agentInUri() {
    return URLEncoder.encode(agent, StandardCharsets.UTF_8);
  }

  /** A field of a flat JSON object; empty if it has none of this name. */
  static String field(String json, String name) {
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
