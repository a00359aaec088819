package dev.lariat.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.message.Text;
import dev.lariat.message.TunnelUp;
import dev.lariat.message.Up;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The programs of the page on tunnels, through a proxy that also plays what is behind it. */
class TunnelsTest {
  private static final URI ORIGIN = URI.create("http://origin.example");
  private static final URI PROXY = URI.create("http://proxy.example:3128");
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String OK = "HTTP/1.1 200 OK\r\n\r\n";

  private static Connection open(Origin proxy) {
    return Lariat.open(proxy.uri("http", "/"));
  }

  @Test
  void aPage() throws Exception {
    Script script =
        visit -> {
          visit.request();
          visit.write(OK);
          visit.request();
          visit.respond(200, "hello");
        };
    try (Origin proxy = Origin.start(script);
        Connection connection = open(proxy)) {
      assertThat(Tunnels.page(connection, ORIGIN)).isEqualTo("hello");
    }
  }

  @Test
  void aWebSocket() throws Exception {
    Script script =
        visit -> {
          visit.request();
          visit.write(OK);
          visit.request();
          visit.acceptWebSocket().send(new Text("hello"));
          visit.awaitEnd();
        };
    try (Origin proxy = Origin.start(script);
        Connection connection = open(proxy)) {
      Tunnels.socket(connection, URI.create("ws://origin.example"));
      for (Class<?> kind : List.of(Up.class, TunnelUp.class, Up.class, Upgraded.class)) {
        assertThat(connection.mailbox().take(PATIENCE)).isInstanceOf(kind);
      }
      assertThat(connection.mailbox().take(PATIENCE))
          .isInstanceOfSatisfying(
              WebSocketFrame.class, told -> assertThat(told.frame()).isEqualTo(new Text("hello")));
    }
  }

  @Test
  void aPageBehindTwoProxies() throws Exception {
    Script script =
        visit -> {
          assertThat(visit.request().target()).isEqualTo("proxy.example:3128");
          visit.write(OK);
          assertThat(visit.request().target()).isEqualTo("origin.example:80");
          visit.write(OK);
          visit.request();
          visit.respond(200, "hello");
        };
    try (Origin proxy = Origin.start(script);
        Connection connection = open(proxy)) {
      assertThat(Tunnels.behindTwo(connection, PROXY, ORIGIN)).isEqualTo("hello");
    }
  }

  @Test
  void aRefusal() throws Exception {
    Script script =
        visit -> {
          visit.request();
          visit.respond(403, "not there");
          visit.request();
          visit.write(OK);
          visit.awaitEnd();
        };
    try (Origin proxy = Origin.start(script);
        Connection connection = open(proxy)) {
      String through = connection.authority();
      assertThat(Tunnels.refusal(connection, ORIGIN))
          .isEqualTo(through + " refused with 403: not there");
      assertThat(Tunnels.refusal(connection, ORIGIN)).isEqualTo("open, speaking http/1.1");
    }
  }
}
