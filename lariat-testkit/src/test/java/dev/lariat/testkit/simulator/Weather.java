package dev.lariat.testkit.simulator;

import dev.lariat.testkit.Direction;
import dev.lariat.testkit.Host;
import dev.lariat.testkit.Link;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.ProxyServer;
import java.time.Duration;
import java.util.List;

/** What the network and the server's machine do by chance. */
final class Weather {
  private final Chance chance;
  private final Host host;
  private final Server server;

  /** What can be done to a server, whatever it serves. */
  private record Server(Runnable refuse, Runnable listen, Runnable drop) {}

  Weather(Chance chance, Host host, Origin origin) {
    this(chance, host, new Server(origin::refuse, origin::listen, origin::drop));
  }

  Weather(Chance chance, Host host, ProxyServer proxy) {
    this(chance, host, new Server(proxy::refuse, proxy::listen, proxy::drop));
  }

  private Weather(Chance chance, Host host, Server server) {
    this.chance = chance;
    this.host = host;
    this.server = server;
  }

  /** Something changes. */
  void change() {
    switch (chance.number(0, 15)) {
      case 0 -> host.latency(chance.millis(1, 500));
      case 1 -> host.latency(Duration.ofMillis(1), chance.millis(2, 2000));
      case 2 -> host.slow(chance.number(200, 100_000));
      case 3 -> host.fast();
      case 4 -> host.split(chance.half());
      case 5 -> host.partition();
      case 6 -> host.partition(chance.oneOf(Direction.values()));
      case 7, 8 -> host.heal();
      case 9 -> host.reset();
      case 10 -> host.end();
      case 11 -> server.refuse.run();
      case 12 -> server.listen.run();
      case 13 -> lookups();
      case 14 -> oneLink();
      default -> server.drop.run();
    }
  }

  private void lookups() {
    switch (chance.number(0, 3)) {
      case 0 -> host.unknown();
      case 1 -> host.unanswered();
      case 2 -> host.lookup(chance.millis(1, 20_000));
      default -> host.known();
    }
  }

  private void oneLink() {
    List<Link> links = host.links();
    if (links.isEmpty()) {
      return;
    }
    Link link = links.get(chance.number(0, links.size() - 1));
    switch (chance.number(0, 4)) {
      case 0 -> link.reset();
      case 1 -> link.end();
      case 2 -> link.partition();
      case 3 -> link.heal();
      default -> link.slow(chance.number(10, 1000));
    }
  }

  /** Everything is as at the beginning. */
  void clear() {
    host.heal();
    host.fast();
    host.latency(Duration.ofMillis(1));
    host.lookup(Duration.ofMillis(1));
    host.known();
    host.accept();
    for (Link link : host.links()) {
      link.heal();
      link.fast();
    }
    server.listen.run();
  }
}
