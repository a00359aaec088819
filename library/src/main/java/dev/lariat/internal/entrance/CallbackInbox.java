package dev.lariat.internal.entrance;

import dev.lariat.internal.protocol.Inbox;
import dev.lariat.message.Message;
import dev.lariat.message.Receiver;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Gives messages to a receiver of the user's, on the event loop, and lets nothing that it throws
 * get further.
 */
public final class CallbackInbox implements Inbox {
  private static final Logger LOG = System.getLogger("dev.lariat");

  private final Receiver receiver;
  private final Object teller;
  private final Complaint complaint;

  /** Who is told that the receiver of an inbox threw. */
  public interface Complaint {
    void threw(Inbox culprit, Message message, Throwable thrown);
  }

  /**
   * An inbox for this receiver.
   *
   * @param teller whose messages they are, for logs
   */
  public CallbackInbox(Receiver receiver, Object teller, Complaint complaint) {
    this.receiver = receiver;
    this.teller = teller;
    this.complaint = complaint;
  }

  @Override
  @SuppressWarnings("CatchAndPrintStackTrace")
  public void put(Message[] batch, int count) {
    for (int i = 0; i < count; i++) {
      try {
        receiver.receive(batch[i]);
      } catch (Throwable thrown) { // whatever a user's code throws must not reach the loop
        // a message may hold a value of the user's, whose own words could throw again
        String kind = batch[i].getClass().getSimpleName();
        LOG.log(Level.ERROR, "A receiver of " + teller + " threw at " + kind + ".", thrown);
        complaint.threw(this, batch[i], thrown);
      }
    }
  }

  @Override
  public boolean full() {
    return false; // it has taken what it was given
  }

  @Override
  public void whenRoom(Runnable action) {
    action.run();
  }
}
