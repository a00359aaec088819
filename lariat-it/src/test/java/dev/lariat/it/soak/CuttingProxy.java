package dev.lariat.it.soak;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * A TCP proxy on loopback that lets each connection live for a random time and then ends it in a
 * random way. A thread of its own holds the times; each direction of a connection has a virtual
 * one.
 */
final class CuttingProxy implements AutoCloseable {
  /** How a connection is cut. */
  enum Cut {
    /** A FIN to both, in the middle of whatever was on its way. */
    FIN,
    /** A RST to both. */
    RST,
    /** Nothing passes any more, and nobody is told. */
    FREEZE
  }

  private static final int PIECE = 16 << 10;
  private static final Duration FROZEN = Duration.ofSeconds(15); // then it is ended here, too

  private final int target;
  private final Duration mean;
  private final SplittableRandom random;
  private final ServerSocket listening;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("cuts").factory());
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private final Map<Cut, LongAdder> cuts = new EnumMap<>(Cut.class);
  private volatile boolean calm;

  /**
   * A proxy to this port.
   *
   * @param mean how long a connection lives on average
   */
  CuttingProxy(int target, Duration mean, long seed) throws IOException {
    this.target = target;
    this.mean = mean;
    this.random = new SplittableRandom(seed);
    for (Cut cut : Cut.values()) {
      cuts.put(cut, new LongAdder());
    }
    listening = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  /** How often it has cut in each way. */
  Map<Cut, LongAdder> cuts() {
    return cuts;
  }

  /** Cuts nothing more; what is frozen stays so. */
  void calm() {
    calm = true;
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        double lives = -Math.log(1 - random.nextDouble()) * mean.toNanos();
        Cut how = Cut.values()[random.nextInt(Cut.values().length)];
        Thread.ofVirtual().start(() -> open(client, (long) lives, how)); // none waits for another
      } catch (IOException e) {
        if (!listening.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void open(Socket client, long lives, Cut how) {
    try {
      Link link = new Link(client, new Socket(listening.getInetAddress(), target));
      links.add(link);
      if (listening.isClosed()) {
        link.end();
        return;
      }
      link.start();
      clock.schedule(() -> cut(link, how), lives, TimeUnit.NANOSECONDS);
    } catch (IOException | RejectedExecutionException e) { // the server has gone, or the proxy
      closeQuietly(client);
    }
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // as good as closed
    }
  }

  private void cut(Link link, Cut how) {
    if (calm || !links.contains(link)) {
      return;
    }
    cuts.get(how).increment();
    switch (how) {
      case FIN -> link.fin();
      case RST -> link.reset();
      case FREEZE -> {
        link.frozen = true;
        clock.schedule(link::end, FROZEN.toNanos(), TimeUnit.NANOSECONDS);
      }
    }
  }

  private final class Link {
    private final Socket client;
    private final Socket server;
    volatile boolean frozen;
    private volatile boolean cutting; // the next piece goes out by half

    Link(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    void start() {
      Thread.ofVirtual().start(() -> carry(client, server));
      Thread.ofVirtual().start(() -> carry(server, client));
    }

    private void carry(Socket from, Socket to) {
      byte[] piece = new byte[PIECE];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
          if (!frozen) {
            out.write(piece, 0, cutting ? n / 2 : n);
          }
          if (cutting) {
            break;
          }
        }
        if (!frozen) {
          to.shutdownOutput();
        }
      } catch (IOException e) {
        if (!frozen) {
          end(); // one side has broken; so does the other
        }
      }
    }

    void fin() {
      cutting = true;
      try {
        client.shutdownInput(); // both directions come to an end by themselves
        server.shutdownInput();
      } catch (IOException e) {
        end();
      }
      clock.schedule(this::end, 1, TimeUnit.SECONDS);
    }

    void reset() {
      try {
        client.setSoLinger(true, 0);
        server.setSoLinger(true, 0);
      } catch (IOException e) {
        // it has ended by itself
      }
      end();
    }

    void end() {
      links.remove(this);
      closeQuietly(client);
      closeQuietly(server);
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    clock.shutdownNow();
    links.forEach(Link::end);
  }
}
