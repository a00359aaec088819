package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lariat.Mailbox;
import dev.lariat.client.Client;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Bytes;
import dev.lariat.message.Connecting;
import dev.lariat.message.Gone;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Open;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import dev.lariat.message.Waiting;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.PoolOptions;
import dev.lariat.option.Redirects;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Live WebSockets where HTTP/2 is among the protocols. */
@Timeout(30)
class LiveHttp2Test {
  private static final String HOST = "feed.example";
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final int ENABLE_CONNECT_PROTOCOL = 8;
  private static final long HTTP_1_1_REQUIRED = 13;
  private static final int HEADERS = 1;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;

  private final Simulation simulation = Simulation.seeded(7);
  private final Queue<Protocol> asked = new ConcurrentLinkedQueue<>();

  private LiveOptions options(Protocol... protocols) {
    return LiveOptions.DEFAULT.connection(
        ConnectionOptions.DEFAULT.platform(simulation.platform()).protocols(protocols));
  }

  private static LiveWebSocket open(LiveOptions options) {
    return LiveWebSocket.to("ws://" + HOST + "/feed").options(options).open();
  }

  private static <T extends Message> T next(LiveWebSocket live, Class<T> kind) throws Exception {
    Mailbox mailbox = live.mailbox();
    Message message = mailbox.take(SOON);
    while (message instanceof Connecting) {
      message = mailbox.take(SOON);
    }
    assertThat(message).isInstanceOf(kind);
    return kind.cast(message);
  }

  private void echoes(LiveWebSocket live) throws Exception {
    live.send(new Text("hello"));
    assertThat(next(live, WebSocketFrame.class).frame()).isEqualTo(new Text("hello"));
  }

  /** Does not take extended CONNECT (RFC 8441 section 3). */
  private void lacksWebSocket(Visit visit) throws Exception {
    asked.add(visit.protocol());
    if (visit.protocol() == Protocol.HTTP_2) {
      visit.http2().settings(ENABLE_CONNECT_PROTOCOL, 0);
      visit.awaitEnd();
    } else {
      Script.echo().play(visit);
    }
  }

  static List<List<Protocol>> both() {
    return List.of(
        List.of(Protocol.HTTP_1_1),
        List.of(Protocol.HTTP_2),
        List.of(Protocol.HTTP_1_1, Protocol.HTTP_2));
  }

  @ParameterizedTest
  @MethodSource("both")
  void aLiveWebSocketSpeaksWhatIsListedFirst(List<Protocol> protocols) throws Exception {
    try (simulation) {
      simulation.origin(
          HOST,
          80,
          visit -> {
            asked.add(visit.protocol());
            Script.echo().play(visit);
          });
      try (LiveWebSocket live = open(options(protocols.toArray(Protocol[]::new)))) {
        next(live, Open.class);
        echoes(live);
      }
    }
    assertThat(asked).containsExactly(protocols.getFirst());
  }

  @Test
  void aServerWithoutWebSocketsOverHttp2IsAskedByHttp1InTheSameAttempt() throws Exception {
    try (simulation) {
      Origin origin = simulation.origin(HOST, 80, this::lacksWebSocket);
      try (LiveWebSocket live = open(options(Protocol.HTTP_2, Protocol.HTTP_1_1))) {
        next(live, Open.class); // without a Waiting before it
        echoes(live);

        origin.drop();
        next(live, Waiting.class);
        next(live, Open.class);
        echoes(live);
      }
    }
    assertThat(asked)
        .as("it is remembered")
        .containsExactly(Protocol.HTTP_2, Protocol.HTTP_1_1, Protocol.HTTP_1_1);
  }

  @Test
  void aServerThatRequiresHttp1IsAskedByIt() throws Exception {
    try (simulation) {
      simulation.origin(
          HOST,
          80,
          visit -> {
            asked.add(visit.protocol());
            visit.request();
            if (visit.protocol() == Protocol.HTTP_2) {
              visit.http2().reset(HTTP_1_1_REQUIRED);
              visit.awaitEnd();
            } else {
              Script.echo().play(visit);
            }
          });
      try (LiveWebSocket live = open(options(Protocol.HTTP_2, Protocol.HTTP_1_1))) {
        next(live, Open.class);
        echoes(live);
      }
    }
    assertThat(asked).containsExactly(Protocol.HTTP_2, Protocol.HTTP_1_1);
  }

  @Test
  void aServerWithoutWebSocketsOverHttp2EndsALiveWebSocketThatSpeaksNothingElse() throws Exception {
    try (simulation) {
      simulation.origin(HOST, 80, this::lacksWebSocket);
      try (LiveWebSocket live = open(options(Protocol.HTTP_2))) {
        assertThat(next(live, Gone.class).reason())
            .isEqualTo(new Reason.NotOffered("WebSocket over HTTP/2", "RFC 8441 section 3"));
      }
    }
  }

  /**
   * Such a server begins with its SETTINGS, as soon as the connection is there or when the client
   * has spoken.
   */
  @ParameterizedTest
  @CsvSource({"false, false", "false, true", "true, false", "true, true"})
  void aServerOfHttp2AloneSaysWhatItDoesNotOffer(boolean atOnce, boolean pooled) throws Exception {
    try (simulation) {
      simulation.origin(
          HOST,
          80,
          visit -> {
            if (visit.number() == 1) {
              lacksWebSocket(visit);
              return;
            }
            if (!atOnce) {
              visit.read(1);
            }
            visit.write(Bytes.wrap(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0})); // SETTINGS
            visit.awaitEnd();
          });
      LiveOptions both = options(Protocol.HTTP_2, Protocol.HTTP_1_1);
      try (Client client = Client.open(PoolOptions.DEFAULT.connection(both.connection()));
          LiveWebSocket live =
              pooled
                  ? LiveWebSocket.to("ws://" + HOST + "/feed").client(client).open()
                  : open(both)) {
        assertThat(next(live, Gone.class).reason())
            .isEqualTo(new Reason.NotOffered("WebSocket over HTTP/2", "RFC 8441 section 3"));
      }
    }
  }

  @Test
  void aRedirectToAServerWithoutItIsFollowedByHttp1() throws Exception {
    try (simulation) {
      simulation.origin(
          HOST,
          80,
          visit -> {
            asked.add(visit.protocol());
            visit.request();
            visit.respond(307, Headers.of("location", "ws://other.example/feed"), Bytes.EMPTY);
            visit.awaitEnd();
          });
      simulation.origin("other.example", 80, this::lacksWebSocket);
      LiveOptions options =
          options(Protocol.HTTP_2, Protocol.HTTP_1_1).redirects(Redirects.DEFAULT);
      try (LiveWebSocket live = open(options)) {
        next(live, Open.class);
        echoes(live);
      }
    }
    assertThat(asked)
        .as("of the first origin nothing is remembered")
        .containsExactly(Protocol.HTTP_2, Protocol.HTTP_2, Protocol.HTTP_1_1);
  }

  @ParameterizedTest
  @MethodSource("both")
  void theConnectionOfASessionThatIsLostEnds(List<Protocol> protocols) throws Exception {
    Queue<String> gone = new ConcurrentLinkedQueue<>();
    try (simulation) {
      simulation.origin(
          HOST,
          80,
          visit -> {
            WebSocketVisit socket = visit.acceptWebSocket();
            if (visit.number() == 1) {
              socket.sendCorrupt(new Text("a"), 1); // breaks a rule
              visit.awaitEnd();
              socket.end();
              gone.add(
                  String.valueOf(visit.request())); // the WebSocket has ended, what of the rest
            } else {
              Script.echo().play(visit);
            }
          },
          Script.echo());
      try (LiveWebSocket live = open(options(protocols.toArray(Protocol[]::new)))) {
        next(live, Open.class);
        next(live, Waiting.class);
        next(live, Open.class);
        echoes(live);
        simulation.advance(Duration.ofMinutes(1));
        assertThat(gone).containsExactly("null");
      }
    }
  }

  @Test
  void aStreamThatTheServerRefusesIsAskedForAgain() throws Exception {
    try (simulation) {
      simulation.origin(
          HOST,
          80,
          visit -> {
            visit.request();
            visit.http2().refuse();
            visit.awaitEnd();
          },
          Script.echo());
      try (LiveWebSocket live = open(options(Protocol.HTTP_2))) {
        assertThat(next(live, Waiting.class).reason())
            .isEqualTo(new Reason.Unprocessed("the server refused the stream"));
        next(live, Open.class);
        echoes(live);
      }
    }
  }

  @Test
  void aServerThatEndsTheStreamWithItsAnswerIsTriedAgain() throws Exception {
    byte[] ok = {(byte) 0x88}; // :status 200, as HPACK has it
    try (simulation) {
      simulation.origin(
          HOST,
          80,
          visit -> {
            visit.request();
            visit.http2().frame(HEADERS, END_HEADERS | END_STREAM, 1, Bytes.wrap(ok));
            visit.awaitEnd();
          },
          Script.echo());
      try (LiveWebSocket live = open(options(Protocol.HTTP_2))) {
        next(live, Open.class);
        assertThat(next(live, Waiting.class).reason()).isEqualTo(new Reason.StreamEnded());
        next(live, Open.class);
        echoes(live);
      }
    }
  }

  @Test
  void rawIsNoProtocolOfALiveWebSocket() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options(Protocol.RAW))
        .withMessage("live.connection.protocols: [raw], allowed h2 and http/1.1");
    simulation.close();
  }
}
