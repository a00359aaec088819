package dev.lariat.it;

import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Http1;
import dev.lariat.option.WebSocketOptions;

/** With and without TLS, with and without compression. */
enum Way {
  PLAIN(false, false),
  PLAIN_COMPRESSED(false, true),
  TLS(true, false),
  TLS_COMPRESSED(true, true);

  final boolean tls;
  private final boolean compress;

  Way(boolean tls, boolean compress) {
    this.tls = tls;
    this.compress = compress;
  }

  /** A connection to this server, whose port 1 is the one with TLS. */
  Witness open(Server server) {
    return open(server.port(tls ? 1 : 0));
  }

  Witness open(int port) {
    return Witness.open("127.0.0.1", port, options());
  }

  /** The same with as many outstanding requests as a test likes. */
  Witness openPipelined(int port) {
    Http1 pipelined = Http1.DEFAULT.pipelining(100).pipelinedMethods(Http1.Methods.ALL);
    return Witness.open("127.0.0.1", port, options().http1(pipelined));
  }

  ConnectionOptions options() {
    return tls ? Witness.QUICK.tls(Certificates.trusted()) : Witness.QUICK;
  }

  WebSocketOptions webSocket() {
    return compress ? WebSocketOptions.compressed() : WebSocketOptions.DEFAULT;
  }

  boolean compress() {
    return compress;
  }
}
