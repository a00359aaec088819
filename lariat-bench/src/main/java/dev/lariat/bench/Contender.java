package dev.lariat.bench;

import dev.lariat.bench.LariatOwners.Reading;
import java.util.Arrays;

/** Who takes part. */
enum Contender {
  LARIAT("lariat", "Lariat, receiver"),
  LARIAT_MAILBOX("lariat-mailbox", "Lariat, mailbox"),
  /** Another thing only where there is more than one connection. */
  LARIAT_MAILBOX_EACH("lariat-mailbox-each", "Lariat, mailboxes"),
  NETTY("netty", "Netty 4.2.18"),
  VERTX("vertx", "Vert.x 5.0.7"),
  REACTOR("reactor", "Reactor Netty 1.3.7"),
  JETTY("jetty", "Jetty 12.1.14"),
  APACHE("apache", "Apache HttpClient 5.6.5"),
  JAVA_WEBSOCKET("java-websocket", "Java-WebSocket 1.6.0"),
  NV("nv", "nv-websocket-client 2.14"),
  OKHTTP("okhttp", "OkHttp 5.5.1"),
  JDK("jdk", "JDK java.net.http"),
  /** The floor: not a JVM. */
  C("c", "C floor");

  final String label;
  final String title;

  Contender(String label, String title) {
    this.label = label;
    this.title = title;
  }

  static Contender named(String label) {
    return Arrays.stream(values())
        .filter(one -> one.label.equals(label))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no peer is called " + label));
  }

  /** For WebSockets. Loads the classes of this client only, as {@link #httpPeer} does. */
  Peer peer(Setup setup) throws Exception {
    return switch (this) {
      case LARIAT -> new LariatPeer(setup, Reading.RECEIVER);
      case LARIAT_MAILBOX -> new LariatPeer(setup, Reading.MAILBOX);
      case LARIAT_MAILBOX_EACH -> new LariatPeer(setup, Reading.MAILBOX_EACH);
      case NETTY -> new NettyPeer(setup);
      case VERTX -> new VertxPeer(setup);
      case REACTOR -> new ReactorPeer(setup);
      case JETTY -> new JettyPeer(setup);
      case JAVA_WEBSOCKET -> new JavaWebSocketPeer(setup);
      case NV -> new NvPeer(setup);
      case OKHTTP -> new OkHttpPeer(setup);
      case JDK -> new JdkPeer(setup);
      case APACHE, C -> throw new IllegalStateException(title + " has no WebSocket");
    };
  }

  /** For requests. */
  HttpPeer httpPeer(Setup setup) throws Exception {
    return switch (this) {
      case LARIAT -> new LariatHttpPeer(setup, Reading.RECEIVER);
      case LARIAT_MAILBOX -> new LariatHttpPeer(setup, Reading.MAILBOX);
      case LARIAT_MAILBOX_EACH -> new LariatHttpPeer(setup, Reading.MAILBOX_EACH);
      case NETTY -> new NettyHttpPeer(setup);
      case VERTX -> new VertxHttpPeer(setup);
      case REACTOR -> new ReactorHttpPeer(setup);
      case JETTY -> new JettyHttpPeer(setup);
      case APACHE -> new ApacheHttpPeer(setup);
      case OKHTTP -> new OkHttpHttpPeer(setup);
      case JDK -> new JdkHttpPeer(setup);
      case JAVA_WEBSOCKET, NV, C -> throw new IllegalStateException(title + " has no requests");
    };
  }

  /** For threads that wait. */
  PoolPeer poolPeer(Setup setup) throws Exception {
    return switch (this) {
      case LARIAT_MAILBOX -> new PoolPeer.Lariat(setup);
      case APACHE -> new PoolPeer.Apache(setup);
      case OKHTTP -> new PoolPeer.OkHttp(setup);
      case JETTY, REACTOR, VERTX, JDK -> new PoolPeer.OfCallbacks(httpPeer(setup));
      default -> throw new IllegalStateException(title + " has no pool");
    };
  }

  boolean isLariat() {
    return this == LARIAT || this == LARIAT_MAILBOX || this == LARIAT_MAILBOX_EACH;
  }

  /** Whether it has anything of the protocol. */
  boolean speaks(Workload workload) {
    if (workload.isOfHttp2()) {
      return speaksHttp2(workload);
    }
    if (workload.isOfPools()) {
      return switch (this) {
        case LARIAT_MAILBOX, JETTY, REACTOR, VERTX -> true;
        case OKHTTP -> workload != Workload.POOL_FEW; // threads that wait have no limit
        case APACHE -> !workload.multiplexed; // its classic client
        case JDK -> workload == Workload.POOL; // it has neither a limit nor prior knowledge
        default -> false;
      };
    }
    if (workload.isOfProxies()) {
      return isLariat() && this != LARIAT_MAILBOX_EACH || this == NETTY;
    }
    return switch (this) {
      case APACHE -> workload.http;
      case JAVA_WEBSOCKET, NV, C -> !workload.http;
      default -> true;
    };
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
