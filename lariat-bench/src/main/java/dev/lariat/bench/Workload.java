package dev.lariat.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
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
  HTTP_IDLE(2000, 1, 128, false);

  private static final String WEB_SOCKETS = "websocket";
  private static final String HTTP = "http";

  final int connections;
  final int window;
  final int size;
  final boolean binary;
  final boolean tls;

  /** Whether it is HTTP/1.1, and not WebSocket. */
  final boolean http;

  Workload(int connections, int window, int size, boolean binary, boolean tls) {
    this(connections, window, size, binary, tls, false);
  }

  Workload(int connections, int window, int size, boolean tls) {
    this(connections, window, size, false, tls, true);
  }

  Workload(int connections, int window, int size, boolean binary, boolean tls, boolean http) {
    this.connections = connections;
    this.window = window;
    this.size = size;
    this.binary = binary;
    this.tls = tls;
    this.http = http;
  }

  static List<Workload> webSockets() {
    return named(WEB_SOCKETS).toList();
  }

  /** One, or all of a kind. */
  static Stream<Workload> named(String label) {
    return switch (label) {
      case WEB_SOCKETS -> Arrays.stream(values()).filter(one -> !one.http);
      case HTTP -> Arrays.stream(values()).filter(one -> one.http);
      default -> Stream.of(valueOf(label.toUpperCase(Locale.ROOT).replace('-', '_')));
    };
  }

  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  boolean isLatency() {
    return figures().contains("p50");
  }

  boolean isIdle() {
    return this == IDLE || this == HTTP_IDLE;
  }

  /** Whether each request has a connection of its own. */
  boolean isConnect() {
    return this == HTTP_CONNECT || this == HTTP_TLS_CONNECT;
  }

  /** Whether there is a body that is counted by the MiB. */
  boolean isLarge() {
    return this == HTTP_DOWNLOAD || this == HTTP_UPLOAD;
  }

  /** What is measured of it, the first of which is compared. */
  List<String> figures() {
    return switch (this) {
      case IDLE, HTTP_IDLE -> List.of("heap", "rss");
      case RTT, RTT_CORE -> List.of("p50", "p99", "cpu");
      case HTTP_GET -> List.of("rate", "cpu", "p50", "p99");
      default -> List.of("rate", "cpu");
    };
  }

  /** What is counted. */
  String unit() {
    return isLarge() ? "MiB" : isConnect() ? "connection" : http ? "request" : "message";
  }

  boolean isCompressed() {
    return this == DEFLATE;
  }

  /** What the C floor can do: it has neither TLS nor compression, and nothing to weigh. */
  boolean hasFloor() {
    return !http && !tls && this != DEFLATE && this != IDLE;
  }

  String path() {
    return switch (this) {
      case FLOOD -> "/flood?n=1000000000000&size=" + size;
      case DEFLATE -> "/deflate";
      case HTTP_DOWNLOAD -> "/large";
      case HTTP_UPLOAD -> "/sink";
      case HTTP_CONNECT, HTTP_TLS_CONNECT -> "/close";
      case HTTP_IDLE -> "/hold";
      case HTTP_GET, HTTP_MANY, HTTP_PIPE -> "/small";
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
