package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.WebSocket;
import dev.lariat.it.ScriptedServer.Script;
import dev.lariat.message.Binary;
import dev.lariat.message.Down;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamFailed;
import dev.lariat.option.Keepalive;
import dev.lariat.option.Timeouts;
import dev.lariat.option.WebSocketOptions;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A server that stops reading, while more waits for it than all buffers hold. */
final class StallTest {
  private static final Binary CHUNK = new Binary(new byte[256 << 10]);

  private final CountDownLatch over = new CountDownLatch(1);
  private final Script deaf =
      peer -> {
        peer.upgrade();
        try {
          over.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      };

  @AfterEach
  void over() {
    over.countDown();
  }

  private static Witness open(Way way, ScriptedServer server, Timeouts timeouts) {
    URI uri = URI.create((way.tls ? "wss" : "ws") + "://127.0.0.1:" + server.port());
    return new Witness(Lariat.open(uri, way.options().timeouts(timeouts)));
  }

  /** Sends far more than is taken, and is let go when the WebSocket has ended. */
  private static void fill(WebSocket socket) {
    for (int i = 0; i < 256; i++) {
      socket.send(CHUNK);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "TLS"})
  void aWriteThatStallsEndsTheLink(Way way) throws Exception {
    Duration limit = Duration.ofMillis(300);
    try (ScriptedServer server = new ScriptedServer(way.tls, deaf);
        Witness witness = open(way, server, Timeouts.DEFAULT.write(limit))) {
      fill(witness.upgraded("/", WebSocketOptions.DEFAULT.keepalive(Keepalive.OFF)));
      Reason stuck = new Reason.Timeout(Reason.Step.WRITE, limit);
      assertThat(witness.until(StreamFailed.class).reason()).isEqualTo(stuck);
      assertThat(witness.until(Down.class).reason()).isEqualTo(stuck);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "TLS"})
  void aWriteThatStallsLetsTheSenderOfAStreamGo(Way way) throws Exception {
    Duration limit = Duration.ofMillis(300);
    try (ScriptedServer server = new ScriptedServer(way.tls, deaf);
        Witness witness = open(way, server, Timeouts.DEFAULT.write(limit))) {
      WebSocket socket = witness.upgraded("/", WebSocketOptions.DEFAULT.keepalive(Keepalive.OFF));
      byte[] far = new byte[64 << 20];
      FailedException failed =
          catchThrowableOfType(
              FailedException.class, () -> socket.sendBinary(new ByteArrayInputStream(far)));
      assertThat(failed.reason()).isEqualTo(new Reason.Timeout(Reason.Step.WRITE, limit));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "TLS"})
  void aStalledWriteDoesNotHideThatNoPongComes(Way way) throws Exception {
    Duration patience = Duration.ofMillis(300);
    try (ScriptedServer server = new ScriptedServer(way.tls, deaf);
        Witness witness = open(way, server, Timeouts.DEFAULT)) {
      fill(
          witness.upgraded(
              "/",
              WebSocketOptions.DEFAULT.keepalive(new Keepalive(Duration.ofMillis(50), patience))));
      Reason dead = new Reason.Timeout(Reason.Step.PONG, patience);
      assertThat(witness.until(StreamFailed.class).reason()).isEqualTo(dead);
      assertThat(witness.until(Down.class).reason()).isEqualTo(dead);
    }
  }
}
