package dev.lariat.it.fuzzing;

/**
 * What was agreed for permessage-deflate (RFC 7692 section 7.1).
 *
 * @param serverBits the server's window: 8 to 15; 0 where nothing was said
 * @param clientBits the same for the client
 */
record Terms(boolean serverNoTakeover, int serverBits, boolean clientNoTakeover, int clientBits) {
  private static final int LARGEST = 15;

  /** Octets of the server's window. */
  int serverWindow() {
    return 1 << (serverBits == 0 ? LARGEST : serverBits);
  }

  /** Octets of the client's window. */
  int clientWindow() {
    return 1 << (clientBits == 0 ? LARGEST : clientBits);
  }

  /** The answer's {@code Sec-WebSocket-Extensions}. */
  String header() {
    return "permessage-deflate"
        + (serverNoTakeover ? "; server_no_context_takeover" : "")
        + (serverBits == 0 ? "" : "; server_max_window_bits=" + serverBits)
        + (clientNoTakeover ? "; client_no_context_takeover" : "")
        + (clientBits == 0 ? "" : "; client_max_window_bits=" + clientBits);
  }
}
