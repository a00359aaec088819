package dev.lariat.bench;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Message;
import dev.lariat.message.Receiver;
import dev.lariat.message.Text;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Tls;
import dev.lariat.option.WebSocketOptions;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Lariat, with a receiver on the event loop or with mailboxes that virtual threads read. */
final class LariatPeer implements Peer {

  /** Who takes the messages. */
  enum Reading {
    /** A receiver of each connection's own, on the event loop. */
    RECEIVER,
    /** One mailbox and one virtual thread for all connections. */
    MAILBOX,
    /** A mailbox and a virtual thread for each connection. */
    MAILBOX_EACH
  }

  private final Reading reading;
  private final Mailbox shared = Mailbox.create();
  private final Map<ConnectionRef, Receiver> sharers = new ConcurrentHashMap<>();
  private final ConnectionOptions plain = ConnectionOptions.DEFAULT;
  private final ConnectionOptions secure;
  private final WebSocketOptions options;

  LariatPeer(Setup setup, Reading reading) throws Exception {
    this.reading = reading;
    this.secure = ConnectionOptions.DEFAULT.tls(Tls.DEFAULT.trust(setup.keyStore()));
    this.options = setup.compress() ? WebSocketOptions.compressed() : WebSocketOptions.DEFAULT;
    if (reading == Reading.MAILBOX) {
      Thread.startVirtualThread(() -> read(shared, this::dispatch));
    }
  }

  @Override
  public Link connect(URI uri, Sink sink) throws Exception {
    Opened opened = new Opened(sink);
    ConnectionOptions chosen = uri.getScheme().equals("wss") ? secure : plain;
    String path = uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
    Connection connection =
        switch (reading) {
          case RECEIVER -> Lariat.open(uri, chosen, opened);
          case MAILBOX -> Lariat.open(uri, chosen, shared);
          case MAILBOX_EACH -> {
            Mailbox own = Mailbox.create();
            Thread.startVirtualThread(() -> read(own, opened));
            yield Lariat.open(uri, chosen, own);
          }
        };
    if (reading == Reading.MAILBOX) {
      sharers.put(connection, opened);
    }
    connection.webSocket(path, options);
    return opened.link.get(10, TimeUnit.SECONDS);
  }

  private void dispatch(Message message) {
    Receiver sharer = sharers.get(message.connection());
    if (sharer != null) { // before that, it is only up
      sharer.receive(message);
    }
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
