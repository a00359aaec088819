package dev.lariat.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/**
 * Shell commands on a terminal of 100 columns, in which {@code $LARIAT} is the program in a process
 * of its own. {@code script} is the terminal of those that are typed at, {@code tmux} of those
 * whose screen is looked at.
 */
final class Terminal implements AutoCloseable {
  private static final String SIZE = "stty cols 100 rows 30; ";

  private final Process process;
  private final InputStream shown;
  private final OutputStream keyboard;
  private final ByteArrayOutputStream seen = new ByteArrayOutputStream();
  private int from; // what is before it was awaited already

  private Terminal(Process process) {
    this.process = process;
    this.shown = process.getInputStream();
    this.keyboard = process.getOutputStream();
  }

  /**
   * Leaves a test out where this program is missing, or fails it where everything must be there.
   */
  static void needs(String program, String debianPackage) {
    boolean present =
        Pattern.compile(":")
            .splitAsStream(System.getenv("PATH"))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    if (!present && System.getenv("LARIAT_REQUIRE_SERVERS") != null) {
      throw new IllegalStateException(program + " is not installed: " + debianPackage);
    }
    if (!present) {
      System.err.println("LEFT OUT: a test that needs " + debianPackage);
    }
    Assumptions.assumeTrue(present, program);
  }

  /** Runs a shell command with pipes in place of a terminal. */
  static Process piped(String command) throws IOException {
    return builder("/bin/bash", "-c", command).start();
  }

  /** Runs a shell command at a terminal that can be typed at. */
  static Terminal of(String command) throws IOException {
    needs("script", "bsdutils");
    Process process =
        builder("script", "-qfec", SIZE + command, "/dev/null").redirectErrorStream(true).start();
    return new Terminal(process);
  }

  /** Runs a shell command at a terminal, and gives what its screen shows after its end. */
  static String screenAfter(String command) throws IOException, InterruptedException {
    needs("tmux", "tmux");
    String server = "lariat-test-" + ProcessHandle.current().pid();
    String signal = "; tmux -L " + server + " wait-for -S done; cat";
    try {
      tmux(
          server,
          "-f",
          "/dev/null",
          "new-session",
          "-d",
          "-x",
          "100",
          "-y",
          "30",
          command + signal);
      tmux(server, "wait-for", "done");
      return tmux(server, "capture-pane", "-p").stripTrailing();
    } finally {
      tmux(server, "kill-server");
    }
  }

  private static String tmux(String server, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("tmux", "-L", server));
    command.addAll(List.of(arguments));
    Process process = builder(command.toArray(String[]::new)).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }

  private static ProcessBuilder builder(String... command) {
    ProcessBuilder builder = new ProcessBuilder(command);
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    builder.environment().put("TERM", "xterm-256color");
    builder.environment().put("SHELL", "/bin/bash");
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder
        .environment()
        .put(
            "LARIAT",
            java
                + " --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp"
                + " "
                + System.getProperty("java.class.path")
                + " dev.lariat.cli.Main");
    return builder;
  }

  void type(String keys) throws IOException {
    keyboard.write(keys.getBytes(StandardCharsets.UTF_8));
    keyboard.flush();
  }

  /**
   * Reads until something is shown that matches, after what was awaited before. What is typed
   * before there is a prompt goes to a terminal in other modes, and may be taken for the end.
   */
  void await(String pattern) throws IOException {
    Pattern wanted = Pattern.compile(pattern);
    byte[] some = new byte[4096];
    while (true) {
      String text = text();
      Matcher matcher = wanted.matcher(text);
      if (matcher.find(from)) {
        from = matcher.end();
        return;
      }
      int count = shown.read(some);
      if (count < 0) {
        throw new AssertionError("no " + pattern + " in: " + text);
      }
      seen.write(some, 0, count);
    }
  }

  /** Reads to the end, and gives the exit code. */
  int end() throws IOException, InterruptedException {
    seen.writeBytes(shown.readAllBytes());
    return process.waitFor();
  }

  /** All that was shown, without the sequences that move the cursor and set modes. */
  String text() {
    return seen.toString(StandardCharsets.UTF_8)
        .replaceAll("\u001b\\[[0-9;?<>=]*[A-Za-z]|\u001b[=>()][B0]?", "")
        .replace("\r", "");
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
