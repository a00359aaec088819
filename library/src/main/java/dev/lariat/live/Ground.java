package dev.lariat.live;

import dev.lariat.ClientRef;
import dev.lariat.internal.entrance.Pooling;
import dev.lariat.internal.transport.Machine;
import dev.lariat.message.LiveRef;
import dev.lariat.option.ConnectionOptions;
import org.jspecify.annotations.Nullable;

/**
 * Where the connections of a live connection come from: it opens each itself, or shares them with
 * other live connections, or a client has them.
 *
 * @param connections those that live connections share; null if they share none
 * @param pooling what a client gives; null without a client
 */
record Ground(Machine machine, @Nullable SharedConnections connections, @Nullable Pooling pooling) {

  /**
   * Checks what the plan says.
   *
   * @param options the options of the plan's connections
   * @throws IllegalArgumentException if the parts of the plan exclude each other, or there is no
   *     such platform or client
   */
  static Ground of(
      ConnectionOptions options,
      @Nullable SharedConnections connections,
      @Nullable ClientRef client) {
    if (client == null) {
      SharedConnections.check(connections, options);
      return new Ground(Machine.of(options), connections, null);
    }
    if (connections != null) {
      throw new IllegalArgumentException(
          "connections: shared ones, allowed none with a client, which has connections");
    }
    if (!options.equals(ConnectionOptions.DEFAULT)) {
      throw new IllegalArgumentException(
          "connection: other options than the default, allowed the default with a client, whose"
              + " pool.connection says how its connections are opened");
    }
    Pooling pooling = Pooling.Clients.of(client);
    return new Ground(pooling.machine(), null, pooling);
  }

  /** The options of its connections, as far as no origin has its own. */
  ConnectionOptions options(ConnectionOptions ofThePlan) {
    return pooling == null ? ofThePlan : pooling.options();
  }

  /** Joins those who share, if it does; {@link #left} ends it. */
  @Nullable Neighbours join() {
    return connections == null ? null : connections.join(machine);
  }

  /**
   * Ends with the client, if there is one; {@link #left} ends that.
   *
   * @throws IllegalStateException if the client is closed
   */
  void enter(LiveRef ref, Pooling.Member member) {
    if (pooling != null) {
      pooling.join(ref, member);
    }
  }

  /** A live connection has ended. */
  void left(LiveRef ref) {
    if (connections != null) {
      connections.left();
    }
    if (pooling != null) {
      pooling.left(ref);
    }
  }
}
