package dev.lariat.cli;

import dev.lariat.testkit.EchoServer;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "echo",
    description = "Runs an echo server for WebSockets on 127.0.0.1, until you stop it.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    addMethodSubcommands = false)
final class Echo implements Callable<Integer> {
  private final Io io;

  @Option(
      names = "--port",
      paramLabel = "N",
      converter = Value.Port.class,
      description = "The port. 0, the default, means any free port.")
  private int port;

  Echo(Io io) {
    this.io = io;
  }

  @Override
  public Integer call() {
    try (EchoServer server = EchoServer.start(port)) {
      String place = "127.0.0.1:" + server.port() + "/";
      io.out()
          .println("Echo server on ws://" + place + " and http://" + place + " (Ctrl-C ends it)");
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      return Exit.OK; // who interrupts it wants its end
    }
    return Exit.OK;
  }
}
