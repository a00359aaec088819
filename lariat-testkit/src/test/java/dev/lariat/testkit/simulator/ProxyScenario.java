package dev.lariat.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.message.Data;
import dev.lariat.message.Down;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Retrying;
import dev.lariat.message.Up;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Proxy;
import dev.lariat.testkit.AskedTunnel;
import dev.lariat.testkit.Hop;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.ProxyFault;
import dev.lariat.testkit.ProxyStep;
import dev.lariat.testkit.Simulation;
import dev.lariat.testkit.Visit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One fault of one proxy at a time, while all else is well. So it is known which proxy fails, at
 * which step and how, and the failure must say just that. Then the proxy is well again, and the
 * connection heals.
 */
final class ProxyScenario {
  private static final String HOST = "behind.example";
  private static final int PORT = 80;
  private static final Duration LONG = Duration.ofMinutes(30);
  private static final Duration SLOWEST = Duration.ofMillis(2);

  private final Simulation simulation;
  private final Chance chance;
  private final Road road;
  private final Origin origin;
  private final Mailbox mailbox = Mailbox.create();
  private final Connection connection;
  private final ConnectionWitness witness;
  private int asked;

  ProxyScenario(Simulation simulation, long seed, Road road) {
    this.simulation = simulation;
    this.chance = new Chance(seed);
    this.road = road;
    this.origin = simulation.origin(HOST, PORT, ProxyScenario::serve);
    Protocol protocol = Chance.protocol(seed);
    this.connection =
        Lariat.open(
            HOST,
            PORT,
            road.through(
                ConnectionOptions.DEFAULT
                    .platform(simulation.platform())
                    .protocols(protocol)
                    .retry(chance.backoff())),
            mailbox);
    this.witness = new ConnectionWitness(connection, protocol);
  }

  private static void serve(Visit visit) throws Exception {
    while (visit.request() != null) {
      visit.respond(200, "well");
    }
  }

  void play() throws Exception {
    answers();
    for (int rounds = chance.number(1, 6); rounds > 0; rounds--) {
      int number = chance.number(1, road.stations().size());
      ProxyFault fault = fault(number);
      List<Failure> failures = failures(number, fault);
      station(number).server().faults(fault);
      cut();
      if (failures.isEmpty()) {
        answers();
      } else {
        fails(failures);
      }
      station(number).server().faults(new ProxyFault.None());
      station(number).server().drop();
      answers();
    }
    connection.close();
    while (witness.terminated() == null) {
      sees(mailbox.take(LONG));
    }
  }

  private Road.Station station(int number) {
    return road.stations().get(number - 1);
  }

  /** A fault whose consequences are known. */
  private ProxyFault fault(int number) {
    ProxyFault its = road.fault();
    if (number == road.stations().size() && isOfTheOpenTunnel(its)) {
      return new ProxyFault.None(); // the attempt succeeds, and its tunnel is bad
    }
    return switch (its) {
      case ProxyFault.Early early -> new ProxyFault.None(); // it depends on who is faster
      case ProxyFault.Slow slow -> new ProxyFault.Slow(chance.time(Duration.ofNanos(1), SLOWEST));
      case ProxyFault.Pieces slow ->
          new ProxyFault.Pieces(chance.time(Duration.ofNanos(1), SLOWEST));
      case ProxyFault fault -> fault;
    };
  }

  private static boolean isOfTheOpenTunnel(ProxyFault fault) {
    return fault.equals(new ProxyFault.Close(ProxyStep.OPEN))
        || fault.equals(new ProxyFault.Reset(ProxyStep.OPEN))
        || fault.equals(new ProxyFault.Silent(ProxyStep.OPEN));
  }

  /** The connection is lost, wherever that may be. */
  private void cut() throws InterruptedException {
    int number = chance.number(0, road.stations().size());
    if (number == 0) {
      origin.drop();
    } else if (chance.half()) {
      station(number).server().drop();
    } else {
      station(number).server().reset();
    }
    while (witness.isUp()) {
      sees(mailbox.take(LONG));
    }
  }

  private void sees(Message message) {
    assertThat(message).as("a message, in " + LONG).isNotNull();
    witness.sees(message);
    road.checkOf(message);
    if (message instanceof Down) {
      assertThat(witness.isUp()).isFalse();
    }
  }

  // ---- what is expected

  /** How an attempt fails: at this hop, for such a reason. */
  private record Failure(int number, Class<? extends Reason> why) {}

  /** How the next attempt may fail; empty if it succeeds. */
  private List<Failure> failures(int number, ProxyFault fault) {
    Hop hop = station(number).hop();
    boolean http = hop == Hop.HTTP || hop == Hop.H2C;
    Class<? extends Reason> refusal = http ? Reason.Status.class : Reason.Socks.class;
    return switch (fault) {
      case ProxyFault.Close(var at) -> at(number, at, Reason.Closed.class);
      case ProxyFault.Reset(var at) -> at(number, at, Reason.Reset.class);
      case ProxyFault.Silent(var at) -> at(number, at, Reason.Timeout.class);
      case ProxyFault.Refuse refuse -> List.of(new Failure(number, refusal));
      case ProxyFault.Challenge challenge -> List.of(new Failure(number, refusal));
      case ProxyFault.UnknownVersion unknown -> List.of(new Failure(number, Reason.Protocol.class));
      case ProxyFault.EndlessHeaders endless ->
          http ? List.of(new Failure(number, Reason.Limit.class)) : List.of();
      case ProxyFault.None none -> List.of();
      case ProxyFault.Early early -> List.of();
      case ProxyFault.Pieces pieces -> List.of();
      case ProxyFault.Extra extra -> List.of();
      case ProxyFault.Slow slow -> List.of();
    };
  }

  /** A step that this proxy's clients do not come to is never bad. */
  private List<Failure> at(int number, ProxyStep step, Class<? extends Reason> why) {
    Road.Station its = station(number);
    boolean socks5 = its.proxy().kind() == Proxy.Kind.SOCKS5;
    boolean comes =
        switch (step) {
          case GREETED -> socks5;
          case LOGIN -> socks5 && its.asksForLogin();
          case ACCEPTED, ASKED, ANSWERING, OPEN -> true;
        };
    if (!comes) {
      return List.of();
    }
    List<Failure> failures = new ArrayList<>(List.of(new Failure(number, why)));
    if (step == ProxyStep.OPEN) {
      failures.add(new Failure(number + 1, why));
    } else if (step == ProxyStep.ACCEPTED && why == Reason.Reset.class) {
      failures.add(new Failure(number - 1, why)); // a RST destroys the answer that it overtakes
    }
    return failures;
  }

  /** The next attempts fail as expected. */
  private void fails(List<Failure> failures) throws InterruptedException {
    for (int times = chance.number(1, 3); times > 0; ) {
      Message message = mailbox.take(LONG);
      sees(message);
      assertThat(message).as("what follows a fault of " + failures).isNotInstanceOf(Up.class);
      if (message instanceof Retrying(var its, var attempt, var delay, Reason.Hop hop)) {
        assertThat(failures)
            .as("the failure that is told as " + hop.sentence())
            .anyMatch(
                failure ->
                    failure.number == hop.number() && failure.why.isInstance(meaning(hop.why())));
        times--;
      }
    }
  }

  /** A reset that comes through a tunnel of HTTP/2 is that of a stream. */
  private static Reason meaning(Reason why) {
    return switch (why) {
      case Reason.Tunnel(var through, var last) -> meaning(last);
      case Reason.StreamReset reset -> new Reason.Reset("");
      case Reason.Unreachable unreachable -> new Reason.Reset("");
      default -> why;
    };
  }

  /** A request is answered, once the connection is there again. */
  private void answers() throws InterruptedException {
    Duration end = simulation.elapsed().plus(LONG);
    while (simulation.elapsed().compareTo(end) < 0) {
      while (!witness.isUp()) {
        sees(mailbox.take(LONG));
        assertThat(simulation.elapsed()).as("it has healed").isLessThan(end);
      }
      asked++;
      Exchange exchange = connection.get("/" + asked);
      witness.begins(exchange);
      StringBuilder body = new StringBuilder();
      while (witness.isLive(exchange)) {
        Message message = mailbox.take(LONG);
        sees(message);
        if (message instanceof Data(var stream, var fin, var bytes)) {
          body.append(bytes.utf8());
        }
      }
      if (!witness.failed().containsKey(exchange)) {
        assertThat(body).hasToString("well");
        wasAskedRightly();
        return;
      }
    }
    throw new AssertionError("it has not healed");
  }

  /** Each proxy was asked for the next one, and shown what it asks for. */
  private void wasAskedRightly() {
    for (int number = 1; number <= road.stations().size(); number++) {
      Road.Station its = station(number);
      AskedTunnel newest = its.server().asked().getLast();
      boolean last = number == road.stations().size();
      String next =
          last ? HOST + ":" + PORT : station(number + 1).server().host() + ":" + Road.PORT;
      if (its.hop() != Hop.SOCKS4 && its.hop() != Hop.SOCKS5_RESOLVED) { // they have an address
        assertThat(newest.destination()).isEqualTo(next);
      }
      assertThat(newest.protocol()).isEqualTo(protocol(its.hop()));
      assertThat(newest.credentials().isPresent()).isEqualTo(its.asksForLogin());
    }
  }

  private static Optional<Protocol> protocol(Hop hop) {
    return switch (hop) {
      case HTTP -> Optional.of(Protocol.HTTP_1_1);
      case H2C -> Optional.of(Protocol.HTTP_2);
      default -> Optional.empty();
    };
  }
}
