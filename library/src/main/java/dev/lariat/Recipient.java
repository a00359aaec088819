package dev.lariat;

import dev.lariat.internal.entrance.CallbackInbox;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.message.Receiver;
import org.jspecify.annotations.Nullable;

/**
 * Who is told, as the owner of a connection or of one stream on it.
 *
 * @param inbox where the messages go for that
 */
record Recipient(Receiver receiver, Inbox inbox) {

  /** This receiver, which is told of this connection. */
  static Recipient of(Receiver receiver, Connection connection) {
    Inbox inbox =
        receiver instanceof Mailbox mailbox
            ? mailbox.inbox(connection.machine())
            : new CallbackInbox(
                receiver,
                connection,
                (culprit, message, thrown) ->
                    connection.door().actor().receiverThrew(culprit, message, thrown));
    return new Recipient(receiver, inbox);
  }

  /** The mailbox, if the receiver is one. */
  @Nullable Mailbox mailbox() {
    return receiver instanceof Mailbox mailbox ? mailbox : null;
  }

  /** Begins to own the connection: the end of a mailbox shuts it down. */
  void own(Connection connection) {
    if (receiver instanceof Mailbox mailbox) {
      mailbox.own(connection, connection::shutdown);
    }
  }

  /** Owns the connection no more. */
  void disown(Connection connection) {
    if (receiver instanceof Mailbox mailbox) {
      mailbox.disown(connection);
    }
  }
}
