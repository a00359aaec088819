package dev.lariat.internal.entrance;

import dev.lariat.internal.protocol.Authorization;
import dev.lariat.internal.protocol.Forward;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.option.Proxy;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The proxy that receives the requests of a connection themselves ({@link Forward}). Each request
 * has the headers for that proxy, and shows it the credentials (RFC 9110 section 11.7).
 */
public final class ForwardProxy {
  private static final int AUTHENTICATION_REQUIRED = 407;

  private final Headers headers;
  private final String authority;

  /** What is known of how the proxy wants to see the credentials; empty if there are none. */
  private final Optional<Login> login;

  /**
   * The proxy of a connection.
   *
   * @param authority of the server, as the requests name it
   */
  public ForwardProxy(Proxy proxy, String authority) {
    this.headers = proxy.headers();
    this.authority = authority;
    this.login = proxy.credentials().map(Login::eager);
  }

  /**
   * How a request shows itself to both.
   *
   * @param server how it shows itself to the server
   */
  public Authorization authorization(Authorization server) {
    return new ToBoth(
        server, login.<Authorization>map(ProxyAuthentication::new).orElse(Authorization.NONE));
  }

  private final class ToBoth implements Authorization {
    private final Authorization server;
    private final Authorization proxy;

    ToBoth(Authorization server, Authorization proxy) {
      this.server = server;
      this.proxy = proxy;
    }

    @Override
    public @Nullable String shown(String method, String target, Bytes body) {
      return server.shown(method, target, body);
    }

    /** A digest for the proxy is of the target that the proxy sees (RFC 7616 section 3.4). */
    @Override
    public Headers with(Headers users, String method, String target, Bytes body) {
      Headers all = server.with(users, method, target, body);
      for (Headers.Field field : headers) {
        all = all.with(field.name(), field.value());
      }
      return proxy.with(all, method, Forward.target(authority, users, target), body);
    }

    @Override
    public boolean asksAgain(int status, Headers answer) {
      boolean ofProxy = status == AUTHENTICATION_REQUIRED;
      if (!ofProxy) {
        proxy.learn(status, answer);
      }
      return (ofProxy ? proxy : server).asksAgain(status, answer);
    }

    /** Many proxies close the connection after their challenge. */
    @Override
    public boolean outlives(int status) {
      return status == AUTHENTICATION_REQUIRED;
    }

    @Override
    public void learn(int status, Headers answer) {
      proxy.learn(status, answer);
      if (status != AUTHENTICATION_REQUIRED) {
        server.learn(status, answer);
      }
    }
  }
}
