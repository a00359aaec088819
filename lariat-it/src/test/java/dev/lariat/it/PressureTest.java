package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.message.Binary;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Text;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.WebSocketOptions;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who reads slowly holds the writer back, on either side; against python3-websockets. */
@Needs(Peer.PYTHON_WEBSOCKETS)
final class PressureTest {

  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "TLS"})
  void aServerThatDoesNotReadHoldsTheSenderBack(Way way) {
    Duration patience = Duration.ofMillis(150);
    try (Witness witness = way.open(Servers.python())) {
      WebSocket socket = witness.upgraded("/stuck", way.webSocket().sendTimeout(patience));
      Binary chunk = new Binary(new byte[256 << 10]);
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 1000; i++) {
                  socket.send(chunk);
                }
              })
          .isInstanceOfSatisfying(
              FailedException.class,
              e ->
                  assertThat(e.reason().sentence())
                      .startsWith(
                          "The wait for room to send took longer than 150 ms (sendTimeout)"));
      while (socket.trySend(chunk)) {} // the socket may have taken some more meanwhile
      assertThat(socket.trySend(chunk)).isFalse();

      long start = System.nanoTime();
      witness.connection().close();
      assertThat(witness.until(StreamFailed.class).reason()).isEqualTo(new Reason.OwnerClosed());
      assertThat(witness.end()).isEqualTo(new Reason.OwnerClosed());
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "TLS"})
  void anOwnerThatDoesNotReadHoldsTheServerBack(Way way) {
    int capacity = 16;
    int count = 4000;
    int size = 16 << 10;
    int oneRead = 64; // what the connection may have read before it saw that the mailbox is full
    Server server = Servers.python();
    URI uri = URI.create((way.tls ? "wss" : "ws") + "://127.0.0.1:" + server.port(way.tls ? 1 : 0));
    Mailbox small = Mailbox.bounded(capacity);
    try (Witness witness = new Witness(Lariat.open(uri, way.options(), small));
        Witness other = Way.PLAIN.open(server)) {
      WebSocket progress = other.upgraded("/progress", WebSocketOptions.DEFAULT);
      witness.upgraded(
          "/flood?name=%s&count=%d&size=%d".formatted(way, count, size), way.webSocket());
      int sent = -1;
      for (int now = sent(progress, other, way); now != sent || small.size() <= capacity / 2; ) {
        sent =
            now; // until the server is stuck: above half full the mailbox lets nothing more be read
        now = sent(progress, other, way);
      }
      assertThat(sent).isLessThan(count);
      for (int i = 0; i < count; i++) {
        assertThat(small.size()).isLessThan(capacity + oneRead);
        Binary binary = (Binary) witness.next(WebSocketFrame.class).frame();
        assertThat(binary.bytes().size()).isEqualTo(size);
        assertThat(binary.bytes().asByteBuffer().getInt()).isEqualTo(i);
      }
    }
  }

  private static int sent(WebSocket progress, Witness other, Way way) {
    progress.send(new Text(way.toString()));
    return Integer.parseInt(((Text) other.frame()).text());
  }
}
