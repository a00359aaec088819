package dev.lariat.it.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The index of the reports that a fuzzing server writes on its own disk: an object for each agent,
 * in it one for each case. It alone tells the verdicts on the close.
 *
 * @param closes those, by the cases' names
 */
record Report(Map<String, String> closes) {
  private static final Pattern CASE =
      Pattern.compile("\"([0-9.]+)\"\\s*:\\s*\\{([^{}]*)\\}"); // its fields are words and numbers

  /** Its file, in the folder of the reports. */
  static final String FILE = "index.json";

  /**
   * What it says of an agent.
   *
   * @param since when the run began: what is older is of another
   * @throws IOException if there is no such file, or it is of another run
   */
  static Report read(Path folder, String agent, Instant since) throws IOException {
    Path file = folder.resolve(FILE);
    if (!Files.isReadable(file)) {
      throw new IOException(file + " is not there");
    }
    // not every disk keeps more than seconds
    if (Files.getLastModifiedTime(file).compareTo(FileTime.from(since.minusSeconds(1))) < 0) {
      throw new IOException(file + " is older than this run");
    }
    Map<String, String> closes = new HashMap<>();
    Matcher cases = CASE.matcher(object(Files.readString(file), agent));
    while (cases.find()) {
      closes.put(cases.group(1), Conformance.field(cases.group(2), "behaviorClose"));
    }
    return new Report(closes);
  }

  /** What stands between the braces of the agent's object. */
  private static String object(String json, String agent) {
    Matcher name = Pattern.compile("\"" + Pattern.quote(agent) + "\"\\s*:\\s*\\{").matcher(json);
    if (!name.find()) {
      return "";
    }
    int depth = 1;
    int end = name.end();
    while (end < json.length() && depth > 0) {
      char next = json.charAt(end++);
      depth += next == '{' ? 1 : next == '}' ? -1 : 0;
    }
    return json.substring(name.end(), end);
  }
}
