package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.Lariat;
import dev.lariat.WebSocket;
import dev.lariat.client.Answer;
import dev.lariat.client.Caller;
import dev.lariat.cookie.store.CookieJar;
import dev.lariat.event.ConnectionInfo;
import dev.lariat.flight.JfrListener;
import dev.lariat.live.LiveEvents;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Text;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Content;
import dev.lariat.option.Credentials;
import dev.lariat.option.EventOptions;
import dev.lariat.option.Redirects;
import dev.lariat.option.Request;
import dev.lariat.option.RequestRetry;
import dev.lariat.option.WebSocketOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.zip.GZIPOutputStream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What stands above the protocols: it is used in the same way on both, and does the same. */
@Timeout(60)
@ParameterizedClass
@EnumSource(
    value = Protocol.class,
    names = {"HTTP_1_1", "HTTP_2"})
class UseOnBothProtocolsTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  @Parameter Protocol protocol;

  private final Simulation simulation = Simulation.seeded(3);
  private final Queue<Object> seen = new ConcurrentLinkedQueue<>();
  private ConnectionOptions options;

  @BeforeEach
  void speaks() {
    options =
        ConnectionOptions.DEFAULT
            .platform(simulation.platform())
            .protocols(protocol)
            .retry(Backoff.DEFAULT.jitter(false));
  }

  @AfterEach
  void end() {
    simulation.close();
  }

  /** Answers every request in the same way. */
  private interface Answering {
    void to(Visit visit, Asked asked) throws Exception;
  }

  private static Script each(Answering answering) {
    return visit -> {
      for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
        answering.to(visit, asked);
      }
    };
  }

  private interface Client {
    void use(Connection connection) throws Exception;
  }

  private void play(Script script, Client client) throws Exception {
    Origin origin = simulation.origin("origin.example", 80, script);
    try (Connection connection = Lariat.open("origin.example", 80, options)) {
      client.use(connection);
    }
    origin.awaitScripts(SOON);
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  // ---- content

  @Test
  void aBodyIsDecompressed() throws Exception {
    String text = "the same again ".repeat(10_000);
    play(
        each(
            (visit, asked) -> {
              seen.add(asked.headers().contains("accept-encoding"));
              visit.respond(200, Headers.of("content-encoding", "gzip"), Bytes.wrap(gzip(text)));
            }),
        connection -> {
          Request request = Request.of("GET", "/").content(Content.DECOMPRESSED);
          assertThat(connection.request(request).text(SOON)).isEqualTo(text);
        });
    assertThat(seen).containsExactly(true);
  }

  @Test
  void aLargeBodyGoesBothWays() throws Exception {
    byte[] large = new byte[3_000_000];
    for (int i = 0; i < large.length; i++) {
      large[i] = (byte) (i * 31 + (i >> 8));
    }
    play(
        each((visit, asked) -> visit.respond(200, Headers.EMPTY, asked.body())),
        connection -> {
          Exchange exchange = connection.post("/", Headers.EMPTY, Bytes.wrap(large));
          assertThat(exchange.body(SOON).toArray()).isEqualTo(large);
        });
  }

  @Test
  void aBodyIsReadAsAStreamAndSavedInAFile(@TempDir Path folder) throws Exception {
    play(
        each((visit, asked) -> visit.respond(200, "a line\nand another\n" + asked.body().utf8())),
        connection -> {
          assertThat(connection.get("/").lines(SOON)).containsExactly("a line", "and another");
          Exchange upload = connection.begin(Request.of("PUT", "/"));
          upload.send(new ByteArrayInputStream(new byte[] {'a', 'b', 'c'}));
          assertThat(upload.text(SOON)).endsWith("abc");
          Path file = folder.resolve("body");
          connection.get("/").download(file, SOON);
          assertThat(Files.readString(file)).isEqualTo("a line\nand another\n");
        });
  }

  @Test
  void creditHoldsABodyBack() throws Exception {
    play(
        each(
            (visit, asked) -> {
              Reply reply = visit.beginChunked(200, Headers.EMPTY);
              for (int i = 0; i < 5; i++) {
                reply.write("piece " + i);
                visit.pause(Duration.ofMillis(100));
              }
              reply.end();
            }),
        connection -> {
          Exchange exchange = connection.request(Request.of("GET", "/").credit(1));
          assertThat(connection.mailbox().await(exchange, SOON)).isInstanceOf(Response.class);
          assertThat(connection.mailbox().await(exchange, SOON)).isInstanceOf(Data.class);
          assertThat(connection.mailbox().await(exchange, SOON)).isNull();
          exchange.credit(100);
          StringBuilder rest = new StringBuilder();
          boolean last = false;
          while (!last) {
            Message message = connection.mailbox().await(exchange, SOON);
            assertThat(message).isInstanceOf(Data.class);
            rest.append(((Data) message).bytes().utf8());
            last = ((Data) message).fin();
          }
          assertThat(rest.toString()).endsWith("piece 4");
        });
  }

  @Test
  void aLateResponseIsATimeoutAndTheNextRequestIsAnswered() throws Exception {
    play(
        each(
            (visit, asked) -> {
              if (asked.target().equals("/late")) {
                visit.pause(Duration.ofSeconds(2));
              }
              visit.respond(200, asked.target());
            }),
        connection -> {
          Exchange late =
              connection.request(Request.of("GET", "/late").timeout(Duration.ofSeconds(1)));
          Message message = connection.mailbox().await(late, SOON);
          assertThat(message)
              .isInstanceOfSatisfying(
                  StreamFailed.class,
                  failed ->
                      assertThat(failed.reason())
                          .isEqualTo(
                              new Reason.Timeout(Reason.Step.RESPONSE, Duration.ofSeconds(1))));
          assertThat(connection.get("/next").text(SOON)).isEqualTo("/next");
        });
  }

  // ---- calls

  @Test
  void cookiesComeBack() throws Exception {
    options = options.cookies(CookieJar.create());
    play(
        each(
            (visit, asked) -> {
              seen.add(asked.headers().first("cookie").orElse("none"));
              visit.respond(
                  200,
                  Headers.of("set-cookie", "a=1; Path=/", "set-cookie", "b=2; Path=/"),
                  Bytes.EMPTY);
            }),
        connection -> {
          connection.get("/").text(SOON);
          connection.get("/").text(SOON);
        });
    assertThat(seen).containsExactly("none", "a=1; b=2");
  }

  @Test
  void aCallerFollowsRedirects() throws Exception {
    play(
        each(
            (visit, asked) -> {
              if (asked.target().equals("/old")) {
                visit.respond(302, Headers.of("location", "/new"), Bytes.EMPTY);
              } else {
                visit.respond(200, asked.method() + " " + asked.target());
              }
            }),
        connection -> {
          Answer answer = Caller.on(connection).redirects(Redirects.DEFAULT).get("/old", SOON);
          assertThat(answer.text()).isEqualTo("GET /new");
        });
  }

  @Test
  void aCallerAnswersAChallenge() throws Exception {
    play(
        each(
            (visit, asked) -> {
              Optional<String> shown = asked.headers().first("authorization");
              if (shown.isEmpty()) {
                visit.respond(
                    401, Headers.of("www-authenticate", "Basic realm=\"here\""), Bytes.EMPTY);
              } else {
                visit.respond(200, shown.get());
              }
            }),
        connection -> {
          Caller caller = Caller.on(connection).credentials(Credentials.of("me", "secret"));
          assertThat(caller.get("/", SOON).text()).isEqualTo("Basic bWU6c2VjcmV0");
        });
  }

  @Test
  void aRequestAnswersADigestChallenge() throws Exception {
    play(
        each(
            (visit, asked) -> {
              Optional<String> shown = asked.headers().first("authorization");
              if (shown.isEmpty()) {
                visit.respond(
                    401,
                    Headers.of(
                        "www-authenticate",
                        "Digest realm=\"here\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256"),
                    Bytes.EMPTY);
              } else {
                visit.respond(200, shown.get());
              }
            }),
        connection -> {
          Request request = Request.of("GET", "/a").credentials(Credentials.of("me", "secret"));
          assertThat(connection.request(request).text(SOON))
              .startsWith("Digest ")
              .contains("uri=\"/a\"");
        });
  }

  @Test
  void aCallerAsksAgainWhenTheServerSaysLater() throws Exception {
    play(
        each(
            (visit, asked) -> {
              seen.add(asked.method());
              if (seen.size() == 1) {
                visit.unavailable(503, Duration.ofSeconds(3));
              } else {
                visit.respond(200, "now");
              }
            }),
        connection -> {
          Duration before = simulation.elapsed();
          Answer answer = Caller.on(connection).retry(RequestRetry.DEFAULT).get("/", SOON);
          assertThat(answer.text()).isEqualTo("now");
          assertThat(simulation.elapsed().minus(before)).isGreaterThan(Duration.ofSeconds(3));
        });
    assertThat(seen).hasSize(2);
  }

  @Test
  void aCallerNoticesNothingOfAConnectionThatEndsInGoodOrder() throws Exception {
    play(
        visit -> { // as nginx does after its keepalive_requests
          Asked asked = visit.request();
          if (asked != null) {
            visit.respond(200, visit.number() + asked.target());
          }
        },
        connection -> {
          Caller caller = Caller.on(connection).retry(RequestRetry.DEFAULT);
          for (int i = 1; i <= 5; i++) {
            assertThat(caller.get("/" + i, SOON).text()).isEqualTo(i + "/" + i);
          }
        });
  }

  // ---- events

  @Test
  void liveEventsGoOnWhereTheyWere() throws Exception {
    Origin origin =
        simulation.origin(
            "origin.example",
            80,
            visit -> {
              Asked asked = visit.request();
              int last = asked.headers().first("last-event-id").map(Integer::parseInt).orElse(0);
              EventStream events = visit.events();
              events.send("" + (last + 1), "first of " + visit.number());
              events.send("" + (last + 2), "second of " + visit.number());
            });
    List<String> got = new ArrayList<>();
    try (LiveEvents events =
        LiveEvents.to("http://origin.example/")
            .options(EventOptions.DEFAULT.connection(options))
            .open()) {
      Iterator<ServerSentEvent> each = events.iterator();
      for (int i = 0; i < 4; i++) {
        ServerSentEvent event = each.next();
        got.add(event.id() + " " + event.data());
      }
    }
    assertThat(got)
        .containsExactly("1 first of 1", "2 second of 1", "3 first of 2", "4 second of 2");
    origin.drop();
  }

  // ---- observation

  @Test
  void aListenerIsToldTheSame() throws Exception {
    List<String> events = new ArrayList<>();
    options = options.listener(event -> events.add(event.getClass().getSimpleName()));
    play(
        visit -> {
          visit.request();
          visit.inform(103, Headers.of("link", "</a>"));
          Reply reply = visit.beginChunked(200, Headers.EMPTY);
          reply.write("body");
          reply.end(Headers.of("checksum", "1"));
          visit.request();
          WebSocketVisit socket = visit.acceptWebSocket();
          socket.send(socket.receive());
          socket.close(1000, "");
        },
        connection -> {
          assertThat(connection.post("/", Headers.EMPTY, Bytes.ofUtf8("body")).text(SOON))
              .isEqualTo("body");
          WebSocket socket =
              connection.webSocket("/", WebSocketOptions.DEFAULT.headers(Headers.of("a", "b")));
          assertThat(connection.mailbox().await(socket, SOON)).isInstanceOf(Upgraded.class);
          socket.send(new Text("echo"));
          assertThat(connection.mailbox().await(socket, SOON)).isInstanceOf(WebSocketFrame.class);
          connection.mailbox().await(socket, SOON);
          connection.mailbox().await(socket, SOON);
        });
    assertThat(events)
        .containsSubsequence(
            "Init",
            "LookupStart",
            "LookupEnd",
            "ConnectStart",
            "ConnectEnd",
            "Established",
            "RequestStart",
            "RequestHeaders",
            "RequestEnd",
            "ResponseStart",
            "ResponseInform",
            "ResponseHeaders",
            "ResponseTrailers",
            "ResponseEnd",
            "Upgrade",
            "RequestStart",
            "RequestHeaders",
            "RequestEnd",
            "ProtocolChanged",
            "FrameSendStart",
            "FrameSendEnd",
            "FrameReceiveStart",
            "FrameReceiveHeader",
            "FrameReceiveEnd",
            "WebSocketEnd",
            "Disconnect",
            "Terminate");
    assertThat(events.stream().filter(name -> name.equals("RequestStart"))).hasSize(2);
    assertThat(events.stream().filter(name -> name.equals("WebSocketEnd"))).hasSize(1);
  }

  @Test
  void infoTellsWhatIsSpoken() throws Exception {
    play(
        each((visit, asked) -> visit.respond(200, "well")),
        connection -> {
          connection.get("/").text(SOON);
          ConnectionInfo info = simulation.await(connection.info());
          assertThat(info.state()).isEqualTo(ConnectionInfo.State.UP);
          assertThat(info.protocol()).contains(protocol);
          assertThat(info.streams()).isZero();
        });
  }

  @Test
  void flightRecorderIsToldOfRequests(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("of.jfr");
    options = options.listener(JfrListener.INSTANCE);
    try (Recording recording = new Recording()) {
      recording.enable("dev.lariat.Request").withoutThreshold();
      recording.start();
      play(
          each((visit, asked) -> visit.respond(200, "well")),
          connection -> connection.get("/a").text(SOON));
      recording.stop();
      recording.dump(file);
    }
    assertThat(RecordingFile.readAllEvents(file))
        .filteredOn(event -> event.getEventType().getName().equals("dev.lariat.Request"))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.getString("method")).isEqualTo("GET");
              assertThat(event.getInt("status")).isEqualTo(200);
            });
  }
}
