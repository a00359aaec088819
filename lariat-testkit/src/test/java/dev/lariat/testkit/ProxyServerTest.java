package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.option.ConnectionOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import org.junit.jupiter.api.Test;

/** A proxy on a port of 127.0.0.1. */
class ProxyServerTest extends ProxyServerContract {
  @Override
  ProxyServer proxy() {
    return ProxyServer.start();
  }

  @Override
  Origin origin(Script... scripts) {
    return Origin.start(scripts);
  }

  @Override
  ConnectionOptions options(ConnectionOptions options) {
    return options;
  }

  @Override
  void end(ProxyServer proxy, Origin origin) {
    proxy.close();
    origin.close();
  }

  @Override
  void await(Condition condition) {
    while (!condition.holds()) {
      Thread.onSpinWait(); // the timeout of the test ends it
    }
  }

  @Override
  long nanos() {
    return System.nanoTime();
  }

  @Test
  void aPortThatIsTakenIsNamed() {
    try (ProxyServer proxy = ProxyServer.start()) {
      assertThatThrownBy(() -> ProxyServer.start(proxy.port()))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessage(
              "The proxy cannot listen on port " + proxy.port() + ": Address already in use.");
    }
  }

  @Test
  void aClientThatBreaksARuleFailsTheTest() throws IOException {
    for (String bad : new String[] {"\5\1\0\4\1\0", "CONNECT nowhere HTTP/1.1\r\n\r\n"}) {
      ProxyServer proxy = ProxyServer.start();
      try (Socket client = new Socket(proxy.host(), proxy.port())) {
        client.getOutputStream().write(bad.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
        client.getInputStream().readAllBytes();
      }
      assertThatThrownBy(proxy::close)
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("visit 1 of proxy 127.0.0.1:" + proxy.port());
      proxy.close(); // does nothing
      assertThat(proxy.tunnels()).isZero();
    }
  }
}
