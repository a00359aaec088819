package dev.lariat.fleet.kafka;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.RequestUtils;
import org.apache.kafka.common.requests.WriteTxnMarkersRequest;
import org.apache.kafka.common.requests.WriteTxnMarkersResponse;

/**
 * Stands between clients and a broker. It can pass on a request and then lose all answers, so that
 * the client does not learn what became of it. It can also answer for the broker that the end of
 * transactions is written, when it is not.
 */
final class Gate implements AutoCloseable {
  // Of Kafka's protocol.
  static final int PRODUCE = 0;
  static final int BEGINNING = 22; // InitProducerId: older producers are fenced
  static final int END = 26; // EndTxn: a transaction is committed
  static final int MARKERS = 27; // WriteTxnMarkers: its end is written to the partitions

  private final ServerSocket server;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private volatile int broker;
  private volatile int armed = -1;
  private volatile boolean silent;
  private volatile boolean pretending;
  private volatile CountDownLatch pretended = new CountDownLatch(1);

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

  /** Lets no end of a transaction be written, and says that it is. */
  void pretendEnds(boolean so) {
    pretended = new CountDownLatch(1);
    pretending = so;
  }

  /** Waits until it has said so. */
  void awaitPretended() throws InterruptedException {
    if (!pretended.await(60, TimeUnit.SECONDS)) {
      throw new AssertionError("no transaction ends");
    }
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
        connect(server.accept());
      }
    } catch (IOException e) {
      // the end
    }
  }

  private void connect(Socket client) throws IOException {
    Socket its;
    try {
      its = new Socket(InetAddress.getLoopbackAddress(), broker);
    } catch (IOException e) { // the broker is down
      client.close();
      return;
    }
    sockets.add(client);
    sockets.add(its);
    Thread.ofVirtual().start(() -> requests(client, its));
    Thread.ofVirtual().start(() -> answers(its, client));
  }

  private void requests(Socket client, Socket its) {
    try (client;
        its) {
      DataInputStream in = new DataInputStream(client.getInputStream());
      DataOutputStream out = new DataOutputStream(its.getOutputStream());
      while (true) {
        byte[] request = new byte[in.readInt()];
        in.readFully(request);
        int kind = request[0] << 8 | request[1];
        if (kind == MARKERS && pretending) {
          answerEnded(ByteBuffer.wrap(request), client.getOutputStream());
          pretended.countDown();
          continue;
        }
        if (kind == armed) {
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

  /** Nothing else is underway in this connection, as the broker awaits each answer. */
  private static void answerEnded(ByteBuffer request, OutputStream out) throws IOException {
    RequestHeader header = RequestHeader.parse(request);
    WriteTxnMarkersRequest asked =
        WriteTxnMarkersRequest.parse(new ByteBufferAccessor(request), header.apiVersion());
    Map<Long, Map<TopicPartition, Errors>> all = new HashMap<>();
    for (var marker : asked.markers()) {
      Map<TopicPartition, Errors> its =
          all.computeIfAbsent(marker.producerId(), id -> new HashMap<>());
      marker.partitions().forEach(partition -> its.put(partition, Errors.NONE));
    }
    ByteBuffer answer =
        RequestUtils.serialize(
            header.toResponseHeader().data(),
            header.toResponseHeader().headerVersion(),
            new WriteTxnMarkersResponse(all).data(),
            header.apiVersion());
    DataOutputStream data = new DataOutputStream(out);
    data.writeInt(answer.remaining());
    data.write(answer.array(), answer.position(), answer.remaining());
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
