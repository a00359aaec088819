package dev.lariat.internal.protocol;

import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.StreamRef;

/** The way to those who are told what happens: receivers, the owner, observers. */
public interface Teller {

  /**
   * The time of the turn that runs, which does not change within it: nanoseconds since some moment
   * in the past, never negative.
   */
  long now();

  /** Tells a stream's message. What is told keeps its order. */
  void tell(Inbox inbox, Message message);

  /**
   * Drops what an inbox holds of a stream that its owner has given up, and what was told of it and
   * is still on its way there.
   */
  default void drop(Inbox inbox, StreamRef stream) {
    inbox.drop(stream);
  }

  /** Lets a tunnel, whose inbox this is, come to its end in good order. */
  default void goodbye(Inbox inbox) {
    inbox.goodbye();
  }

  /** Tells the owner something that changes no state. */
  void notice(Notice.Detail detail);

  /** Who is told of what no message tells. */
  default Observer observer() {
    return Observer.NOBODY;
  }
}
