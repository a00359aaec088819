package dev.lariat.fleet.kafka;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;

/** Kafka's broker, in a process and a folder of its own. It does not outlive this JVM. */
final class Broker implements AutoCloseable {
  // A watcher reads a pipe that only this JVM holds: when the JVM ends, so does the broker.
  private static final String TIED =
      "exec 3<&0; (cat <&3 >/dev/null; kill -KILL $$ 2>/dev/null) & exec \"$@\" 3<&- </dev/null";
  private static final int READY_SECONDS = 60;

  /** The one that all tests share that do not kill it. */
  private static final class Shared {
    static final Broker BROKER = started();

    private static Broker started() {
      Broker broker = start();
      Runtime.getRuntime().addShutdownHook(new Thread(broker::close));
      return broker;
    }
  }

  private final Path folder;
  private final int port;
  final Gate gate = new Gate(); // for clients
  final Gate inner = new Gate(); // for what the broker tells itself, such as to end transactions
  private Process process;

  private Broker(Path folder, int port) throws IOException {
    this.folder = folder;
    this.port = port;
  }

  static Broker shared() {
    return Shared.BROKER;
  }

  static Broker start() {
    try {
      Broker broker = new Broker(Files.createTempDirectory("lariat-kafka"), freePort());
      broker.format();
      broker.resume();
      return broker;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  /** One node, which is controller and broker. */
  private void format() throws IOException {
    int behindGate = freePort();
    int behindInner = freePort();
    gate.to(behindGate);
    inner.to(behindInner);
    Files.writeString(
        folder.resolve("properties"),
        """
        process.roles=broker,controller
        node.id=1
        controller.quorum.voters=1@127.0.0.1:%2$d
        listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d,GATED://127.0.0.1:%4$d,INNER://127.0.0.1:%6$d
        advertised.listeners=PLAINTEXT://127.0.0.1:%1$d,GATED://127.0.0.1:%5$d,INNER://127.0.0.1:%7$d
        listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,GATED:PLAINTEXT,INNER:PLAINTEXT
        controller.listener.names=CONTROLLER
        inter.broker.listener.name=INNER
        broker.session.timeout.ms=3000
        broker.heartbeat.interval.ms=500
        log.dirs=%3$s
        offsets.topic.num.partitions=1
        offsets.topic.replication.factor=1
        transaction.state.log.num.partitions=4
        transaction.state.log.replication.factor=1
        transaction.state.log.min.isr=1
        transaction.abort.timed.out.transaction.cleanup.interval.ms=200
        log.cleaner.backoff.ms=200
        """
            .formatted(
                port,
                freePort(),
                folder.resolve("data"),
                behindGate,
                gate.port(),
                behindInner,
                inner.port()));
    try (PrintStream none = new PrintStream(PrintStream.nullOutputStream())) {
      new Formatter()
          .setPrintStream(none)
          .setNodeId(1)
          .setClusterId(Uuid.randomUuid().toString())
          .setDirectories(List.of(folder.resolve("data").toString()))
          .setMetadataLogDirectory(folder.resolve("data").toString())
          .setControllerListenerName("CONTROLLER")
          .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
          .run();
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  /** Starts the process, which may have been killed. */
  void resume() {
    try {
      process =
          new ProcessBuilder(
                  "/bin/sh",
                  "-c",
                  TIED,
                  "sh",
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "-Xmx256m",
                  "-cp",
                  System.getProperty("java.class.path"),
                  "kafka.Kafka",
                  folder.resolve("properties").toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("printed").toFile()))
              .start();
      awaitReady();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void awaitReady() throws IOException, InterruptedException {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", address()))) {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
      var nodes = admin.describeCluster().nodes(); // the client tries again until then
      while (!nodes.isDone() && System.nanoTime() < end) {
        if (process.waitFor(20, TimeUnit.MILLISECONDS)) {
          break;
        }
      }
      if (!nodes.isDone() || nodes.isCompletedExceptionally()) {
        throw new IllegalStateException(
            "the broker does not start: " + Files.readString(folder.resolve("printed")));
      }
    }
  }

  /** Its process ends at once, as by SIGKILL. */
  void kill() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Freezes its process, or lets it go on. */
  void signal(String name) throws Exception {
    new ProcessBuilder("/bin/kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  String address() {
    return "127.0.0.1:" + port;
  }

  Map<String, Object> properties() {
    return Map.of("bootstrap.servers", address());
  }

  /** For clients that go through the gate. */
  Map<String, Object> gated() {
    return Map.of("bootstrap.servers", "127.0.0.1:" + gate.port());
  }

  /** A new topic with two partitions. */
  String topic() {
    String name = "events-" + UUID.randomUUID();
    make(new NewTopic(name, 2, (short) 1));
    return name;
  }

  void make(NewTopic topic) {
    try (Admin admin = Admin.create(properties())) {
      admin.createTopics(List.of(topic)).all().get();
      awaitKnown(admin, topic.name());
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** A new topic is known a moment after it is made. */
  private static void awaitKnown(Admin admin, String topic) throws Exception {
    while (!admin.listTopics().names().get().contains(topic)) {
      Thread.onSpinWait();
    }
  }

  @Override
  public void close() {
    kill();
    try {
      gate.close();
      inner.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
