package dev.lariat.cli;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Ping;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Terminated;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketClosed;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Keepalive;
import dev.lariat.option.WebSocketOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Opens a WebSocket (RFC 6455), pings the server and closes it. It sends no message: what that
 * would do is not known.
 */
final class SocketCheck {
  private static final int PINGS = 5; // enough to see that they differ; the first is not counted

  private final Destination destination;
  private final Connection connection;
  private final Mailbox mailbox;
  private final Steps steps;
  private final Consumer<Finding> findings;
  private int messages; // that the server sent by itself

  SocketCheck(
      Destination destination,
      Connection connection,
      Mailbox mailbox,
      Steps steps,
      Consumer<Finding> findings) {
    this.destination = destination;
    this.connection = connection;
    this.mailbox = mailbox;
    this.steps = steps;
    this.findings = findings;
  }

  void run() throws InterruptedException {
    WebSocket socket =
        connection.webSocket(
            destination.endpoint().target(),
            WebSocketOptions.compressed()
                .headers(destination.endpoint().headers())
                .credentials(destination.endpoint().credentials())
                .keepalive(Keepalive.OFF));
    if (opened(mailbox.await(socket, Destination.RESPONSE))) {
      boolean alive = pings(socket);
      if (alive) {
        closing(socket);
      } else {
        findings.accept(Finding.notTried(Finding.Area.CLOSING, "The WebSocket ended before."));
      }
    } else {
      String why = "There is no WebSocket.";
      findings.accept(Finding.notTried(Finding.Area.PINGS, why));
      findings.accept(Finding.notTried(Finding.Area.CLOSING, why));
    }
  }

  private static Duration since(long start) {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  // ---- the upgrade

  private boolean opened(Message.@Nullable OfStream message) {
    Finding.Area area = Finding.Area.UPGRADE;
    switch (message) {
      case Upgraded(_, _, var subprotocol, var headers) -> {
        String with = subprotocol.map(name -> ", with the subprotocol " + name).orElse("");
        findings.accept(
            Finding.ok(
                area,
                "The server opened a WebSocket (RFC 6455) after "
                    + steps.upgrade().map(Page::time).orElse("some time")
                    + with
                    + "."));
        extensions(headers);
        return true;
      }
      case Response(_, _, var status, var headers) ->
          findings.accept(
              Finding.problem(
                  area,
                  "The server answered with status " + status + " instead of a WebSocket.",
                  advice(status, headers)));
      case StreamFailed(_, var reason) ->
          findings.accept(
              Finding.problem(
                  area, Words.of(reason), "Check that a WebSocket server answers at this path."));
      case null ->
          findings.accept(
              Finding.problem(
                  area,
                  "There was no answer to the upgrade.",
                  "Look at what the server waits for."));
      case Message.OfStream other ->
          findings.accept(
              Finding.problem(area, "It began with: " + Line.of(other), "See RFC 6455 section 4."));
    }
    return false;
  }

  private static String advice(int status, Headers headers) {
    return switch (status) {
      case 200 -> "This path serves pages: check the path, and that proxies pass Upgrade on.";
      case 301, 302, 303, 307, 308 ->
          "Use " + headers.first("location").orElse("its location") + ".";
      case 400 -> "A proxy may drop Upgrade and Connection: check its settings for WebSockets.";
      case 401 -> "Give credentials: see lariat check --help.";
      case 403 -> "It may want an Origin, as in --header 'Origin: https://example.com'.";
      case 404 -> "Check the path of the URL.";
      case 426 -> "It wants another version or protocol: see its Upgrade header.";
      default ->
          status >= 500
              ? "The server, or the one behind a proxy, fails: see its log."
              : "The server refuses this request: see its documentation.";
    };
  }

  private void extensions(Headers headers) {
    Optional<String> extensions = headers.first("sec-websocket-extensions");
    findings.accept(
        extensions.isPresent()
            ? Finding.ok(Finding.Area.UPGRADE, "The extensions are: " + extensions.get() + ".")
            : Finding.note(
                Finding.Area.UPGRADE,
                "The server accepts no permessage-deflate (RFC 7692).",
                "If messages are large texts, turn compression on in the server."));
  }

  // ---- pings

  /** Whether the WebSocket is still open after them. */
  private boolean pings(WebSocket socket) throws InterruptedException {
    List<Duration> trips = new ArrayList<>();
    for (int i = 0; i <= PINGS; i++) {
      long start = System.nanoTime();
      try {
        socket.send(new Ping(Bytes.ofUtf8("lariat " + i)));
      } catch (FailedException e) {
        ended(Words.of(Words.why(e)));
        return false;
      }
      Message answer = awaitPong(start);
      switch (answer) {
        case Notice(_, Notice.PingAcknowledged(_, var trip)) -> {
          if (i > 0) { // lariat itself is slow at what it does for the first time
            trips.add(trip);
            steps.add("Ping " + i, trip, "open", "");
          }
        }
        case null -> {
          steps.add("Ping", destination.patience(), "failed", "no answer");
          findings.accept(
              Finding.problem(
                  Finding.Area.PINGS,
                  "The server did not answer a ping in " + Page.time(destination.patience()) + ".",
                  "RFC 6455 section 5.5.2 demands an answer; without it, nobody can see that the"
                      + " connection is dead."));
          return true;
        }
        case Message other -> {
          ended(Line.of(other));
          return false;
        }
      }
    }
    trips(trips);
    return true;
  }

  private void ended(String how) {
    findings.accept(
        Finding.problem(
            Finding.Area.PINGS,
            "The server ended the WebSocket during the pings: " + how,
            "It may want a message first, such as a login: see its documentation."));
  }

  private @Nullable Message awaitPong(long start) throws InterruptedException {
    while (true) {
      Duration left = destination.patience().minus(since(start));
      Message message = left.isNegative() ? null : mailbox.take(left);
      switch (message) {
        case null -> {
          return null;
        }
        case WebSocketFrame(_, Close _) -> {} // its end follows
        case WebSocketFrame _ -> messages++;
        case WebSocketClosed _, StreamFailed _, Terminated _ -> {
          return message;
        }
        case Notice(_, Notice.PingAcknowledged _) -> {
          return message;
        }
        case Message _ -> {} // states and other notices
      }
    }
  }

  private void trips(List<Duration> trips) {
    Duration least = trips.stream().min(Duration::compareTo).orElseThrow();
    Duration most = trips.stream().max(Duration::compareTo).orElseThrow();
    Duration sum = trips.stream().reduce(Duration.ZERO, Duration::plus);
    String mean = Page.time(sum.dividedBy(trips.size()));
    String others =
        messages == 0
            ? ""
            : " Meanwhile the server sent " + Page.counted(messages, "message") + ".";
    findings.accept(
        Finding.ok(
            Finding.Area.PINGS,
            trips.size()
                + " pings were answered after "
                + Page.time(least)
                + " to "
                + Page.time(most)
                + ", "
                + mean
                + " in the mean."
                + others));
    findings.accept(
        Finding.notTried(
            Finding.Area.PINGS,
            "How long the server or a proxy keeps a silent WebSocket open: lariat record shows"
                + " it."));
  }

  // ---- closing

  private void closing(WebSocket socket) throws InterruptedException {
    long start = System.nanoTime();
    try {
      socket.send(new Close(1000, ""));
    } catch (FailedException e) {
      findings.accept(Finding.notTried(Finding.Area.CLOSING, Words.of(Words.why(e))));
      return;
    }
    Duration patience = destination.patience(); // which ends the connection, too: see Check
    Duration limit = patience.multipliedBy(2).plusSeconds(5);
    boolean answered = false;
    Message message = mailbox.take(limit);
    while (message != null && !(message instanceof Terminated)) {
      switch (message) {
        case WebSocketClosed(_, var handshake) -> {
          answered = true;
          steps.add("Close", since(start), "open", "code " + handshake.received().code());
          echoed(handshake.received(), since(start));
        }
        case StreamFailed(_, var reason) -> {
          steps.add("Close", since(start), "failed", Words.of(reason));
          findings.accept(
              Finding.problem(
                  Finding.Area.CLOSING,
                  "The server did not answer the close frame: " + Words.of(reason),
                  "RFC 6455 section 5.5.1 demands an answer; without it, clients report a loss."));
        }
        case Message _ -> {} // messages that were on their way
      }
      message = mailbox.take(limit);
    }
    if (answered) {
      disconnected(since(start), patience);
    }
  }

  private void echoed(Close received, Duration took) {
    String after = " after " + Page.time(took) + ".";
    findings.accept(
        received.code() == 1000
            ? Finding.ok(
                Finding.Area.CLOSING, "The server answered code 1000 with the same" + after)
            : Finding.note(
                Finding.Area.CLOSING,
                "The server answered code 1000 with "
                    + (received.code() == Close.NO_CODE ? "no code" : received.code())
                    + after,
                "RFC 6455 section 5.5.1 says that an answer usually echoes the code."));
  }

  private void disconnected(Duration took, Duration patience) {
    findings.accept(
        took.compareTo(patience) < 0
            ? Finding.ok(
                Finding.Area.CLOSING,
                "The server closed the connection " + Page.time(took) + " after the close frame.")
            : Finding.note(
                Finding.Area.CLOSING,
                "The server did not close the connection in " + Page.time(patience) + ".",
                "RFC 6455 section 7.1.1: the server closes it first, so that no port of a client"
                    + " stays busy."));
  }
}
