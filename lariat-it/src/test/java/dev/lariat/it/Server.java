package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A server that somebody else wrote, as a process that does not outlive this JVM, however that
 * ends. What it prints is in a file of its name in {@link #FOLDER}.
 */
public final class Server implements AutoCloseable {
  /** Relative, since the path of a Unix-domain socket must be short. */
  static final Path FOLDER = emptied(Path.of("target", "servers"));

  // A watcher reads a pipe that only this JVM holds: when the JVM ends, so does the server.
  private static final String TIED =
      "exec 3<&0; (cat <&3 >/dev/null; kill -9 $$ 2>/dev/null) & exec \"$@\" 3<&- </dev/null";
  private static final int TRIES = 10; // somebody else may take a port between its choice and use
  private static final int READY_SECONDS = 20;

  private final List<Integer> ports;
  private final List<String> command;
  private final Path log;
  private Process process;

  private Server(String name, List<Integer> ports, List<String> command) {
    this.ports = ports;
    this.command = command;
    this.log = FOLDER.resolve(name + ".log");
  }

  /** Starts a server, and waits until it accepts connections on all its ports. */
  static Server start(String name, int ports, Function<List<Integer>, List<String>> command) {
    for (int i = 1; ; i++) {
      List<Integer> chosen = freePorts(ports);
      Server server = new Server(name, chosen, command.apply(chosen));
      if (server.run()) {
        return server;
      }
      if (i == TRIES) {
        throw new IllegalStateException(name + " does not start; see " + server.log);
      }
    }
  }

  public int port(int index) {
    return ports.get(index);
  }

  /** What it has printed. */
  String printed() {
    try {
      return Files.readString(log, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Kills it, without a goodbye. */
  public void kill() {
    process.destroyForcibly();
    try {
      process.waitFor();
      process.getOutputStream().close();
    } catch (InterruptedException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Starts it again on the same ports. */
  public void restart() {
    assertThat(run()).as("%s starts again", command).isTrue();
  }

  /** Stops it where it is: it keeps its connections, and reads and writes nothing. */
  public void freeze() {
    signal("STOP");
  }

  /** Lets it go on after {@link #freeze}. */
  public void thaw() {
    signal("CONT");
  }

  private void signal(String name) {
    try {
      String pid = Long.toString(process.pid());
      assertThat(new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + pid).start().waitFor())
          .isZero();
    } catch (InterruptedException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    kill();
  }

  private boolean run() {
    List<String> tied = new ArrayList<>(List.of("/bin/sh", "-c", TIED, "sh"));
    tied.addAll(command);
    try {
      process =
          new ProcessBuilder(tied)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      return ports.stream().allMatch(this::accepts);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean accepts(int port) {
    long start = System.nanoTime();
    try {
      while (System.nanoTime() - start < TimeUnit.SECONDS.toNanos(READY_SECONDS)) {
        try (Socket socket = new Socket()) {
          socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
          return true;
        } catch (IOException e) {
          if (process.waitFor(5, TimeUnit.MILLISECONDS)) {
            return false;
          }
        }
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    kill();
    return false;
  }

  // What a server left when it was killed, a socket above all, would be in the way of the next.
  private static Path emptied(Path folder) {
    try {
      Files.createDirectories(folder);
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path file : all.filter(path -> !Files.isDirectory(path)).toList()) {
          Files.delete(file);
        }
      }
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // Below the ports that the system gives to outgoing connections.
  static List<Integer> freePorts(int count) {
    Set<Integer> ports = new LinkedHashSet<>();
    while (ports.size() < count) {
      int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
      try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        ports.add(free.getLocalPort());
      } catch (IOException e) {
        // taken: another one
      }
    }
    return List.copyOf(ports);
  }

  /** Writes a resource of this module into the folder, with {@code ${name}} replaced. */
  static Path file(String resource, Map<String, Object> values) {
    return file(resource, resource, values);
  }

  /** The same under another name. */
  static Path file(String resource, String name, Map<String, Object> values) {
    try (InputStream in = Server.class.getResourceAsStream("/" + resource)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      for (Map.Entry<String, Object> value : values.entrySet()) {
        text = text.replace("${" + value.getKey() + "}", value.getValue().toString());
      }
      return Files.writeString(FOLDER.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
