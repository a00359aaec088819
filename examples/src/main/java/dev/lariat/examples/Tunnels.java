package dev.lariat.examples;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Tunnel;
import dev.lariat.WebSocket;
import dev.lariat.message.Reason;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Credentials;
import dev.lariat.option.Timeouts;
import dev.lariat.option.TunnelOptions;
import java.net.URI;
import java.time.Duration;

/** Tunnels through a proxy: the programs of docs/guide/tunnels.md. */
final class Tunnels {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private Tunnels() {}

  /** One page, through the proxy of this connection. */
  static String page(Connection proxy, URI origin) {
    try (Tunnel tunnel = proxy.connect(origin)) {
      return tunnel.get("/").text(PATIENCE);
    }
  }

  /** A WebSocket in a tunnel that is made again when it is lost. */
  static WebSocket socket(Connection proxy, URI origin) {
    TunnelOptions options =
        TunnelOptions.DEFAULT
            .retry(Backoff.DEFAULT)
            .credentials(Credentials.of("user", "secret"))
            .connection(
                ConnectionOptions.DEFAULT.timeouts(Timeouts.DEFAULT.tls(Duration.ofSeconds(5))));
    Tunnel tunnel = proxy.connect(origin, options);
    return tunnel.webSocket("/feed");
  }

  /** A page behind two proxies. */
  static String behindTwo(Connection first, URI second, URI origin) {
    try (Tunnel inner = first.connect(second);
        Tunnel tunnel = inner.connect(origin)) {
      return tunnel.get("/").text(PATIENCE);
    }
  }

  /** What the proxy answered if it refused. */
  static String refusal(Connection proxy, URI origin) throws InterruptedException {
    try (Tunnel tunnel = proxy.connect(origin)) {
      return "open, speaking " + tunnel.awaitUp(PATIENCE);
    } catch (FailedException e) {
      return switch (e.reason()) {
        case Reason.Tunnel(var through, Reason.Status refused) ->
            through + " refused with " + refused.status() + ": " + refused.body().utf8();
        case Reason other -> other.sentence();
      };
    }
  }
}
