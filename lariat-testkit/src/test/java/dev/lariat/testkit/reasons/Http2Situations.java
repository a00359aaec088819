package dev.lariat.testkit.reasons;

import static dev.lariat.testkit.reasons.Situation.of;

import dev.lariat.Connection;
import dev.lariat.event.Event;
import dev.lariat.event.Listener;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Step;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Http2;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.Visit;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What happens on HTTP/2 alone. The server sends frames that are written here octet by octet. */
final class Http2Situations {
  private static final Duration SHORT = Duration.ofSeconds(5);
  private static final int PREFACE = 24;
  private static final int HEADERS = 1;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final Bytes OK = Stage.octets(0x88); // :status 200 (RFC 7541 appendix A)

  /** The server's SETTINGS, without a parameter, and its acknowledgement of the client's. */
  private static final Bytes GREETING =
      Stage.octets(0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0);

  private static final Script HALF_OPEN =
      visit -> {
        visit.halfOpen();
        visit.awaitEnd();
      };

  private Http2Situations() {}

  static List<Situation> all() {
    return List.of(
        of(
            Step.SETTINGS,
            "the server is connected and says nothing",
            "The wait for the server's SETTINGS took longer than 10 s (timeouts.settings).",
            stage -> {
              stage.origin(HALF_OPEN);
              return Stage.down(open(stage));
            }),
        of(
            Reason.StreamReset.class,
            "the server resets the stream of a request",
            "The server reset the stream with INTERNAL_ERROR (error code 2).",
            stage -> {
              stage.origin(answering(Stage.octets(0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 2)));
              return Stage.of(() -> open(stage).get("/").text(SHORT));
            }),
        of(
            Reason.StreamReset.class,
            "the server resets the stream of a request with a code that has no name",
            "The server reset the stream with error code 4294967295.",
            stage -> {
              stage.origin(answering(Stage.octets(0, 0, 4, 3, 0, 0, 0, 0, 1, 255, 255, 255, 255)));
              return Stage.of(() -> open(stage).get("/").text(SHORT));
            }),
        of(
            Reason.Unprocessed.class,
            "the server refuses the stream of a request",
            "The request was not processed: the server refused the stream.",
            stage -> {
              stage.origin(answering(Stage.octets(0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 7)));
              return Stage.of(() -> open(stage).get("/").text(SHORT));
            }),
        of(
            Reason.Unprocessed.class,
            "the server goes away and has not begun with a request",
            "The request was not processed: the server went away before it.",
            stage -> {
              stage.origin(
                  answering(Stage.octets(0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)));
              return Stage.of(() -> open(stage).get("/").text(SHORT));
            }),
        of(
            Reason.GoAway.class,
            "the server has enough of the connection and says why",
            "The server ended the connection with ENHANCE_YOUR_CALM (error code 11): too many"
                + " pings.",
            stage -> {
              stage.origin(
                  answering(
                      Stage.octets(0, 0, 23, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11),
                      Bytes.ofUtf8("too many pings.")));
              Connection connection = open(stage);
              connection.get("/");
              return Stage.down(connection);
            }),
        of(
            Reason.Bound.PUSHES,
            "the server promises more than it may push at a time, and a listener looks",
            "The number of pushed responses at a time exceeded the limit of 1 (http2.maxPushes).",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.request();
                    visit.http2().promise("/style", Headers.EMPTY);
                    visit.http2().promise("/script", Headers.EMPTY);
                    visit.respond(200);
                    visit.awaitEnd();
                  });
              Queue<Reason> refused = new ConcurrentLinkedQueue<>();
              Listener listener =
                  event -> {
                    if (event instanceof Event.PushRefused refusal) {
                      refused.add(refusal.reason());
                    }
                  };
              ConnectionOptions options =
                  stage.options.http2(Http2.DEFAULT.push(true).maxPushes(1)).listener(listener);
              Connection connection = stage.open(options.protocols(Protocol.HTTP_2));
              connection.get("/").response(SHORT);
              return refused.remove();
            }),
        of(
            Reason.StreamEnded.class,
            "the server ends the stream of a WebSocket without a close frame",
            "The server ended the stream of the WebSocket.",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.request();
                    visit.http2().frame(HEADERS, END_HEADERS | END_STREAM, 1, OK);
                    visit.awaitEnd();
                  });
              Connection connection = open(stage);
              connection.webSocket("/");
              return Stage.streamFailed(connection);
            }),
        of(
            Reason.NotOffered.class,
            "the server does not do WebSockets over HTTP/2",
            "The server does not offer WebSocket over HTTP/2 (RFC 8441 section 3).",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.write(GREETING);
                    visit.awaitEnd();
                  });
              Connection connection = open(stage);
              connection.webSocket("/");
              return Stage.streamFailed(connection);
            }));
  }

  private static Connection open(Stage stage) {
    ConnectionOptions options = stage.options.protocols(Protocol.HTTP_2);
    return stage.open(options);
  }

  /** Waits for a request, and answers with these frames. */
  private static Script answering(Bytes... frames) {
    return visit -> {
      visit.write(GREETING);
      visit.read(PREFACE);
      while (!wasHead(visit)) {}
      for (Bytes frame : frames) {
        visit.write(frame);
      }
      visit.awaitEnd();
    };
  }

  /** Reads a frame (RFC 9113 section 4.1). */
  private static boolean wasHead(Visit visit) throws IOException {
    byte[] header = visit.read(9).toArray();
    visit.read((header[0] & 0xff) << 16 | (header[1] & 0xff) << 8 | header[2] & 0xff);
    return header[3] == HEADERS;
  }
}
