package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.message.Message;
import dev.lariat.message.Text;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.WebSocketOptions;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class EchoServerTest {
  private final EchoServer server = EchoServer.start(0);
  private final HttpClient client = HttpClient.newHttpClient();
  private final Recorder recorder = new Recorder();

  @AfterEach
  void stop() {
    client.shutdownNow();
    server.close();
  }

  @Test
  void echoesTextAndBinaryAtAnyPath() throws Exception {
    WebSocket socket = webSocket("/any/path?query");
    socket.sendText("grüß", false).get();
    socket.sendText(" dich", true).get();
    socket.sendBinary(ByteBuffer.wrap(new byte[] {1, 2, 3}), true).get();

    assertThat(recorder.next()).isEqualTo("grüß dich");
    assertThat(recorder.next()).isEqualTo("3 bytes");
  }

  @Test
  void answersACloseFrameWithItsCode() throws Exception {
    webSocket("/").sendClose(3001, "enough").get();

    assertThat(recorder.next()).isEqualTo("close 3001");
  }

  @Test
  void takesTheFirstSubprotocol() throws Exception {
    WebSocket socket =
        client
            .newWebSocketBuilder()
            .subprotocols("chat", "talk")
            .buildAsync(uri("ws", "/"), recorder)
            .get();

    assertThat(socket.getSubprotocol()).isEqualTo("chat");
  }

  @Test
  void compressesWhereItIsOffered() throws Exception {
    try (Connection connection = Lariat.open(uri("ws", "/"))) {
      var socket = connection.webSocket("/", WebSocketOptions.compressed());
      socket.send(new Text("a".repeat(10_000)));
      Message upgraded = connection.mailbox().await(socket, Duration.ofSeconds(10));
      Message echo = connection.mailbox().await(socket, Duration.ofSeconds(10));

      assertThat(((Upgraded) upgraded).headers().first("sec-websocket-extensions"))
          .hasValueSatisfying(value -> assertThat(value).contains("permessage-deflate"));
      assertThat(((WebSocketFrame) echo).frame()).isEqualTo(new Text("a".repeat(10_000)));
    }
  }

  @Test
  void answersAPlainGetWithItsPath() throws Exception {
    HttpResponse<String> response = get("/some/where");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo("Hello from /some/where\n");
  }

  @Test
  void answersWithTheStatusThatIsAskedForAlsoAnUpgrade() throws Exception {
    assertThat(get("/status/503").statusCode()).isEqualTo(503);
    assertThatThrownBy(() -> webSocket("/status/404"))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            WebSocketHandshakeException.class,
            e -> assertThat(e.getResponse().statusCode()).isEqualTo(404));
  }

  @Test
  void killDropsConnectionsWithoutACloseFrameAndStopsListening() throws Exception {
    webSocket("/");

    server.kill();

    assertThat(recorder.next()).isEqualTo("close 1006"); // the JDK's word for none
    assertThatThrownBy(() -> get("/")).isInstanceOf(ConnectException.class);
  }

  @Test
  void restartListensOnTheSamePort() throws Exception {
    int port = server.port();
    webSocket("/");

    server.kill();
    server.restart();
    webSocket("/").sendText("again", true).get();

    assertThat(server.port()).isEqualTo(port);
    assertThat(recorder.next()).isEqualTo("close 1006");
    assertThat(recorder.next()).isEqualTo("again");
  }

  @Test
  void aPortThatIsTakenIsNamed() {
    assertThatThrownBy(() -> EchoServer.start(server.port()))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(String.valueOf(server.port()));
  }

  private URI uri(String scheme, String path) {
    return URI.create(scheme + "://127.0.0.1:" + server.port() + path);
  }

  private WebSocket webSocket(String path) throws Exception {
    return client.newWebSocketBuilder().buildAsync(uri("ws", path), recorder).get();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(HttpRequest.newBuilder(uri("http", path)).build(), BodyHandlers.ofString());
  }

  /** What the JDK's client was told. */
  private static final class Recorder implements WebSocket.Listener {
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final StringBuilder parts = new StringBuilder();

    String next() throws InterruptedException {
      return told.poll(10, TimeUnit.SECONDS);
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
      parts.append(part);
      if (last) {
        told.add(parts.toString());
        parts.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer bytes, boolean last) {
      told.add(bytes.remaining() + " bytes");
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      told.add("close " + code);
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      told.add("error " + error);
    }
  }
}
