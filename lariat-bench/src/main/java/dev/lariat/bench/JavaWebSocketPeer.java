package dev.lariat.bench;

import java.net.URI;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.java_websocket.client.WebSocketClient;
import org.java_websocket.drafts.Draft;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.extensions.permessage_deflate.PerMessageDeflateExtension;
import org.java_websocket.handshake.ServerHandshake;

final class JavaWebSocketPeer implements Peer {
  private final Setup setup;

  JavaWebSocketPeer(Setup setup) {
    this.setup = setup;
  }

  @Override
  public Link connect(URI uri, Sink sink) throws Exception {
    Draft draft =
        setup.compress() ? new Draft_6455(new PerMessageDeflateExtension()) : new Draft_6455();
    Client client = new Client(uri, draft, sink);
    client.setTcpNoDelay(true);
    if (uri.getScheme().equals("wss")) {
      client.setSocketFactory(setup.sslContext().getSocketFactory());
    }
    if (!client.connectBlocking(10, TimeUnit.SECONDS)) {
      throw new IllegalStateException("no connection to " + uri);
    }
    return client;
  }

  private static final class Client extends WebSocketClient implements Link {
    private final Sink sink;

    Client(URI uri, Draft draft, Sink sink) {
      super(uri, draft);
      this.sink = sink;
    }

    @Override
    public void onOpen(ServerHandshake handshake) {}

    @Override
    public void onMessage(String text) {
      sink.text(this, text);
    }

    @Override
    public void onMessage(ByteBuffer bytes) {
      sink.binary(this, bytes.remaining());
    }

    @Override
    public void onClose(int code, String reason, boolean remote) {}

    @Override
    public void onError(Exception e) {
      e.printStackTrace();
    }

    @Override
    public void text(String text) {
      send(text);
    }

    @Override
    public void binary(byte[] bytes) {
      send(bytes);
    }
  }
}
