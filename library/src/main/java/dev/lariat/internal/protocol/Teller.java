package dev.lariat.internal.protocol;

import dev.lariat.message.Message;
import dev.lariat.message.Notice;

/** The way to those who are told what happens: receivers, the owner, observers. */
public interface Teller {

  /**
   * The time of the turn that runs, which does not change within it: nanoseconds since some moment
   * in the past, never negative.
   */
  long now();

  /** Tells a stream's message. What is told keeps its order. */
  void tell(Inbox inbox, Message message);

  /** Tells the owner something that changes no state. */
  void notice(Notice.Detail detail);

  /** Who is told of what no message tells. */
  default Observer observer() {
    return Observer.NOBODY;
  }
}
