package dev.lariat.live;

import dev.lariat.event.ConnectionInfo;
import dev.lariat.internal.transport.Machine;
import dev.lariat.message.Protocol;
import dev.lariat.option.ConnectionOptions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Connections of HTTP/2 that live connections share. Make one object, and pass it to each of them,
 * by {@link LiveWebSocket.Plan#connections} or {@link LiveEvents.Plan#connections}. Those with the
 * same origin and equal connection options are then streams of one connection.
 *
 * {@snippet file="dev/lariat/examples/JavadocTest.java" region="shared"}
 *
 * <p><b>How many connections.</b> The first session opens the connection, and it closes when its
 * last session has ended. If the server allows fewer streams than there are sessions, Lariat opens
 * further connections, since a WebSocket may stay open for days. So it does after the server's
 * GOAWAY: open sessions stay where they are, and new ones go to another connection. The next
 * session of a rotation also goes to another connection than the one that it replaces.
 *
 * <p><b>Healing.</b> Each live connection heals by itself, with its own delays, attempts and
 * budget. When a shared connection is lost, all of its sessions are lost. The first attempt opens
 * the next connection, and the others join it. A stream that fails alone concerns nobody else.
 *
 * <p><b>Servers without it.</b> If the server speaks HTTP/1.1 only, or takes no WebSockets over
 * HTTP/2 (RFC 8441) and the options list both protocols, each session has its own connection of
 * HTTP/1.1. This is remembered for the origin.
 *
 * <p>What is different in the options is never shared: other TLS options, limits or listeners mean
 * another connection. All live connections that share run on one event loop.
 *
 * <p>You can call all methods from any thread. The object needs no closing.
 */
public final class SharedConnections {
  private final Lock lock = new ReentrantLock();

  /** Those who share at present; null if nobody does. Under the lock. */
  private @Nullable Neighbours neighbours;

  /** How many they are. Under the lock. */
  private int users;

  private SharedConnections() {}

  /** {@return a set of connections, which is empty} */
  public static SharedConnections create() {
    return new SharedConnections();
  }

  /**
   * {@return how each connection stands that is open or being opened} {@code
   * ConnectionInfo.streams} is the number of its sessions. The event loop completes the future:
   * actions that depend on it must not block, and you must not wait for it on one of Lariat's event
   * loops.
   */
  public CompletableFuture<List<ConnectionInfo>> info() {
    CompletableFuture<List<ConnectionInfo>> info = new CompletableFuture<>();
    lock.lock();
    try {
      Neighbours its = neighbours;
      if (its == null) {
        info.complete(List.of());
      } else {
        its.loop().execute(() -> info.complete(its.info())); // the loop has its users still
      }
    } finally {
      lock.unlock();
    }
    return info;
  }

  /**
   * Refuses options with which nothing can be shared.
   *
   * @throws IllegalArgumentException if HTTP/2 is not among the protocols
   */
  static void check(@Nullable SharedConnections shared, ConnectionOptions options) {
    if (shared != null && !options.protocols().contains(Protocol.HTTP_2)) {
      throw new IllegalArgumentException(
          "connection.protocols: "
              + options.protocols()
              + ", allowed a list with h2 if connections are shared");
    }
  }

  /**
   * Adds a live connection to those who share; {@link #left} ends it. Its hold on the loop is its
   * own to release.
   *
   * @throws IllegalArgumentException if those of another machine use it
   */
  Neighbours join(Machine machine) {
    lock.lock();
    try {
      Neighbours its = neighbours;
      if (its == null) {
        its = new Neighbours(machine, machine.nextLoop());
        neighbours = its;
      } else if (its.machine() != machine) {
        throw new IllegalArgumentException(
            "connections: those of " + its.machine() + ", allowed those of " + machine);
      } else {
        its.loop().retain();
      }
      users++;
      return its;
    } finally {
      lock.unlock();
    }
  }

  /** One of those who share has ended. */
  void left() {
    lock.lock();
    try {
      users--;
      if (users == 0) {
        neighbours = null; // the next ones get another loop, and nothing of these
      }
    } finally {
      lock.unlock();
    }
  }
}
