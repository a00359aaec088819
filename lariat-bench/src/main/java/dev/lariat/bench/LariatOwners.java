package dev.lariat.bench;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Message;
import dev.lariat.message.Receiver;
import dev.lariat.message.Terminated;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Http1;
import dev.lariat.option.Tls;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

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
  private final ConnectionOptions plain = // with as many requests in flight as the driver asks for
      ConnectionOptions.DEFAULT.http1(
          Http1.DEFAULT.pipelining(10_000).pipelinedMethods(Http1.Methods.ALL));
  private final ConnectionOptions secure;

  LariatOwners(Setup setup, Reading reading) throws Exception {
    this.reading = reading;
    this.secure = plain.tls(Tls.DEFAULT.trust(setup.keyStore()));
    if (reading == Reading.MAILBOX) {
      Thread.startVirtualThread(() -> read(shared, this::dispatch));
    }
  }

  /** Returns at once; the receiver is called by one thread at a time. */
  Connection open(URI uri, Receiver receiver) {
    ConnectionOptions chosen = uri.getScheme().matches("https|wss") ? secure : plain;
    URI origin = uri.resolve("/");
    return switch (reading) {
      case RECEIVER -> Lariat.open(origin, chosen, receiver);
      case MAILBOX -> {
        Connection connection = Lariat.open(origin, chosen, shared);
        sharers.put(connection, receiver);
        yield connection;
      }
      case MAILBOX_EACH -> {
        Mailbox own = Mailbox.create();
        Thread.startVirtualThread(() -> read(own, receiver));
        yield Lariat.open(origin, chosen, own);
      }
    };
  }

  private void dispatch(Message message) {
    Receiver sharer = sharers.get(message.connection());
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
