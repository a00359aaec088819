package dev.lariat.cli;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.message.*;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Keepalive;
import dev.lariat.option.Retry;
import dev.lariat.option.WebSocketOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "ws",
    description = {
      "Opens a WebSocket that stays up: every line of the input is sent as a text message, and"
          + " all that happens is shown. The end of the input (Ctrl-D) closes it properly.",
      "When input or output is a pipe, messages go to standard output and all else to standard"
          + " error."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      Exit.OK_HELP,
      Exit.BUG_HELP,
      Exit.USAGE_HELP,
      Exit.NAME_HELP,
      Exit.CONNECT_HELP,
      Exit.TLS_HELP,
      Exit.TIMEOUT_HELP,
      Exit.BROKEN_HELP,
      Exit.STATUS_HELP
    })
final class Ws implements Callable<Integer> {
  private static final int PIPED_RETRIES = 5; // nobody is there to see that it never connects

  private final Io io;

  @Mixin private Target target = new Target();

  @Option(
      names = "--subprotocol",
      paramLabel = "NAME",
      description = "Offer this subprotocol; may be repeated.")
  private List<String> subprotocols = new ArrayList<>();

  @Option(names = "--compress", description = "Offer permessage-deflate.")
  private boolean compress;

  @Option(
      names = "--ping-interval",
      paramLabel = "SECONDS",
      description = "Ping after this silence; 0 for never; ${DEFAULT-VALUE} by default.")
  private int pingInterval = 30;

  @Option(
      names = "--pong-deadline",
      paramLabel = "SECONDS",
      description = "The time for the answer to a ping; ${DEFAULT-VALUE} by default.")
  private int pongDeadline = 10;

  @Option(
      names = "--linger",
      paramLabel = "SECONDS",
      description =
          "Where there is a pipe: the silence to wait for behind the end of the input, so that"
              + " answers still arrive; ${DEFAULT-VALUE} by default.")
  private double linger = 1;

  @Option(
      names = "--retries",
      paramLabel = "N",
      description = "Attempts before giving up; without end by default, 5 where there is a pipe.")
  private @Nullable Integer retries;

  Ws(Io io) {
    this.io = io;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    WebSocketOptions options = webSocketOptions();
    int attempts = retries != null ? retries : io.terminal() ? Retry.FOREVER : PIPED_RETRIES;
    ConnectionOptions how = target.options();
    how = how.retry(how.retry().attempts(attempts));
    try (Mailbox mailbox = Mailbox.create();
        Connection connection = Lariat.open(target.origin(), how, mailbox);
        Screen screen = Screen.of(io)) {
      Duration silence = io.terminal() ? Duration.ZERO : Duration.ofMillis((long) (linger * 1000));
      Sender sender = new Sender(connection, screen, io.terminal(), silence);
      Thread.ofVirtual().name("lariat-input").start(sender);
      return receive(mailbox, connection, options, screen, sender);
    }
  }

  private WebSocketOptions webSocketOptions() {
    Keepalive keepalive =
        pingInterval == 0
            ? Keepalive.OFF
            : Keepalive.every(Duration.ofSeconds(pingInterval))
                .deadline(Duration.ofSeconds(pongDeadline));
    return (compress ? WebSocketOptions.compressed() : WebSocketOptions.DEFAULT)
        .headers(target.headers())
        .subprotocols(subprotocols.toArray(String[]::new))
        .silencePings(false)
        .keepalive(keepalive);
  }

  private int receive(
      Mailbox mailbox,
      Connection connection,
      WebSocketOptions options,
      Screen screen,
      Sender sender)
      throws InterruptedException {
    int exit = Exit.OK;
    while (true) {
      Message message = mailbox.take();
      sender.heard();
      show(message, screen);
      switch (message) {
        case Up _ -> connection.webSocket(target.path(), options);
        case Upgraded(var stream, _, _, _) -> {
          sender.opened((WebSocket) stream);
          if (sender.closing()) { // the goodbye went to the WebSocket before this one
            ((WebSocket) stream).close();
          }
        }
        case WebSocketClosed(_, var handshake) -> {
          sender.lost();
          // 1000 says that there is no more to say; whoever says another code may come back
          if (sender.atEnd() || handshake.received().code() == 1000) {
            connection.shutdown();
          }
        }
        case StreamFailed(_, var reason) -> {
          sender.lost();
          if (sender.closing()) { // what was sent may be lost, and nobody is there to send it again
            exit = Exit.of(reason);
            connection.close();
          }
        }
        case Response(_, var fin, _, _) -> {
          exit = Exit.STATUS;
          if (fin) {
            connection.shutdown();
          }
        }
        case Data(_, var fin, _) -> {
          if (fin) {
            connection.shutdown();
          }
        }
        case Trailers _ -> connection.shutdown();
        case Terminated(_, var reason) -> {
          return exit == Exit.OK ? Exit.of(reason) : exit;
        }
        case Message.OfStream _, Message.OfConnection _ -> {} // shown, and that is all
      }
    }
  }

  private static void show(Message message, Screen screen) {
    switch (message) {
      case WebSocketFrame(_, Text(var text)) -> screen.text(text);
      case WebSocketFrame(_, Binary binary) -> screen.data(Line.of(binary));
      case Message other -> screen.notice(Line.of(other));
    }
  }

  /** Sends the lines of the input, on a thread of its own; each waits for an open WebSocket. */
  private static final class Sender implements Runnable {
    private final Connection connection;
    private final Screen screen;
    private final boolean terminal;
    private final Duration linger;
    private long heardAt = System.nanoTime();
    private @Nullable WebSocket socket;
    private boolean atEnd;
    private boolean closing;

    Sender(Connection connection, Screen screen, boolean terminal, Duration linger) {
      this.connection = connection;
      this.screen = screen;
      this.terminal = terminal;
      this.linger = linger;
    }

    @Override
    public void run() {
      try {
        for (String line = screen.read(); line != null; line = screen.read()) {
          awaitSocket().send(new Text(line));
        }
        goodbye();
      } catch (FailedException e) {
        // the connection has ended, which was told
      } catch (IOException | InterruptedException e) {
        connection.close();
      }
    }

    private void goodbye() throws InterruptedException {
      if (terminal && !isOpen()) {
        connection.close(); // nobody who presses Ctrl-D wants to wait for a server that is away
        return;
      }
      synchronized (this) {
        atEnd = true;
      }
      WebSocket open = awaitSocket();
      awaitSilence();
      synchronized (this) {
        closing = true;
      }
      open.close();
    }

    /** Many servers answer nothing any more once they have read a close frame. */
    private synchronized void awaitSilence() throws InterruptedException {
      heardAt = System.nanoTime(); // the silence begins when there is no more to say
      long left = linger.toMillis();
      while (left > 0) {
        wait(left);
        left = linger.toMillis() - (System.nanoTime() - heardAt) / 1_000_000;
      }
    }

    synchronized void heard() {
      heardAt = System.nanoTime();
    }

    private synchronized boolean isOpen() {
      return socket != null;
    }

    private synchronized WebSocket awaitSocket() throws InterruptedException {
      while (socket == null) {
        wait();
      }
      return socket;
    }

    synchronized void opened(WebSocket socket) {
      this.socket = socket;
      notifyAll();
    }

    synchronized void lost() {
      socket = null;
    }

    synchronized boolean atEnd() {
      return atEnd;
    }

    synchronized boolean closing() {
      return closing;
    }
  }
}
