package dev.lariat.cli;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Down;
import dev.lariat.message.Frame;
import dev.lariat.message.Message;
import dev.lariat.message.Retrying;
import dev.lariat.message.Terminated;
import dev.lariat.message.Text;
import dev.lariat.message.Up;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.WebSocketOptions;
import dev.lariat.testkit.EchoServer;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
    name = "demo",
    description = "Shows how a WebSocket survives the death of its server. Needs no other program.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    addMethodSubcommands = false)
final class Demo implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  // Brisk, and without jitter, so that every run tells the same story.
  private static final Backoff QUICK =
      Backoff.DEFAULT.delays(Duration.ofMillis(200), Duration.ofMillis(800)).jitter(false);

  private final Io io;

  Demo(Io io) {
    this.io = io;
  }

  @Override
  public Integer call() throws InterruptedException {
    long start = System.nanoTime();
    try (EchoServer server = EchoServer.start(0);
        Mailbox mailbox = Mailbox.create()) {
      say("A WebSocket echo server starts in this process, on port " + server.port() + ".");
      say("Lariat opens a connection to it, and a WebSocket.");
      play(server, mailbox);
    } catch (NotAsPlanned e) {
      io.complain("The demo failed: " + e.getMessage());
      return Exit.BUG;
    }
    long millis = (System.nanoTime() - start) / 1_000_000;
    say("Done in " + millis / 1000 + "." + millis % 1000 / 100 + " s.");
    say("Your turn: run \"lariat echo --port 8080\" in one terminal,");
    say("and \"lariat ws ws://127.0.0.1:8080/\" in another.");
    return Exit.OK;
  }

  private void play(EchoServer server, Mailbox mailbox) throws InterruptedException {
    ConnectionOptions options = ConnectionOptions.DEFAULT.retry(QUICK);
    try (Connection connection = Lariat.open("127.0.0.1", server.port(), options, mailbox)) {
      WebSocket socket = open(connection);
      say("It sends a text and three bytes, and receives the echo.");
      echo(socket, new Text("Hello, world"));
      echo(socket, new Binary(Bytes.wrap(new byte[] {1, 2, 3})));

      say("Now the server is killed.");
      server.kill();
      await(mailbox, Down.class);
      say("The connection notices it, and tries to reconnect.");
      await(mailbox, Retrying.class);
      await(mailbox, Retrying.class);
      await(mailbox, Retrying.class);

      say("The server is started again.");
      server.restart();
      socket = open(connection);
      say("The connection is up again, and the echo works as before.");
      echo(socket, new Text("Hello again"));

      say("The end: both sides send a close frame, and the connection does not reconnect.");
      connection.shutdown();
      await(mailbox, Terminated.class);
    }
  }

  private WebSocket open(Connection connection) throws InterruptedException {
    await(connection.mailbox(), Up.class);
    WebSocket socket = connection.webSocket("/", WebSocketOptions.compressed());
    await(connection.mailbox(), Upgraded.class);
    return socket;
  }

  private void echo(WebSocket socket, Frame frame) throws InterruptedException {
    io.out().println("  > " + Line.of(frame));
    socket.send(frame);
    WebSocketFrame echoed = await(socket.connection().mailbox(), WebSocketFrame.class);
    if (!echoed.frame().equals(frame)) {
      throw new NotAsPlanned("the echo is not the frame that was sent.");
    }
  }

  /** Shows every message up to the first of this kind. */
  private <M extends Message> M await(Mailbox mailbox, Class<M> kind) throws InterruptedException {
    while (true) {
      Message message = mailbox.take(PATIENCE);
      if (message == null) {
        throw new NotAsPlanned("no " + kind.getSimpleName() + " arrived within 10 s.");
      }
      io.out().println("  < " + Line.of(message));
      if (kind.isInstance(message)) {
        return kind.cast(message);
      }
      if (message instanceof Terminated) {
        throw new NotAsPlanned("the connection ended.");
      }
    }
  }

  private void say(String sentence) {
    io.out().println(sentence);
  }

  private static final class NotAsPlanned extends RuntimeException {
    private static final long serialVersionUID = 1;

    NotAsPlanned(String message) {
      super(message);
    }
  }
}
