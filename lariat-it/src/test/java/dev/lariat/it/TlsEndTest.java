package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.WebSocket;
import dev.lariat.it.ScriptedServer.Peer;
import dev.lariat.it.ScriptedServer.Script;
import dev.lariat.message.Data;
import dev.lariat.message.Down;
import dev.lariat.message.Reason;
import dev.lariat.message.Receiver;
import dev.lariat.message.Rejected;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Text;
import dev.lariat.message.Up;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;

/** What the end of TLS says about a response that ends with its connection. */
final class TlsEndTest {

  /** How a server ends. */
  private interface Ending {
    void end(Peer peer) throws IOException;
  }

  private static Script answering(Ending ending) {
    return peer -> {
      peer.head();
      peer.lines("HTTP/1.1 200 OK", "", "a body");
      ending.end(peer);
      peer.awaitEnd();
    };
  }

  @Test
  void aBodyIsWholeWhenTlsSaysGoodbyeThoughTheSocketStaysOpen() throws Exception {
    try (ScriptedServer server = new ScriptedServer(true, answering(Peer::finish));
        Witness witness = Way.TLS.open(server.port())) {
      witness.request(Request.of("GET", "/"));
      Witness.Answer answer = witness.answer(witness.until(Response.class));
      assertThat(answer.body()).isEqualTo("a body\r\n");
      assertThat(witness.next(Down.class).reason()).isEqualTo(new Reason.Closed());
      assertThat(server.sawTheEnd()).isTrue();
    }
  }

  @Test
  void aBodyIsIncompleteWhenTlsIsCutOff() throws Exception {
    try (ScriptedServer server = new ScriptedServer(true, answering(Peer::cut));
        Witness witness = Way.TLS.open(server.port())) {
      witness.request(Request.of("GET", "/"));
      assertThat(witness.until(Data.class).fin()).isFalse();
      assertThat(witness.until(StreamFailed.class).reason())
          .isInstanceOfSatisfying(
              Reason.Protocol.class,
              cut -> assertThat(cut.section()).isEqualTo("RFC 9112 section 9.8"));
    }
  }

  @Test
  void aBodyIsWholeWhenASocketWithoutTlsEnds() throws Exception {
    try (ScriptedServer server = new ScriptedServer(answering(Peer::finish));
        Witness witness = Way.PLAIN.open(server.port())) {
      witness.request(Request.of("GET", "/"));
      assertThat(witness.answer(witness.until(Response.class)).body()).isEqualTo("a body\r\n");
    }
  }

  /**
   * TLS 1.3 lets the client finish first (RFC 8446 section 4.4.2.4): what it writes then may fail
   * by the server's end before the alert that tells the reason is read.
   */
  @Test
  void theAlertIsToldThoughAWriteFailedBeforeItWasRead() throws Exception {
    CountDownLatch refused = new CountDownLatch(1);
    CompletableFuture<WebSocket> ended = new CompletableFuture<>();
    CompletableFuture<Reason> reason = new CompletableFuture<>();
    Receiver writing =
        message -> {
          switch (message) {
            case Up up -> ended.join().trySend(new Text("")); // rejected in a turn of its own
            case Rejected rejected -> { // by now this side's last flight is out
              awaitOnTheLoop(refused); // so that nothing is read meanwhile
              ended.join().connection().get("/");
            }
            case Down down -> reason.complete(down.reason());
            default -> {}
          }
        };
    ConnectionOptions options =
        Way.TLS.options().retry(Backoff.NEVER).limits(Limits.DEFAULT.heldCommands(0));
    try (ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Connection connection =
            Lariat.open("127.0.0.1", listening.getLocalPort(), options, writing)) {
      ended.complete(connection.webSocket("/")); // none may wait for the connection
      refuse(listening);
      refused.countDown();
      assertThat(reason.get(10, TimeUnit.SECONDS))
          .isInstanceOfSatisfying(
              Reason.Tls.class, tls -> assertThat(tls.alert()).contains("certificate_required"));
    }
  }

  /** Demands a certificate that the client does not have, and resets the connection. */
  private static void refuse(ServerSocket listening) throws IOException {
    Socket beneath = listening.accept();
    SSLSocket socket =
        (SSLSocket) Certificates.server().getSocketFactory().createSocket(beneath, null, true);
    socket.setUseClientMode(false);
    socket.setNeedClientAuth(true);
    beneath.setSoLinger(true, 0);
    assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLHandshakeException.class);
    beneath.close();
  }

  private static void awaitOnTheLoop(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
