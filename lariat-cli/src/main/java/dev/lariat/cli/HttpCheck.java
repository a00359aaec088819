package dev.lariat.cli;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Upgraded;
import dev.lariat.option.Request;
import dev.lariat.option.WebSocketOptions;
import java.time.Duration;
import java.util.function.Consumer;

/** Which versions of HTTP a server speaks, and what it answers to a GET by each. */
final class HttpCheck {
  private static final Finding.Area AREA = Finding.Area.HTTP;

  private final Destination destination;
  private final Consumer<Finding> findings;

  HttpCheck(Destination destination, Consumer<Finding> findings) {
    this.destination = destination;
    this.findings = findings;
  }

  /** Tries the versions that the first connection did not. */
  void run() throws InterruptedException {
    if (destination.isWebSocket()) {
      version(Protocol.HTTP_1_1);
    }
    version(Protocol.HTTP_2);
  }

  /** A GET on the first connection, by HTTP/1.1. */
  static void first(
      Destination destination, Connection connection, Mailbox mailbox, Consumer<Finding> findings)
      throws InterruptedException {
    new HttpCheck(destination, findings).get(Protocol.HTTP_1_1, connection, mailbox);
  }

  private void version(Protocol protocol) throws InterruptedException {
    try (Mailbox mailbox = Mailbox.create();
        Connection connection =
            destination.open(destination.options().protocols(protocol), mailbox)) {
      connection.awaitUp(Destination.RESPONSE);
      boolean answered = get(protocol, connection, mailbox);
      if (answered && protocol == Protocol.HTTP_2 && destination.isWebSocket()) {
        overHttp2(connection, mailbox);
      }
    } catch (FailedException e) {
      lacks(protocol, Words.why(e));
    }
  }

  private static String words(Protocol protocol) {
    return protocol == Protocol.HTTP_2 ? "HTTP/2" : "HTTP/1.1";
  }

  private void lacks(Protocol protocol, Reason reason) {
    if (protocol == Protocol.HTTP_1_1) {
      findings.accept(
          Finding.problem(
              AREA,
              "A GET by HTTP/1.1 failed: " + Words.of(reason),
              "Most proxies and many clients speak only HTTP/1.1."));
      return;
    }
    findings.accept(
        destination.secure()
            ? Finding.note(
                AREA,
                "HTTP/2 is not spoken: " + Words.of(reason),
                "HTTP/2 carries many requests on one connection: offer h2 by ALPN.")
            : Finding.note(
                AREA,
                "HTTP/2 without TLS (h2c, with prior knowledge) is not spoken: " + Words.of(reason),
                "This is usual. Browsers speak HTTP/2 only with TLS."));
    if (destination.isWebSocket()) {
      findings.accept(
          Finding.notTried(Finding.Area.UPGRADE, "WebSocket over HTTP/2: there is no HTTP/2."));
    }
  }

  /** Whether there is a response. */
  private boolean get(Protocol protocol, Connection connection, Mailbox mailbox)
      throws InterruptedException {
    long start = System.nanoTime();
    Exchange exchange =
        connection.request(
            Request.of("GET", destination.endpoint().target())
                .headers(destination.endpoint().headers())
                .credentials(destination.endpoint().credentials())
                .credit(1));
    for (Message.OfStream message = mailbox.await(exchange, Destination.RESPONSE);
        true;
        message = mailbox.await(exchange, Destination.RESPONSE)) {
      switch (message) {
        case null -> {
          findings.accept(
              Finding.problem(
                  AREA,
                  "A GET by "
                      + words(protocol)
                      + " had no response in "
                      + Page.time(Destination.RESPONSE)
                      + ".",
                  "Look at what the server waits for."));
          exchange.cancel();
          return false;
        }
        case Response(_, _, var status, var headers) -> {
          String took = Page.time(Duration.ofNanos(System.nanoTime() - start));
          answered(words(protocol), status, headers, took);
          exchange.cancel();
          return true;
        }
        case StreamFailed(_, var reason) -> {
          lacks(protocol, reason);
          return false;
        }
        case Message.OfStream _ -> exchange.credit(1); // an interim response
      }
    }
  }

  private void answered(String version, int status, Headers headers, String took) {
    String what = "A GET by " + version + " was answered with status " + status + " after " + took;
    String server = headers.first("server").map(name -> " by " + name).orElse("");
    if (status >= 500) {
      findings.accept(
          Finding.problem(AREA, what + server + ".", "The server itself fails: see its log."));
    } else if (status >= 400 && !destination.isWebSocket()) {
      findings.accept(Finding.note(AREA, what + server + ".", advice(status)));
    } else if (status >= 300 && status < 400) {
      String where = headers.first("location").orElse("no location");
      findings.accept(
          Finding.note(AREA, what + server + ": " + where, "Use the URL that it leads to."));
    } else {
      String note = status >= 400 ? ", as is usual where a WebSocket is expected." : ".";
      findings.accept(Finding.ok(AREA, what + server + note));
    }
    headers
        .first("alt-svc")
        .ifPresent(
            service -> {
              findings.accept(Finding.ok(AREA, "Alt-Svc offers " + service + "."));
              if (service.contains("h3")) {
                findings.accept(Finding.notTried(AREA, "HTTP/3, which lariat does not speak."));
              }
            });
  }

  private static String advice(int status) {
    return switch (status) {
      case 401, 407 -> "Give credentials: see lariat check --help.";
      case 403 -> "The server knows who asks and refuses, or refuses this kind of client.";
      case 404, 410 -> "Check the path of the URL.";
      case 429 -> "Wait: the server limits how often it is asked.";
      default -> "The server refuses this request: see its documentation.";
    };
  }

  // ---- RFC 8441

  private void overHttp2(Connection connection, Mailbox mailbox) throws InterruptedException {
    WebSocket socket =
        connection.webSocket(
            destination.endpoint().target(),
            WebSocketOptions.DEFAULT
                .headers(destination.endpoint().headers())
                .credentials(destination.endpoint().credentials()));
    Message.OfStream message = mailbox.await(socket, Destination.RESPONSE);
    Finding.Area area = Finding.Area.UPGRADE;
    switch (message) {
      case null ->
          findings.accept(
              Finding.problem(
                  area,
                  "WebSocket over HTTP/2 had no response.",
                  "Turn the support of RFC 8441 off, or mend it."));
      case Upgraded _ ->
          findings.accept(
              Finding.ok(area, "WebSocket over HTTP/2 (RFC 8441) is offered and works."));
      case Response(_, _, var status, _) ->
          findings.accept(
              Finding.note(
                  area,
                  "WebSocket over HTTP/2 was refused with status " + status + ".",
                  "The server offers RFC 8441, but not here."));
      case StreamFailed(_, var reason) ->
          findings.accept(
              Finding.note(
                  area,
                  Words.of(reason),
                  "A client that prefers HTTP/2 needs a second connection for WebSockets."));
      case Message.OfStream other ->
          findings.accept(
              Finding.problem(
                  area, "WebSocket over HTTP/2 began with: " + Line.of(other), "See RFC 8441."));
    }
    socket.close();
  }
}
