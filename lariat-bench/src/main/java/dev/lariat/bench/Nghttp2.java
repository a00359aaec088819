package dev.lariat.bench;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The server nghttpd, on one thread and with the files of one directory, and the client h2load,
 * which is the floor. Both are written in C.
 */
record Nghttp2(Path directory, Setup setup) {
  private static final int BODIES = 8;

  /** The time that bash prints; {@code taskset} has no other way to say what its program took. */
  private static final String TIMED = "TIMEFORMAT='cpu %U %S'; time \"$@\"";

  private static final Pattern RATE =
      Pattern.compile("finished in ([\\d.]+)(m?s), ([\\d.]+) req/s");
  private static final Pattern DONE =
      Pattern.compile("requests: (\\d+) total.*?(\\d+) succeeded, (\\d+) failed");
  private static final Pattern CPU = Pattern.compile("cpu ([\\d.]+) ([\\d.]+)");

  /** Whether it serves this; it holds no answer back, and has no WebSocket. */
  static boolean serves(Workload workload) {
    return workload.multiplexed && workload.http && !workload.isIdle();
  }

  /** Its windows are large, so that it does not wait for its own updates in an upload. */
  List<String> server(int port) throws Exception {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("small"), "x".repeat(128));
    try (RandomAccessFile large = new RandomAccessFile(directory.resolve("large").toFile(), "rw")) {
      large.setLength(setup.large()); // a hole: no disk is read
    }
    List<String> command = new ArrayList<>();
    command.add(Programs.find("nghttpd").orElseThrow().toString());
    command.addAll(List.of("-d", directory.toString(), "-n1", "-w24", "-W24", "-m", "100000"));
    command.addAll(List.of("-a", "127.0.0.1"));
    if (setup.workload().tls) {
      setup.certificate(directory);
      command.addAll(List.of("" + port, directory + "/key.pem", directory + "/certificate.pem"));
    } else {
      command.addAll(List.of("--no-tls", "" + port));
    }
    return command;
  }

  /** One thread and one connection; it needs no warm-up. */
  List<String> floor(int port, double seconds) {
    Workload workload = setup.workload();
    List<String> command = new ArrayList<>(List.of("bash", "-c", TIMED, "bash"));
    command.add(Programs.find("h2load").orElseThrow().toString());
    command.addAll(List.of("-t1", "-c1", "-m" + workload.window));
    if (workload.isLarge()) {
      command.add("-n" + BODIES);
    } else {
      command.addAll(List.of("-D", Math.round(seconds * 1000) + "ms"));
    }
    if (workload.isUpload()) {
      command.add("-d" + directory.resolve("large"));
    }
    command.add((workload.tls ? "https" : "http") + "://127.0.0.1:" + port + workload.path());
    return command;
  }

  /** What it printed, as a {@link Client} would. */
  String figures(String out) throws IOException {
    Matcher rate = RATE.matcher(out);
    Matcher done = DONE.matcher(out);
    Matcher cpu = CPU.matcher(out);
    if (!rate.find() || !done.find() || !cpu.find()) {
      throw new IOException("h2load said: " + out);
    }
    long requests = Long.parseLong(done.group(2));
    if (requests == 0 || !done.group(3).equals("0")) {
      throw new IOException("h2load: " + done.group(3) + " requests failed");
    }
    double units = setup.workload().isLarge() ? setup.large() / (double) (1 << 20) : 1;
    double seconds = Double.parseDouble(cpu.group(1)) + Double.parseDouble(cpu.group(2));
    return String.format(
        Locale.ROOT,
        "{\"rate\":%.4f,\"cpu\":%.4f}",
        Double.parseDouble(rate.group(3)) * units,
        seconds * 1e6 / (requests * units));
  }
}
