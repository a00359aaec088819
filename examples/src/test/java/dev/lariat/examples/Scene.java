package dev.lariat.examples;

import dev.lariat.message.Frame;
import dev.lariat.message.Text;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.Simulation;
import dev.lariat.testkit.WebSocketVisit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A recipe that runs in a simulation against scripts: what it prints, and what they have seen. */
final class Scene {
  static final String HOST = "server.example";
  static final Endpoint ENDPOINT = Endpoint.of("ws://" + HOST + "/");
  private static final int SEEDS = 5; // orders of what happens at the same time

  final Simulation simulation;
  final List<String> seen = new CopyOnWriteArrayList<>();
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private Duration slowness = Duration.ZERO;

  /** A test. */
  interface Play {
    void in(Scene scene) throws Exception;
  }

  private Scene(Simulation simulation) {
    this.simulation = simulation;
  }

  /** Plays it in some simulations, which must end without leaving anything behind. */
  static void play(Play play) throws Exception {
    PrintStream before = System.out;
    try {
      for (int seed = 1; seed <= SEEDS; seed++) {
        Simulation.run(
            seed,
            simulation -> {
              Scene scene = new Scene(simulation);
              System.setOut(scene.terminal());
              play.in(scene);
            });
      }
    } finally {
      System.setOut(before);
    }
  }

  private PrintStream terminal() {
    return new PrintStream(printed, true, StandardCharsets.UTF_8) {
      @Override
      public void println(String line) {
        super.println(line);
        linger();
      }

      @Override
      public void println(Object line) {
        super.println(line);
        linger();
      }

      private void linger() {
        try {
          simulation.pause(slowness);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    };
  }

  /** Each line that is printed takes its printer this long. */
  void slowTerminal(Duration slowness) {
    this.slowness = slowness;
  }

  Origin origin(Script... scripts) {
    return simulation.origin(HOST, 80, scripts);
  }

  ConnectionOptions options() {
    return ConnectionOptions.DEFAULT.platform(simulation.platform());
  }

  List<String> printed() {
    return printed.toString(StandardCharsets.UTF_8).lines().toList();
  }

  /** Notes the next messages of the client. */
  void hear(WebSocketVisit socket, int messages) throws IOException {
    for (int i = 0; i < messages; i++) {
      seen.add(next(socket));
    }
  }

  /** The next message of the client. */
  static String next(WebSocketVisit socket) throws IOException {
    Frame frame = socket.receive();
    return frame instanceof Text(var text) ? text : String.valueOf(frame);
  }

  static void say(WebSocketVisit socket, String... messages) throws IOException {
    for (String message : messages) {
      socket.send(new Text(message));
    }
  }

  /** Answers pings until the client has said goodbye. */
  static void untilItLeaves(WebSocketVisit socket) throws IOException {
    while (socket.receive() != null) {
      // of no interest
    }
  }
}
