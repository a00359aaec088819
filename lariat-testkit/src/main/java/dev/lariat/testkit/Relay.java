package dev.lariat.testkit;

import dev.lariat.testkit.internal.wire.Peer;
import dev.lariat.testkit.internal.wire.Wire;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A tunnel through a proxy: carries bytes between the client and the server. One thread carries
 * each direction. It reads what it could write, and passes on the end of its direction. If a side
 * breaks, the other side is reset.
 */
final class Relay {
  private static final int PART = 16 << 10;

  private final Peer client;
  private final Wire server;
  private final AtomicInteger directions = new AtomicInteger(2); // that are open

  Relay(Peer client, Wire server) {
    this.client = client;
    this.server = server;
  }

  /** Carries what the client sends. */
  void up() throws ProtocolException {
    byte[] part = new byte[PART];
    try {
      for (int count = client.read(part); count >= 0; count = client.read(part)) {
        server.write(part, 0, count);
      }
      server.endOutput();
    } catch (ProtocolException e) {
      breaks();
      throw e;
    } catch (IOException e) {
      breaks();
    }
  }

  /** Carries what the server sends. */
  void down() throws ProtocolException {
    byte[] part = new byte[PART];
    try {
      for (int count = server.read(part, 0, PART); count >= 0; ) {
        client.writeRaw(Arrays.copyOf(part, count));
        count = server.read(part, 0, PART);
      }
      client.endOutput();
    } catch (ProtocolException e) {
      breaks();
      throw e;
    } catch (IOException e) {
      breaks();
    }
  }

  private void breaks() {
    client.reset();
    server.reset();
  }

  /** A direction has ended; says whether it was the last, after which the server is let go. */
  boolean ended() {
    if (directions.decrementAndGet() > 0) {
      return false;
    }
    server.close();
    return true;
  }
}
