package dev.lariat.testkit;

/**
 * How far a client and a {@link ProxyServer} are, in their order. A {@link ProxyFault} can end a
 * connection at each of them. A step that the client's protocol does not have never comes.
 */
public enum ProxyStep {
  /** The proxy has accepted the connection. It has read nothing, and there was no TLS handshake. */
  ACCEPTED,
  /** SOCKS 5: the client has sent its methods, and the proxy has not chosen one. */
  GREETED,
  /** SOCKS 5: the client has sent its user and password, and the proxy has not answered. */
  LOGIN,
  /** The client has asked for the destination, and the proxy has not answered. */
  ASKED,
  /** The proxy has sent a part of its answer. */
  ANSWERING,
  /** The proxy has answered, and the tunnel is open. */
  OPEN
}
