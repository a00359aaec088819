package dev.lariat.bench;

import java.net.URI;

/** A virtual thread that asks again as soon as it has its answer. */
final class PoolDriver extends Driver {
  private final PoolPeer peer;
  private final URI uri;
  private final int expected;

  private PoolDriver(PoolPeer peer, URI uri, Workload workload) {
    super(workload);
    this.peer = peer;
    this.uri = uri;
    this.expected = workload.size;
  }

  /** Starts threads that share one client. */
  record Opener(PoolPeer peer, Workload workload, int port) implements Client.Traffic {
    @Override
    public Driver open() {
      URI uri = URI.create("http://127.0.0.1:" + port + workload.path());
      return new PoolDriver(peer, uri, workload);
    }

    @Override
    public void openIdle(int links) {
      throw new IllegalStateException("nothing idle is measured of pools");
    }
  }

  @Override
  void start() {
    Thread.startVirtualThread(this::ask);
  }

  @SuppressWarnings("InfiniteLoopStatement") // as long as the process
  private void ask() {
    try {
      while (true) {
        sample();
        int length = peer.get(uri).length;
        if (length != expected) {
          wrong("an answer had " + length + " bytes and not " + expected);
        }
        add(1);
      }
    } catch (Exception e) {
      e.printStackTrace();
      wrong(e.toString());
    }
  }
}
