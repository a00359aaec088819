package dev.lariat.bench;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Message;
import dev.lariat.message.Receiver;
import dev.lariat.message.Text;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Tls;
import dev.lariat.option.WebSocketOptions;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Lariat, with a receiver on the event loop or a mailbox that a virtual thread reads. */
final class LariatPeer implements Peer {
  private final boolean mailbox;
  private final ConnectionOptions plain = ConnectionOptions.DEFAULT;
  private final ConnectionOptions secure;
  private final WebSocketOptions options;

  LariatPeer(Setup setup, boolean mailbox) throws Exception {
    this.mailbox = mailbox;
    this.secure = ConnectionOptions.DEFAULT.tls(Tls.DEFAULT.trust(setup.keyStore()));
    this.options = setup.compress() ? WebSocketOptions.compressed() : WebSocketOptions.DEFAULT;
  }

  @Override
  public Link connect(URI uri, Sink sink) throws Exception {
    Opened opened = new Opened(sink);
    ConnectionOptions chosen = uri.getScheme().equals("wss") ? secure : plain;
    String path = uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
    Connection connection;
    if (mailbox) {
      Mailbox inbox = Mailbox.create();
      connection = Lariat.open(uri, chosen, inbox);
      Thread.startVirtualThread(() -> read(inbox, opened));
    } else {
      connection = Lariat.open(uri, chosen, opened);
    }
    connection.webSocket(path, options);
    return opened.link.get(10, TimeUnit.SECONDS);
  }

  private static void read(Mailbox inbox, Receiver receiver) {
    try {
      while (true) {
        receiver.receive(inbox.take());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class Opened implements Receiver, Link {
    private final Sink sink;
    private final CompletableFuture<Link> link = new CompletableFuture<>();
    private WebSocket socket;

    Opened(Sink sink) {
      this.sink = sink;
    }

    @Override
    public void receive(Message message) {
      switch (message) {
        case WebSocketFrame(var stream, Text(var text)) -> sink.text(this, text);
        case WebSocketFrame(var stream, Binary(var bytes)) -> sink.binary(this, bytes.size());
        case Upgraded upgraded -> {
          socket = (WebSocket) upgraded.stream();
          link.complete(this);
        }
        case Message.OfStream other when other.ends() ->
            link.completeExceptionally(new IllegalStateException(other.toString()));
        default -> {}
      }
    }

    @Override
    public void text(String text) {
      socket.send(new Text(text));
    }

    @Override
    public void binary(byte[] bytes) {
      socket.send(new Binary(Bytes.wrap(bytes)));
    }
  }
}
