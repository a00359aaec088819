package dev.lariat.internal.protocol;

import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import io.netty.buffer.ByteBuf;

/**
 * The one door through which an engine has effects. What is written and told keeps its order;
 * nothing happens while the engine runs, so no call of an engine ever leads back into it.
 */
public interface Out {

  /**
   * Room to write bytes into, behind what was written before: the caller appends at most {@code
   * bytes} to the buffer before it makes another call here, and keeps no reference.
   */
  ByteBuf room(int bytes);

  /** Writes a message of the protocol's codec, which takes it over. */
  void write(Object message);

  /** Tells this one what becomes of all that was written so far. */
  void follow(Fate fate);

  /** Whether the transport takes more for now; an engine keeps its data back while it does not. */
  boolean writable();

  /** Whether the transport is being read: silence means nothing while it is not. */
  boolean reading();

  /**
   * Whether the engine wants what the peer sends. While it does not, the transport is not read; a
   * little may still come.
   */
  void wanted(boolean wanted);

  /** Tells a stream's message. */
  void tell(Inbox inbox, Message message);

  /** Tells the owner something that changes no state. */
  void notice(Notice.Detail detail);

  /** Who is told of what no message tells. */
  default Observer observer() {
    return Observer.NOBODY;
  }

  /** Asks the connection to become something else, when the call of the engine has returned. */
  void become(Change change);
}
