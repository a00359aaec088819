package dev.lariat.bench;

import java.net.URI;

/** One of the clients that are compared, used as its own documentation would have it. */
interface Peer {

  /**
   * Opens a WebSocket and waits until it is open. What arrives goes to the sink, on a thread of the
   * client's choice, one message at a time.
   */
  Link connect(URI uri, Sink sink) throws Exception;

  /** An open WebSocket. May be used from any thread, and from within the sink. */
  interface Link {
    void text(String text);

    /** Sends these bytes, which nobody changes. */
    void binary(byte[] bytes);
  }

  /** Takes whole messages. */
  interface Sink {
    void text(Link link, String text);

    /** A binary message of this size, given in whatever form the client has it. */
    void binary(Link link, int size);
  }
}
