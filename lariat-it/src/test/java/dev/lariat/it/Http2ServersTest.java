package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Exchange;
import dev.lariat.WebSocket;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Down;
import dev.lariat.message.Headers;
import dev.lariat.message.Inform;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.StreamRef;
import dev.lariat.message.Text;
import dev.lariat.message.Trailers;
import dev.lariat.message.Up;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketClosed;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Http2;
import dev.lariat.option.Keepalive;
import dev.lariat.option.Request;
import dev.lariat.option.WebSocketOptions;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One contract of HTTP/2, held by servers that others wrote. */
final class Http2ServersTest {
  private static final String PAGE = "a page\n";
  private static final int LARGE = 1_000_000;
  private static final int HUGE = 64 << 20;
  private static final int UPLOAD = 16 << 20;

  @Needs({Peer.NGHTTPD, Peer.PYTHON})
  @Nested
  final class Nghttpd extends Contract {
    Nghttpd() {
      super(Http2Peer.NGHTTPD);
    }

    @Override
    String upload() {
      return "/page.txt"; // any path: it sends back what it got
    }

    @Override
    long uploaded(Tally answer) {
      return answer.bytes;
    }

    @Override
    String trailers() {
      return "/page.txt";
    }

    @Override
    boolean empties() {
      return false;
    }
  }

  @Needs({Peer.NGINX, Peer.PYTHON_WEBSOCKETS})
  @Nested
  final class Nginx extends Contract {
    Nginx() {
      super(Http2Peer.NGINX);
    }

    /** This nginx takes trailers for the head of another request. */
    @Override
    boolean takesTrailers() {
      return false;
    }

    @Override
    boolean consents() {
      return false;
    }
  }

  @Needs({Peer.HAPROXY, Peer.PYTHON, Peer.PYTHON_WEBSOCKETS})
  @Nested
  final class Haproxy extends WebSocketsToo {
    Haproxy() {
      super(Http2Peer.HAPROXY);
    }

    /**
     * With pings: this version now and then stops sending what the windows have room for, with any
     * client, until something comes from the client.
     */
    @Override
    ConnectionOptions options(boolean tls) {
      Keepalive pings = new Keepalive(Duration.ofSeconds(1), Duration.ofSeconds(5));
      return super.options(tls).http2(Http2.DEFAULT.keepalive(pings));
    }
  }

  @Needs({Peer.H2O, Peer.PYTHON})
  @Nested
  final class H2o extends Contract {
    H2o() {
      super(Http2Peer.H2O);
    }

    @Override
    boolean consents() {
      return false;
    }

    @Override
    String trailers() {
      return "";
    }
  }

  @Needs({Peer.NGHTTPX, Peer.PYTHON, Peer.PYTHON_WEBSOCKETS})
  @Nested
  final class Nghttpx extends WebSocketsToo {
    Nghttpx() {
      super(Http2Peer.NGHTTPX);
    }

    @Override
    boolean consents() {
      return false;
    }
  }

  @Needs(Peer.HYPERCORN)
  @Nested
  final class Hypercorn extends WebSocketsToo {
    Hypercorn() {
      super(Http2Peer.HYPERCORN);
    }

    /** It forgets the stream at its close frame, and fails at the END_STREAM that follows. */
    @Override
    boolean outlivesWebSockets() {
      return false;
    }

    @Override
    boolean consents() {
      return false;
    }

    @Override
    String trailers() {
      return "";
    }
  }

  @Needs({Peer.CADDY, Peer.PYTHON})
  @Nested
  final class Caddy extends Contract {
    Caddy() {
      super(Http2Peer.CADDY);
    }
  }

  @Needs(Peer.NODE)
  @Nested
  final class Node extends WebSocketsToo {
    Node() {
      super(Http2Peer.NODE);
    }
  }

  /** What has come of one response. */
  private static final class Tally {
    final CRC32 checksum = new CRC32();
    final StringBuilder text = new StringBuilder();
    int status;
    Headers headers = Headers.EMPTY;
    Headers trailers = Headers.EMPTY;
    long bytes;
    boolean ended;

    void add(Message.OfStream message) {
      switch (message) {
        case Response response -> {
          status = response.status();
          headers = response.headers();
        }
        case Data(var stream, var fin, var part) -> {
          checksum.update(part.asByteBuffer());
          bytes += part.size();
          if (bytes < 1000) {
            text.append(part.utf8());
          }
        }
        case Trailers its -> trailers = its.headers();
        case Inform inform -> {}
        case Message.OfStream other -> throw new AssertionError(other);
      }
      ended |= message.ends();
    }
  }

  /** The ways to send a body. */
  enum Kind {
    WHOLE,
    PARTS,
    FILE,
    STREAM,
    PUBLISHER
  }

  /** What every server does. */
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  abstract static class Contract {
    private static final byte[] BODY = Servers.numbers(UPLOAD);

    final Http2Peer peer;

    Contract(Http2Peer peer) {
      this.peer = peer;
    }

    /** Where a body is counted, and the answer says how long it was. */
    String upload() {
      return "/length";
    }

    /** How long the body was, by the server's answer. */
    long uploaded(Tally answer) {
      return Long.parseLong(answer.text.toString().split(" ")[1]);
    }

    /** The path of a page that ends with trailers; empty if the server cannot do that. */
    String trailers() {
      return "/trailers";
    }

    /** Whether there is a page of status 204. */
    boolean empties() {
      return true;
    }

    /** Whether the body of a request may have trailers. */
    boolean takesTrailers() {
      return true;
    }

    /** Whether it says 100 when that is awaited. */
    boolean consents() {
      return true;
    }

    ConnectionOptions options(boolean tls) {
      return (tls ? Way.TLS : Way.PLAIN).options().protocols(Protocol.HTTP_2);
    }

    final Witness open(boolean tls) {
      Witness witness = Witness.open("127.0.0.1", peer.shared(tls), options(tls));
      assertThat(witness.next(Up.class).protocol()).isEqualTo(Protocol.HTTP_2);
      return witness;
    }

    /** Asks for a page, which only an intact connection answers; there was one all the time. */
    static void isUsable(Witness witness) {
      assertThat(tally(witness, witness.request(get("/page.txt"))).text.toString()).isEqualTo(PAGE);
      assertThat(witness.told().stream().filter(Up.class::isInstance)).hasSize(1);
    }

    static Request get(String path) {
      return Request.of("GET", path);
    }

    /** The whole response of a stream, whatever else comes between. */
    static Tally tally(Witness witness, Exchange exchange) {
      return tally(witness, List.of(exchange)).get(exchange);
    }

    static Map<StreamRef, Tally> tally(Witness witness, List<Exchange> exchanges) {
      Map<StreamRef, Tally> all = new HashMap<>();
      exchanges.forEach(exchange -> all.put(exchange, new Tally()));
      int running = all.size();
      while (running > 0) {
        Message.OfStream message = witness.until(Message.OfStream.class);
        Tally tally = all.get(message.stream());
        if (tally != null) {
          tally.add(message);
          running -= tally.ended ? 1 : 0;
        }
      }
      return all;
    }

    static long checksum(byte[] bytes) {
      CRC32 checksum = new CRC32();
      checksum.update(bytes);
      return checksum.getValue();
    }

    // ---- requests

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void requestsOneAtATimeAreAnswered(boolean tls) {
      try (Witness witness = open(tls)) {
        for (int i = 0; i < 50; i++) {
          Tally page = tally(witness, witness.request(get("/page.txt")));
          assertThat(page.status).isEqualTo(200);
          assertThat(page.text.toString()).isEqualTo(PAGE);
        }
        isUsable(witness);
      }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void fiveHundredRequestsAtATimeAreAnsweredEach(boolean tls) {
      try (Witness witness = open(tls)) {
        List<Exchange> asked = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
          asked.add(witness.request(get(i % 10 == 0 ? "/large.txt" : "/page.txt")));
        }
        Map<StreamRef, Tally> answers = tally(witness, asked);
        for (int i = 0; i < 500; i++) {
          Tally answer = answers.get(asked.get(i));
          assertThat(answer.status).isEqualTo(200);
          assertThat(answer.bytes).isEqualTo(i % 10 == 0 ? LARGE : PAGE.length());
        }
        isUsable(witness);
      }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aLargeDownloadArrivesWhole(boolean tls) {
      try (Witness witness = open(tls)) {
        Tally huge = tally(witness, witness.request(get("/huge.bin")));
        assertThat(huge.bytes).isEqualTo(HUGE);
        assertThat(huge.checksum.getValue()).isEqualTo(checksum(Servers.numbers(HUGE)));
        isUsable(witness);
      }
    }

    @Test
    void aHeadHasNoContent() {
      try (Witness witness = open(false)) {
        Tally head = tally(witness, witness.request(Request.of("HEAD", "/large.txt")));
        assertThat(head.status).isEqualTo(200);
        assertThat(head.headers.first("content-length")).hasValue("1000000");
        assertThat(head.bytes).isZero();
        isUsable(witness);
      }
    }

    @Test
    void whatHasNotChangedHasNoContent() {
      try (Witness witness = open(false)) {
        Tally page = tally(witness, witness.request(get("/page.txt")));
        String when = page.headers.first("last-modified").orElseThrow();
        Request again = get("/page.txt").header("if-modified-since", when);
        Tally same = tally(witness, witness.request(again));
        assertThat(same.status).isEqualTo(304);
        assertThat(same.bytes).isZero();
        isUsable(witness);
      }
    }

    @Test
    void anEmptyResponseIsOne() {
      try (Witness witness = open(false)) {
        if (empties()) {
          Tally empty = tally(witness, witness.request(get("/empty")));
          assertThat(empty.status).isEqualTo(204);
          assertThat(empty.bytes).isZero();
        }
        isUsable(witness);
      }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void trailersEndAResponse(boolean tls) {
      try (Witness witness = open(tls)) {
        if (!trailers().isEmpty()) {
          Tally page = tally(witness, witness.request(get(trailers())));
          assertThat(page.text.toString()).isEqualTo(PAGE);
          assertThat(page.trailers.first("digest")).hasValue("adler32=03da0195");
        }
        isUsable(witness);
      }
    }

    // ---- bodies

    @ParameterizedTest
    @EnumSource
    void aLargeBodyArrivesWhole(Kind kind, @TempDir Path folder) throws Exception {
      try (Witness witness = open(false)) {
        uploads(witness, kind, folder);
      }
    }

    @ParameterizedTest
    @EnumSource
    void aLargeBodyArrivesWholeWithTls(Kind kind, @TempDir Path folder) throws Exception {
      try (Witness witness = open(true)) {
        uploads(witness, kind, folder);
      }
    }

    private void uploads(Witness witness, Kind kind, Path folder) throws Exception {
      Request post = Request.of("POST", upload());
      Exchange exchange =
          kind == Kind.WHOLE
              ? witness.request(post.body(Bytes.wrap(BODY)))
              : witness.begin(post.sendQueue(1 << 20));
      switch (kind) {
        case WHOLE -> {}
        case PARTS -> {
          int size = 100_000;
          for (int from = 0; from < UPLOAD; from += size) {
            int count = Math.min(size, UPLOAD - from);
            Bytes part = Bytes.wrap(Arrays.copyOfRange(BODY, from, from + count));
            exchange.data(part, from + count == UPLOAD);
          }
        }
        case FILE -> exchange.send(Files.write(folder.resolve("body"), BODY));
        case STREAM -> exchange.send(new ByteArrayInputStream(BODY));
        case PUBLISHER -> exchange.send(new Slices()).get(30, TimeUnit.SECONDS);
      }
      Tally answer = tally(witness, exchange);
      assertThat(answer.status).isEqualTo(200);
      assertThat(uploaded(answer)).isEqualTo(UPLOAD);
      isUsable(witness);
    }

    /** Publishes {@link #BODY} in parts, as they are asked for. */
    private static final class Slices implements Flow.Publisher<Bytes> {
      @Override
      public void subscribe(Flow.Subscriber<? super Bytes> subscriber) {
        subscriber.onSubscribe(
            new Flow.Subscription() {
              private int from;

              @Override
              public void request(long items) {
                for (long i = 0; i < items && from < UPLOAD; i++) {
                  int to = Math.min(UPLOAD, from + 30_000);
                  Bytes part = Bytes.wrap(Arrays.copyOfRange(BODY, from, to));
                  from = to;
                  subscriber.onNext(part);
                  if (to == UPLOAD) {
                    subscriber.onComplete();
                  }
                }
              }

              @Override
              public void cancel() {
                from = UPLOAD;
              }
            });
      }
    }

    @Test
    void trailersOfARequestDoNoHarm() {
      try (Witness witness = open(false)) {
        Exchange post = witness.begin(Request.of("POST", upload()));
        post.data(Bytes.ofUtf8("a body"), false);
        post.trailers(Headers.of("digest", "x"));
        if (takesTrailers()) {
          assertThat(uploaded(tally(witness, post))).isEqualTo(6);
          isUsable(witness);
        } else {
          Reason reason = witness.until(StreamFailed.class).reason();
          assertThat(reason).isEqualTo(new Reason.GoAway(1, ""));
        }
      }
    }

    @Test
    void aBodyWaitsForTheServersConsentOrItsTime() {
      try (Witness witness = open(false)) {
        Duration patience = consents() ? Witness.PATIENCE : Duration.ofMillis(100);
        Exchange post = witness.begin(Request.of("POST", upload()).expectContinue(patience));
        post.data(Bytes.ofUtf8("a body"), true);
        if (consents()) {
          assertThat(witness.until(Inform.class).status()).isEqualTo(100);
        }
        assertThat(uploaded(tally(witness, post))).isEqualTo(6);
        isUsable(witness);
      }
    }

    // ---- streams

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCancelledDownloadSparesTheOthers(boolean tls) {
      try (Witness witness = open(tls)) {
        Exchange cancelled = witness.request(get("/huge.bin").credit(1));
        Exchange other = witness.request(get("/huge.bin"));
        while (witness.until(Data.class).stream() != cancelled) {
          // the other one's
        }
        Exchange third = witness.request(get("/large.txt"));
        cancelled.cancel();
        Map<StreamRef, Tally> answers = tally(witness, List.of(third));
        assertThat(answers.get(third).bytes).isEqualTo(LARGE);
        other.cancel();
        isUsable(witness);
      }
    }

    @Test
    void aDownloadThatNobodyReadsHoldsUpNoOther() {
      try (Witness witness = open(false)) {
        List<Exchange> unread = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          unread.add(witness.request(get("/huge.bin").credit(0)));
        }
        Exchange read = witness.request(get("/huge.bin"));
        assertThat(tally(witness, read).bytes).isEqualTo(HUGE);
        unread.getFirst().credit(Request.UNLIMITED);
        unread.stream().skip(1).forEach(Exchange::cancel);
        isUsable(witness);
      }
    }

    // ---- the connection

    @Test
    void aServerThatIsKilledIsFoundAgain() {
      try (Server own = peer.start("killed-" + peer.name(), false);
          Witness witness = Witness.open("127.0.0.1", peer.port(own, false), options(false))) {
        Exchange unread = witness.request(get("/huge.bin").credit(1));
        while (witness.until(Data.class).stream() != unread) {
          // nothing else
        }
        own.kill();
        unread.credit(Request.UNLIMITED); // what came before is told first
        StreamFailed failed = witness.until(StreamFailed.class);
        assertThat(failed.stream()).isEqualTo(unread);
        assertThat(failed.reason()).isInstanceOf(Reason.Incomplete.class);
        own.restart();
        witness.until(Up.class);
        Down down = (Down) witness.told().stream().filter(Down.class::isInstance).findFirst().get();
        boolean atOnce = witness.told().indexOf(failed) < witness.told().indexOf(down);
        assertThat(down.killed()).isEqualTo(atOnce ? List.of(unread) : List.of());
        assertThat(tally(witness, witness.request(get("/page.txt"))).text.toString())
            .isEqualTo(PAGE);
      }
    }

    @Test
    void aWebSocketIsOpenBesideRequestsOrClearlyRefused() {
      try (Witness witness = open(false)) {
        WebSocket socket = witness.webSocket("/echo", WebSocketOptions.DEFAULT);
        StreamFailed failed = witness.next(StreamFailed.class);
        assertThat(failed.stream()).isEqualTo(socket);
        assertThat(failed.reason())
            .isEqualTo(new Reason.NotOffered("WebSocket over HTTP/2", "RFC 8441 section 3"));
        isUsable(witness);
      }
    }
  }

  /** What those do that have WebSockets over HTTP/2. */
  abstract static class WebSocketsToo extends Contract {
    private static final int SOCKETS = 10;

    WebSocketsToo(Http2Peer peer) {
      super(peer);
    }

    /** Whether the connection goes on when one of its WebSockets has ended. */
    boolean outlivesWebSockets() {
      return true;
    }

    @Override
    @Test
    void aWebSocketIsOpenBesideRequestsOrClearlyRefused() {
      tenWebSocketsShareTheConnectionWithRequests(false);
    }

    @Test
    void tenWebSocketsShareTheConnectionWithRequestsWithTls() {
      tenWebSocketsShareTheConnectionWithRequests(true);
    }

    private void tenWebSocketsShareTheConnectionWithRequests(boolean tls) {
      try (Witness witness = open(tls)) {
        List<WebSocket> sockets = new ArrayList<>();
        for (int i = 0; i < SOCKETS; i++) {
          sockets.add(witness.webSocket("/echo", WebSocketOptions.DEFAULT));
        }
        for (int i = 0; i < SOCKETS; i++) {
          witness.until(Upgraded.class);
        }
        Exchange large = witness.request(get("/large.txt"));
        Bytes binary = Bytes.wrap(Servers.numbers(100_000));
        Map<StreamRef, List<Object>> echoed = new HashMap<>();
        for (WebSocket socket : sockets) {
          echoed.put(socket, new ArrayList<>());
          socket.send(new Text("of " + sockets.indexOf(socket)));
          socket.send(new Binary(binary));
        }
        Tally answer = new Tally();
        int missing = 2 * SOCKETS;
        while (missing > 0 || !answer.ended) {
          switch (witness.until(Message.OfStream.class)) {
            case WebSocketFrame(var socket, var frame) -> {
              echoed.get(socket).add(frame);
              missing--;
            }
            case Message.OfStream other -> {
              assertThat(other.stream()).isEqualTo(large);
              answer.add(other);
            }
          }
        }
        assertThat(answer.bytes).isEqualTo(LARGE);
        for (WebSocket socket : sockets) {
          assertThat(echoed.get(socket))
              .containsExactly(new Text("of " + sockets.indexOf(socket)), new Binary(binary));
        }
        if (outlivesWebSockets()) {
          sockets.getFirst().close();
          assertThat(witness.until(WebSocketClosed.class).stream()).isEqualTo(sockets.getFirst());
        }
        sockets.getLast().send(new Text("still here"));
        assertThat(witness.frame()).isEqualTo(new Text("still here"));
        isUsable(witness);
      }
    }
  }
}
