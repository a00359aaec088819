package dev.lariat.examples;

import dev.lariat.testkit.EchoServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a program prints, and what its printing does to the server: on the program's own thread, so
 * at a certain point of it.
 */
final class Printed extends ByteArrayOutputStream {
  private final EchoServer server;
  String killAfter = "";
  String restartAfter = "";
  String interruptAfter = "";

  private Printed(EchoServer server) {
    this.server = server;
  }

  /** Takes the place of {@code System.out}. */
  static Printed capture(EchoServer server) {
    Printed printed = new Printed(server);
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    return printed;
  }

  @Override
  public synchronized void flush() {
    if (!killAfter.isEmpty() && text().contains(killAfter)) {
      killAfter = "";
      server.kill();
    }
    if (killAfter.isEmpty() && !restartAfter.isEmpty() && text().contains(restartAfter)) {
      restartAfter = "";
      server.restart();
    }
    if (!interruptAfter.isEmpty() && text().contains(interruptAfter)) {
      interruptAfter = "";
      Thread.currentThread().interrupt();
    }
  }

  String text() {
    return toString(StandardCharsets.UTF_8);
  }

  List<String> lines() {
    return text().lines().toList();
  }
}
