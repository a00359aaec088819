package dev.lariat.cli;

import dev.lariat.Lariat;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.jline.terminal.TerminalBuilder;

/**
 * What people do most, done once. The JVM notes which classes that takes, and keeps them in the
 * ahead-of-time cache that the launcher starts with. It is no command: the launcher calls it. The
 * servers are in another process, so that the cache has none of their classes.
 */
final class Training {
  private Training() {}

  /**
   * Does it, and throws if something fails.
   *
   * @param args the file of {@link TrainingServers}
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    Logs.useHere();
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                TrainingServers.class.getName(),
                args[0])
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader servers = process.inputReader()) {
      lariat("", "--version");
      lariat("", "get", "--help");
      String echo = servers.readLine();
      lariat("", "http://" + echo);
      lariat("", "-i", "-v", "-w", "%{http_code}\n", "http://" + echo, "name=value");
      lariat("one\n", "ws", "--linger=0.1", "ws://" + echo);
      lariat(
          "", "ws", "-x", "{\"a\":1}", "--expect=a", "--select=.a", "--compress", "ws://" + echo);
      prompt(echo);
      lariat("", "--http2", "http://" + servers.readLine());
      lariat("", "sse", "--count=1", "http://" + servers.readLine());
      lariat("", "-k", "https://" + servers.readLine()); // the last one, which ends the servers
    } finally {
      process.destroy();
    }
    Lariat.awaitTermination(Duration.ofSeconds(5));
    System.exit(0);
  }

  private static void lariat(String input, String... args) {
    InputStream in = new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8));
    PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
    Output out = new Output(OutputStream.nullOutputStream());
    check(String.join(" ", args), Main.run(new Io(in, out, err, false, true, true), args));
  }

  /** A line that somebody types into the prompt, until it comes back. */
  private static void prompt(String host) throws IOException {
    try (PipedOutputStream typist = new PipedOutputStream();
        PipedInputStream typed = new PipedInputStream(typist)) {
      typist.write("hello\r".getBytes(StandardCharsets.UTF_8));
      typist.flush();
      TerminalBuilder terminal =
          TerminalBuilder.builder()
              .streams(typed, OutputStream.nullOutputStream())
              .type("ansi")
              .provider(TerminalBuilder.PROP_PROVIDER_EXEC); // as that of the prompt
      Io io = new Io(typed, new Output(OutputStream.nullOutputStream()), System.err, true);
      check(
          "the prompt",
          Factory.command(new Ws(io, terminal::build))
              .execute("--no-history", "--expect=hello", "ws://" + host));
    }
  }

  private static void check(String what, int exit) {
    if (exit != Exit.OK) {
      throw new IllegalStateException(what + " gave " + exit);
    }
  }
}
