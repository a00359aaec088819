package dev.lariat.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.SocksReply;
import dev.lariat.message.Text;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Proxy;
import dev.lariat.option.ProxyProtocol;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.WebSocketVisit;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ProxiedTest {

  @Test
  void aFeedGoesThroughAProxy() throws Exception {
    try (Origin proxy =
            Origin.start(
                visit -> {
                  visit.request();
                  visit.write("HTTP/1.1 200 OK\r\n\r\n");
                  visit.request();
                  WebSocketVisit socket = visit.acceptWebSocket();
                  socket.send(new Text("through"));
                  visit.awaitEnd();
                });
        LiveWebSocket feed =
            Proxied.feed("ws://server.example/", "http://" + proxy.host() + ":" + proxy.port())) {
      while (true) {
        if (feed.mailbox().take(Duration.ofSeconds(30)) instanceof WebSocketFrame frame) {
          assertThat(frame.frame()).isEqualTo(new Text("through"));
          return;
        }
      }
    }
  }

  @Test
  void theOptionsSayWhatThePageSays() {
    URI loopback = URI.create("http://localhost/");
    assertThat(Proxied.chain().via())
        .extracting(Proxy::uri)
        .containsExactly("https://gateway.example:443", "socks5h://inner.example:1080");
    assertThat(Proxied.multiplexed().protocols())
        .containsExactly(Protocol.HTTP_2, Protocol.HTTP_1_1);
    assertThat(Proxied.absolute().via()).allMatch(Proxy::absoluteForm);
    assertThat(Negotiate.with(Proxy.of("http://proxy.example")).authenticator()).isPresent();
    assertThat(Proxied.environment(loopback).via()).isEmpty();
    assertThat(Proxied.properties(loopback).via()).isEmpty();
    assertThat(Proxied.balanced().proxyProtocol()).contains(ProxyProtocol.V2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Proxied.secured(Path.of("nowhere.pem"), "secret"));
  }

  @Test
  void anAdviceNamesTheProxy() {
    Reason challenge = new Reason.Status(407, Optional.empty(), Headers.EMPTY, Bytes.EMPTY);
    assertThat(Proxied.advice(new Reason.Hop(2, "http://proxy.example:80", challenge)))
        .isEqualTo("fix the credentials for proxy 2");
    Reason rule = new Reason.Socks(SocksReply.NOT_ALLOWED, 2);
    assertThat(Proxied.advice(new Reason.Hop(1, "socks5h://proxy.example:1080", rule)))
        .startsWith("ask who runs socks5h://proxy.example:1080: The proxy refused the tunnel");
    assertThat(Proxied.advice(new Reason.Hop(1, "http://proxy.example:80", new Reason.Closed())))
        .isEqualTo("check proxy 1: The server closed the connection.");
    assertThat(Proxied.advice(new Reason.Closed())).isEqualTo("The server closed the connection.");
  }
}
