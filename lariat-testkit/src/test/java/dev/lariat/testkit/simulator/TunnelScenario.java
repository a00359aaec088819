package dev.lariat.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.Tunnel;
import dev.lariat.WebSocket;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Data;
import dev.lariat.message.Down;
import dev.lariat.message.Frame;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Retrying;
import dev.lariat.message.StreamRef;
import dev.lariat.message.Terminated;
import dev.lariat.message.Text;
import dev.lariat.message.TunnelUp;
import dev.lariat.message.Up;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Keepalive;
import dev.lariat.option.TunnelOptions;
import dev.lariat.option.WebSocketOptions;
import dev.lariat.testkit.Asked;
import dev.lariat.testkit.ClientGoneException;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.ProxyFault;
import dev.lariat.testkit.ProxyServer;
import dev.lariat.testkit.Simulation;
import dev.lariat.testkit.Visit;
import dev.lariat.testkit.WebSocketVisit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A connection to a proxy, over HTTP/1.1 or HTTP/2, with tunnels that its owner asks for: requests,
 * WebSockets and further tunnels in them, while the proxies, the server and the network between
 * them do what they like. In the end, the connection is shut down or closed while tunnels are open.
 * One mailbox gets everything.
 */
final class TunnelScenario {
  private static final List<String> PROXIES = List.of("proxy1.example", "proxy2.example");
  private static final String HOST = "inside.example";
  private static final int LENGTH = 5000;
  private static final Duration CLOSING = Duration.ofSeconds(10); // for all that is slow
  private static final Duration LONG = Duration.ofMinutes(30);

  /** A tunnel as its owner knows it. */
  private static final class Way {
    final Tunnel tunnel;
    final ConnectionWitness witness;
    final String through; // the proxy's address
    final boolean heals;
    final int depth;
    boolean opened; // by the proxy, since the last Up

    Way(Tunnel tunnel, Protocol protocol, Connection outer, boolean heals, int depth) {
      this.tunnel = tunnel;
      this.witness = new ConnectionWitness(tunnel, protocol);
      this.through = outer.authority();
      this.heals = heals;
      this.depth = depth;
    }
  }

  /** A request or a WebSocket in a tunnel. */
  private static final class Asking {
    final int number;
    final StringBuilder body = new StringBuilder();
    boolean answered;
    int frames;

    Asking(int number) {
      this.number = number;
    }
  }

  private final Simulation simulation;
  private final Chance chance;
  private final Protocol protocol;
  private final Road road;
  private final Origin origin;
  private final List<ProxyServer> proxies = new ArrayList<>();
  private final List<Weather> weathers = new ArrayList<>();
  private final Mailbox mailbox = Mailbox.create();
  private final Connection outer;
  private final ConnectionWitness witness;
  private final Map<ConnectionRef, Way> ways = new LinkedHashMap<>();
  private final Map<StreamRef, Asking> all = new HashMap<>();
  private boolean kind;
  private boolean slow;
  private int asked;
  private int answered;

  TunnelScenario(Simulation simulation, long seed) {
    this.simulation = simulation;
    this.chance = new Chance(seed);
    this.protocol = Chance.protocol(seed);
    this.road = Road.direct();
    this.origin = simulation.origin(HOST, 80, this::serve);
    weathers.add(new Weather(chance, simulation.host(HOST), origin));
    for (String host : PROXIES) {
      ProxyServer proxy = simulation.proxy(host, Road.PORT);
      proxies.add(proxy);
      weathers.add(new Weather(chance, simulation.host(host), proxy));
    }
    this.outer =
        Lariat.open(
            PROXIES.getFirst(),
            Road.PORT,
            options(protocol).platform(simulation.platform()).retry(chance.backoff()),
            mailbox);
    this.witness = new ConnectionWitness(outer, protocol);
  }

  private ConnectionOptions options(Protocol protocol) {
    return ConnectionOptions.DEFAULT
        .timeouts(chance.timeouts().closing(CLOSING))
        .protocols(protocol)
        .http2(chance.http2().maxStreams(100));
  }

  // ---- the server

  private void serve(Visit visit) throws Exception {
    try {
      for (Asked head = visit.request(); head != null; head = visit.request()) {
        if (visit.asksForWebSocket()) {
          talk(visit.acceptWebSocket());
          return;
        }
        if (slow) {
          visit.pause(chance.millis(1, 500));
        } else if (!kind && misbehaves(visit)) {
          return;
        }
        visit.respond(200, body(Integer.parseInt(head.target().substring(1))));
      }
    } catch (ClientGoneException e) {
      // as it likes
    }
  }

  private static String body(int number) {
    return (number + " ").repeat(LENGTH / 10);
  }

  private boolean misbehaves(Visit visit) throws Exception {
    switch (chance.number(0, 9)) {
      case 0 -> visit.reset();
      case 1 -> {
        return true; // no answer
      }
      case 2 -> visit.pause(chance.millis(10, 20_000));
      case 3 -> visit.cutAfter(chance.number(0, 6000));
      default -> {}
    }
    return false;
  }

  private static void talk(WebSocketVisit socket) throws Exception {
    for (Frame frame = socket.receive(); frame instanceof Text; frame = socket.receive()) {
      socket.send(frame);
    }
  }

  // ---- the owner

  void play() throws Exception {
    for (int steps = chance.number(10, 60); steps > 0; steps--) {
      act();
    }
    comeBack();
    end();
  }

  private void act() throws InterruptedException {
    switch (chance.number(0, 11)) {
      case 0, 1, 2 -> connect();
      case 3, 4, 5 -> inOne();
      case 6 -> chance.oneOf(weathers.toArray(Weather[]::new)).change();
      case 7 -> trouble(proxies.get(chance.number(0, proxies.size() - 1)));
      case 8 -> leaveOne();
      default -> read(chance.millis(1, 20_000));
    }
  }

  private void trouble(ProxyServer proxy) {
    ProxyFault fault = chance.half() ? road.fault() : new ProxyFault.None();
    switch (chance.number(0, 3)) {
      case 0 -> proxy.reset();
      case 1 -> proxy.drop();
      default -> proxy.faults(fault, new ProxyFault.None());
    }
  }

  private List<Way> open() {
    return ways.values().stream().filter(way -> way.witness.terminated() == null).toList();
  }

  /** Asks for a tunnel through the first proxy, or through the second one in a tunnel to it. */
  private void connect() {
    List<Way> to = open().stream().filter(way -> way.depth < 0).toList();
    if (!to.isEmpty() && chance.half()) {
      Way way = chance.oneOf(to.toArray(Way[]::new));
      connect(way.tunnel, way.depth == -1 ? 2 : 1, HOST, 80);
    } else if (chance.oneIn(3)) {
      connect(outer, -1, PROXIES.getLast(), Road.PORT);
    } else {
      connect(outer, 1, HOST, 80);
    }
  }

  private void connect(Connection carrier, int depth, String host, int port) {
    Protocol inside = chance.oneOf(Protocol.HTTP_1_1, Protocol.HTTP_2);
    boolean heals = chance.half();
    TunnelOptions options =
        TunnelOptions.DEFAULT
            .connection(options(inside))
            .retry(heals ? chance.backoff() : Backoff.NEVER);
    try {
      Tunnel tunnel = carrier.connect(host, port, options);
      ways.put(tunnel, new Way(tunnel, inside, carrier, heals, depth));
    } catch (FailedException e) { // what carries it has terminated, and that is not read yet
      assertThat(e.reason()).isInstanceOf(Reason.BadState.class);
      assertThat(carrier).isNotSameAs(outer);
    }
  }

  private void inOne() {
    List<Way> some = open().stream().filter(way -> way.depth > 0).toList();
    if (!some.isEmpty()) {
      ask(chance.oneOf(some.toArray(Way[]::new)));
    }
  }

  private void ask(Way way) {
    try {
      if (chance.number(0, 3) > 0) {
        get(way);
      } else {
        talk(way);
      }
    } catch (FailedException e) { // it has terminated, and that is not read yet
      assertThat(e.reason()).isInstanceOf(Reason.BadState.class);
    }
  }

  private Asking get(Way way) {
    int number = ++asked;
    return begin(way, way.tunnel.get("/" + number), number);
  }

  private void talk(Way way) {
    Keepalive often = new Keepalive(chance.millis(500, 20_000), chance.millis(200, 5000));
    WebSocket socket = way.tunnel.webSocket("/", WebSocketOptions.DEFAULT.keepalive(often));
    begin(way, socket, ++asked);
    socket.trySend(new Text("1"));
    socket.trySend(new Text("2"));
  }

  private Asking begin(Way way, StreamRef stream, int number) {
    Asking asking = new Asking(number);
    way.witness.begins(stream);
    all.put(stream, asking);
    return asking;
  }

  private void leaveOne() {
    List<Way> some = open();
    if (!some.isEmpty()) {
      Tunnel tunnel = chance.oneOf(some.toArray(Way[]::new)).tunnel;
      if (chance.half()) {
        tunnel.close();
      } else {
        tunnel.shutdown();
      }
    }
  }

  private void read(Duration time) throws InterruptedException {
    Duration end = simulation.elapsed().plus(time);
    for (Duration left = time; !left.isNegative(); left = end.minus(simulation.elapsed())) {
      Message message = mailbox.take(left);
      if (message == null) {
        return;
      }
      sees(message);
    }
  }

  private void sees(Message message) {
    if (message instanceof TunnelUp up) {
      Way way = ways.get(Tunnel.of(up.stream()));
      assertThat(way.witness.isUp()).as("it is up when it is opened").isFalse();
      assertThat(way.witness.terminated()).isNull();
      assertThat(way.opened).as("it is opened once").isFalse();
      way.opened = true;
      return;
    }
    Way way = ways.get(message.connection());
    if (way == null) {
      witness.sees(withoutTunnels(message));
      return;
    }
    way.witness.sees(withoutTunnels(message));
    switch (message) {
      case Up up -> {
        assertThat(way.opened).as("the proxy has opened " + way.tunnel).isTrue();
        way.opened = false;
      }
      case Retrying retrying -> {
        assertThat(way.heals).isTrue();
        fails(way, retrying.reason());
      }
      case Down down -> fails(way, down.reason());
      case Terminated end -> fails(way, end.reason());
      case Data(var stream, var fin, var bytes) -> {
        Asking asking = all.get(stream);
        asking.body.append(bytes.utf8());
        assertThat(body(asking.number)).startsWith(asking.body);
        if (fin) {
          assertThat(asking.body).hasToString(body(asking.number));
          asking.answered = true;
          answered++;
        }
      }
      case WebSocketFrame(var stream, Text(var text)) ->
          assertThat(text).isEqualTo("" + ++all.get(stream).frames);
      default -> {}
    }
  }

  /** Tunnels that are lost with a connection end as connections do. */
  private Message withoutTunnels(Message message) {
    return message instanceof Down(var its, var protocol, var reason, var killed, var unprocessed)
        ? new Down(its, protocol, reason, withoutTunnels(killed), withoutTunnels(unprocessed))
        : message;
  }

  private List<StreamRef> withoutTunnels(List<StreamRef> streams) {
    return streams.stream().filter(stream -> !(stream instanceof Tunnel)).toList();
  }

  /** What the proxy has done names it. */
  private static void fails(Way way, Reason reason) {
    way.opened = false;
    assertThat(reason).isNotInstanceOfAny(Reason.Fault.class, Reason.Hop.class);
    Reason last = reason instanceof Reason.GaveUp(var attempts, var its) ? its : reason;
    if (last instanceof Reason.Tunnel(var through, var why)) {
      assertThat(through).isEqualTo(way.through);
    }
  }

  /** When all is well again, what is asked in a tunnel is answered. */
  private void comeBack() throws InterruptedException {
    kind = true;
    weathers.forEach(Weather::clear);
    for (ProxyServer proxy : proxies) {
      proxy.faults(new ProxyFault.None());
      proxy.drop();
    }
    origin.drop();
    open().forEach(way -> way.tunnel.close());
    Duration end = simulation.elapsed().plus(LONG);
    int before = answered;
    while (answered == before && simulation.elapsed().compareTo(end) < 0) {
      connect(outer, 1, HOST, 80);
      Way way = List.copyOf(ways.values()).getLast();
      ask(way);
      read(Duration.ofSeconds(20));
      if (answered == before) {
        way.tunnel.close();
      }
    }
    assertThat(answered).as("it has healed").isGreaterThan(before);
  }

  /**
   * The connection ends while tunnels are open, with what is in them. Where it is shut down, what
   * has begun there is read to its end.
   */
  private void end() throws InterruptedException {
    read(LONG);
    slow = true;
    List<Asking> last = new ArrayList<>();
    for (Way way : open()) {
      if (way.depth > 0 && way.witness.isUp() && way.witness.live().isEmpty()) {
        last.add(get(way));
      }
    }
    assertThat(last).as("requests in tunnels").isNotEmpty();
    read(chance.millis(10, 100));
    boolean shutdown = chance.half();
    Duration start = simulation.elapsed();
    if (shutdown) {
      outer.shutdown();
    } else {
      outer.close();
    }
    while (witness.terminated() == null || !open().isEmpty()) {
      Message message = mailbox.take(LONG);
      assertThat(message).as("it ends with its tunnels when its owner says so").isNotNull();
      sees(message);
    }
    Duration took = simulation.elapsed().minus(start);
    if (shutdown) {
      assertThat(last).allMatch(asking -> asking.answered);
      assertThat(took).as("what waits for nothing").isLessThan(CLOSING);
    }
    simulation.advance(Duration.ofMinutes(1));
    assertThat(mailbox.size()).as("nothing follows Terminated").isZero();
    assertThat(witness.terminated()).isInstanceOf(Reason.OwnerClosed.class);
    proxies.forEach(proxy -> assertThat(proxy.tunnels()).as("tunnels of " + proxy).isZero());
  }
}
