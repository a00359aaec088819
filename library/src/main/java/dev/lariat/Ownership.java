package dev.lariat;

import dev.lariat.internal.protocol.Command;
import dev.lariat.message.Receiver;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Who owns a connection, which any thread may change: the receiver of its messages, and a thread
 * that it does not outlive.
 */
final class Ownership {
  private final Connection connection;
  private final AtomicReference<Recipient> owner;

  /** The first owner, which has nothing of the connection before {@link #begin}. */
  Ownership(Receiver receiver, Connection connection) {
    this.connection = connection;
    this.owner = new AtomicReference<>(Recipient.of(receiver, connection));
  }

  /** Who owns it now. */
  Recipient now() {
    return owner.get();
  }

  /** The connection is opened. */
  void begin() {
    now().own(connection);
  }

  /** The connection has ended. */
  void end() {
    now().disown(connection);
  }

  /**
   * Makes this receiver the owner.
   *
   * @throws FailedException if the connection has terminated
   * @throws IllegalStateException if it is a mailbox that is closed
   */
  void pass(Receiver receiver) {
    Recipient next = Recipient.of(receiver, connection);
    next.own(connection);
    Recipient before = owner.getAndSet(next);
    if (before.receiver() != receiver) {
      before.disown(connection);
    }
    if (!connection.door().post(new Command.SetOwner(next.inbox()))) {
      next.disown(connection);
      throw connection.door().terminated("owner");
    }
  }

  /** Starts the thread that waits for that one's end, or for the connection's own. */
  Thread watch(Thread thread) {
    Thread watch =
        connection
            .machine()
            .start(
                "lariat-owner-watch",
                () -> {
                  try {
                    thread.join();
                  } catch (InterruptedException e) {
                    return; // the connection has ended first
                  }
                  connection.shutdown();
                });
    connection.door().ended().thenRun(watch::interrupt);
    return watch;
  }
}
