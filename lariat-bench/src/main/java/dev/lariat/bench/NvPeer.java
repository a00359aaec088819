package dev.lariat.bench;

import com.neovisionaries.ws.client.WebSocket;
import com.neovisionaries.ws.client.WebSocketAdapter;
import com.neovisionaries.ws.client.WebSocketExtension;
import com.neovisionaries.ws.client.WebSocketFactory;
import java.net.URI;

/** nv-websocket-client; its writing thread flushes when its queue is empty. */
final class NvPeer implements Peer {
  private final Setup setup;
  private final WebSocketFactory factory = new WebSocketFactory().setConnectionTimeout(10_000);

  NvPeer(Setup setup) throws Exception {
    this.setup = setup;
    factory.setSSLContext(setup.sslContext());
  }

  @Override
  public Link connect(URI uri, Sink sink) throws Exception {
    WebSocket socket = factory.createSocket(uri);
    Link link = new NvLink(socket);
    socket.addListener(
        new WebSocketAdapter() {
          @Override
          public void onTextMessage(WebSocket socket, String text) {
            sink.text(link, text);
          }

          @Override
          public void onBinaryMessage(WebSocket socket, byte[] bytes) {
            sink.binary(link, bytes.length);
          }
        });
    if (setup.compress()) {
      socket.addExtension(WebSocketExtension.PERMESSAGE_DEFLATE);
    }
    socket.connect();
    socket.getConnectedSocket().setTcpNoDelay(true);
    return link;
  }

  private record NvLink(WebSocket socket) implements Link {
    @Override
    public void text(String text) {
      socket.sendText(text);
    }

    @Override
    public void binary(byte[] bytes) {
      socket.sendBinary(bytes);
    }
  }
}
