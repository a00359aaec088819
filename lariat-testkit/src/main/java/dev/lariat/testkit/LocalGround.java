package dev.lariat.testkit;

import dev.lariat.internal.transport.ThisMachine;
import dev.lariat.testkit.internal.wire.SocketWire;
import dev.lariat.testkit.internal.wire.Wire;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A port of 127.0.0.1. */
final class LocalGround implements Ground {
  private static final String HOST = "127.0.0.1";

  private final String server; // for messages
  private final @Nullable SSLContext tls;
  private volatile int port; // 0 until one was found; read without the monitor by the acceptor
  private @Nullable ServerSocket listening;
  private @Nullable Thread acceptor;

  LocalGround(String server, int port, @Nullable SSLContext tls) {
    this.server = server;
    this.port = Range.within("port", port, 0, 65535);
    this.tls = tls;
  }

  @Override
  public String host() {
    return HOST;
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public synchronized void listen(Consumer<Wire> accepted) {
    ServerSocket socket = Rebinding.take("The " + server, port, acceptor != null, this::bind);
    port = socket.getLocalPort();
    listening = socket;
    acceptor = Thread.ofVirtual().name(server + " " + this).start(() -> accept(socket, accepted));
  }

  private ServerSocket bind() throws IOException {
    ServerSocket socket = new ServerSocket();
    try {
      socket.setReuseAddress(true); // connections of before may be in TIME_WAIT
      socket.bind(new InetSocketAddress(NetUtil.LOCALHOST4, port));
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private void accept(ServerSocket socket, Consumer<Wire> accepted) {
    try {
      while (true) {
        accept(socket.accept(), accepted);
      }
    } catch (IOException e) {
      // it does not listen any more
    }
  }

  private void accept(Socket connection, Consumer<Wire> accepted) throws IOException {
    Wire wire;
    try {
      wire = new SocketWire(connection, tls);
    } catch (IOException e) { // it has ended already
      connection.close();
      return;
    }
    accepted.accept(wire);
  }

  @Override
  public synchronized void refuse() {
    ServerSocket open = listening;
    Thread its = acceptor;
    if (open == null || its == null) {
      return;
    }
    listening = null;
    try {
      open.close();
    } catch (IOException e) {
      // it does not listen, which is what was wanted
    }
    try {
      its.join(); // whoever was let in is known by now
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public Wire connect(String host, int port, Duration patience) throws IOException {
    InetAddress address = InetAddress.getByName(host);
    Socket socket = new Socket();
    try {
      socket.connect(new InetSocketAddress(address, port), (int) patience.toMillis());
      return new SocketWire(socket, null);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  @Override
  public Thread start(String name, Runnable task) {
    return ThisMachine.THIS.start(name, task);
  }

  @Override
  public String toString() {
    return HOST + ":" + port;
  }
}
