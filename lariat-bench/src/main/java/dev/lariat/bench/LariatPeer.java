package dev.lariat.bench;

import dev.lariat.WebSocket;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Message;
import dev.lariat.message.Receiver;
import dev.lariat.message.Text;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.WebSocketOptions;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Lariat, with a receiver on the event loop or with mailboxes that virtual threads read. */
final class LariatPeer implements Peer {
  private final LariatOwners owners;
  private final WebSocketOptions options;

  LariatPeer(Setup setup, LariatOwners.Reading reading) throws Exception {
    this.owners = new LariatOwners(setup, reading);
    this.options = setup.compress() ? WebSocketOptions.compressed() : WebSocketOptions.DEFAULT;
  }

  @Override
  public Link connect(URI uri, Sink sink) throws Exception {
    Opened opened = new Opened(sink);
    String path = uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
    owners.webSocket(uri, path, options, opened);
    return opened.link.get(10, TimeUnit.SECONDS);
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
          socket = WebSocket.of(upgraded.stream());
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
