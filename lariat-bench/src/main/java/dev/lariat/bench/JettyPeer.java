package dev.lariat.bench;

import java.net.URI;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.client.ClientUpgradeRequest;
import org.eclipse.jetty.websocket.client.WebSocketClient;

final class JettyPeer implements Peer {
  private final Setup setup;
  private final WebSocketClient client;

  JettyPeer(Setup setup) throws Exception {
    this.setup = setup;
    SslContextFactory.Client ssl = new SslContextFactory.Client();
    ssl.setTrustStorePath(setup.trustStore().toString());
    ssl.setTrustStorePassword(Setup.PASSWORD);
    HttpClient http = new HttpClient();
    http.setSslContextFactory(ssl);
    http.setMaxConnectionsPerDestination(100_000);
    client = new WebSocketClient(http);
    client.setMaxTextMessageSize(Setup.MAX_MESSAGE);
    client.setMaxBinaryMessageSize(Setup.MAX_MESSAGE);
    client.setInputBufferSize(64 << 10);
    client.setOutputBufferSize(64 << 10);
    client.start();
  }

  @Override
  public Link connect(URI uri, Sink sink) throws Exception {
    ClientUpgradeRequest request = new ClientUpgradeRequest(uri);
    if (setup.compress()) {
      request.addExtensions("permessage-deflate");
    }
    Endpoint endpoint = new Endpoint(sink);
    client.connect(endpoint, request).get(10, TimeUnit.SECONDS);
    return endpoint;
  }

  /** Jetty looks its endpoints up: they must be public. */
  public static final class Endpoint implements Session.Listener.AutoDemanding, Link {
    private final Sink sink;
    private volatile Session session;

    Endpoint(Sink sink) {
      this.sink = sink;
    }

    @Override
    public void onWebSocketOpen(Session session) {
      this.session = session;
    }

    @Override
    public void onWebSocketText(String text) {
      sink.text(this, text);
    }

    @Override
    public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
      sink.binary(this, payload.remaining());
      callback.succeed();
    }

    @Override
    public void onWebSocketError(Throwable cause) {
      cause.printStackTrace();
    }

    @Override
    public void text(String text) {
      session.sendText(text, Callback.NOOP);
    }

    @Override
    public void binary(byte[] bytes) {
      session.sendBinary(ByteBuffer.wrap(bytes), Callback.NOOP);
    }
  }
}
