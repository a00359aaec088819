package dev.lariat.it.conformance;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.WebSocket;
import dev.lariat.message.Binary;
import dev.lariat.message.Close;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Receiver;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Terminated;
import dev.lariat.message.Text;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketClosed;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Keepalive;
import dev.lariat.option.WebSocketOptions;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * One WebSocket on a connection of its own, from its opening to the end of the connection. It keeps
 * the last text that arrives, or echoes every message.
 */
final class Visit implements Receiver {
  private static final ConnectionOptions ONCE = ConnectionOptions.DEFAULT.retry(Backoff.NEVER);

  /**
   * Where a server is.
   *
   * @param http2 whether to speak to it by HTTP/2 (RFC 8441)
   */
  record Place(URI uri, boolean http2) {
    private ConnectionOptions options() {
      return http2 ? ONCE.protocols(Protocol.HTTP_2) : ONCE;
    }

    @Override
    public String toString() {
      return uri.toString();
    }
  }

  private static final WebSocketOptions OPTIONS =
      WebSocketOptions.compressed()
          .keepalive(Keepalive.OFF) // a ping that a case does not expect would fail it
          .sendQueue(1L << 40); // so that sending never blocks the event loop

  private static final Set<Integer> GOOD = Set.of(1000, Close.NO_CODE);

  private final boolean echoes;
  private final CountDownLatch ended = new CountDownLatch(1);

  // written on the event loop, read when it has ended
  private Optional<String> text = Optional.empty();
  private Optional<String> failure = Optional.of("The upgrade was not answered.");
  private boolean closed; // in good order
  private String end = "";

  private Visit(boolean echoes) {
    this.echoes = echoes;
  }

  /**
   * Asks the server something.
   *
   * @return the text that it answers; empty for none
   * @throws Unreachable if there is no such server, or it does not answer by the deadline
   */
  static String ask(Place server, String path, Duration deadline) throws InterruptedException {
    return answered(server, path, deadline).text.orElse("");
  }

  /**
   * Lets the server do something, which it says that it has by its close frame.
   *
   * @throws Unreachable if there is no such server, or it ends otherwise
   */
  static void command(Place server, String path, Duration deadline) throws InterruptedException {
    Visit visit = answered(server, path, deadline);
    if (!visit.closed) {
      throw new Unreachable(server + path + ": " + visit.end);
    }
  }

  private static Visit answered(Place server, String path, Duration deadline)
      throws InterruptedException {
    Visit visit = new Visit(false);
    if (!visit.run(server, path, deadline)) {
      throw new Unreachable(server + path + ": not answered within " + seconds(deadline));
    }
    visit.requireUpgrade(server, path);
    return visit;
  }

  /**
   * Echoes what the server sends, until it has had enough.
   *
   * @return whether that was before the deadline
   * @throws Unreachable if there is no such server
   */
  static boolean echo(Place server, String path, Duration deadline) throws InterruptedException {
    Visit visit = new Visit(true);
    boolean inTime = visit.run(server, path, deadline);
    if (inTime) {
      visit.requireUpgrade(server, path);
    }
    return inTime;
  }

  /** There is no server, or none that speaks the protocol. */
  static final class Unreachable extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unreachable(String why) {
      super(why);
    }
  }

  private boolean run(Place server, String path, Duration deadline) throws InterruptedException {
    try (Connection connection = Lariat.open(server.uri(), server.options(), this)) {
      begin(connection, path);
      return ended.await(deadline.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private static void begin(Connection connection, String path) {
    try {
      connection.webSocket(path, OPTIONS);
    } catch (FailedException e) {
      // a server that is not there can be known before this is asked; Terminated has told why
    }
  }

  private void requireUpgrade(Place server, String path) {
    failure.ifPresent(
        why -> {
          throw new Unreachable(server + path + ": " + why);
        });
  }

  private static String seconds(Duration time) {
    return time.toMillis() / 1000.0 + " s";
  }

  @Override
  public void receive(Message message) {
    switch (message) {
      case Upgraded upgraded -> failure = Optional.empty();
      case WebSocketFrame(WebSocket socket, Text told) -> {
        text = Optional.of(told.text());
        if (echoes) {
          socket.send(told);
        }
      }
      case WebSocketFrame(WebSocket socket, Binary binary) -> {
        if (echoes) {
          socket.send(binary);
        }
      }
      case Response(var stream, var fin, var status, var headers) -> {
        failure = Optional.of("The upgrade was refused with status " + status + ".");
        Connection.of(stream.connection()).close(); // it would stay, for other requests
      }
      case WebSocketClosed(var stream, var handshake) -> {
        closed = GOOD.contains(handshake.received().code());
        end = handshake.sentence();
        Connection.of(stream.connection()).shutdown(); // over HTTP/2 it would stay
      }
      case StreamFailed(var stream, var reason) -> {
        end = reason.sentence();
        failed(reason);
        Connection.of(stream.connection()).shutdown();
      }
      case Terminated(var connection, var reason) -> {
        failed(reason);
        ended.countDown();
      }
      case Message other -> {}
    }
  }

  /** Says why the upgrade failed, if it did and nothing better is known. */
  private void failed(Reason reason) {
    Reason cause = reason instanceof Reason.GaveUp(var attempts, var last) ? last : reason;
    failure = failure.map(words -> words.contains("refused with") ? words : cause.sentence());
  }
}
