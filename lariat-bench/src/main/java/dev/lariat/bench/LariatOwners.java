package dev.lariat.bench;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Receiver;
import dev.lariat.message.StreamRef;
import dev.lariat.message.Terminated;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Http1;
import dev.lariat.option.Http2;
import dev.lariat.option.Proxy;
import dev.lariat.option.Tls;
import dev.lariat.option.WebSocketOptions;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Opens Lariat's connections, whose messages come to a receiver by one of three ways. */
final class LariatOwners {

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
  private final ConnectionOptions options;

  /** Who takes the messages of a WebSocket on the one connection of all. */
  private final Map<StreamRef, Receiver> streams = new HashMap<>(); // guarded by itself

  private final boolean multiplexed;
  private final boolean throughProxy;

  /** The one connection of all WebSockets; null before the first, and without one. */
  private volatile @Nullable Connection common;

  LariatOwners(Setup setup, Reading reading) throws Exception {
    this.reading = reading;
    this.multiplexed = setup.workload().multiplexed;
    ConnectionOptions plain = // with as many requests in flight as the driver asks for
        ConnectionOptions.DEFAULT
            .protocols(multiplexed ? Protocol.HTTP_2 : Protocol.HTTP_1_1)
            .http1(Http1.DEFAULT.pipelining(10_000).pipelinedMethods(Http1.Methods.ALL))
            .http2(Http2.DEFAULT.maxStreams(10_000));
    this.options = setup.workload().tls ? plain.tls(Tls.DEFAULT.trust(setup.keyStore())) : plain;
    this.throughProxy = setup.workload().isThroughProxy();
    if (reading == Reading.MAILBOX) {
      Thread.startVirtualThread(() -> read(shared, this::dispatch));
    }
  }

  /** Returns at once; the receiver is called by one thread at a time. */
  Connection open(URI uri, Receiver receiver) {
    URI origin = uri.resolve("/");
    ConnectionOptions options = optionsTo(origin);
    return switch (reading) {
      case RECEIVER -> Lariat.open(origin, options, receiver);
      case MAILBOX -> {
        Connection connection = Lariat.open(origin, options, shared);
        sharers.put(connection, receiver);
        yield connection;
      }
      case MAILBOX_EACH -> {
        Mailbox own = Mailbox.create();
        Thread.startVirtualThread(() -> read(own, receiver));
        yield Lariat.open(origin, options, own);
      }
    };
  }

  /** The proxy, if there is one, is the server itself, with TLS as the server. */
  private ConnectionOptions optionsTo(URI origin) {
    if (!throughProxy) {
      return options;
    }
    String scheme = options.tls().isPresent() ? "https://" : "http://";
    Proxy proxy = Proxy.of(scheme + origin.getRawAuthority());
    return options.via(options.tls().map(proxy::tls).orElse(proxy));
  }

  /** Asks for a WebSocket, on the one connection of all if it is multiplexed. */
  void webSocket(URI uri, String path, WebSocketOptions options, Receiver receiver) {
    if (!multiplexed) {
      open(uri, receiver).webSocket(path, options);
    } else if (reading == Reading.RECEIVER) {
      common(uri, nothing -> {}).webSocket(path, options.replyTo(receiver));
    } else {
      synchronized (streams) {
        streams.put(common(uri, shared).webSocket(path, options), receiver);
      }
    }
  }

  private Connection common(URI uri, Receiver owner) {
    if (common == null) {
      common = Lariat.open(uri.resolve("/"), options, owner);
    }
    return common;
  }

  private @Nullable Receiver ofStream(Message message) {
    if (!(message instanceof Message.OfStream of)) {
      return null;
    }
    synchronized (streams) {
      return streams.get(of.stream());
    }
  }

  private void dispatch(Message message) {
    Receiver sharer = common == null ? sharers.get(message.connection()) : ofStream(message);
    if (sharer != null) { // before that, it is only up
      sharer.receive(message);
    }
    if (message instanceof Terminated) {
      sharers.remove(message.connection());
    }
  }

  private void read(Mailbox inbox, Receiver receiver) {
    try {
      Message message;
      do {
        message = inbox.take();
        receiver.receive(message);
      } while (inbox == shared || !(message instanceof Terminated));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
