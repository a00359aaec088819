package dev.lariat.examples;

import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Credentials;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Proxies;
import dev.lariat.option.Proxy;
import dev.lariat.option.ProxyProtocol;
import dev.lariat.option.Tls;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/** Proxies: the programs of docs/guide/proxies.md. */
final class Proxied {
  private Proxied() {}

  /** A live WebSocket through a proxy of HTTP. */
  static LiveWebSocket feed(String uri, String proxy) {
    ConnectionOptions options = ConnectionOptions.DEFAULT.via(Proxy.of(proxy));
    return LiveWebSocket.to(uri).options(LiveOptions.DEFAULT.connection(options)).open();
  }

  /** Through two proxies. */
  static ConnectionOptions chain() {
    return ConnectionOptions.DEFAULT.via(
        Proxy.of("https://gateway.example"), Proxy.of("socks5h://inner.example:1080"));
  }

  /** A proxy whose certificate is of a private authority. */
  static Proxy secured(Path pem, String password) {
    return Proxy.of("https://gateway.example")
        .tls(Tls.DEFAULT.trust(pem))
        .credentials(Credentials.digest("user", password))
        .timeout(Duration.ofSeconds(5));
  }

  /** Over HTTP/2 if the proxy chooses that. */
  static Proxy multiplexed() {
    return Proxy.of("https://gateway.example").protocols(Protocol.HTTP_2, Protocol.HTTP_1_1);
  }

  /** Requests without TLS in absolute form. */
  static ConnectionOptions absolute() {
    return ConnectionOptions.DEFAULT.via(Proxy.of("http://proxy.example:3128").absoluteForm(true));
  }

  /** As the environment says, where it is asked. */
  static ConnectionOptions environment(URI uri) {
    return ConnectionOptions.DEFAULT.via(Proxies.ofEnvironment().to(uri));
  }

  /** As the JDK's system properties say. */
  static ConnectionOptions properties(URI uri) {
    return ConnectionOptions.DEFAULT.via(Proxies.of(ProxySelector.getDefault()).to(uri));
  }

  /** For a server behind a load balancer of TCP. */
  static ConnectionOptions balanced() {
    return ConnectionOptions.DEFAULT.proxyProtocol(ProxyProtocol.V2);
  }

  /** What to do about a proxy. */
  static String advice(Reason reason) {
    return switch (reason) {
      case Reason.Hop(var number, var proxy, Reason.Status answer) when answer.status() == 407 ->
          "fix the credentials for proxy " + number;
      case Reason.Hop(var number, var proxy, Reason.Socks refusal) ->
          "ask who runs " + proxy + ": " + refusal.sentence();
      case Reason.Hop hop -> "check proxy " + hop.number() + ": " + hop.why().sentence();
      default -> reason.sentence();
    };
  }
}
