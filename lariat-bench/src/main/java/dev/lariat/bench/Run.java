package dev.lariat.bench;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The side-by-side run: for each workload some rounds, in each round every client once, in a
 * process of its own against a server in another, and the table of the medians in the end.
 */
final class Run {
  private static final String USAGE =
      """
      Usage: lariat-bench/run [options]
        --workloads a,b   of: rtt rtt-core pipe flood big many deflate tls-pipe tls-big idle, all of
                          them "websocket" (the default); http-get http-many http-pipe
                          http-download http-upload http-connect http-tls-connect http-idle
                          http-first, all of them "http", for which nginx is needed; h2-get
                          h2-tls-get h2-download h2-upload h2-streams h2-many h2-many-sockets, all
                          of them "http2", for which nghttpd and h2load are needed; via-pipe
                          via-flood via-many via-tls-pipe via-tls-big via-get via-get-direct, all
                          of them "proxy"; pool pool-few pool-h2, all of them "pools", for which
                          nginx, and for the last nghttpd and h2load, are needed
        --peers a,b       of: lariat lariat-mailbox lariat-mailbox-each netty vertx reactor jetty
                          apache java-websocket nv okhttp jdk c (all)
        --rounds N        1 to 99, 3 by default
        --seconds S       measured in each run: 0.5 to 600, 4 by default
        --warmup S        before that: 0 to 600, 6 by default; then until the JIT compiler rests
                          for 3 s, but for 60 s at most
        --placement P     split: server on core 0, client on all others (the default);
                          same: both on core 0; free: as the scheduler likes
        --body MiB        of a download or an upload: 1 to 65536, 256 by default
        --resume          goes on with the results that are there
        --table           only prints the table of the results that are there
      The results are in lariat-bench/target/bench/results-PLACEMENT.jsonl.\
      """;

  private final Path directory;
  private List<Workload> workloads = Workload.webSockets();
  private List<Contender> contenders = List.of(Contender.values());
  private int rounds = 3;
  private double seconds = 4;
  private double warmup = 6;
  private int body = 256;
  private Placement placement = Placement.SPLIT;
  private boolean resume;
  private boolean tableOnly;

  /**
   * Which cores the processes run on. Left to the scheduler, the same client is sometimes on the
   * server's core and sometimes not, and that alone was seen to change a rate fifteenfold.
   */
  private enum Placement {
    SPLIT,
    SAME,
    FREE;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private Run(Path directory) {
    this.directory = directory;
  }

  private Path results() {
    return directory.resolve("results-" + placement.label() + ".jsonl");
  }

  public static void main(String[] args) throws Exception {
    Run run = new Run(Path.of(System.getProperty("bench.directory", "target/bench")));
    try {
      run.options(args);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.err.println(USAGE);
      System.exit(2);
    }
    System.exit(run.run());
  }

  private void options(String[] args) {
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--help" -> {
          System.out.println(USAGE);
          System.exit(0);
        }
        case "--resume" -> resume = true;
        case "--table" -> tableOnly = true;
        case "--workloads" -> workloads = list(args, ++i).flatMap(Workload::named).toList();
        case "--peers" -> contenders = list(args, ++i).map(Contender::named).toList();
        case "--placement" ->
            placement = Placement.valueOf(value(args, ++i).toUpperCase(Locale.ROOT));
        case "--rounds" -> rounds = (int) range(args, ++i, 1, 99);
        case "--seconds" -> seconds = range(args, ++i, 0.5, 600);
        case "--body" -> body = (int) range(args, ++i, 1, 65536);
        case "--warmup" -> warmup = range(args, ++i, 0, 600);
        default -> throw new IllegalArgumentException("no option is called " + args[i]);
      }
    }
  }

  private static Stream<String> list(String[] args, int i) {
    return Arrays.stream(value(args, i).split(","));
  }

  private static double range(String[] args, int i, double least, double most) {
    double value = Double.parseDouble(value(args, i));
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          args[i - 1] + ": " + value + ", allowed " + least + " to " + most);
    }
    return value;
  }

  private static String value(String[] args, int i) {
    if (i == args.length) {
      throw new IllegalArgumentException(args[i - 1] + " wants a value");
    }
    return args[i];
  }

  private int run() throws Exception {
    if (placement == Placement.SPLIT && Runtime.getRuntime().availableProcessors() < 2) {
      System.err.println("There is one core only: use --placement same.");
      return 2;
    }
    Files.createDirectories(directory);
    if (!tableOnly) {
      for (Workload workload : workloads) {
        for (String program : programs(workload)) {
          if (Programs.find(program).isEmpty()) {
            System.err.println(workload.label() + " needs " + program + ": install it first.");
            return 2;
          }
        }
      }
      if (!resume && Files.exists(results())) {
        String name = "results-" + placement.label() + "-" + System.currentTimeMillis() + ".jsonl";
        Files.move(results(), directory.resolve(name));
      }
      keyStore();
      for (int round = 1; round <= rounds; round++) {
        for (Workload workload : workloads) {
          round(workload, round);
        }
      }
    }
    System.out.printf(
        "%nplacement %s; the load average before a run was at most %.1f; the JIT compiler was"
            + " waited for %.0f s at most (of %d allowed), and took %.1f %% of a core at most while"
            + " it was measured%n",
        placement.label(), most("load"), most("waited"), Compiler.LONGEST, most("compiler"));
    Table.print(Result.read(results()), workloads, contenders);
    return 0;
  }

  /** The largest of these figures in all results; 0 where there is none. */
  private double most(String figure) throws IOException {
    return Result.read(results()).stream()
        .mapToDouble(one -> one.figures().getOrDefault(figure, 0.0))
        .max()
        .orElse(0);
  }

  private static List<String> programs(Workload workload) {
    if (Nghttp2.serves(workload)) {
      return List.of("nghttpd", "h2load");
    }
    return Nginx.serves(workload) ? List.of("nginx") : List.of();
  }

  /** All clients once, the first one another in each round. */
  private void round(Workload workload, int round) throws Exception {
    List<Result> known = Result.read(results());
    for (int i = 0; i < contenders.size(); i++) {
      Contender contender = contenders.get((i + round - 1) % contenders.size());
      boolean done =
          known.stream().anyMatch(one -> one.isOf(workload, contender) && one.round() == round);
      if (done || !contender.canDo(workload)) {
        continue;
      }
      double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
      String outcome;
      try {
        outcome = measure(workload, contender);
      } catch (IOException e) {
        outcome = "{\"error\":\"" + e.getMessage().replaceAll("[\"\\\\\\p{Cntrl}]", " ") + "\"}";
      }
      String line =
          "{\"workload\":\"%s\",\"peer\":\"%s\",\"round\":%d,\"load\":%.2f,%s"
              .formatted(workload.label(), contender.label, round, load, outcome.substring(1));
      Files.writeString(
          results(), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      System.out.println(line);
    }
  }

  private String measure(Workload workload, Contender contender) throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Process server = server(workload, port);
    try {
      awaitServer(server, port);
      if (workload.tls && !workload.http) {
        client(workload, Contender.NETTY, port, "6", "0.5"); // past the server's own compiler
      }
      return client(workload, contender, port, "" + warmup, "" + seconds);
    } finally {
      server.destroyForcibly().waitFor();
    }
  }

  private Process server(Workload workload, int port) throws Exception {
    List<String> command = pinned(workload, true);
    if (Nginx.serves(workload)) {
      Nginx nginx = new Nginx(directory.resolve("nginx"), new Setup(workload, store(), large()));
      command.addAll(nginx.command(port));
    } else if (Nghttp2.serves(workload)) {
      command.addAll(nghttp2(workload).server(port));
    } else if (workload.tls) {
      command.addAll(java("EchoServer", "" + port, store().toString()));
    } else if (workload.isOfHttp2()) {
      command.addAll(java("EchoServer", "" + port));
    } else {
      String program = workload.http ? "httpserver" : "wsserver";
      command.addAll(List.of(directory.resolve(program).toString(), "" + port));
    }
    return start(command, "server-" + workload.label()).start();
  }

  private Nghttp2 nghttp2(Workload workload) {
    return new Nghttp2(directory.resolve("nghttp2"), new Setup(workload, store(), large()));
  }

  private static void awaitServer(Process server, int port) throws Exception {
    for (int i = 0; i < 200 && server.isAlive(); i++) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return;
      } catch (IOException e) {
        Thread.sleep(50);
      }
    }
    throw new IOException("the server did not start");
  }

  private String client(
      Workload workload, Contender contender, int port, String warmup, String seconds)
      throws Exception {
    List<String> command = pinned(workload, false);
    boolean h2load = contender == Contender.C && workload.multiplexed;
    if (h2load) {
      command.addAll(nghttp2(workload).floor(port, Double.parseDouble(seconds)));
    } else if (contender == Contender.C) {
      String name = workload == Workload.RTT_CORE ? "rtt" : workload.label();
      String floor = directory.resolve("wslimit").toString();
      command.addAll(List.of(floor, name, "" + port, warmup, seconds));
    } else {
      String[] args = {
        contender.label,
        workload.label(),
        "" + port,
        store().toString(),
        "" + large(),
        warmup,
        seconds
      };
      command.addAll(java("Client", args));
    }
    String name = contender.label + "-" + workload.label();
    Path out = directory.resolve(name + ".out");
    Process client = start(command, name).redirectOutput(out.toFile()).start();
    double limit = 60 + Compiler.LONGEST + Double.parseDouble(warmup) + Double.parseDouble(seconds);
    if (!client.waitFor((long) limit, TimeUnit.SECONDS)) {
      client.destroyForcibly().waitFor();
      throw new IOException("not done in " + (long) limit + " s");
    }
    if (h2load) {
      String said = Files.readString(out) + Files.readString(directory.resolve(name + ".log"));
      return nghttp2(workload).figures(said);
    }
    String[] lines = Files.readString(out).strip().split("\n");
    String last = lines[lines.length - 1];
    if (client.exitValue() != 0 || !last.startsWith("{")) {
      throw new IOException("exit code " + client.exitValue() + ", see " + name + ".log");
    }
    return last;
  }

  private ProcessBuilder start(List<String> command, String name) {
    File log = directory.resolve(name + ".log").toFile();
    return new ProcessBuilder(command)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(log);
  }

  private List<String> pinned(Workload workload, boolean server) {
    int last = Runtime.getRuntime().availableProcessors() - 1;
    Placement chosen = workload == Workload.RTT_CORE ? Placement.SAME : placement;
    String cores =
        switch (chosen) {
          case SAME -> "0";
          case SPLIT -> server ? "0" : "1-" + last;
          case FREE -> "0-" + last;
        };
    return new ArrayList<>(List.of("taskset", "-c", cores));
  }

  private static List<String> java(String main, String... args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx1g");
    command.add("--enable-native-access=ALL-UNNAMED");
    String extra = System.getenv("BENCH_JAVA_OPTIONS");
    if (extra != null && !extra.isBlank() && main.equals("Client")) {
      command.addAll(List.of(extra.split(" ")));
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(Run.class.getPackageName() + "." + main);
    command.addAll(List.of(args));
    return command;
  }

  private long large() {
    return (long) body << 20;
  }

  private Path store() {
    return directory.resolve("tls.p12");
  }

  /** The server's key and certificate, which the clients also trust. */
  private void keyStore() throws Exception {
    if (Files.exists(store())) {
      return;
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(
        List.of("-genkeypair", "-alias", "server", "-keyalg", "EC", "-groupname", "secp256r1"));
    command.addAll(List.of("-dname", "CN=localhost", "-ext", "san=dns:localhost,ip:127.0.0.1"));
    command.addAll(List.of("-validity", "3650", "-storetype", "PKCS12"));
    command.addAll(List.of("-keystore", store().toString(), "-storepass", Setup.PASSWORD));
    Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
    byte[] said = keytool.getInputStream().readAllBytes();
    if (keytool.waitFor() != 0) {
      throw new IOException("keytool: " + new String(said, StandardCharsets.UTF_8));
    }
  }
}
