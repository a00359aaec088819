package dev.lariat.option;

import java.util.List;
import java.util.Optional;

/**
 * Answers the challenges of an HTTP proxy (RFC 9110 section 11.7) by a scheme that {@link
 * Credentials} do not know, such as {@code Negotiate} (RFC 4559).
 *
 * {@snippet file="dev/lariat/examples/JavadocTest.java" region="authenticator"}
 *
 * <p>Lariat calls its methods, and those of its authentications, on a virtual thread, so they may
 * block. If the attempt to connect ends meanwhile, the thread is interrupted. If a method throws,
 * the attempt fails with {@code Reason.AuthenticatorThrew}.
 */
@FunctionalInterface
public interface ProxyAuthenticator {

  /**
   * Begins to authenticate to a proxy. Lariat calls this when the proxy sends its first challenge
   * of an attempt to connect.
   *
   * @param host the host of the proxy: a name, an IPv4 address, or an IPv6 address without brackets
   * @param port the port of the proxy
   * @return what answers the challenges of this attempt
   * @throws Exception if it is not possible
   */
  Authentication begin(String host, int port) throws Exception;

  /**
   * The answers to the challenges of one attempt to connect, which may need several rounds. One
   * thread at a time uses it.
   */
  @FunctionalInterface
  interface Authentication {

    /**
     * Answers the challenges of a 407. The next request for the tunnel has the answer, on the same
     * connection unless the proxy closes it. If the proxy answers with another 407, Lariat asks
     * again: up to 8 times in an attempt to connect.
     *
     * @param challenges the values of {@code Proxy-Authenticate}, such as {@code Negotiate} and
     *     {@code Basic realm="proxy"}
     * @return the value of {@code Proxy-Authorization}; empty to give up, so that the attempt fails
     *     with the 407
     * @throws Exception if it is not possible
     */
    Optional<String> answer(List<String> challenges) throws Exception;

    /**
     * Ends the authentication: there is a tunnel, or the attempt has failed. Lariat calls this
     * once, and ignores what it throws. By default, it does nothing.
     *
     * @throws Exception if something is left
     */
    default void close() throws Exception {}
  }
}
