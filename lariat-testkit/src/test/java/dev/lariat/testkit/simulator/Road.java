package dev.lariat.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Down;
import dev.lariat.message.Gone;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Retrying;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Terminated;
import dev.lariat.message.Waiting;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Proxy;
import dev.lariat.testkit.Hop;
import dev.lariat.testkit.ProxyFault;
import dev.lariat.testkit.ProxyServer;
import dev.lariat.testkit.ProxyStep;
import dev.lariat.testkit.Simulation;
import java.util.ArrayList;
import java.util.List;

/**
 * The proxies between a client and its servers, or none. What they do is decided by chances of
 * their own, so a scenario decides the same with proxies and without.
 */
final class Road {
  static final int PORT = 3128;
  private static final long ITS_OWN = 0x726f_6164_7321_0001L; // of the seed's numbers
  private static final Hop[] HOPS = {
    Hop.HTTP, Hop.H2C, Hop.SOCKS5, Hop.SOCKS5_RESOLVED, Hop.SOCKS4, Hop.SOCKS4A
  };

  private final Chance chance;
  private final List<Station> stations = new ArrayList<>();

  /** A proxy, and how the client speaks to it. */
  record Station(Hop hop, ProxyServer server, Proxy proxy, Weather weather) {
    boolean asksForLogin() {
      return proxy.credentials().isPresent();
    }
  }

  private Road(Chance chance) {
    this.chance = chance;
  }

  /** No proxy. */
  static Road direct() {
    return new Road(new Chance(0));
  }

  /** One to three proxies. */
  static Road throughProxies(Simulation simulation, long seed) {
    Chance chance = new Chance(seed ^ ITS_OWN);
    Road road = new Road(chance);
    for (int number = chance.number(1, 3); number > 0; number--) {
      road.add(simulation);
    }
    return road;
  }

  private void add(Simulation simulation) {
    String host = "proxy" + (stations.size() + 1) + ".example";
    ProxyServer server = simulation.proxy(host, PORT);
    Hop hop = chance.oneOf(HOPS);
    Proxy proxy = hop.through(server).timeout(chance.millis(500, 10_000));
    if (chance.half()) {
      server.login("user", "secret");
      proxy = proxy.credentials(hop.credentials("user", "secret"));
    }
    Weather weather = new Weather(chance, simulation.host(host), server);
    stations.add(new Station(hop, server, proxy, weather));
  }

  List<Station> stations() {
    return stations;
  }

  ConnectionOptions through(ConnectionOptions options) {
    Proxy[] proxies = stations.stream().map(Station::proxy).toArray(Proxy[]::new);
    return proxies.length == 0 ? options : options.via(proxies);
  }

  // ---- what happens to its proxies

  /** Something changes at one of them, where there are any. */
  void change() {
    if (stations.isEmpty()) {
      return;
    }
    Station one = stations.get(chance.number(0, stations.size() - 1));
    switch (chance.number(0, 7)) {
      case 0, 1 -> one.server.faults(fault());
      case 2, 3 -> one.server.faults(fault(), fault(), new ProxyFault.None());
      case 4 -> one.server.reset();
      case 5 -> one.server.halfOpen();
      default -> one.weather.change();
    }
  }

  /** Any fault, but bytes that no server has sent: garbage is what the servers send by chance. */
  ProxyFault fault() {
    ProxyStep step = chance.oneOf(ProxyStep.values());
    return switch (chance.number(0, 11)) {
      case 0, 1 -> new ProxyFault.Close(step);
      case 2, 3 -> new ProxyFault.Reset(step);
      case 4, 5 -> new ProxyFault.Silent(step);
      case 6 -> new ProxyFault.Refuse(chance.oneOf(1, 2, 3, 4, 5, 6, 91, 93, 300, 403, 500, 503));
      case 7 -> new ProxyFault.Challenge();
      case 8 -> new ProxyFault.UnknownVersion();
      case 9 -> new ProxyFault.EndlessHeaders();
      case 10 -> new ProxyFault.Early(chance.oneOf(Proxy.Kind.values()));
      default ->
          chance.half()
              ? new ProxyFault.Pieces(chance.millis(1, 100))
              : new ProxyFault.Slow(chance.millis(1, 100));
    };
  }

  /** All of them are well again, and have forgotten their connections. */
  void clear() {
    for (Station each : stations) {
      each.weather.clear();
      each.server.faults(new ProxyFault.None());
      each.server.drop();
    }
  }

  // ---- what is told of them

  /** What a message tells of a failure. */
  void checkOf(Message message) {
    switch (message) {
      case Retrying retrying -> check(retrying.reason());
      case Waiting waiting -> check(waiting.reason());
      case Down down -> {
        assertThat(down.reason()).as("a tunnel that was open").isNotInstanceOf(Reason.Hop.class);
        check(down.reason());
      }
      case Terminated end -> check(end.reason());
      case Gone gone -> check(gone.reason());
      case StreamFailed failed -> check(failed.reason());
      default -> {}
    }
  }

  /** A failure names a proxy that there is, by its number, and what only it can have done. */
  void check(Reason reason) {
    switch (reason) {
      case Reason.Hop(var number, var proxy, var why) -> check(number, proxy, why);
      case Reason.Tunnel(var through, var last) ->
          assertThat(stations)
              .as("the proxies, of which " + reason + " is")
              .anyMatch(
                  each ->
                      each.hop == Hop.H2C
                          && through.equals(each.server.host() + ":" + each.server.port()));
      case Reason.Unanswered(var last) -> check(last);
      case Reason.Incomplete(var last) -> check(last);
      case Reason.GaveUp(var attempts, var last) -> check(last);
      case Reason.Unprocessed(var why, var last) -> last.ifPresent(this::check);
      default -> {}
    }
  }

  private void check(int number, String proxy, Reason why) {
    assertThat(number).isBetween(1, stations.size());
    Station its = stations.get(number - 1);
    assertThat(proxy).contains(its.server.host() + ":" + PORT).doesNotContain("secret");
    boolean socks = its.hop.through(its.server).kind() != Proxy.Kind.HTTP;
    switch (why) {
      case Reason.Refused refused -> assertThat(number).isEqualTo(1);
      case Reason.Status status -> assertThat(socks).as("a status of a SOCKS proxy").isFalse();
      case Reason.Socks reply -> assertThat(socks).as("a reply of a proxy of HTTP").isTrue();
      case Reason.Timeout(var step, var limit, var last) -> {
        if (step == Reason.Step.PROXY) {
          assertThat(limit).isEqualTo(its.proxy.timeout());
        } else {
          assertThat(step)
              .isIn(
                  Reason.Step.LOOKUP,
                  Reason.Step.CONNECT,
                  Reason.Step.SETTINGS,
                  Reason.Step.PONG,
                  Reason.Step.WRITE);
        }
      }
      default ->
          assertThat(why)
              .isNotInstanceOfAny(Reason.Fault.class, Reason.Hop.class, Reason.OwnerClosed.class);
    }
  }
}
