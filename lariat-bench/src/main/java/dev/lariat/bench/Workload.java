package dev.lariat.bench;

import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

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
  IDLE(2000, 0, 0, false, false);

  final int connections;
  final int window;
  final int size;
  final boolean binary;
  final boolean tls;

  Workload(int connections, int window, int size, boolean binary, boolean tls) {
    this.connections = connections;
    this.window = window;
    this.size = size;
    this.binary = binary;
    this.tls = tls;
  }

  static Workload named(String label) {
    return valueOf(label.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  boolean isLatency() {
    return this == RTT || this == RTT_CORE;
  }

  boolean isCompressed() {
    return this == DEFLATE;
  }

  /** What the C floor can do: it has neither TLS nor compression, and nothing to weigh. */
  boolean hasFloor() {
    return !tls && this != DEFLATE && this != IDLE;
  }

  String path() {
    return switch (this) {
      case FLOOD -> "/flood?n=1000000000000&size=" + size;
      case DEFLATE -> "/deflate";
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
