package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jline.terminal.Size;
import org.jline.utils.ScreenTerminal;
import org.junit.jupiter.api.Assumptions;

/**
 * Shell commands on a terminal of 100 columns, in which {@code $LARIAT} is the program in a process
 * of its own. {@code script} is the terminal of those that are typed at, with an emulator for what
 * its screen shows, {@code tmux} of those whose screen is looked at after their end.
 */
final class Terminal implements AutoCloseable {
  private static final int COLUMNS = 100;
  private static final int ROWS = 30;
  private static final Executor AFTER = CompletableFuture.delayedExecutor(20, TimeUnit.SECONDS);
  private static final Path STATE = state();

  private final Process process;
  private final InputStream shown;
  private final OutputStream keyboard;
  private final ByteArrayOutputStream seen = new ByteArrayOutputStream();
  private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
  private ByteBuffer rest = ByteBuffer.allocate(0); // of a character that is not complete
  private final ScreenTerminal screen;
  private String held = ""; // the beginning of a sequence
  private int from; // what is before it was awaited already

  private Terminal(Process process, int columns, int rows) {
    this.process = process;
    this.screen = new ScreenTerminal(columns, rows);
    this.shown = process.getInputStream();
    this.keyboard = process.getOutputStream();
  }

  private static Path state() {
    try {
      Path folder = Files.createTempDirectory("lariat-state");
      folder.toFile().deleteOnExit();
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
    return of(command, COLUMNS, ROWS);
  }

  /** The same, at a terminal of this size. */
  static Terminal of(String command, int columns, int rows) throws IOException {
    needs("script", "bsdutils");
    String size = "stty cols " + columns + " rows " + rows + "; ";
    Process process =
        builder("script", "-qfec", size + command, "/dev/null").redirectErrorStream(true).start();
    return new Terminal(process, columns, rows);
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
    builder.environment().put("XDG_STATE_HOME", STATE.toString());
    builder.environment().remove("NO_COLOR");
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
    readUntil(
        () -> {
          Matcher matcher = wanted.matcher(text());
          boolean found = matcher.find(from);
          if (found) {
            from = matcher.end();
          }
          return found;
        },
        () -> "no " + pattern + " in: " + text().substring(from));
  }

  /** What does not come in time fails with what is there. */
  private void readUntil(BooleanSupplier found, Supplier<String> otherwise) throws IOException {
    byte[] some = new byte[4096];
    CompletableFuture<Void> late =
        CompletableFuture.runAsync(process::destroyForcibly, AFTER); // which ends the reading
    while (!found.getAsBoolean()) {
      if (!reads(some)) {
        throw new AssertionError(otherwise.get());
      }
    }
    late.cancel(false);
  }

  private boolean reads(byte[] some) throws IOException {
    int count = shown.read(some);
    if (count < 0) {
      return false;
    }
    seen.write(some, 0, count);
    ByteBuffer all =
        ByteBuffer.allocate(rest.remaining() + count).put(rest).put(some, 0, count).flip();
    CharBuffer chars = CharBuffer.allocate(all.remaining());
    decoder.decode(all, chars, false);
    rest = all;
    emulate(held + chars.flip());
    return true;
  }

  /** JLine's emulator would wrap the next character if the cursor comes back from a line's end. */
  private void emulate(String text) {
    int end = text.endsWith("\u001b") ? text.length() - 1 : text.length();
    held = text.substring(end);
    screen.write(text.substring(0, end).replace("\u001b8", "\r\u001b8"));
  }

  /** Reads until the screen has a part that matches, and gives what it shows then. */
  String awaitScreen(String pattern) throws IOException {
    Pattern wanted = Pattern.compile(pattern, Pattern.MULTILINE);
    readUntil(
        () -> wanted.matcher(screen()).find(),
        () -> "no " + pattern + " on the screen:\n" + screen());
    return screen();
  }

  /** What the screen shows, without the spaces at the ends of lines and lines that are empty. */
  String screen() {
    return Pattern.compile("\n")
        .splitAsStream(screen.toString())
        .map(String::stripTrailing)
        .filter(line -> !line.isEmpty())
        .collect(Collectors.joining("\n"));
  }

  /** Gives the terminal another size, which the program on it is told. */
  void resize(int columns, int rows) throws IOException, InterruptedException {
    ProcessHandle shell = process.descendants().findFirst().orElseThrow();
    String device = Files.readSymbolicLink(Path.of("/proc/" + shell.pid() + "/fd/0")).toString();
    screen.setSize(Size.of(columns, rows));
    String[] stty = {"stty", "-F", device, "cols", "" + columns, "rows", "" + rows};
    assertThat(builder(stty).start().waitFor()).isZero();
  }

  /** Reads to the end, and gives the exit code. */
  int end() throws IOException, InterruptedException {
    byte[] some = new byte[4096];
    while (reads(some)) {
      // to the end
    }
    return process.waitFor();
  }

  /** All that was shown, without the sequences that move the cursor and set modes. */
  String text() {
    return seen.toString(StandardCharsets.UTF_8)
        .replaceAll("\u001b\\[[0-9;?<>=]*[A-Za-z]|\u001b[=>()78][B0]?", "")
        .replace("\r", "");
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
