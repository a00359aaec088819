package dev.lariat.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** What is measured. */
enum Workload {
  /** Round trips of a short text, one at a time. */
  RTT(1, 1, 64, false, false),
  /** The same with client and server on one core: without the noise of waking another one. */
  RTT_CORE(1, 1, 64, false, false),
  /** Echoes of a short text, 256 in flight. */
  PIPE(1, 256, 64, false, false),
  /** The server sends as fast as the client takes. */
  FLOOD(1, 1, 128, true, false),
  /** Echoes of a large message, 4 in flight. */
  BIG(1, 4, 64 << 10, true, false),
  /** 200 connections, one short text in flight on each. */
  MANY(200, 1, 64, false, false),
  /** Echoes of JSON with permessage-deflate, 64 in flight. */
  DEFLATE(1, 64, 1024, false, false),
  /** {@link #PIPE} with TLS. */
  TLS_PIPE(1, 256, 64, false, true),
  /** {@link #BIG} with TLS. */
  TLS_BIG(1, 4, 64 << 10, true, true),
  /** 2,000 connections on which nothing happens. */
  IDLE(2000, 0, 0, false, false),

  /** Small answers to GETs, one at a time. */
  HTTP_GET(1, 1, 128, false),
  /** 64 connections, one such GET in flight on each. */
  HTTP_MANY(64, 1, 128, false),
  /** Such GETs, 32 in flight on one connection. */
  HTTP_PIPE(1, 32, 128, false),
  /** Large answers, one after another, counted and not kept. */
  HTTP_DOWNLOAD(1, 1, 0, false),
  /** Large bodies, one after another. */
  HTTP_UPLOAD(1, 1, 0, false),
  /** A new connection for each GET, 16 at a time. */
  HTTP_CONNECT(16, 1, 128, false),
  /** {@link #HTTP_CONNECT} with TLS. */
  HTTP_TLS_CONNECT(16, 1, 128, true),
  /** 2,000 connections on which nothing happens after one GET. */
  HTTP_IDLE(2000, 1, 128, false),

  /** The first GET of a process: everything must be loaded, and a connection opened. */
  HTTP_FIRST(1, 1, 128, false),

  /** Small answers to GETs over HTTP/2, 100 streams at a time on one connection. */
  H2_GET(100, 128, false),
  /** {@link #H2_GET} with TLS. */
  H2_TLS_GET(100, 128, true),
  /** Large answers over HTTP/2, one after another, counted and not kept. */
  H2_DOWNLOAD(1, 0, false),
  /** Large bodies over HTTP/2, one after another, each with a small answer. */
  H2_UPLOAD(1, 128, false),
  /** 1,000 GETs on one connection that are not answered. */
  H2_STREAMS(1000, 128, false),
  /** {@link #MANY} as streams of one connection (RFC 8441). */
  H2_MANY(1, 200, 64, false, false, Protocol.WEB_SOCKET_OVER_HTTP_2),
  /** The same on 200 sockets, with the server of {@link #H2_MANY}. */
  H2_MANY_SOCKETS(200, 1, 64, false, false, Protocol.WEB_SOCKET),

  /**
   * {@link #PIPE} through a proxy, which is the server itself: what the proxy does costs nothing.
   */
  VIA_PIPE(1, 256, 64, false, false),
  /** {@link #FLOOD} through such a proxy. */
  VIA_FLOOD(1, 1, 128, true, false),
  /** {@link #MANY} through such a proxy. */
  VIA_MANY(200, 1, 64, false, false),
  /** {@link #TLS_PIPE} through such a proxy with TLS: TLS in TLS. */
  VIA_TLS_PIPE(1, 256, 64, false, true),
  /** {@link #TLS_BIG} in the same way. */
  VIA_TLS_BIG(1, 4, 64 << 10, true, true),
  /** Small answers to GETs through such a proxy, one in flight on each of 64 connections. */
  VIA_GET(64, 1, 128, false),
  /** The same without a proxy, with the server of {@link #VIA_GET}. */
  VIA_GET_DIRECT(64, 1, 128, false),

  /** 64 threads that share a pool of 64 connections, each with a small GET at a time. */
  POOL(64, 64, 128, false, false, Protocol.HTTP_1_1),
  /** The same with 8 connections, for which they wait. */
  POOL_FEW(8, 64, 128, false, false, Protocol.HTTP_1_1),
  /** The same over HTTP/2, on one connection. */
  POOL_H2(64, 128, false);

  private enum Protocol {
    WEB_SOCKET,
    HTTP_1_1,
    HTTP_2,
    WEB_SOCKET_OVER_HTTP_2
  }

  private static final String WEB_SOCKETS = "websocket";
  private static final String HTTP = "http";
  private static final String HTTP_2 = "http2";
  private static final String PROXY = "proxy";
  private static final String POOLS = "pools";

  final int connections;

  /** How many messages or requests are in flight on each connection. */
  final int window;

  final int size;
  final boolean binary;
  final boolean tls;

  /** Whether requests are measured, and not WebSockets. */
  final boolean http;

  /** Whether all that is in flight on a connection has streams of HTTP/2. */
  final boolean multiplexed;

  Workload(int connections, int window, int size, boolean binary, boolean tls) {
    this(connections, window, size, binary, tls, Protocol.WEB_SOCKET);
  }

  Workload(int connections, int window, int size, boolean tls) {
    this(connections, window, size, false, tls, Protocol.HTTP_1_1);
  }

  Workload(int streams, int size, boolean tls) {
    this(1, streams, size, false, tls, Protocol.HTTP_2);
  }

  Workload(int connections, int window, int size, boolean binary, boolean tls, Protocol protocol) {
    this.connections = connections;
    this.window = window;
    this.size = size;
    this.binary = binary;
    this.tls = tls;
    this.http = protocol == Protocol.HTTP_1_1 || protocol == Protocol.HTTP_2;
    this.multiplexed = protocol == Protocol.HTTP_2 || protocol == Protocol.WEB_SOCKET_OVER_HTTP_2;
  }

  /** Whether threads that wait for their answers share a pool. */
  boolean isOfPools() {
    return this == POOL || this == POOL_FEW || this == POOL_H2;
  }

  /** How many drivers there are: for each connection, stream of one, or thread. */
  int drivers() {
    return multiplexed || isOfPools() ? window : connections;
  }

  /**
   * How many idle links are opened before those that are weighed, to load what there is: as many
   * again where each is light.
   */
  int before() {
    return !isIdle() ? 0 : multiplexed ? window : 100;
  }

  /** How many messages or requests each driver has in flight. */
  int inFlight() {
    return multiplexed || isOfPools() ? 1 : window;
  }

  static List<Workload> webSockets() {
    return named(WEB_SOCKETS).toList();
  }

  /** One, or all of a kind. */
  static Stream<Workload> named(String label) {
    return switch (label) {
      case WEB_SOCKETS -> Arrays.stream(values()).filter(one -> !one.http && one.isPlain());
      case HTTP -> Arrays.stream(values()).filter(one -> one.http && one.isPlain());
      case HTTP_2 -> Arrays.stream(values()).filter(Workload::isOfHttp2);
      case POOLS -> Arrays.stream(values()).filter(Workload::isOfPools);
      case PROXY -> Arrays.stream(values()).filter(Workload::isOfProxies);
      default -> Stream.of(valueOf(label.toUpperCase(Locale.ROOT).replace('-', '_')));
    };
  }

  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  boolean isLatency() {
    return figures().contains("p50");
  }

  /** Whether it is for HTTP/2: one that is measured over it, or one to compare those with. */
  boolean isOfHttp2() {
    return (multiplexed || this == H2_MANY_SOCKETS) && !isOfPools();
  }

  /** Whether its connections go through a proxy, which is the server itself. */
  boolean isThroughProxy() {
    return isOfProxies() && this != VIA_GET_DIRECT;
  }

  /** Whether it is for proxies: one that goes through one, or one to compare those with. */
  boolean isOfProxies() {
    return switch (this) {
      case VIA_PIPE, VIA_FLOOD, VIA_MANY, VIA_TLS_PIPE, VIA_TLS_BIG, VIA_GET, VIA_GET_DIRECT ->
          true;
      default -> false;
    };
  }

  private boolean isPlain() {
    return !isOfHttp2() && !isOfProxies() && !isOfPools();
  }

  /** Whether the server sends as fast as the client takes. */
  boolean isFlood() {
    return this == FLOOD || this == VIA_FLOOD;
  }

  /** What it is also compared with, of the same client. */
  Optional<Workload> baseline() {
    return switch (this) {
      case H2_MANY -> Optional.of(H2_MANY_SOCKETS);
      case VIA_PIPE -> Optional.of(PIPE);
      case VIA_FLOOD -> Optional.of(FLOOD);
      case VIA_MANY -> Optional.of(MANY);
      case VIA_GET -> Optional.of(VIA_GET_DIRECT);
      default -> Optional.empty(); // of TLS in TLS, one half of the work is the proxy's
    };
  }

  /** What is compared of them: CPU if the server's work differs, too. */
  String compared() {
    return isOfHttp2() ? "cpu" : "rate";
  }

  boolean isIdle() {
    return this == IDLE || this == HTTP_IDLE || this == H2_STREAMS;
  }

  /** Whether only the first answer of a process counts. */
  boolean isFirst() {
    return this == HTTP_FIRST;
  }

  /** Whether each request has a connection of its own. */
  boolean isConnect() {
    return this == HTTP_CONNECT || this == HTTP_TLS_CONNECT;
  }

  /** Whether there is a body that is counted by the MiB. */
  boolean isLarge() {
    return isDownload() || isUpload();
  }

  boolean isDownload() {
    return this == HTTP_DOWNLOAD || this == H2_DOWNLOAD;
  }

  boolean isUpload() {
    return this == HTTP_UPLOAD || this == H2_UPLOAD;
  }

  /** What is measured of it, the first of which is compared. */
  List<String> figures() {
    return switch (this) {
      case IDLE, HTTP_IDLE, H2_STREAMS -> List.of("heap", "rss");
      case RTT, RTT_CORE -> List.of("p50", "p99", "cpu");
      case HTTP_GET -> List.of("rate", "cpu", "p50", "p99");
      case POOL, POOL_FEW, POOL_H2 -> List.of("rate", "cpu", "p50", "p99", "longest");
      case HTTP_FIRST -> List.of("first", "cpu");
      default -> List.of("rate", "cpu");
    };
  }

  /** What is counted, or weighed. */
  String unit() {
    if (isIdle()) {
      return multiplexed ? "stream" : "connection";
    }
    return isLarge() ? "MiB" : isConnect() ? "connection" : http ? "request" : "message";
  }

  /** A weight of bytes as it is shown: of a stream in bytes, of a connection in KiB. */
  String weight(double bytes) {
    return multiplexed
        ? String.format(Locale.ROOT, "%,.0f", bytes)
        : String.format(Locale.ROOT, "%.1f", bytes / 1024);
  }

  boolean isCompressed() {
    return this == DEFLATE;
  }

  /**
   * What the C floor can do: it has neither TLS nor compression, and nothing to weigh. That of
   * HTTP/2 is another program, and has TLS.
   */
  boolean hasFloor() {
    boolean over2 = http && multiplexed && !isOfPools();
    return !isIdle() && (over2 || !http && !tls && this != DEFLATE && isPlain());
  }

  String path() {
    return switch (this) {
      case FLOOD, VIA_FLOOD -> "/flood?n=1000000000000&size=" + size;
      case DEFLATE -> "/deflate";
      case HTTP_DOWNLOAD, H2_DOWNLOAD -> "/large";
      case HTTP_UPLOAD -> "/sink";
      case HTTP_CONNECT, HTTP_TLS_CONNECT -> "/close";
      case HTTP_IDLE, H2_STREAMS -> "/hold";
      case HTTP_GET, HTTP_MANY, HTTP_PIPE, HTTP_FIRST -> "/small";
      case H2_GET, H2_TLS_GET, H2_UPLOAD, VIA_GET, VIA_GET_DIRECT, POOL, POOL_FEW, POOL_H2 ->
          "/small";
      default -> "/echo";
    };
  }

  /** The texts to send in turn: more of them than a compression window holds, where it matters. */
  List<String> texts() {
    if (this != DEFLATE) {
      return List.of("x".repeat(size));
    }
    SplittableRandom random = new SplittableRandom(7455);
    return random.longs(64).mapToObj(seed -> json(new SplittableRandom(seed))).toList();
  }

  private String json(SplittableRandom random) {
    StringBuilder json = new StringBuilder("{\"channel\":\"book\",\"levels\":[");
    while (json.length() < size - 120) {
      json.append(
          "{\"side\":\"%s\",\"price\":%d.%02d,\"amount\":%d,\"id\":\"%08x\"},"
              .formatted(
                  random.nextBoolean() ? "bid" : "ask",
                  random.nextInt(60_000, 61_000),
                  random.nextInt(100),
                  random.nextInt(10_000),
                  random.nextInt()));
    }
    json.append("{}],\"note\":\"");
    return json.append("-".repeat(size - json.length() - 2)).append("\"}").toString();
  }
}
