package dev.lariat.bench;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Sends a message for each that comes. */
final class WebSocketDriver extends Driver implements Peer.Sink {
  private static final int CHECKED = 1000; // of each connection's first messages

  private final Workload workload;
  private final String[] texts;
  private final Set<String> known;
  private final byte[] bytes;
  private final boolean echo;
  private Peer.Link link;

  private WebSocketDriver(Workload workload) {
    super(workload);
    this.workload = workload;
    this.texts = workload.texts().toArray(String[]::new);
    this.known = new HashSet<>(List.of(texts));
    this.bytes = new byte[workload.size];
    this.echo = !workload.isFlood();
  }

  /** Opens WebSockets. */
  static final class Opener implements Client.Traffic {
    private final Peer peer;
    private final Workload workload;
    private final URI uri;
    private final List<Peer.Link> idle = new ArrayList<>();

    Opener(Peer peer, Workload workload, int port) {
      this.peer = peer;
      this.workload = workload;
      String scheme = workload.tls ? "wss" : "ws";
      this.uri = URI.create(scheme + "://localhost:" + port + workload.path());
    }

    @Override
    public Driver open() throws Exception {
      WebSocketDriver driver = new WebSocketDriver(workload);
      driver.link = peer.connect(uri, driver);
      return driver;
    }

    @Override
    public void openIdle(int connections) throws Exception {
      WebSocketDriver nothing = new WebSocketDriver(workload);
      for (int i = 0; i < connections; i++) {
        idle.add(peer.connect(uri, nothing));
      }
    }
  }

  @Override
  void start() {
    sample();
    for (int i = 0; i < workload.inFlight(); i++) {
      if (workload.binary) {
        link.binary(bytes);
      } else {
        link.text(texts[i % texts.length]);
      }
    }
  }

  @Override
  public void text(Peer.Link link, String text) {
    long n = add(1);
    if (workload.binary || text.length() != workload.size || n < CHECKED && !known.contains(text)) {
      wrong("a text of " + text.length() + " came that was never sent");
    }
    sample();
    link.text(texts[(int) ((n + workload.inFlight()) % texts.length)]);
  }

  @Override
  public void binary(Peer.Link link, int size) {
    add(1);
    if (!workload.binary || size != workload.size) {
      wrong("a binary message of " + size + " came that was never sent");
    }
    if (echo) {
      link.binary(bytes);
    }
  }
}
