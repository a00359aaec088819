package dev.lariat.cli;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Mailbox;
import dev.lariat.event.Event;
import dev.lariat.event.TlsSession;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.testkit.EchoServer;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Tries all that {@code check} reports, one after the other, and says what could not be tried. The
 * first connection speaks HTTP/1.1: its steps are the picture.
 */
final class Checkup {
  private final Destination destination;
  private final Steps steps = new Steps();
  private final List<Finding> findings = new ArrayList<>();

  Checkup(Destination destination) {
    this.destination = destination;
  }

  /**
   * Does what a checkup does first with a server of its own: Java is slow at what it does for the
   * first time, and the times must be those of the network.
   */
  static void warmUp() throws InterruptedException {
    try (EchoServer server = EchoServer.start(0)) {
      Endpoint endpoint = Endpoint.of("ws://127.0.0.1:" + server.port() + "/");
      Duration patience = Duration.ofSeconds(2);
      Destination here = new Destination(endpoint, ConnectionOptions.DEFAULT, patience);
      new Checkup(here).firstConnection(ConnectionOptions.DEFAULT);
    } catch (UncheckedIOException e) {
      // no port is free here, so the first times are longer
    }
  }

  Page run(Instant now) throws InterruptedException {
    ConnectionOptions first = destination.options().protocols(Protocol.HTTP_1_1).listener(steps);
    boolean reached = firstConnection(first);
    names();
    proxies();
    tcp();
    tls(now);
    if (reached) {
      new HttpCheck(destination, findings::add).run();
    } else {
      notReached();
    }
    return new Page(
        "lariat check", destination.endpoint().uri().toString(), now, findings, steps.rows());
  }

  private void notReached() {
    String why = "There is no connection, so nothing was sent to the server.";
    findings.add(Finding.notTried(Finding.Area.HTTP, why));
    if (destination.isWebSocket()) {
      List.of(Finding.Area.UPGRADE, Finding.Area.PINGS, Finding.Area.CLOSING)
          .forEach(area -> findings.add(Finding.notTried(area, "There is no connection.")));
    }
  }

  /** Whether a connection could be established, whatever became of it then. */
  private boolean firstConnection(ConnectionOptions options) throws InterruptedException {
    try (Mailbox mailbox = Mailbox.create();
        Connection connection = destination.open(options, mailbox)) {
      try {
        connection.awaitUp(Destination.RESPONSE);
      } catch (FailedException e) {
        return false; // the steps have the reason
      }
      if (destination.isWebSocket()) {
        new SocketCheck(destination, connection, mailbox, steps, findings::add).run();
      } else {
        HttpCheck.first(destination, connection, mailbox, findings::add);
        String scheme = destination.secure() ? "wss" : "ws";
        findings.add(
            Finding.notTried(
                Finding.Area.UPGRADE, "The URL is not a WebSocket's: use " + scheme + "://."));
      }
      return true;
    }
  }

  // ---- names

  private void names() {
    Finding.Area area = Finding.Area.NAMES;
    Optional<Event.LookupEnd> lookup = steps.lookup();
    lookup.ifPresent(end -> findings.add(name(end)));
    if (destination.proxied()) {
      String who = "The last proxy is given " + destination.host() + " as it is, and looks it up.";
      findings.add(Finding.notTried(area, who));
    } else if (lookup.isEmpty()) {
      findings.add(Finding.notTried(area, "No lookup took place."));
    }
  }

  private static Finding name(Event.LookupEnd lookup) {
    if (lookup.failure().isPresent()) {
      return Finding.problem(
          Finding.Area.NAMES,
          Words.of(lookup.failure().get()),
          "Check the spelling, the DNS records, and the resolver of this machine.");
    }
    List<String> addresses = lookup.addresses().stream().map(InetAddress::getHostAddress).toList();
    String count = addresses.size() == 1 ? "1 address" : addresses.size() + " addresses";
    return Finding.ok(
        Finding.Area.NAMES,
        CertificateCheck.isAddress(lookup.host())
            ? lookup.host() + " is an address: there was no lookup."
            : lookup.host()
                + " has "
                + count
                + ": "
                + String.join(", ", addresses)
                + ". The lookup took "
                + Page.time(lookup.took())
                + ".");
  }

  // ---- proxies

  private void proxies() {
    for (Event.ProxyEnd end : steps.proxies()) {
      String hop = "Hop " + end.number() + ", " + end.proxy() + ", ";
      if (end.through()) {
        findings.add(
            Finding.ok(
                Finding.Area.PROXIES,
                hop + "let the connection through in " + Page.time(end.took()) + "."));
      } else {
        String why = end.failure().map(Words::of).orElse("It asked to be asked again.");
        findings.add(
            end.failure().isPresent()
                ? Finding.problem(
                    Finding.Area.PROXIES,
                    hop + "failed: " + why,
                    "Check the address and the credentials of this proxy, and whether it may"
                        + " connect to "
                        + destination.host()
                        + ":"
                        + destination.port()
                        + ".")
                : Finding.ok(Finding.Area.PROXIES, hop + "was asked twice: " + why));
      }
    }
    int missing = destination.options().via().size() - distinctHops();
    if (missing > 0) {
      findings.add(
          Finding.notTried(
              Finding.Area.PROXIES, Page.counted(missing, "further proxy") + " was not reached."));
    }
  }

  private int distinctHops() {
    return (int) steps.proxies().stream().map(Event.ProxyEnd::number).distinct().count();
  }

  // ---- TCP, to each address

  private void tcp() throws InterruptedException {
    if (destination.proxied()) {
      steps.connects().forEach(this::connected);
      findings.add(
          Finding.notTried(
              Finding.Area.TCP,
              "The last proxy connects to the server, so its addresses are not" + " known here."));
      return;
    }
    if (steps.addresses().isEmpty()) {
      findings.add(Finding.notTried(Finding.Area.TCP, "There is no address to connect to."));
    }
    int reached = 0;
    for (InetAddress address : steps.addresses()) {
      reached += reaches(address) ? 1 : 0;
    }
    boolean six = steps.addresses().stream().anyMatch(it -> it.getAddress().length == 16);
    if (reached > 0 && !six) {
      findings.add(Finding.notTried(Finding.Area.TCP, "IPv6: the name has no IPv6 address."));
    }
  }

  private boolean reaches(InetAddress address) throws InterruptedException {
    Steps its = new Steps();
    try (Mailbox mailbox = Mailbox.create();
        Connection connection =
            destination.openPlain(
                address.getHostAddress(),
                Protocol.HTTP_1_1,
                destination.options().listener(its),
                mailbox)) {
      connection.awaitUp(Destination.RESPONSE);
    } catch (FailedException e) {
      // which is an end of its connect, too
    }
    its.connects().forEach(this::connected);
    return its.connects().stream().anyMatch(Event.ConnectEnd::established);
  }

  private void connected(Event.ConnectEnd end) {
    String address = Steps.address(end.remote().toString());
    if (end.established()) {
      findings.add(
          Finding.ok(Finding.Area.TCP, address + " accepted after " + Page.time(end.took()) + "."));
    } else if (end.failure().isPresent()) {
      findings.add(
          Finding.problem(
              Finding.Area.TCP,
              Words.of(end.failure().get()),
              "Clients that try this address first lose time or fail: let the server listen there,"
                  + " open the firewall, or remove the DNS record."));
    }
  }

  // ---- TLS

  private void tls(Instant now) throws InterruptedException {
    if (!destination.secure()) {
      findings.add(
          Finding.note(
              Finding.Area.TLS,
              "The URL has no TLS: anyone on the network can read and change everything.",
              "Use " + (destination.isWebSocket() ? "wss" : "https") + "://."));
      return;
    }
    Optional<Event.TlsEnd> end = steps.tls();
    if (end.isEmpty()) {
      findings.add(
          Finding.notTried(Finding.Area.TLS, "The server was not reached, so no TLS began."));
      return;
    }
    Optional<Reason> failure = end.get().failure();
    if (failure.isPresent()) {
      findings.add(
          Finding.problem(
              Finding.Area.TLS,
              Words.of(failure.get()),
              "The certificates below say more; if there are none, compare the versions of TLS on"
                  + " both sides."));
    }
    end.get().session().ifPresent(session -> agreed(session, end.get().took()));
    List<X509Certificate> chain = new ChainProbe(destination).chain();
    if (chain.isEmpty()) {
      findings.add(
          Finding.notTried(
              Finding.Area.TLS, "The certificates could not be read in a second handshake."));
      return;
    }
    new CertificateCheck(destination, chain, now).findings().forEach(findings::add);
  }

  private void agreed(TlsSession session, Duration took) {
    String what =
        session.protocol() + " with " + session.cipher() + ", after " + Page.time(took) + ".";
    findings.add(
        session.protocol().equals("TLSv1.3")
            ? Finding.ok(Finding.Area.TLS, what)
            : Finding.note(
                Finding.Area.TLS,
                what,
                "TLS 1.3 needs a round trip less: update the server's library or its settings."));
  }
}
