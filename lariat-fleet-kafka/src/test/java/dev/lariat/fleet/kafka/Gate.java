package dev.lariat.fleet.kafka;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Stands between clients and a broker. It can pass on a request and then lose all answers, so that
 * the client does not learn what became of it.
 */
final class Gate implements AutoCloseable {
  // Of Kafka's protocol.
  static final int BEGINNING = 22; // InitProducerId: older producers are fenced
  static final int END = 26; // EndTxn: a transaction is committed

  private final ServerSocket server;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private volatile int broker;
  private volatile int armed = -1;
  private volatile boolean silent;

  Gate() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().daemon().start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  void to(int port) {
    broker = port;
  }

  /** Loses what the broker answers after the next request of this kind. */
  void loseFrom(int kind) {
    armed = kind;
  }

  boolean hasLost() {
    return silent;
  }

  /** Lets new connections through again. */
  void open() throws IOException {
    silent = false;
    for (Socket socket : sockets) {
      socket.close();
    }
    sockets.clear();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = server.accept();
        Socket its = new Socket(InetAddress.getLoopbackAddress(), broker);
        sockets.add(client);
        sockets.add(its);
        Thread.ofVirtual().start(() -> requests(client, its));
        Thread.ofVirtual().start(() -> answers(its, client));
      }
    } catch (IOException e) {
      // the end
    }
  }

  private void requests(Socket client, Socket its) {
    try (client;
        its) {
      DataInputStream in = new DataInputStream(client.getInputStream());
      DataOutputStream out = new DataOutputStream(its.getOutputStream());
      while (true) {
        byte[] request = new byte[in.readInt()];
        in.readFully(request);
        if ((request[0] << 8 | request[1]) == armed) {
          armed = -1;
          silent = true;
        }
        out.writeInt(request.length);
        out.write(request);
      }
    } catch (IOException e) {
      // the end of a connection
    }
  }

  private void answers(Socket its, Socket client) {
    try {
      InputStream in = its.getInputStream();
      OutputStream out = client.getOutputStream();
      byte[] bytes = new byte[1 << 16];
      for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
        if (!silent) {
          out.write(bytes, 0, count);
        }
      }
    } catch (IOException e) {
      // the end of a connection
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    open();
  }
}
