package dev.lariat.testkit;

import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.option.Proxy;
import dev.lariat.testkit.internal.Guard;
import dev.lariat.testkit.internal.wire.Http;
import dev.lariat.testkit.internal.wire.Peer;
import dev.lariat.testkit.internal.wire.Wire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection to a {@link ProxyServer}: what it asks for, the answer, and its tunnels.
 */
final class ProxyVisit {
  private static final Duration PATIENCE = Duration.ofSeconds(10); // with a destination

  // SOCKS 5 (RFC 1928, RFC 1929)
  private static final int VERSION_5 = 5;
  private static final int NO_AUTHENTICATION = 0;
  private static final int USER_AND_PASSWORD = 2;
  private static final int NO_METHOD = 0xff;
  private static final int LOGIN_VERSION = 1;
  private static final int CONNECT = 1;
  private static final int IPV4 = 1;
  private static final int NAME = 3;
  private static final int IPV6 = 4;

  // SOCKS 4
  private static final int VERSION_4 = 4;
  private static final int GRANTED = 90;

  private static final int NO_VERSION = 9;

  private final ProxyServer proxy;
  private final Origin door;
  private final Visit visit;
  private final Peer peer;
  private final ProxyFault fault;
  private final @Nullable ProxyStep last; // where the fault ends it

  private final Guard guard = new Guard(); // of all that follows
  private int carrying; // the threads of its tunnels
  private @Nullable Thread waiting; // for them

  ProxyVisit(ProxyServer proxy, Origin door, Visit visit, ProxyFault fault) {
    this.proxy = proxy;
    this.door = door;
    this.visit = visit;
    this.peer = visit.peer();
    this.fault = fault;
    this.last =
        switch (fault) {
          case ProxyFault.Close close -> close.at();
          case ProxyFault.Reset reset -> reset.at();
          case ProxyFault.Silent silent -> silent.at();
          case ProxyFault.None none -> null;
          case ProxyFault.Refuse refuse -> null;
          case ProxyFault.Challenge challenge -> null;
          case ProxyFault.UnknownVersion unknown -> null;
          case ProxyFault.EndlessHeaders endless -> null;
          case ProxyFault.Early early -> null;
          case ProxyFault.Pieces pieces -> null;
          case ProxyFault.Extra extra -> null;
          case ProxyFault.Slow slow -> null;
        };
  }

  void play() throws IOException, InterruptedException {
    if (endsAt(ProxyStep.ACCEPTED)) {
      return;
    }
    if (fault instanceof ProxyFault.Slow(var pause)) {
      visit.slow(pause);
    } else if (fault instanceof ProxyFault.Pieces(var pause)) {
      visit.slow(pause);
    } else if (fault instanceof ProxyFault.Early(var as)) {
      visit.write(early(as));
      visit.awaitEnd();
      return;
    }
    try {
      switch (Visit.step(peer::peek)) {
        case -1 -> {} // it asks for nothing
        case VERSION_5 -> socks5();
        case VERSION_4 -> socks4();
        default -> http();
      }
    } finally {
      awaitTunnels();
    }
  }

  // ---- its fault

  /** Whether the fault ends the connection at this step; then it has. */
  private boolean endsAt(ProxyStep step) throws IOException {
    if (step != last) {
      return false;
    }
    if (fault instanceof ProxyFault.Reset) {
      visit.reset();
    } else if (fault instanceof ProxyFault.Close) {
      if (step == ProxyStep.ACCEPTED || step == ProxyStep.ANSWERING) {
        visit.cutAfter(0); // the end of TLS would begin it, and that of HTTP/2 would go on
      }
    } else {
      if (step == ProxyStep.ACCEPTED && door.hasTls()) {
        visit.halfOpen(); // reading would begin TLS
      }
      visit.awaitEnd();
    }
    return true;
  }

  private static Bytes early(Proxy.Kind as) {
    return switch (as) {
      case HTTP -> Bytes.wrap(Http.head(200, Headers.EMPTY));
      case SOCKS5 -> octets(VERSION_5, NO_AUTHENTICATION, VERSION_5, 0, 0, IPV4, 0, 0, 0, 0, 0, 0);
      case SOCKS4, SOCKS4A -> reply4(GRANTED);
    };
  }

  private static Bytes octets(int... octets) {
    byte[] bytes = new byte[octets.length];
    for (int i = 0; i < octets.length; i++) {
      bytes[i] = (byte) octets[i];
    }
    return Bytes.wrap(bytes);
  }

  /** Sends an answer; false if the fault has ended the connection in its middle. */
  private boolean answers(Bytes answer) throws IOException {
    if (last == ProxyStep.ANSWERING) {
      visit.write(Bytes.wrap(Arrays.copyOf(answer.toArray(), answer.size() / 2)));
      return !endsAt(ProxyStep.ANSWERING);
    }
    visit.write(answer);
    return true;
  }

  /** The answer that opens a tunnel, with what the fault adds. */
  private Bytes opening(Bytes answer) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(answer.toArray());
    all.writeBytes(extra().toArray());
    return Bytes.wrap(all.toByteArray());
  }

  private Bytes extra() {
    return fault instanceof ProxyFault.Extra(var bytes) ? bytes : Bytes.EMPTY;
  }

  private boolean challenges() {
    return fault instanceof ProxyFault.Challenge;
  }

  // ---- the destination

  /** Why a tunnel is not opened, in each protocol. */
  private record Denial(int status, int reply5, int reply4) {
    static final Denial UNKNOWN = new Denial(502, 4, 91);
    static final Denial LATE = new Denial(504, 6, 91);
    static final Denial NOBODY = new Denial(502, 5, 91);

    static Denial of(int code) {
      boolean socks = code <= 255;
      return new Denial(socks ? 403 : code, socks ? code : 2, socks ? code : 91);
    }
  }

  /** A destination that is connected to, or why it is not. */
  private record Outcome(@Nullable Wire server, Denial denial) {}

  private Outcome connect(String host, int port) {
    if (fault instanceof ProxyFault.Refuse(var code)) {
      return new Outcome(null, Denial.of(code));
    }
    try {
      return new Outcome(door.ground().connect(host, port, PATIENCE), Denial.NOBODY);
    } catch (UnknownHostException e) {
      return new Outcome(null, Denial.UNKNOWN);
    } catch (SocketTimeoutException e) {
      return new Outcome(null, Denial.LATE);
    } catch (IOException e) {
      return new Outcome(null, Denial.NOBODY);
    }
  }

  private void asked(Proxy.Kind kind, String host, int port, Optional<String> credentials) {
    String where = host.contains(":") ? "[" + host + "]" : host;
    proxy.asked(
        new AskedTunnel(kind, Optional.empty(), where + ":" + port, credentials, Headers.EMPTY));
  }

  // ---- SOCKS 5

  private int octet() throws IOException {
    return visit.read(1).toArray()[0] & 0xff;
  }

  private void require(int octet, String what, String rule) throws IOException {
    int its = octet();
    if (its != octet) {
      throw new ProtocolException(what + " is " + its + " (" + rule + ")");
    }
  }

  private String text(int octets) throws IOException {
    return visit.read(octets).utf8();
  }

  private int port() throws IOException {
    return octet() << 8 | octet();
  }

  private void socks5() throws IOException {
    octet(); // the version
    Bytes methods = visit.read(octet());
    if (endsAt(ProxyStep.GREETED)) {
      return;
    }
    if (fault instanceof ProxyFault.UnknownVersion) {
      visit.write(octets(NO_VERSION, NO_AUTHENTICATION));
      visit.awaitEnd();
      return;
    }
    boolean asks = challenges() || proxy.login().isPresent();
    int method = asks ? USER_AND_PASSWORD : NO_AUTHENTICATION;
    if (!has(methods, method)) {
      visit.write(octets(VERSION_5, NO_METHOD));
      return;
    }
    visit.write(octets(VERSION_5, method));
    Optional<String> credentials = asks ? login5() : Optional.empty();
    if (asks && credentials.isEmpty()) {
      return;
    }
    require(VERSION_5, "the version", "RFC 1928 section 4");
    int command = octet();
    require(0, "the reserved octet", "RFC 1928 section 4");
    String host = host5();
    int port = port();
    asked(Proxy.Kind.SOCKS5, host, port, credentials);
    if (endsAt(ProxyStep.ASKED)) {
      return;
    }
    if (command != CONNECT) {
      visit.write(reply5(7)); // command not supported
      return;
    }
    Outcome outcome = connect(host, port);
    open(outcome, outcome.server == null ? reply5(outcome.denial.reply5) : reply5(0));
  }

  private static boolean has(Bytes methods, int method) {
    for (byte each : methods.toArray()) {
      if (each == method) {
        return true;
      }
    }
    return false;
  }

  private static Bytes reply5(int code) {
    return octets(VERSION_5, code, 0, IPV4, 0, 0, 0, 0, 0, 0);
  }

  /** What the client shows; empty if that was the end. */
  private Optional<String> login5() throws IOException {
    require(LOGIN_VERSION, "the version of the login", "RFC 1929 section 2");
    String user = text(octet());
    String password = text(octet());
    if (endsAt(ProxyStep.LOGIN)) {
      return Optional.empty();
    }
    boolean right =
        !challenges() && proxy.login().equals(Optional.of(new ProxyServer.Login(user, password)));
    visit.write(octets(LOGIN_VERSION, right ? 0 : 1));
    return right ? Optional.of(user + ":" + password) : Optional.empty();
  }

  private String host5() throws IOException {
    int type = octet();
    return switch (type) {
      case IPV4 -> address(4);
      case NAME -> text(octet());
      case IPV6 -> address(16);
      default ->
          throw new ProtocolException("the type of address is " + type + " (RFC 1928 section 5)");
    };
  }

  private String address(int octets) throws IOException {
    return InetAddress.getByAddress(visit.read(octets).toArray()).getHostAddress();
  }

  // ---- SOCKS 4 and 4A

  private void socks4() throws IOException {
    octet(); // the version
    int command = octet();
    int port = port();
    String address = address(4);
    String user = untilNull();
    boolean named = address.startsWith("0.0.0.") && !address.equals("0.0.0.0");
    String host = named ? untilNull() : address;
    asked(
        named ? Proxy.Kind.SOCKS4A : Proxy.Kind.SOCKS4,
        host,
        port,
        user.isEmpty() ? Optional.empty() : Optional.of(user));
    if (endsAt(ProxyStep.ASKED)) {
      return;
    }
    if (fault instanceof ProxyFault.UnknownVersion) {
      visit.write(octets(NO_VERSION, GRANTED, 0, 0, 0, 0, 0, 0));
      visit.awaitEnd();
      return;
    }
    boolean known = proxy.login().map(login -> login.user().equals(user)).orElse(true);
    if (challenges() || !known) {
      visit.write(reply4(93)); // the user is another
      return;
    }
    if (command != CONNECT) {
      visit.write(reply4(91));
      return;
    }
    Outcome outcome = connect(host, port);
    open(outcome, reply4(outcome.server == null ? outcome.denial.reply4 : GRANTED));
  }

  private static Bytes reply4(int code) {
    return octets(0, code, 0, 0, 0, 0, 0, 0);
  }

  private String untilNull() throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    for (int octet = octet(); octet != 0; octet = octet()) {
      text.write(octet);
    }
    return text.toString(StandardCharsets.UTF_8);
  }

  /** Answers a client for whom the connection becomes the tunnel, and carries it. */
  private void open(Outcome outcome, Bytes reply) throws IOException {
    Wire server = outcome.server;
    if (server == null) {
      answers(reply);
    } else if (answers(opening(reply)) && !endsAt(ProxyStep.OPEN)) {
      carry(peer, server);
    } else {
      server.close();
    }
  }

  // ---- HTTP

  private void http() throws IOException {
    for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
      if (!asked.method().equals("CONNECT") || visit.asksForWebSocket()) {
        visit.respond(405, "This proxy only opens tunnels.\n");
      } else if (!goesOn(asked)) {
        return;
      }
    }
  }

  /** Answers a request for a tunnel, and says whether another request may follow. */
  private boolean goesOn(Asked asked) throws IOException {
    boolean http2 = visit.protocol() == Protocol.HTTP_2;
    Optional<String> shown = asked.headers().first("proxy-authorization");
    proxy.asked(
        new AskedTunnel(
            Proxy.Kind.HTTP,
            Optional.of(visit.protocol()),
            asked.target(),
            shown,
            asked.headers()));
    if (endsAt(ProxyStep.ASKED)) {
      return false;
    }
    if (fault instanceof ProxyFault.UnknownVersion) {
      visit.write("HTTP/" + (http2 ? "1.1" : "9.9") + " 200 OK\r\n\r\n");
      visit.awaitEnd();
      return false;
    }
    if (fault instanceof ProxyFault.EndlessHeaders) {
      endless(http2);
      return false;
    }
    if (challenges() || !isKnown(shown)) {
      visit.respond(
          407,
          Headers.of("proxy-authenticate", "Basic realm=\"proxy\""),
          Bytes.ofUtf8("Who are you?\n"));
      return true;
    }
    Outcome outcome = connect(asked.target());
    Wire server = outcome.server;
    if (server == null) {
      visit.respond(outcome.denial.status, "There is no way to " + asked.target() + ".\n");
      return true;
    }
    if (last == ProxyStep.ANSWERING && http2) {
      answers(octets(0, 0, 1, 1, 4, 0, 0, 0, 1, 0x88)); // :status 200
      server.close();
      return false;
    }
    if (!http2) {
      open(new Outcome(server, outcome.denial), Bytes.wrap(Http.head(200, Headers.EMPTY)));
      return false;
    }
    Peer client = Visit.step(() -> peer.talk().tunnel(Headers.EMPTY));
    if (!extra().isEmpty()) {
      Visit.done(() -> client.writeRaw(extra().toArray()));
    }
    if (endsAt(ProxyStep.OPEN)) {
      server.close();
      return false;
    }
    carry(client, server);
    return true;
  }

  private boolean isKnown(Optional<String> shown) {
    return proxy
        .login()
        .map(
            login -> {
              byte[] words =
                  (login.user() + ":" + login.password()).getBytes(StandardCharsets.UTF_8);
              String right = "Basic " + Base64.getEncoder().encodeToString(words);
              return shown.equals(Optional.of(right));
            })
        .orElse(true);
  }

  private Outcome connect(String target) throws IOException {
    int colon = target.lastIndexOf(':');
    if (colon < 1 || !target.substring(colon + 1).matches("[0-9]{1,5}")) {
      throw new ProtocolException(
          "\"" + target + "\" is no host with a port (RFC 9110 section 9.3.6)");
    }
    String host = target.substring(0, colon);
    boolean literal = host.startsWith("[") && host.endsWith("]");
    return connect(
        literal ? host.substring(1, host.length() - 1) : host,
        Integer.parseInt(target.substring(colon + 1)));
  }

  private void endless(boolean http2) throws IOException {
    String more = "x".repeat(1000);
    if (!http2) {
      visit.write("HTTP/1.1 200 OK\r\n");
      while (true) {
        visit.write("x-more: " + more + "\r\n");
      }
    }
    Http2Visit frames = visit.http2();
    Bytes field =
        Bytes.wrap(("\0\6x-more\u007f\u00e9\6" + more).getBytes(StandardCharsets.ISO_8859_1));
    frames.frame(1, 0, frames.stream(), octets(0x88)); // :status 200, and no end of it
    while (true) {
      frames.frame(9, 0, frames.stream(), field);
    }
  }

  // ---- tunnels

  private void carry(Peer client, Wire server) throws IOException {
    if (fault instanceof ProxyFault.Pieces) {
      visit.slow(Duration.ZERO);
    }
    Relay relay = new Relay(client, server);
    proxy.tunnels(1);
    start("up", relay, relay::up);
    start("down", relay, relay::down);
  }

  /** What carries a direction of a tunnel. */
  private interface Carrier {
    void carry() throws ProtocolException;
  }

  private void start(String direction, Relay relay, Carrier carrier) {
    guard.run(() -> carrying++);
    door.ground()
        .start(
            direction + " through " + visit + " of " + proxy,
            () -> {
              try {
                carrier.carry();
              } catch (ProtocolException e) {
                door.failed(visit, e);
              } finally {
                if (relay.ended()) {
                  proxy.tunnels(-1);
                }
                carried();
              }
            });
  }

  private void carried() {
    Thread waiter =
        guard.get(
            () -> {
              carrying--;
              return waiting;
            });
    door.machine().unpark(waiter);
  }

  private void awaitTunnels() throws InterruptedException {
    Thread me = Thread.currentThread();
    guard.run(() -> waiting = me);
    while (guard.get(() -> carrying > 0)) {
      door.machine().park("the end of the tunnels", Long.MAX_VALUE);
      if (Thread.interrupted()) {
        throw new InterruptedException(); // who closes the proxy has ended them
      }
    }
  }
}
