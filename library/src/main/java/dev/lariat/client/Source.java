package dev.lariat.client;

import dev.lariat.Exchange;
import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.transport.Machine;
import dev.lariat.option.Request;
import java.time.Duration;

/** Where a call gets the connections for its requests. */
sealed interface Source extends AutoCloseable permits OneConnection, Pool {

  /**
   * A request that has begun.
   *
   * @param reused whether its connection carried another one before
   */
  record Begun(Exchange exchange, boolean reused) {}

  /** Whose threads, loops and chance they use. */
  Machine machine();

  /**
   * Begins a request, as soon as a connection takes it.
   *
   * @param left how long that may take
   * @throws dev.lariat.FailedException if there is no connection for it
   */
  Begun begin(HttpUri uri, Request request, Duration left);

  /** Whether no connection to this origin will be had any more. */
  boolean hasEnded(HttpUri uri);

  /** A request is sent again at once, since its connection could not be used again. */
  void repeated();

  /** The call is over. */
  @Override
  void close();
}
