package dev.lariat.message;

/**
 * The proxy opened a tunnel: from now on, its bytes go to the destination and back. The TLS
 * handshake with the destination follows, if the tunnel has TLS, and then the {@link Up} of the
 * tunnel. It arrives each time that the proxy opens the tunnel.
 *
 * @param stream the tunnel, which is a stream of the connection to the proxy
 * @param status the status of the proxy's response, 200 to 299
 * @param headers the headers of the proxy's response
 */
public record TunnelUp(StreamRef stream, int status, Headers headers) implements Message.OfStream {

  @Override
  public boolean ends() {
    return false;
  }
}
