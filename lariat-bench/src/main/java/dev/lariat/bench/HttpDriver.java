package dev.lariat.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Sends a request for each that is answered. */
final class HttpDriver extends Driver implements HttpPeer.Sink {
  private final HttpPeer peer;
  private final URI uri;
  private final Workload workload;
  private final long expected;
  private HttpPeer.Caller caller;
  private long length; // of the answer that is coming

  private HttpDriver(HttpPeer peer, URI uri, Setup setup) {
    super(setup.workload());
    this.peer = peer;
    this.uri = uri;
    this.workload = setup.workload();
    this.expected = workload.isDownload() ? setup.large() : workload.size;
    this.caller = peer.caller(uri, this);
  }

  /** Opens connections, or lets a client's pool open them. */
  static final class Opener implements Client.Traffic {
    private final HttpPeer peer;
    private final Setup setup;
    private final int port;
    private final URI uri;
    private final List<HttpPeer.Caller> idle = new ArrayList<>();
    private volatile CountDownLatch missing;
    private int held; // streams whose requests are not answered

    Opener(HttpPeer peer, Setup setup, int port) {
      this.peer = peer;
      this.setup = setup;
      this.port = port;
      Workload workload = setup.workload();
      String query = workload == Workload.HTTP_UPLOAD ? "?size=" + setup.large() : "";
      String scheme = workload.tls ? "https" : "http";
      this.uri = URI.create(scheme + "://127.0.0.1:" + port + workload.path() + query);
    }

    @Override
    public Driver open() {
      return new HttpDriver(peer, uri, setup);
    }

    @Override
    public void openIdle(int links) throws Exception {
      HttpPeer.Sink counter = new Counter();
      if (setup.workload().multiplexed) {
        openStreams(links, counter);
      } else {
        openConnections(links, counter);
      }
    }

    /** One request asks whether the server has the others, so its connection is theirs. */
    private void openStreams(int streams, HttpPeer.Sink counter) throws Exception {
      HttpPeer.Caller caller = peer.caller(uri, counter);
      for (int i = 0; i < streams; i++) {
        caller.call();
      }
      held += streams;
      missing = new CountDownLatch(1);
      peer.caller(uri.resolve("/held/" + held), counter).call();
      if (!missing.await(30, TimeUnit.SECONDS)) {
        throw new IOException("the server did not have " + held + " requests on one connection");
      }
    }

    /** All that are open are used once more, together, so that a pool cannot do with fewer. */
    private void openConnections(int connections, HttpPeer.Sink counter) throws Exception {
      for (int i = 0; i < connections; i++) {
        idle.add(peer.caller(uri, counter));
      }
      missing = new CountDownLatch(idle.size());
      idle.forEach(HttpPeer.Caller::call);
      release(idle.size());
      if (!missing.await(10, TimeUnit.SECONDS)) {
        throw new IOException(missing.getCount() + " of " + idle.size() + " had no answer");
      }
    }

    /** Lets the server answer, when so many requests wait for it. */
    private void release(int requests) throws IOException {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.setSoTimeout(30_000);
        OutputStream out = socket.getOutputStream();
        String request = "GET /release?n=" + requests + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
        out.write(request.getBytes(StandardCharsets.US_ASCII));
        if (socket.getInputStream().read() < 0) {
          throw new IOException("the server did not have " + requests + " requests");
        }
      }
    }

    private final class Counter implements HttpPeer.Sink {
      @Override
      public void sent(int bytes) {}

      @Override
      public void received(int bytes) {}

      @Override
      public void answered(int status) {
        checkStatus(status);
        missing.countDown();
      }
    }
  }

  @Override
  void start() {
    sample();
    for (int i = 0; i < workload.inFlight(); i++) {
      caller.call();
    }
  }

  @Override
  public void sent(int bytes) {
    add(bytes);
  }

  @Override
  public void received(int bytes) {
    length += bytes;
    if (workload.isLarge()) {
      add(bytes);
    }
  }

  @Override
  public void answered(int status) {
    checkStatus(status);
    if (length != expected) {
      wrong("an answer had " + length + " bytes and not " + expected);
    }
    length = 0;
    if (!workload.isLarge()) {
      add(1);
      sample();
    }
    if (workload.isConnect()) {
      caller.close();
      caller = peer.caller(uri, this);
    }
    caller.call();
  }

  private static void checkStatus(int status) {
    if (status != 200) {
      wrong("an answer had the status " + status);
    }
  }
}
