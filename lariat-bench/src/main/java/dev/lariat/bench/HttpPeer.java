package dev.lariat.bench;

import java.net.URI;

/** One of the clients that are compared, used as its own documentation would have it. */
interface HttpPeer {

  /**
   * Who asks for this URI, on a connection of its own, or of the client's pool, which has as many
   * as {@link Setup#poolSize}; on the one connection that there is if it is multiplexed. Does not
   * block. What comes goes to the sink, on a thread of the client's choice, one thing at a time.
   */
  Caller caller(URI uri, Sink sink);

  /** May be used from any thread, and from within the sink. */
  interface Caller {
    /**
     * Asks by GET or, where uploads are measured, sends {@link Zeros} by POST. Does not block.
     * Called again before the answer only where {@code window} says so.
     */
    void call();

    /** Closes the connection, where the client lets one do so: the server has, too. */
    default void close() {}
  }

  /** Takes answers. */
  interface Sink {
    /** So many bytes of a body have been taken by the client. */
    void sent(int bytes);

    /** So many bytes of an answer's body came, given in whatever form the client has them. */
    void received(int bytes);

    /** An answer has ended. */
    void answered(int status);

    default void failed(Throwable cause) {
      cause.printStackTrace();
      Driver.wrong(cause.toString());
    }
  }
}
