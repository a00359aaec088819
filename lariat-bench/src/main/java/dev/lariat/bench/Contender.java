package dev.lariat.bench;

import dev.lariat.bench.LariatOwners.Reading;
import java.util.Arrays;

/** Who takes part. */
enum Contender {
  LARIAT(
      "lariat",
      "Lariat, receiver",
      setup -> new LariatPeer(setup, Reading.RECEIVER),
      setup -> new LariatHttpPeer(setup, Reading.RECEIVER)),
  LARIAT_MAILBOX(
      "lariat-mailbox",
      "Lariat, mailbox",
      setup -> new LariatPeer(setup, Reading.MAILBOX),
      setup -> new LariatHttpPeer(setup, Reading.MAILBOX)),
  /** Another thing only where there is more than one connection. */
  LARIAT_MAILBOX_EACH(
      "lariat-mailbox-each",
      "Lariat, mailboxes",
      setup -> new LariatPeer(setup, Reading.MAILBOX_EACH),
      setup -> new LariatHttpPeer(setup, Reading.MAILBOX_EACH)),
  NETTY("netty", "Netty 4.2.18", NettyPeer::new, NettyHttpPeer::new),
  VERTX("vertx", "Vert.x 5.0.7", VertxPeer::new, VertxHttpPeer::new),
  REACTOR("reactor", "Reactor Netty 1.3.7", ReactorPeer::new, ReactorHttpPeer::new),
  JETTY("jetty", "Jetty 12.1.14", JettyPeer::new, JettyHttpPeer::new),
  APACHE("apache", "Apache HttpClient 5.6.5", null, ApacheHttpPeer::new),
  JAVA_WEBSOCKET("java-websocket", "Java-WebSocket 1.6.0", JavaWebSocketPeer::new, null),
  NV("nv", "nv-websocket-client 2.14", NvPeer::new, null),
  OKHTTP("okhttp", "OkHttp 5.5.1", OkHttpPeer::new, OkHttpHttpPeer::new),
  JDK("jdk", "JDK java.net.http", JdkPeer::new, JdkHttpPeer::new),
  /** The floor: not a JVM. */
  C("c", "C floor", null, null);

  interface Maker<T> {
    T make(Setup setup) throws Exception;
  }

  final String label;
  final String title;
  final Maker<Peer> maker;
  final Maker<HttpPeer> httpMaker;

  Contender(String label, String title, Maker<Peer> maker, Maker<HttpPeer> httpMaker) {
    this.label = label;
    this.title = title;
    this.maker = maker;
    this.httpMaker = httpMaker;
  }

  static Contender named(String label) {
    return Arrays.stream(values())
        .filter(one -> one.label.equals(label))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no peer is called " + label));
  }

  boolean isLariat() {
    return this == LARIAT || this == LARIAT_MAILBOX || this == LARIAT_MAILBOX_EACH;
  }

  /** Whether it has anything of the protocol. */
  boolean speaks(Workload workload) {
    if (workload.isOfHttp2()) {
      return speaksHttp2(workload);
    }
    return workload.http ? httpMaker != null : maker != null || this == C;
  }

  private boolean speaksHttp2(Workload workload) {
    return switch (this) {
      case LARIAT, LARIAT_MAILBOX -> true;
      case VERTX, REACTOR, JETTY, OKHTTP -> workload.http;
      case JDK -> workload.http && workload.tls; // it has no prior knowledge
      case C -> workload.hasFloor();
      case LARIAT_MAILBOX_EACH, NETTY, APACHE, JAVA_WEBSOCKET, NV -> false;
    };
  }

  boolean canDo(Workload workload) {
    return speaks(workload)
        && switch (this) {
          case C -> workload.hasFloor();
          case LARIAT_MAILBOX_EACH -> workload.connections > 1;
          case JDK -> !workload.isCompressed() && workload != Workload.HTTP_PIPE;
          case REACTOR, JETTY, OKHTTP -> workload != Workload.HTTP_PIPE;
          default -> true;
        };
  }
}
