package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;

/**
 * A link that was cut silently: the kernel drops every packet to and from one port of the loopback,
 * and nobody is told. Needs {@link Peer#NFTABLES}.
 */
final class Cut implements AutoCloseable {
  private static final String TABLE = "lariat_it_" + ProcessHandle.current().pid();

  private boolean healed;

  private Cut() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::close));
  }

  static Cut of(int port) {
    Cut cut = new Cut();
    nft(
        "table inet %s { chain input { type filter hook input priority 0; ".formatted(TABLE)
            + "tcp dport %1$d drop; tcp sport %1$d drop; }; }".formatted(port));
    return cut;
  }

  /** Heals the link. */
  @Override
  public synchronized void close() {
    if (!healed) {
      healed = true;
      nft("delete table inet " + TABLE);
    }
  }

  private static void nft(String command) {
    try {
      Process nft =
          new ProcessBuilder(Peer.NFTABLES.program(), command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.INHERIT)
              .start();
      assertThat(nft.waitFor()).as(command).isZero();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
