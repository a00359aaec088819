package dev.lariat.internal.transport;

import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Platform;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/** All that the library takes from where it runs: time, event loops, a network, threads, chance. */
public interface Machine extends Platform, Time {

  /**
   * The one that these options name; without, this machine.
   *
   * @throws IllegalArgumentException if it is none of Lariat's
   */
  static Machine of(ConnectionOptions options) {
    return of(options.platform());
  }

  /**
   * This one; without, this machine.
   *
   * @throws IllegalArgumentException if it is none of Lariat's
   * @throws IllegalStateException if the Netty that is there is too old
   */
  static Machine of(Optional<Platform> given) {
    NettyVersion.require();
    Platform platform = given.orElse(ThisMachine.THIS);
    if (platform instanceof Machine machine) {
      return machine;
    }
    throw new IllegalArgumentException(
        "platform: " + platform + ", allowed the machine's own, or that of Lariat's test kit");
  }

  /** The event loop for the next connection, which releases it in the end. */
  Loop nextLoop();

  /**
   * What makes channels to this place.
   *
   * @throws IllegalArgumentException if there is something here that these options ask for in vain
   */
  Dialer dialer(Place place, Optional<TlsContext> tls, ConnectionOptions options);

  /**
   * The addresses of this host, at least one; fails if there are none. Completed on any thread.
   *
   * @param host a name, as connections look it up
   */
  CompletableFuture<List<InetAddress>> lookup(String host);

  /** A source of numbers for delays; from any thread. */
  RandomGenerator random();

  /** Starts a thread for a user's code, which may block. */
  Thread start(String name, Runnable task);

  /**
   * Starts a thread for the library's own work, which runs even while users' code keeps every
   * carrier of virtual threads busy.
   */
  Thread startApart(String name, Runnable task);

  /** Whether this thread runs an event loop, which must not wait. */
  boolean isLoop();

  /**
   * Refuses to block an event loop.
   *
   * @param operation what would block
   * @param instead what to do on an event loop
   * @throws IllegalStateException on the thread of any loop
   */
  default void refuseToBlock(String operation, String instead) {
    if (isLoop()) {
      throw new IllegalStateException(operation + " would block an event loop; on it, " + instead);
    }
  }
}
