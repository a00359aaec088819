package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Mailbox;
import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.live.SharedConnections;
import dev.lariat.message.Bytes;
import dev.lariat.message.Connecting;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Open;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.Text;
import dev.lariat.message.Waiting;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.option.EventOptions;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Proxy;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Live connections whose endpoint is at a Unix-domain socket: its URI resolves nowhere. */
@Timeout(60)
class LiveUnixSocketTest {
  private static final String NOWHERE = "feed.invalid";
  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir private Path folder;
  private final Origin origin = Origin.start(Script.silent());
  private final Queue<String> hosts = new ConcurrentLinkedQueue<>();
  private Path path;
  private ServerSocketChannel socket;

  @BeforeEach
  void listens() throws IOException {
    path = folder.resolve("s");
    socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    socket.bind(UnixDomainSocketAddress.of(path));
  }

  @AfterEach
  void stops() throws IOException {
    socket.close();
    origin.close();
  }

  /** Passes what comes to the socket on to this origin. */
  private void leadsTo(Origin server) {
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                while (true) {
                  SocketChannel near = socket.accept();
                  SocketChannel far =
                      SocketChannel.open(new InetSocketAddress(server.host(), server.port()));
                  Thread.ofVirtual().start(() -> pass(near, far));
                  Thread.ofVirtual().start(() -> pass(far, near));
                }
              } catch (IOException e) {
                // it is closed
              }
            });
  }

  private static void pass(SocketChannel from, SocketChannel to) {
    ByteBuffer bytes = ByteBuffer.allocate(1 << 13);
    try (from;
        to) {
      while (from.read(bytes) >= 0) {
        bytes.flip();
        while (bytes.hasRemaining()) {
          to.write(bytes);
        }
        bytes.clear();
      }
    } catch (IOException e) {
      // the other direction ends, too
    }
  }

  private Endpoint endpoint(String scheme) {
    return Endpoint.of(scheme + "://" + NOWHERE + "/feed").unixSocket(path);
  }

  private static <T extends Message> T next(Mailbox mailbox, Class<T> kind) throws Exception {
    Message message = mailbox.take(SOON);
    while (message instanceof Connecting || message instanceof Notice) {
      message = mailbox.take(SOON);
    }
    assertThat(message).isInstanceOf(kind);
    return kind.cast(message);
  }

  /** Notes the host that it is asked for, and sends an event with this text. */
  private Script event(String text) {
    return visit -> {
      hosts.add(visit.request().headers().first("host").orElse("none"));
      EventStream events = visit.events();
      events.send(text);
      visit.awaitEnd();
    };
  }

  @Test
  void aWebSocketHealsAndNamesTheHostOfItsUri() throws Exception {
    leadsTo(origin);
    origin.script(
        visit -> {
          hosts.add(visit.request().headers().first("host").orElseThrow());
          visit.acceptWebSocket();
          visit.reset();
        },
        visit -> {
          hosts.add(visit.request().headers().first("host").orElseThrow());
          visit.acceptWebSocket().send(new Text("again"));
          visit.awaitEnd();
        });

    try (LiveWebSocket live = LiveWebSocket.to(endpoint("ws")).open()) {
      next(live.mailbox(), Open.class);
      next(live.mailbox(), Waiting.class);
      next(live.mailbox(), Open.class);
      assertThat(next(live.mailbox(), WebSocketFrame.class).frame()).isEqualTo(new Text("again"));
    }

    assertThat(hosts).containsExactly(NOWHERE, NOWHERE);
  }

  @Test
  void itUsesNoProxyOfTheOptions() throws Exception {
    leadsTo(origin);
    origin.script(event("here"));
    ConnectionOptions connection =
        ConnectionOptions.DEFAULT.via(Proxy.of("http://proxy.invalid:3128"));

    try (LiveEvents live =
        LiveEvents.to(endpoint("http"))
            .options(EventOptions.DEFAULT.connection(connection))
            .open()) {
      next(live.mailbox(), Open.class);
      assertThat(next(live.mailbox(), ServerSentEvent.class).data()).isEqualTo("here");
    }
  }

  @Test
  void itHasAConnectionOfItsOwnWhereOthersAreShared() throws Exception {
    leadsTo(origin);
    origin.script(event("here"));
    EventOptions options =
        EventOptions.DEFAULT.connection(ConnectionOptions.DEFAULT.protocols(Protocol.HTTP_2));

    try (LiveEvents live =
        LiveEvents.to(endpoint("http"))
            .options(options)
            .connections(SharedConnections.create())
            .open()) {
      next(live.mailbox(), Open.class);
      assertThat(next(live.mailbox(), ServerSentEvent.class).data()).isEqualTo("here");
    }
  }

  @Test
  void aRedirectToAnotherOriginLeavesTheSocket() throws Exception {
    leadsTo(origin);
    try (Origin other = Origin.start(event("there"))) {
      origin.script(
          visit -> {
            visit.request();
            visit.respond(
                307, Headers.of("location", other.uri("http", "/").toString()), Bytes.EMPTY);
          });

      try (LiveEvents live = LiveEvents.to(endpoint("http")).open()) {
        next(live.mailbox(), Open.class);
        assertThat(next(live.mailbox(), ServerSentEvent.class).data()).isEqualTo("there");
      }

      assertThat(hosts).containsExactly(other.host() + ":" + other.port());
    }
  }

  @Test
  void aRedirectOfTheSameOriginStaysAtTheSocket() throws Exception {
    leadsTo(origin);
    origin.script(
        visit -> {
          visit.request();
          visit.respond(307, Headers.of("location", "/elsewhere"), Bytes.EMPTY);
          visit.awaitEnd();
        },
        event("there"));

    try (LiveEvents live = LiveEvents.to(endpoint("http")).open()) {
      next(live.mailbox(), Open.class);
      assertThat(next(live.mailbox(), ServerSentEvent.class).data()).isEqualTo("there");
    }

    assertThat(hosts).containsExactly(NOWHERE);
  }

  @Test
  void theCertificateMustNameTheHostOfTheUri() throws Exception {
    try (Origin tls = Origin.startTls(ServerCertificate.TRUSTED, event("here"))) {
      leadsTo(tls);
      EventOptions options =
          EventOptions.DEFAULT.connection(ConnectionOptions.DEFAULT.tls(tls.tls()));
      Endpoint right = Endpoint.of("https://localhost:1/").unixSocket(path);
      try (LiveEvents live = LiveEvents.to(right).options(options).open()) {
        next(live.mailbox(), Open.class);
      }

      try (LiveEvents live = LiveEvents.to(endpoint("https")).options(options).open()) {
        assertThat(next(live.mailbox(), Waiting.class).reason()).isInstanceOf(Reason.Tls.class);
      }
    }
  }

  @Test
  void aMissingSocketIsToldByItsPath() throws Exception {
    Path missing = folder.resolve("missing");
    Endpoint endpoint = Endpoint.of("ws://" + NOWHERE + "/").unixSocket(missing);

    try (LiveWebSocket live = LiveWebSocket.to(endpoint).options(LiveOptions.DEFAULT).open()) {
      assertThat(next(live.mailbox(), Waiting.class).reason())
          .isInstanceOfSatisfying(
              Reason.Unreachable.class,
              reason -> assertThat(reason.address()).isEqualTo(missing.toString()));
    }
  }
}
