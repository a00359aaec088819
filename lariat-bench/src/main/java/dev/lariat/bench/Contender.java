package dev.lariat.bench;

import dev.lariat.bench.LariatPeer.Reading;
import java.util.Arrays;

/** Who takes part. */
enum Contender {
  LARIAT("lariat", "Lariat, receiver", setup -> new LariatPeer(setup, Reading.RECEIVER)),
  LARIAT_MAILBOX(
      "lariat-mailbox", "Lariat, mailbox", setup -> new LariatPeer(setup, Reading.MAILBOX)),
  /** Another thing only where there is more than one connection. */
  LARIAT_MAILBOX_EACH(
      "lariat-mailbox-each",
      "Lariat, mailboxes",
      setup -> new LariatPeer(setup, Reading.MAILBOX_EACH)),
  NETTY("netty", "Netty 4.2.18", NettyPeer::new),
  VERTX("vertx", "Vert.x 5.0.7", VertxPeer::new),
  REACTOR("reactor", "Reactor Netty 1.3.7", ReactorPeer::new),
  JETTY("jetty", "Jetty 12.1.14", JettyPeer::new),
  JAVA_WEBSOCKET("java-websocket", "Java-WebSocket 1.6.0", JavaWebSocketPeer::new),
  NV("nv", "nv-websocket-client 2.14", NvPeer::new),
  OKHTTP("okhttp", "OkHttp 5.5.1", OkHttpPeer::new),
  JDK("jdk", "JDK java.net.http", JdkPeer::new),
  /** The floor: not a JVM. */
  C("c", "C floor", null);

  interface Maker {
    Peer make(Setup setup) throws Exception;
  }

  final String label;
  final String title;
  final Maker maker;

  Contender(String label, String title, Maker maker) {
    this.label = label;
    this.title = title;
    this.maker = maker;
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

  boolean canDo(Workload workload) {
    return switch (this) {
      case C -> workload.hasFloor();
      case LARIAT_MAILBOX_EACH -> workload.connections > 1;
      case JDK -> !workload.isCompressed();
      default -> true;
    };
  }
}
