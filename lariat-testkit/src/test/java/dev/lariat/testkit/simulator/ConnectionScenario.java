package dev.lariat.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Data;
import dev.lariat.message.Frame;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Push;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamRef;
import dev.lariat.message.Text;
import dev.lariat.message.Trailers;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Http1;
import dev.lariat.option.Keepalive;
import dev.lariat.option.Request;
import dev.lariat.option.WebSocketOptions;
import dev.lariat.testkit.Asked;
import dev.lariat.testkit.ClientGoneException;
import dev.lariat.testkit.Http2Visit;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Reply;
import dev.lariat.testkit.Simulation;
import dev.lariat.testkit.Visit;
import dev.lariat.testkit.WebSocketVisit;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A connection through everything that can happen to it: requests of all kinds, pipelined,
 * streamed, cancelled, too late; WebSockets; and a server that answers well, badly or not at all.
 * Each request has a number, which its response repeats, and what belongs into a body follows from
 * it.
 */
final class ConnectionScenario {
  private static final String HOST = "api.example";
  private static final Duration LONG = Duration.ofMinutes(30);

  /** A stream as its owner knows it. */
  private static final class Asking {
    final StreamRef stream;
    final int number;
    final boolean head;
    final int length; // of the response's body, where it has one
    final ByteArrayOutputStream body = new ByteArrayOutputStream();
    int uploaded;
    boolean uploading;
    @Nullable Response response;
    boolean complete;
    int frames;

    Asking(StreamRef stream, int number, String method, String target) {
      this.stream = stream;
      this.number = number;
      this.head = method.equals("HEAD");
      this.length = length(target);
    }
  }

  private final Simulation simulation;
  private final Protocol protocol;
  private final Chance chance;
  private final Road road;
  private final Mischief mischief;
  private final Origin origin;
  private final Weather weather;
  private final Mailbox mailbox;
  private final boolean givesUp;
  private final Connection connection;
  private final ConnectionWitness witness;

  // the server's side
  private boolean kind;
  private int promised; // the number of the last response that was promised; none is positive
  private final Set<Integer> seen = new HashSet<>(); // the numbers of requests
  private final Set<Integer> framesOf = new HashSet<>();

  // the owner's side
  private int asked;
  private final Map<StreamRef, Asking> all = new HashMap<>();
  private final List<Asking> open = new ArrayList<>();
  private int answered; // wholly

  ConnectionScenario(Simulation simulation, long seed, Road road) {
    this.simulation = simulation;
    this.chance = new Chance(seed);
    this.road = road;
    this.mischief = new Mischief(chance);
    this.protocol = Chance.protocol(seed);
    this.origin = simulation.origin(HOST, 80, this::serve);
    this.weather = new Weather(chance, simulation.host(HOST), origin);
    this.mailbox = chance.mailbox();
    Backoff retry = chance.oneOf(Backoff.GUN, Backoff.NEVER, chance.backoff(), chance.backoff());
    this.givesUp = retry.attempts() < Backoff.FOREVER;
    this.connection =
        Lariat.open(
            HOST,
            80,
            road.through(
                ConnectionOptions.DEFAULT
                    .platform(simulation.platform())
                    .timeouts(chance.timeouts())
                    .protocols(protocol)
                    .http2(chance.http2())
                    .http1(
                        Http1.DEFAULT
                            .pipelining(chance.oneOf(1, 1, 3, 100))
                            .pipelinedMethods(chance.oneOf(Http1.Methods.values())))
                    .retry(retry)),
            mailbox);
    this.witness = new ConnectionWitness(connection, protocol);
  }

  /** What belongs into the body of this number. */
  private static byte[] bytes(int number, int from, int to) {
    byte[] bytes = new byte[to - from];
    for (int i = from; i < to; i++) {
      bytes[i - from] = (byte) (number * 31 + i * 7 + (i >> 8));
    }
    return bytes;
  }

  private static int number(String target) {
    return Integer.parseInt(target.substring(1, target.indexOf('/', 1)));
  }

  private static int length(String target) {
    return Integer.parseInt(target.substring(target.indexOf('/', 1) + 1));
  }

  // ---- the server

  private void serve(Visit visit) throws Exception {
    if (!kind && chance.half() && mischief.atTheDoor(visit)) {
      return;
    }
    for (Asked head = visit.head(); head != null; head = visit.head()) {
      int number = number(head.target());
      assertThat(seen.add(number)).as("request " + number + " comes once").isTrue();
      try {
        if (!serves(visit, head, number)) {
          return;
        }
      } catch (ClientGoneException e) { // or it has only cancelled the request
        if (protocol == Protocol.HTTP_1_1 || visit.clientGone()) {
          throw e;
        }
      }
    }
  }

  /** Serves a request, and says whether another one may follow. */
  private boolean serves(Visit visit, Asked head, int number) throws Exception {
    if (!kind && protocol == Protocol.HTTP_2) {
      Mischief.Fate fate = mischief.onHttp2(visit);
      if (fate == Mischief.Fate.REFUSED) {
        seen.remove(number); // nothing was done for it
      }
      if (fate != Mischief.Fate.GOES_ON) {
        return true;
      }
    }
    if (visit.asksForWebSocket()) {
      if (kind || chance.number(0, 4) > 0) {
        return talk(visit, number);
      }
      visit.respond(chance.oneOf(401, 403, 426), named(number), Bytes.ofUtf8("no"));
      return true;
    }
    if (!kind && protocol == Protocol.HTTP_2) {
      pushes(visit.http2());
    }
    boolean early = !kind && chance.oneIn(10);
    if (!early) {
      if (head.headers().contains("expect") && chance.half()) {
        visit.inform(100, Headers.EMPTY);
      }
      checkUpload(number, visit.body());
    }
    if (!answers(visit, head, number)) {
      return false;
    }
    if (early) {
      checkUpload(number, visit.body()); // or the next head of HTTP/1.1 could not be found
    }
    return true;
  }

  /** Promises some responses beside the next one, and keeps most of the promises. */
  private void pushes(Http2Visit http2) throws Exception {
    for (int left = chance.number(0, 2); left > 0 && http2.pushes(); left--) {
      int number = --promised;
      int length = chance.oneOf(0, 100, 100_000);
      int stream = http2.promise("/" + number + "/" + length, Headers.EMPTY);
      if (chance.number(0, 3) > 0) {
        http2.push(stream, 200, named(number), Bytes.wrap(bytes(number, 0, length)));
      }
    }
  }

  private static void checkUpload(int number, Bytes body) {
    assertThat(body.toArray()).isEqualTo(bytes(-number, 0, body.size()));
  }

  private static Headers named(int number) {
    return Headers.of("x-number", "" + number);
  }

  /** Answers, and says whether another request may follow. */
  private boolean answers(Visit visit, Asked head, int number) throws Exception {
    int length = length(head.target());
    if (!kind) {
      switch (chance.number(0, 39)) {
        case 0 -> visit.reset();
        case 1 -> visit.halfOpen();
        case 2 -> visit.cutAfter(chance.number(0, length + 100));
        case 3 -> {
          return false; // no answer
        }
        case 4 -> visit.slow(chance.millis(1, 20));
        case 5 -> visit.pause(chance.millis(100, 60_000));
        case 6 -> {
          visit.garbage();
          return false;
        }
        default -> {}
      }
    }
    if (chance.oneIn(8)) {
      visit.inform(103, named(number));
    }
    if (head.method().equals("HEAD")) {
      visit.respond(200, named(number), Bytes.wrap(bytes(number, 0, length)));
      return true;
    }
    return answersBody(visit, number, length);
  }

  private boolean answersBody(Visit visit, int number, int length) throws Exception {
    switch (chance.number(0, 5)) {
      case 0 -> {
        Reply reply = visit.beginChunked(200, named(number));
        pieces(visit, reply, number, length);
        if (chance.half()) {
          reply.end();
        } else {
          reply.end(Headers.of("x-end", "" + number));
        }
      }
      case 1 -> {
        Reply reply = visit.beginUntilClose(200, named(number));
        pieces(visit, reply, number, length);
        return false;
      }
      case 2 -> pieces(visit, visit.begin(200, named(number), length), number, length);
      case 3 -> {
        if (chance.oneIn(4)) {
          visit.respond(
              200, named(number).with("connection", "close"), Bytes.wrap(bytes(number, 0, length)));
          return false;
        }
        visit.respond(chance.oneOf(204, 304), named(number), Bytes.EMPTY);
      }
      default -> visit.respond(200, named(number), Bytes.wrap(bytes(number, 0, length)));
    }
    return true;
  }

  private void pieces(Visit visit, Reply reply, int number, int length) throws Exception {
    int most = chance.number(1, 5000);
    for (int at = 0; at < length; ) {
      int to = Math.min(length, at + chance.number(1, most));
      reply.write(Bytes.wrap(bytes(number, at, to)));
      at = to;
      if (chance.oneIn(10)) {
        visit.pause(chance.millis(1, 2000));
      }
    }
  }

  /** Talks on a WebSocket, and says whether another request may follow. */
  private boolean talk(Visit visit, int number) throws Exception {
    WebSocketVisit socket = visit.acceptWebSocket(named(number));
    int said = 0;
    while (!visit.clientGone()) {
      Frame frame = socket.receive(chance.millis(10, 5000));
      if (frame instanceof Text(var text)) {
        assertThat(text).startsWith(number + ":");
        assertThat(framesOf.add(Integer.parseInt(text.substring(text.indexOf(':') + 1))))
            .as("a frame arrives once")
            .isTrue();
      } else if (frame instanceof Close) {
        break;
      } else if (frame == null && !visit.clientGone()) {
        socket.send(new Text("" + ++said));
        switch (kind ? 9 : chance.number(0, 19)) {
          case 0 -> socket.close(chance.oneOf(1000, 1001, 1011), "by chance");
          case 1 -> visit.reset();
          case 2 -> visit.halfOpen();
          case 3 -> visit.cutAfter(chance.number(0, 10));
          case 4 -> {
            socket.end();
            return protocol == Protocol.HTTP_2 && chance.half();
          }
          default -> {}
        }
      }
    }
    if (protocol == Protocol.HTTP_1_1 || chance.half()) {
      return false;
    }
    socket.end();
    return true;
  }

  // ---- the owner

  void play() throws Exception {
    for (int step = chance.number(10, 80); step > 0 && witness.terminated() == null; step--) {
      try {
        act();
      } catch (FailedException e) { // it has terminated, and that is not read yet
        assertThat(e.reason()).isInstanceOf(Reason.BadState.class);
        assertThat(givesUp).as("it gives up only where that is said").isTrue();
        break;
      }
    }
    if (!givesUp) {
      comeBack();
    }
    end();
    check();
  }

  private void act() throws InterruptedException {
    switch (chance.number(0, 13)) {
      case 0, 1, 2, 3 -> read(chance.millis(1, 30_000));
      case 4 -> {
        weather.change();
        road.change();
        if (chance.half()) {
          read(chance.millis(1, 30_000));
          weather.clear();
          road.clear();
        }
      }
      case 5, 6, 7, 8 -> ask(chance.number(1, 4));
      case 9 -> upload();
      case 10 -> {
        if (chance.oneIn(3)) {
          upgrade();
        }
      }
      case 11 -> simulation.advance(chance.millis(1, 30_000)); // reads nothing
      case 12 -> some(this::cancel);
      default -> some(asking -> credit(asking, chance.number(1, 50)));
    }
    for (Asking asking : List.copyOf(open)) {
      if (asking.uploading && chance.half()) {
        part(asking);
      }
      if (asking.stream instanceof WebSocket socket && chance.half()) {
        socket.trySend(new Text(asking.number + ":" + ++asked));
      }
    }
  }

  private interface Deed {
    void to(Asking asking);
  }

  private void some(Deed deed) {
    if (!open.isEmpty()) {
      deed.to(open.get(chance.number(0, open.size() - 1)));
    }
  }

  private Request request(String method, int number) {
    int most = chance.oneIn(5) ? 200_000 : 2000;
    Request request = Request.of(method, "/" + number + "/" + chance.number(0, most));
    if (chance.oneIn(4)) {
      request = request.timeout(chance.millis(10, 60_000));
    }
    return chance.oneIn(4) ? request.credit(chance.number(0, 5)) : request;
  }

  private void ask(int times) {
    for (int i = 0; i < times; i++) {
      int number = ++asked;
      String method = chance.oneOf("GET", "GET", "HEAD", "PUT", "POST");
      Request request = request(method, number);
      if (method.startsWith("P")) {
        request = request.body(Bytes.wrap(bytes(-number, 0, chance.number(0, 100_000))));
        if (chance.oneIn(4)) {
          request = request.expectContinue(chance.millis(10, 5000));
        }
      }
      begin(connection.request(request), number, method, request.target());
    }
  }

  private Asking begin(StreamRef stream, int number, String method, String target) {
    Asking asking = new Asking(stream, number, method, target);
    all.put(stream, asking);
    open.add(asking);
    witness.begins(stream);
    return asking;
  }

  private void upload() {
    int number = ++asked;
    Request request = request("PUT", number);
    Asking asking = begin(connection.begin(request), number, "PUT", request.target());
    asking.uploading = true;
    part(asking);
  }

  private void part(Asking asking) {
    int to = asking.uploaded + chance.number(0, 20_000);
    boolean last = chance.oneIn(4);
    Bytes part = Bytes.wrap(bytes(-asking.number, asking.uploaded, to));
    if (Exchange.of(asking.stream).tryData(part, last)) {
      asking.uploaded = to;
      asking.uploading = !last;
    }
  }

  private void upgrade() {
    int number = ++asked;
    WebSocketOptions options =
        WebSocketOptions.DEFAULT.keepalive(
            new Keepalive(chance.millis(500, 20_000), chance.millis(200, 5000)));
    String path = "/" + number + "/0";
    begin(connection.webSocket(path, options), number, "GET", path);
  }

  private void cancel(Asking asking) {
    switch (asking.stream) {
      case Exchange exchange -> exchange.cancel();
      case WebSocket socket -> socket.close();
      default -> throw new AssertionError(asking.stream);
    }
    asking.uploading = false;
  }

  private void credit(Asking asking, long messages) {
    switch (asking.stream) {
      case Exchange exchange -> exchange.credit(messages);
      case WebSocket socket -> socket.credit(messages);
      default -> throw new AssertionError(asking.stream);
    }
  }

  /** Reads for so long. */
  private void read(Duration time) throws InterruptedException {
    Duration end = simulation.elapsed().plus(time);
    for (Duration left = time;
        !left.isNegative() && witness.terminated() == null;
        left = end.minus(simulation.elapsed())) {
      Message message = mailbox.take(left);
      if (message == null) {
        return;
      }
      sees(message);
    }
  }

  private void sees(Message message) {
    witness.sees(message);
    road.checkOf(message);
    if (!(message instanceof Message.OfStream of)) {
      return;
    }
    Asking asking = all.get(of.stream());
    switch (of) {
      case Push(var stream, var promised, var method, var uri, var headers) -> {
        String target = URI.create(uri).getPath();
        begin(promised, number(target), method, target);
      }
      case Response response -> {
        asking.response = response;
        checkNumber(asking, response.headers());
      }
      case Upgraded(var stream, var protocol, var subprotocol, var headers) ->
          checkNumber(asking, headers);
      case Data(var stream, var fin, var bytes) -> asking.body.writeBytes(bytes.toArray());
      case Trailers(var stream, var trailers) ->
          assertThat(trailers).isEqualTo(Headers.of("x-end", "" + asking.number));
      case WebSocketFrame(var stream, Text(var text)) ->
          assertThat(text).as("the next frame").isEqualTo("" + ++asking.frames);
      default -> {}
    }
    if (of.ends()) {
      open.remove(asking);
      asking.complete = !witness.failed().containsKey(asking.stream);
      checkBody(asking);
      answered += asking.complete && asking.number > 0 ? 1 : 0;
    }
  }

  /** A response is that of its own request; the mischievous know of no numbers. */
  private static void checkNumber(Asking asking, Headers headers) {
    headers
        .first("x-number")
        .ifPresent(its -> assertThat(its).isEqualTo(Integer.toString(asking.number)));
  }

  /** What came of a body is its beginning; and when it is complete, all of it. */
  private static void checkBody(Asking asking) {
    byte[] body = asking.body.toByteArray();
    Response response = asking.response;
    if (response == null || response.headers().first("x-number").isEmpty()) {
      return;
    }
    if (response.status() == 200) {
      assertThat(body).isEqualTo(bytes(asking.number, 0, body.length));
      boolean delimited = response.headers().first("connection").isEmpty(); // not by the close
      if (asking.complete && delimited && !asking.head) {
        assertThat(body.length).as("the whole body").isEqualTo(asking.length);
      }
    }
  }

  /** When all is well again, what is asked is answered. */
  private void comeBack() throws InterruptedException {
    kind = true;
    weather.clear();
    road.clear();
    List.copyOf(open).forEach(this::cancel);
    origin.drop();
    Duration end = simulation.elapsed().plus(LONG);
    int before = answered;
    while (answered == before && simulation.elapsed().compareTo(end) < 0) {
      String path = "/" + ++asked + "/100";
      begin(connection.get(path), asked, "GET", path);
      read(Duration.ofSeconds(20));
    }
    assertThat(answered).as("it has healed").isGreaterThan(before);
  }

  private void end() throws InterruptedException {
    if (chance.half()) {
      connection.close();
    } else {
      connection.shutdown();
    }
    while (witness.terminated() == null) {
      Message message = mailbox.take(LONG);
      assertThat(message).as("it ends when its owner says so").isNotNull();
      sees(message);
    }
    simulation.advance(Duration.ofMinutes(1));
    assertThat(mailbox.size()).as("nothing follows Terminated").isZero();
    assertThatExceptionOfType(FailedException.class).isThrownBy(() -> connection.get("/0/0"));
  }

  private void check() {
    assertThat(witness.terminated())
        .isInstanceOfAny(
            givesUp ? Reason.GaveUp.class : Reason.OwnerClosed.class, Reason.OwnerClosed.class);
    witness
        .failed()
        .forEach(
            (stream, reason) -> {
              if (reason instanceof Reason.Unprocessed) {
                assertThat(seen)
                    .as("requests that the server has seen; " + reason.sentence())
                    .doesNotContain(all.get(stream).number);
              }
            });
  }
}
