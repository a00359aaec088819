package dev.lariat.fleet.stage;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A process of a fleet, which runs a {@link FleetNode}. It has an address, to be cut off by. */
public final class NodeProcess {
  private static final int LAST = 5; // lines to show with a fault

  public final String name;
  public final String address;
  public final Process process;
  private final Queue<String> told = new ConcurrentLinkedQueue<>();

  private NodeProcess(String name, String address, Process process) {
    this.name = name;
    this.address = address;
    this.process = process;
  }

  /**
   * Starts it.
   *
   * @param before words before the command, such as another program that runs it
   * @param program whose {@code main} begins with {@link FleetNode#FleetNode}
   * @param its what the engine's program is told
   */
  static NodeProcess start(
      List<String> before, Class<?> program, FleetNode.Task task, List<String> its)
      throws IOException {
    List<String> command = new ArrayList<>(before);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1", // many start, and each lives for a minute
            "-Xmx256m",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            program.getName()));
    command.addAll(task.arguments());
    command.addAll(its);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    NodeProcess node = new NodeProcess(task.name(), task.address(), process);
    Thread.startVirtualThread(node::read);
    return node;
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream()))) {
      lines.lines().forEach(told::add);
    } catch (IOException e) {
      // it has ended
    }
  }

  /** Sends it a signal, such as {@code TERM}. */
  public void signal(String signal) throws IOException, InterruptedException {
    Stage.run("/bin/kill", "-" + signal, Long.toString(process.pid()));
  }

  /** Says what its sink does from now on. */
  public void say(String line) throws IOException {
    process.getOutputStream().write((line + "\n").getBytes());
    process.getOutputStream().flush();
  }

  /** The last of what it has told, and before it the last of what went wrong. */
  public List<String> last() {
    List<String> all = new ArrayList<>(last(told.stream().filter(NodeProcess::isWrong).toList()));
    all.addAll(last(List.copyOf(told)));
    return all;
  }

  private static boolean isWrong(String line) {
    return line.contains(" SlotLost") || line.contains(" StoreFailed");
  }

  private static List<String> last(List<String> lines) {
    return lines.subList(Math.max(0, lines.size() - LAST), lines.size());
  }

  /** The last line that it has told with this. */
  public Optional<String> lastWith(String what) {
    return told.stream().filter(line -> line.contains(what)).reduce((first, next) -> next);
  }

  /** In how many lines it has told this. */
  public long told(String what) {
    return told.stream().filter(line -> line.contains(what)).count();
  }
}
