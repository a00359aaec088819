package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.Lariat;
import dev.lariat.WebSocket;
import dev.lariat.client.Answer;
import dev.lariat.client.Caller;
import dev.lariat.event.Event;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Down;
import dev.lariat.message.Headers;
import dev.lariat.message.Inform;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Push;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.StreamRef;
import dev.lariat.message.Text;
import dev.lariat.message.Up;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Http2;
import dev.lariat.option.Request;
import dev.lariat.option.RequestRetry;
import dev.lariat.option.WebSocketOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What single servers of HTTP/2 do beside the contract of {@link Http2ServersTest}. */
final class Http2PeersTest {
  private static final String PAGE = "a page\n";

  private static ConnectionOptions options(boolean tls, Protocol... protocols) {
    return (tls ? Way.TLS : Way.PLAIN).options().protocols(protocols);
  }

  private static Witness open(int port, boolean tls) {
    return Witness.open("127.0.0.1", port, options(tls, Protocol.HTTP_2));
  }

  private static Witness pushing(int port, Http2 options) {
    return Witness.open("127.0.0.1", port, options(false, Protocol.HTTP_2).http2(options));
  }

  /** Asks for this path, and reads so many bodies to their ends: its own and pushed ones. */
  private static Map<String, String> bodies(Witness witness, String path, int count) {
    Map<StreamRef, String> paths = new HashMap<>();
    Map<String, String> bodies = new HashMap<>(Map.of(path, ""));
    paths.put(witness.request(Request.of("GET", path)), path);
    for (int ended = 0; ended < count; ) {
      Message.OfStream message = witness.until(Message.OfStream.class);
      if (message instanceof Push push) {
        String promised = push.uri().replaceFirst("http://[^/]*", "");
        paths.put(push.promised(), promised);
        bodies.put(promised, "");
      } else if (message instanceof Data data) {
        bodies.merge(paths.get(data.stream()), data.bytes().utf8(), String::concat);
      }
      ended += message.ends() ? 1 : 0;
    }
    return bodies;
  }

  private static void isUsable(Witness witness) {
    assertThat(witness.get("/page.txt").body()).isEqualTo(PAGE);
    assertThat(witness.told().stream().filter(Up.class::isInstance)).hasSize(1);
  }

  /** It pushes two files with one. */
  @Needs({Peer.NGHTTPD, Peer.PYTHON})
  @Nested
  final class Nghttpd {
    private static final class Pushing {
      static final Server SERVER =
          Http2Peer.nghttpd("http2-nghttpd-push", false, "--push=/page.txt=/large.txt,/events");
    }

    @Test
    void whatIsPushedArrives() {
      int port = Http2Peer.NGHTTPD.port(Pushing.SERVER, false);
      try (Witness witness = pushing(port, Http2.DEFAULT.push(true))) {
        Map<String, String> bodies = bodies(witness, "/page.txt", 3);
        assertThat(bodies).containsOnlyKeys("/page.txt", "/large.txt", "/events");
        assertThat(bodies.get("/page.txt")).isEqualTo(PAGE);
        assertThat(bodies.get("/large.txt")).isEqualTo("0123456789".repeat(100_000));
        assertThat(bodies.get("/events")).isEqualTo("data: inside\n\n");
      }
    }
  }

  /** It ends each connection by GOAWAY when that has had its number of requests. */
  @Needs({Peer.NGINX, Peer.PYTHON_WEBSOCKETS})
  @Nested
  final class Nginx {
    private static final int REQUESTS = 50;

    private static final class Hasty {
      static final Server SERVER = Http2Peer.nginx("http2-nginx-hasty", REQUESTS);
    }

    private Connection connection(boolean tls) {
      int port = Http2Peer.NGINX.port(Hasty.SERVER, tls);
      return Lariat.open("127.0.0.1", port, options(tls, Protocol.HTTP_2));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCallerNoticesNothingOfAServerThatGoesAway(boolean tls) {
      try (Connection connection = connection(tls)) {
        Caller caller = Caller.on(connection);
        for (int i = 0; i < 5 * REQUESTS; i++) {
          Answer page = caller.get("/page.txt", Witness.PATIENCE);
          assertThat(page.status()).isEqualTo(200);
          assertThat(page.text()).isEqualTo(PAGE);
        }
      }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void callersAtATimeNoticeNothingOfAServerThatGoesAway(boolean tls) throws Exception {
      try (Connection connection = connection(tls);
          ExecutorService threads = Executors.newFixedThreadPool(8)) {
        Caller caller = Caller.on(connection).retry(RequestRetry.DEFAULT);
        List<Callable<Answer>> calls = new ArrayList<>();
        for (int i = 0; i < 10 * REQUESTS; i++) {
          String path = i % 5 == 0 ? "/large.txt" : "/page.txt";
          calls.add(() -> caller.get(path, Witness.PATIENCE));
        }
        for (Future<Answer> call : threads.invokeAll(calls)) {
          assertThat(call.get().status()).isEqualTo(200);
        }
      }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void responsesThatWaitForCreditOutliveTheirConnection(boolean tls) {
      int port = Http2Peer.NGINX.port(Hasty.SERVER, tls);
      try (Witness witness = open(port, tls)) {
        List<Exchange> asked = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
          asked.add(witness.request(Request.of("GET", "/page.txt").credit(0)));
        }
        assertThat(witness.until(Down.class).killed()).isEmpty();
        asked.forEach(exchange -> exchange.credit(100));
        Map<StreamRef, String> bodies = new HashMap<>();
        for (int ended = 0; ended < REQUESTS; ) {
          Message.OfStream message = witness.until(Message.OfStream.class);
          if (message instanceof Data data) {
            bodies.merge(data.stream(), data.bytes().utf8(), String::concat);
          }
          ended += message.ends() ? 1 : 0;
        }
        assertThat(bodies).hasSize(REQUESTS).containsOnlyKeys(asked);
        assertThat(bodies.values()).containsOnly(PAGE);
      }
    }

    @Test
    void theOwnerIsToldWhatTheServerDidNotActUpon() {
      int port = Http2Peer.NGINX.port(Hasty.SERVER, false);
      try (Witness witness = open(port, false)) {
        List<Exchange> asked = new ArrayList<>();
        for (int i = 0; i < 2 * REQUESTS; i++) {
          asked.add(witness.request(Request.of("GET", "/page.txt")));
        }
        Set<Object> unprocessed = new HashSet<>();
        for (int ended = 0; ended < asked.size(); ) {
          switch (witness.until(Message.OfStream.class)) {
            case StreamFailed(var stream, var reason) -> {
              assertThat(reason).isInstanceOf(Reason.Unprocessed.class);
              unprocessed.add(stream);
              ended++;
            }
            case Message.OfStream other -> ended += other.ends() ? 1 : 0;
          }
        }
        assertThat(unprocessed).isNotEmpty();
        List<Object> reported = new ArrayList<>();
        for (Message message : witness.told()) {
          if (message instanceof Down down) {
            assertThat(down.reason()).isEqualTo(new Reason.Closed());
            assertThat(down.killed()).isEmpty();
            reported.addAll(down.unprocessed());
          }
        }
        assertThat(unprocessed).containsAll(reported);
      }
    }
  }

  /** It prints the frames that it gets. */
  @Needs({Peer.NGHTTPX, Peer.PYTHON})
  @Nested
  final class Nghttpx {
    @Test
    void aPriorityThatChangesReachesTheServer() {
      try (Server server =
              Server.start(
                  "http2-priorities",
                  1,
                  ports ->
                      List.of(
                          Peer.NGHTTPX.program(),
                          "--conf=/dev/null",
                          "--single-process",
                          "--frontend-frame-debug",
                          "-f127.0.0.1," + ports.get(0) + ";no-tls",
                          "-b127.0.0.1," + Servers.origin().port(0)));
          Witness witness = open(server.port(0), false)) {
        witness.get("/page.txt"); // its SETTINGS have come
        Exchange post = witness.begin(Request.of("POST", "/length").priority(5, true));
        post.priority(0, false);
        post.data(Bytes.ofUtf8("a body"), true);
        assertThat(witness.answer(witness.until(Response.class)).status()).isEqualTo(200);
        assertThat(server.printed())
            .contains("priority: u=5, i")
            .containsPattern("recv .*PRIORITY_UPDATE")
            .contains("priority_field_value=[u=0]");
        isUsable(witness);
      }
    }
  }

  /** Its streams begin with a window of 0, and it has TLS only. */
  @Needs(Peer.LIBWEBSOCKETS)
  @Nested
  final class Libwebsockets {
    private Witness open() {
      // It drops a connection that begins more than its 24 streams before its SETTINGS have come.
      ConnectionOptions few = options(true, Protocol.HTTP_2).http2(Http2.DEFAULT.maxStreams(20));
      return Witness.open("127.0.0.1", Servers.libwebsockets(true), few);
    }

    @Test
    void requestsAreAnswered() {
      try (Witness witness = open()) {
        List<Exchange> asked = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
          asked.add(witness.request(Request.of("GET", "/test.html")));
        }
        Set<Integer> statuses = new HashSet<>();
        for (int ended = 0; ended < asked.size(); ) {
          Message.OfStream message = witness.until(Message.OfStream.class);
          if (message instanceof Response response) {
            statuses.add(response.status());
          }
          assertThat(message).isNotInstanceOf(StreamFailed.class);
          ended += message.ends() ? 1 : 0;
        }
        assertThat(statuses).hasSize(1);
        assertThat(witness.told().getFirst())
            .isInstanceOfSatisfying(
                Up.class, up -> assertThat(up.protocol()).isEqualTo(Protocol.HTTP_2));
      }
    }

    @Test
    void webSocketsOnOneConnectionSeeWhatOneSends() {
      try (Witness witness = open()) {
        WebSocketOptions mirror = WebSocketOptions.DEFAULT.subprotocols("lws-mirror-protocol");
        List<WebSocket> sockets = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
          sockets.add(witness.webSocket("/", mirror));
          assertThat(witness.until(Upgraded.class).subprotocol()).hasValue("lws-mirror-protocol");
        }
        for (int i = 0; i < 20; i++) {
          Text text = new Text("d #ff0000 " + i + " 2 3 4;" + "c".repeat(50 * i));
          sockets.getFirst().send(text);
          Set<Object> heard = new HashSet<>();
          while (heard.size() < sockets.size()) {
            WebSocketFrame frame = witness.next(WebSocketFrame.class);
            assertThat(frame.frame()).isEqualTo(text);
            heard.add(frame.stream());
          }
        }
      }
    }
  }

  @Needs(Peer.NODE)
  @Nested
  final class Node {
    private Witness open() {
      return Http2PeersTest.open(Http2Peer.NODE.shared(false), false);
    }

    @Test
    void informationalResponsesComeBeforeTheResponse() {
      try (Witness witness = open()) {
        witness.request(Request.of("GET", "/hints"));
        witness.next(Up.class);
        assertThat(witness.next(Inform.class).status()).isEqualTo(102);
        Inform hints = witness.next(Inform.class);
        assertThat(hints.status()).isEqualTo(103);
        assertThat(hints.headers().first("link")).hasValue("</style.css>; rel=preload");
        assertThat(witness.answer(witness.next(Response.class)).body()).isEqualTo(PAGE);
        isUsable(witness);
      }
    }

    @Test
    void trailersOfARequestArrive() {
      try (Witness witness = open()) {
        Exchange post = witness.begin(Request.of("POST", "/length"));
        post.data(Bytes.ofUtf8("a body"), false);
        post.trailers(Headers.of("digest", "adler32=x"));
        assertThat(witness.answer(witness.until(Response.class)).body())
            .isEqualTo("POST 6 adler32=x");
        isUsable(witness);
      }
    }

    @Test
    void pushIsSwitchedOff() {
      try (Witness witness = open()) {
        assertThat(witness.get("/push").body()).isEqualTo("push false");
        isUsable(witness);
      }
    }

    private Witness pushing() {
      return Http2PeersTest.pushing(Http2Peer.NODE.shared(false), Http2.DEFAULT.push(true));
    }

    @Test
    void whatIsPushedArrives() {
      try (Witness witness = pushing()) {
        Map<String, String> bodies = bodies(witness, "/push", 3);
        assertThat(bodies).containsOnlyKeys("/push", "/style", "/script", "/never");
        assertThat(bodies.get("/push")).isEqualTo("push true");
        assertThat(bodies.get("/style")).isEqualTo("/style".repeat(50_000));
        assertThat(bodies.get("/script")).isEqualTo("/script".repeat(50_000));
        assertThat(bodies.get("/never")).isEmpty();
        isUsable(witness); // and the promise that is not kept ends with the connection
      }
    }

    @Test
    void aPushIsCancelled() {
      try (Witness witness = pushing()) {
        witness.request(Request.of("GET", "/push").credit(0));
        Exchange style = Exchange.of(witness.until(Push.class).promised());
        Push script = witness.until(Push.class);
        style.cancel();
        StreamFailed failed = witness.until(StreamFailed.class);
        assertThat(failed.stream()).isSameAs(style);
        Exchange.of(script.promised()).credit(Request.UNLIMITED);
        Data data = witness.until(Data.class);
        assertThat(data.stream()).isSameAs(script.promised());
      }
    }

    @Test
    void whatIsOverTheLimitIsRefused() {
      Http2 one = Http2.DEFAULT.push(true).maxPushes(1);
      List<Event> events = new CopyOnWriteArrayList<>();
      ConnectionOptions options = options(false, Protocol.HTTP_2).http2(one).listener(events::add);
      try (Witness witness = Witness.open("127.0.0.1", Http2Peer.NODE.shared(false), options)) {
        witness.request(Request.of("GET", "/push").credit(0)); // which keeps the first push
        Push style = witness.until(Push.class);
        witness.until(Response.class);
        assertThat(events)
            .filteredOn(Event.PushRefused.class::isInstance)
            .extracting(event -> ((Event.PushRefused) event).reason())
            .containsExactly(
                new Reason.Limit(Reason.Bound.PUSHES, 1), new Reason.Limit(Reason.Bound.PUSHES, 1));
        Exchange.of(style.promised()).cancel();
        assertThat(witness.until(StreamFailed.class).stream()).isSameAs(style.promised());
      }
    }

    @Test
    void anAnswerThatComesBeforeTheBodyHasEndedIsAGoodOne() {
      try (Witness witness = open()) {
        Exchange post = witness.begin(Request.of("POST", "/early"));
        post.data(Bytes.wrap(new byte[1000]), false);
        Witness.Answer answer = witness.answer(witness.until(Response.class));
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.body()).isEqualTo("too much\n");
        isUsable(witness);
      }
    }

    @Test
    void aServerThatChangesItsSettingsIsObeyed() {
      try (Witness witness = open()) {
        assertThat(witness.get("/settings").body()).isEqualTo("changed\n");
        List<Exchange> asked = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
          Request post = Request.of("POST", "/length").body(Bytes.wrap(new byte[100_000]));
          asked.add(witness.request(post));
        }
        int whole = 0;
        for (int ended = 0; ended < asked.size(); ) {
          Message.OfStream message = witness.until(Message.OfStream.class);
          if (message instanceof Data data && data.bytes().utf8().equals("POST 100000 ")) {
            whole++;
          }
          ended += message.ends() ? 1 : 0;
        }
        assertThat(whole).isEqualTo(20);
        isUsable(witness);
      }
    }

    @Test
    void aPingIsAnswered() {
      try (Witness witness = open()) {
        assertThat(witness.get("/ping").body()).isEqualTo("lariat!!");
        isUsable(witness);
      }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 4711})
    void aResetNamesItsCodeAndSparesTheConnection(int code) {
      try (Witness witness = open()) {
        Exchange exchange = witness.request(Request.of("GET", "/reset/" + code));
        StreamFailed failed = witness.until(StreamFailed.class);
        assertThat(failed.stream()).isEqualTo(exchange);
        assertThat(failed.reason()).isEqualTo(new Reason.StreamReset(code));
        isUsable(witness);
      }
    }

    @Test
    void aRefusedRequestWasNotActedUpon() {
      try (Witness witness = open()) {
        witness.request(Request.of("POST", "/reset/7"));
        assertThat(witness.until(StreamFailed.class).reason())
            .isInstanceOf(Reason.Unprocessed.class);
        isUsable(witness);
      }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 11})
    void aServerThatGoesAwayAnswersWhatItHasBegunAndIsFoundAgain(int code) {
      try (Witness witness = open()) {
        assertThat(witness.get("/goaway/" + code).body()).isEqualTo("the last one\n");
        Reason expected = code == 0 ? new Reason.Closed() : new Reason.GoAway(code, "because");
        Down down = witness.until(Down.class);
        assertThat(down.reason()).isEqualTo(expected);
        assertThat(down.killed()).isEmpty();
        witness.until(Up.class);
        assertThat(witness.get("/page.txt").body()).isEqualTo(PAGE);
      }
    }

    @Test
    void aConnectionThatIsDestroyedIsMadeAgain() {
      try (Witness witness = open()) {
        witness.request(Request.of("GET", "/destroy"));
        witness.until(StreamFailed.class);
        witness.until(Down.class);
        witness.until(Up.class);
        assertThat(witness.get("/page.txt").body()).isEqualTo(PAGE);
      }
    }
  }

  /** Which protocol a connection with TLS speaks (RFC 7301). */
  @Nested
  final class Alpn {
    private void speaks(int port, Protocol spoken, Protocol... offered) {
      try (Witness witness = Witness.open("127.0.0.1", port, options(true, offered))) {
        assertThat(witness.next(Up.class).protocol()).isEqualTo(spoken);
        assertThat(witness.get("/page.txt").body()).isEqualTo(PAGE);
      }
    }

    @Needs({Peer.NGINX, Peer.PYTHON, Peer.PYTHON_WEBSOCKETS})
    @ParameterizedTest
    @CsvSource({"HTTP_2, HTTP_1_1", "HTTP_1_1, HTTP_2"})
    void aServerOfHttp11AloneGetsIt(Protocol first, Protocol second) {
      speaks(Servers.nginx().port(1), Protocol.HTTP_1_1, first, second); // chooses http/1.1
      speaks(Servers.origin().port(2), Protocol.HTTP_1_1, first, second); // has no ALPN
    }

    @Needs({Peer.NGINX, Peer.PYTHON, Peer.PYTHON_WEBSOCKETS})
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void http2AloneFailsAtAServerOfHttp11(boolean alpn) {
      int port = alpn ? Servers.nginx().port(1) : Servers.origin().port(2);
      ConnectionOptions options = options(true, Protocol.HTTP_2);
      try (Witness witness = Witness.open("127.0.0.1", port, options)) {
        assertThat(witness.firstFailure()).isInstanceOf(Reason.Tls.class);
      }
    }

    @Needs({Peer.HAPROXY, Peer.PYTHON, Peer.PYTHON_WEBSOCKETS})
    @ParameterizedTest
    @CsvSource({"HTTP_2, HTTP_1_1", "HTTP_1_1, HTTP_2"})
    void aServerOfBothChooses(Protocol first, Protocol second) {
      int port = Http2Peer.HAPROXY.shared(true);
      speaks(port, Protocol.HTTP_2, first, second);
      speaks(port, first, first);
      speaks(port, second, second);
    }
  }
}
