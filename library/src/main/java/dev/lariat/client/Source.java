package dev.lariat.client;

import dev.lariat.Exchange;
import dev.lariat.Mailbox;
import dev.lariat.event.Trace;
import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.transport.Machine;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Request;
import java.time.Duration;

/** Where a call gets the connections for its requests. */
sealed interface Source extends AutoCloseable permits OneConnection, Pool {

  /**
   * A request that has begun.
   *
   * @param reused whether its connection was there before
   */
  record Begun(Exchange exchange, boolean reused) {}

  /** Whose threads, loops and chance they use. */
  Machine machine();

  /**
   * Begins a request, as soon as a connection takes it.
   *
   * @param mailbox where its messages go, which are not read meanwhile
   * @param left how long that may take
   * @param fresh whether it needs a connection that carried nothing before
   * @param trace of the request
   * @throws dev.lariat.FailedException if there is no connection for it
   */
  Begun begin(
      HttpUri uri, Request request, Mailbox mailbox, Duration left, boolean fresh, Trace trace);

  /**
   * The options of the connections to this origin, whatever they say of TLS, which its URL does.
   */
  ConnectionOptions optionsOf(HttpUri uri);

  /** Whether no connection to this origin will be had any more. */
  boolean hasEnded(HttpUri uri);

  /** Whether a request can have another connection in place of the one that it had. */
  boolean hasOthers();

  /** Whether the connections to there may add cookies, which a call does not see. */
  boolean keepsCookies(HttpUri uri);

  /** One for another call. */
  Source another();

  /** A request is sent again at once, since its connection could not be used again. */
  void repeated(HttpUri uri);

  /**
   * The server says that the connection of a request is the wrong one.
   *
   * @return whether there can be another one
   */
  boolean misdirected(HttpUri uri, Begun begun);

  /** The call is over. */
  @Override
  void close();
}
