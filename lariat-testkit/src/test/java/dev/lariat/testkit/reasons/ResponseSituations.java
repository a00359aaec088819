package dev.lariat.testkit.reasons;

import static dev.lariat.testkit.reasons.Situation.like;
import static dev.lariat.testkit.reasons.Situation.of;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.Tunnel;
import dev.lariat.WebSocket;
import dev.lariat.client.Caller;
import dev.lariat.message.BodyCodec;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Bound;
import dev.lariat.message.Reason.Step;
import dev.lariat.message.Response;
import dev.lariat.message.Text;
import dev.lariat.message.UnreadableException;
import dev.lariat.message.WebSocketClosed;
import dev.lariat.message.WebSocketHandler;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Content;
import dev.lariat.option.Http1;
import dev.lariat.option.Limits;
import dev.lariat.option.Redirects;
import dev.lariat.option.Request;
import dev.lariat.option.Subprotocols;
import dev.lariat.option.WebSocketOptions;
import dev.lariat.testkit.Reply;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.Visit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/** What happens to requests, to their responses and to a WebSocket that is open. */
final class ResponseSituations {
  private static final Duration SHORT = Duration.ofSeconds(5);

  private static final String TOO_OFTEN =
      " exceeded the limit of 1000 at once and 100 a second, which is not configurable.";

  /** What reads numbers. */
  private static final BodyCodec<Integer> NUMBERS =
      new BodyCodec<>() {
        @Override
        public Type type() {
          return Integer.class;
        }

        @Override
        public String mediaType() {
          return "text/plain";
        }

        @Override
        public Bytes write(Integer value) {
          return Bytes.ofUtf8(value.toString());
        }

        @Override
        public Integer read(Bytes bytes) {
          try {
            return Integer.valueOf(bytes.utf8());
          } catch (NumberFormatException e) {
            String detail = "\"" + bytes.utf8() + "\" is no number";
            throw new UnreadableException(type(), detail, e);
          }
        }
      };

  private ResponseSituations() {}

  static List<Situation> all() {
    return Stream.of(time(), ends(), rules(), limits(), users()).flatMap(List::stream).toList();
  }

  // ---- time

  private static List<Situation> time() {
    return List.of(
        of(
            Step.RESPONSE,
            "the server is connected and does not answer",
            "The response took longer than 5 s.",
            stage -> {
              stage.origin(Script.silent());
              return Stage.of(() -> stage.open().get("/").text(SHORT));
            }),
        of(
            Step.RESPONSE,
            "the request waits for the response to the one before it",
            "The response took longer than 5 s: The request was not processed: it waits until the"
                + " connection has finished 1 request before it (http1.pipelining).",
            stage -> {
              stage.origin(Script.silent());
              Connection connection = stage.open();
              connection.get("/slow");
              return Stage.of(() -> connection.get("/").text(SHORT));
            }),
        of(
            Step.RESPONSE,
            "a request with a deadline waits for the response to the two before it",
            "The response took longer than 5 s: The request was not processed: it waits until the"
                + " connection has finished 2 requests before it (http1.pipelining).",
            stage -> {
              stage.origin(Script.silent());
              Connection connection = stage.open();
              connection.get("/slow");
              connection.get("/slower");
              connection.request(Request.of("GET", "/").timeout(SHORT));
              return Stage.streamFailed(connection);
            }),
        of(
            Step.READ,
            "the server stops within a response that is read line by line",
            "The wait for more of the response took longer than 5 s.",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.request();
                    visit.beginChunked(200, Headers.EMPTY).write("a line\n");
                    visit.awaitEnd();
                  });
              Connection connection = stage.open();
              return Stage.of(() -> connection.get("/").lines(SHORT).toList());
            }),
        of(
            Step.BODY,
            "the user does not go on with a body whose response has ended",
            "The rest of the request body took longer than 15 s (timeouts.closing).",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.head();
                    visit.respond(200);
                    visit.awaitEnd();
                  });
              Connection connection = stage.open();
              connection.begin(Request.of("POST", "/")).data(Bytes.ofUtf8("a part"), false);
              return Stage.down(connection);
            }),
        of(
            Step.DISCARD,
            "the server stops within the response to a cancelled request",
            "The response to a cancelled request took longer than 1 s.",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.request();
                    visit.begin(200, Headers.EMPTY, 10).write("short");
                    visit.awaitEnd();
                  });
              Connection connection = stage.open();
              Exchange exchange = connection.get("/");
              Stage.next(connection, Response.class);
              exchange.cancel();
              return Stage.down(connection);
            }),
        of(
            Step.CLOSE,
            "the server stops within its last response",
            "The connection ended before the response was complete: Closing took longer than 15 s"
                + " (timeouts.closing).",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.request();
                    visit.begin(200, Headers.of("connection", "close"), 10).write("short");
                    visit.awaitEnd();
                  });
              Connection connection = stage.open();
              connection.get("/");
              return Stage.streamFailed(connection);
            }),
        of(
            Step.UPGRADE,
            "the server does not answer the request for a WebSocket",
            "The upgrade took longer than 10 s (timeouts.upgrade).",
            stage -> {
              stage.origin(Script.silent());
              Connection connection = stage.open();
              connection.webSocket("/");
              return Stage.streamFailed(connection);
            }));
  }

  // ---- ends

  private static List<Situation> ends() {
    return List.of(
        of(
            Reason.Unprocessed.class,
            "the connection gives up before a request could be sent",
            "The request was not processed: the connection ended before it was sent: The name"
                + " server.example does not resolve: no address is known for it.",
            stage -> {
              stage.host().unknown();
              Connection connection = stage.open(stage.options.retry(Backoff.NEVER));
              connection.request(Request.of("GET", "/"));
              return Stage.streamFailed(connection);
            }),
        of(
            Reason.Unprocessed.class,
            "the user closes the connection before a request could be sent",
            "The request was not processed: the connection ended before it was sent: The owner"
                + " closed the connection.",
            stage -> {
              stage.host().partition();
              Connection connection = stage.open();
              connection.request(Request.of("GET", "/"));
              connection.close();
              return Stage.streamFailed(connection);
            }),
        of(
            Reason.Unanswered.class,
            "the server ends the connection instead of answering",
            "The connection ended before the server responded: The server closed the connection.",
            stage -> {
              stage.origin(Visit::request);
              return Stage.of(() -> stage.open().get("/").text(SHORT));
            }),
        of(
            Reason.Incomplete.class,
            "the server ends the connection within a response",
            "The connection ended before the response was complete: The server closed the"
                + " connection.",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.request();
                    visit.begin(200, Headers.EMPTY, 10).write("short");
                  });
              return Stage.of(() -> stage.open().get("/").text(SHORT));
            }),
        of(
            Reason.Cancelled.class,
            "the user cancels a request whose response has no end that is near",
            "The request was cancelled.",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.request();
                    visit.beginChunked(200, Headers.EMPTY).write("and so on");
                    visit.awaitEnd();
                  });
              Connection connection = stage.open();
              Exchange exchange = connection.get("/");
              Stage.next(connection, Response.class);
              exchange.cancel();
              return Stage.down(connection);
            }),
        of(
            Reason.BodyUnfinished.class,
            "the user cancels a request within its body",
            "The body of a request was not sent completely: its request was abandoned: The request"
                + " was cancelled.",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.head();
                    visit.awaitEnd();
                  });
              Connection connection = stage.open();
              Stage.up(connection);
              Exchange exchange = connection.begin(Request.of("POST", "/"));
              exchange.data(Bytes.ofUtf8("a part"), false);
              exchange.cancel();
              return Stage.down(connection);
            }),
        of(
            Reason.KeepAlive.class,
            "the user asks for something just before the server closes an idle connection",
            "The server keeps an idle connection for 5 s (Keep-Alive: timeout=5), and too little"
                + " of that was left for a request.",
            stage -> {
              stage.origin(
                  visit -> {
                    while (visit.request() != null) {
                      visit.respond(204, Headers.of("keep-alive", "timeout=5"), Bytes.EMPTY);
                    }
                  });
              Connection connection = stage.open();
              connection.get("/").text(SHORT);
              stage.simulation.pause(Duration.ofMillis(4500));
              connection.get("/").text(SHORT);
              return Stage.down(connection);
            }),
        of(
            Reason.KeepAlive.class,
            "the user asks for more than the server answers on a connection",
            "The server limits the requests on a connection (Keep-Alive: max=1), and all were"
                + " sent.",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.request();
                    visit.respond(204, Headers.of("keep-alive", "max=1"), Bytes.EMPTY);
                    visit.request();
                    visit.respond(204);
                    visit.awaitEnd();
                  });
              Connection connection = stage.open();
              for (int i = 0; i < 3; i++) {
                connection.get("/");
              }
              return Stage.down(connection);
            }),
        like(
            Reason.BodyUnfinished.class,
            "the file of a request's body becomes shorter while it is sent",
            "The body of a request was not sent completely: its file cannot be read: .+\\.",
            ResponseSituations::shorterFile),
        of(
            Reason.CloseHandshake.class,
            "the server closes a WebSocket",
            "The server closed the WebSocket with code 1012 \"restart\", and the client answered"
                + " with code 1012.",
            stage -> {
              stage.origin(visit -> visit.acceptWebSocket().close(1012, "restart"));
              return Stage.next(stage.webSocket().connection(), WebSocketClosed.class).handshake();
            }),
        of(
            Reason.Status.class,
            "the server refuses a WebSocket and says why",
            "The server answered with status 403: not today.",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.request();
                    visit.respond(403, "not today");
                  });
              return Stage.gone(stage.live(stage.liveOptions()));
            }),
        of(
            Reason.Tunnel.class,
            "the proxy refuses a tunnel and says why",
            "The tunnel through server.example:80 failed: The server answered with status 403: not"
                + " there.",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.request();
                    visit.respond(403, "not there");
                  });
              Tunnel tunnel = stage.open().connect("elsewhere.example", 80);
              return Stage.of(() -> tunnel.awaitUp(Stage.LONG));
            }),
        of(
            Reason.Status.class,
            "the server asks for patience",
            "The server answered with status 503 and asked to wait 30 s.",
            stage -> {
              stage.origin(Script.unavailable(Duration.ofSeconds(30)));
              return Stage.waiting(stage.live(stage.liveOptions()));
            }));
  }

  private static Reason shorterFile(Stage stage) throws Exception {
    Path file = Files.createTempFile("shorter", ".body");
    stage.closing(() -> Files.deleteIfExists(file));
    Files.write(file, new byte[8 << 20]);
    stage.origin(
        visit -> {
          visit.head();
          Files.write(file, new byte[10]);
          visit.body();
        });
    Connection connection = stage.open();
    Exchange exchange = connection.begin(Request.of("POST", "/"));
    return Stage.of(() -> exchange.send(file));
  }

  // ---- rules

  private static List<Situation> rules() {
    return List.of(
        of(
            Reason.Protocol.class,
            "another protocol is spoken at the port",
            "Protocol error: the response does not begin with HTTP/ (RFC 9112 section 4).",
            stage -> {
              stage.origin(Script.garbage());
              return Stage.of(() -> stage.open().get("/").text(SHORT));
            }),
        of(
            Reason.Protocol.class,
            "the server masks its frames",
            "Protocol error: the server masked a frame (RFC 6455 section 5.1).",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.acceptWebSocket();
                    visit.write(Stage.octets(0x81, 0x81, 0, 0, 0, 0, 'a'));
                    visit.awaitEnd();
                  });
              return Stage.streamFailed(stage.webSocket().connection());
            }),
        of(
            Reason.RedirectRefused.class,
            "a redirect leads to another host, which the user does not allow",
            "The redirect to http://other.example/b was not followed: it leads to another origin"
                + " (redirects.otherOrigins).",
            stage -> {
              stage.origin(redirect("http://other.example/b"));
              Redirects home = Redirects.DEFAULT.otherOrigins(false);
              return Stage.of(() -> Caller.on(stage.open()).redirects(home).get("/", SHORT));
            }));
  }

  private static Script redirect(String location) {
    return visit -> {
      while (visit.request() != null) {
        visit.respond(302, Headers.of("location", location), Bytes.EMPTY);
      }
    };
  }

  // ---- limits

  private static List<Situation> limits() {
    return List.of(
        of(
            Bound.HEADER_BLOCK,
            "the server sends headers without end",
            "The header block exceeded the limit of 65536 bytes (limits.headerBlock).",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.request();
                    visit.write("HTTP/1.1 200 OK\r\nx: " + "x".repeat(100_000) + "\r\n\r\n");
                  });
              return Stage.of(() -> stage.open().get("/").text(SHORT));
            }),
        of(
            Bound.MESSAGE,
            "the server announces a message of 1 GiB",
            "The message exceeded the limit of 16777216 bytes (limits.message).",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.acceptWebSocket();
                    visit.write(Stage.octets(0x82, 0x7f, 0, 0, 0, 0, 0x40, 0, 0, 0));
                    visit.awaitEnd();
                  });
              return Stage.streamFailed(stage.webSocket().connection());
            }),
        of(
            Bound.INFLATE_RATIO,
            "the server sends a compression bomb",
            "The ratio of decompressed to compressed bytes exceeded the limit of 300"
                + " (limits.inflateRatio).",
            stage -> bomb(stage, stage.options)),
        of(
            Bound.DECOMPRESSED,
            "a response is larger than it may be when it is decompressed",
            "The decompressed body exceeded the limit of 100000 bytes (limits.decompressed).",
            stage -> bomb(stage, stage.options.limits(Limits.DEFAULT.decompressed(100_000)))),
        of(
            Bound.BODY,
            "a response is larger than it may be as one piece",
            "The response body exceeded the limit of 3 bytes (limits.body).",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.request();
                    visit.respond(200, "four");
                  });
              Connection connection = stage.open(stage.options.limits(Limits.DEFAULT.body(3)));
              return Stage.of(() -> connection.get("/").text(SHORT));
            }),
        of(
            Bound.DISCARDED,
            "a request is cancelled, its response goes on and on, and another waits for its own",
            "The response to a cancelled request exceeded the limit of 65536 bytes"
                + " (limits.discarded).",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.request();
                    Reply reply = visit.beginChunked(200, Headers.EMPTY);
                    while (!visit.clientGone()) {
                      reply.write("x".repeat(10_000));
                    }
                  });
              Connection connection = stage.open(stage.options.http1(Http1.DEFAULT.pipelining(2)));
              Stage.up(connection);
              Exchange exchange = connection.get("/");
              connection.get("/next");
              exchange.cancel();
              return Stage.down(connection);
            }),
        of(
            Bound.INFORMS,
            "the server informs without end",
            "The number of informational responses" + TOO_OFTEN,
            stage -> flood(stage, "HTTP/1.1 103 Early Hints\r\n\r\n")),
        of(
            Bound.EMPTY_LINES,
            "the server sends empty lines for a response",
            "The number of empty lines before a response" + TOO_OFTEN,
            stage -> flood(stage, "\r\n")),
        of(
            Bound.CHUNK_EXTENSIONS,
            "the server fills a response with extensions of chunks",
            "The number of chunks that are mostly extensions" + TOO_OFTEN,
            stage -> {
              stage.origin(
                  visit -> {
                    visit.request();
                    visit.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
                    visit.write(("1;" + "p".repeat(9000) + "\r\nx\r\n").repeat(700));
                    visit.awaitEnd();
                  });
              return Stage.of(() -> stage.open().get("/").text(SHORT));
            }),
        of(
            Bound.USELESS_FRAMES,
            "the server sends pings without end",
            "The number of frames that carry nothing" + TOO_OFTEN,
            stage -> {
              stage.origin(
                  visit -> {
                    visit.acceptWebSocket();
                    visit.write("\u0089\0".repeat(3000));
                    visit.awaitEnd();
                  });
              return Stage.streamFailed(stage.webSocket().connection());
            }),
        like(
            Bound.WITHOUT_OUTPUT,
            "the server sends compressed data that comes to nothing",
            "The compressed data without output exceeded the limit of [0-9]+ bytes, which"
                + " is not configurable\\.",
            stage -> {
              ByteArrayOutputStream empty = new ByteArrayOutputStream();
              new GZIPOutputStream(empty).close();
              byte[] member = empty.toByteArray();
              ByteArrayOutputStream all = new ByteArrayOutputStream();
              for (int i = 0; i < 100_000; i++) {
                all.write(member);
              }
              stage.origin(
                  visit -> {
                    visit.request();
                    Headers coded = Headers.of("content-encoding", "gzip");
                    visit.respond(200, coded, Bytes.wrap(all.toByteArray()));
                    visit.awaitEnd();
                  });
              Request request = Request.of("GET", "/").content(Content.DECOMPRESSED);
              return Stage.of(() -> stage.open().request(request).text(SHORT));
            }),
        of(
            Bound.REDIRECTS,
            "redirects lead on and on",
            "The number of redirects exceeded the limit of 3 (redirects.limit).",
            stage -> {
              stage.origin(
                  visit -> {
                    int next = 1;
                    while (visit.request() != null) {
                      Headers there = Headers.of("location", "/" + next++);
                      visit.respond(302, there, Bytes.EMPTY);
                    }
                  });
              Redirects few = Redirects.DEFAULT.limit(3);
              return Stage.of(() -> Caller.on(stage.open()).redirects(few).get("/", SHORT));
            }));
  }

  private static Reason flood(Stage stage, String again) {
    stage.origin(
        visit -> {
          visit.request();
          visit.write(again.repeat(3000));
          visit.awaitEnd();
        });
    return Stage.of(() -> stage.open().get("/").text(SHORT));
  }

  private static Reason bomb(Stage stage, ConnectionOptions options) throws IOException {
    ByteArrayOutputStream gzip = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
      out.write(new byte[4 << 20]);
    }
    stage.origin(
        visit -> {
          visit.request();
          Headers coded = Headers.of("content-encoding", "gzip");
          visit.respond(200, coded, Bytes.wrap(gzip.toByteArray()));
          visit.awaitEnd();
        });
    Request request = Request.of("GET", "/").content(Content.DECOMPRESSED);
    Connection connection = stage.open(options);
    return Stage.of(() -> connection.request(request).text(SHORT));
  }

  // ---- what users do wrong

  private static List<Situation> users() {
    return List.of(
        of(
            Reason.HandlerThrew.class,
            "the user's handler of a WebSocket throws",
            "The handler threw: java.lang.IllegalStateException: no such topic.",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.acceptWebSocket().send(new Text("hello"));
                    visit.awaitEnd();
                  });
              WebSocketHandler.Factory handler =
                  session ->
                      frame -> {
                        throw new IllegalStateException("no such topic");
                      };
              WebSocketOptions options =
                  WebSocketOptions.DEFAULT.subprotocols(Subprotocols.NONE.otherwise(handler));
              WebSocket socket = stage.webSocket(stage.open(), options);
              return Stage.streamFailed(socket.connection());
            }),
        of(
            Reason.Unreadable.class,
            "a number is wanted of an answer that is the page of a proxy",
            "The response of http://server.example/temperature (status 200, an HTML page:"
                + " text/html) cannot be read as Integer: \"<html>\" is no number.",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.request();
                    Headers page = Headers.of("content-type", "text/html");
                    visit.respond(200, page, Bytes.ofUtf8("<html>"));
                  });
              Caller caller = Caller.on(stage.open());
              return Stage.of(() -> caller.get("/temperature", SHORT).as(NUMBERS));
            }),
        of(
            Reason.BadState.class,
            "events are wanted of a response that has none",
            "The operation events is not possible: the response is not an event stream: status 200,"
                + " text/plain; charset=utf-8.",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.request();
                    visit.respond(200, "no events");
                  });
              Request request = Request.of("GET", "/").content(Content.EVENTS);
              Connection connection = stage.open();
              return Stage.of(() -> connection.request(request).events(SHORT).toList());
            }));
  }
}
