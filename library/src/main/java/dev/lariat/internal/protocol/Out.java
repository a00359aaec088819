package dev.lariat.internal.protocol;

import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.channels.FileChannel;

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

  /** Writes a buffer, which is the transport's from now on. */
  void write(ByteBuf bytes);

  /**
   * Writes a piece of a file, without a copy where the transport allows. The file stays open until
   * what follows it was written, or is lost.
   *
   * @throws IOException if the file cannot be read, or has become shorter; nothing was written then
   */
  void write(FileChannel file, long position, long size) throws IOException;

  /** Tells this one what becomes of all that was written so far. */
  void follow(Fate fate);

  /** Ends this side of the transport behind what was written; the other goes on. */
  void endOutput();

  /** Whether the transport takes more for now; an engine keeps its data back while it does not. */
  boolean writable();

  /**
   * Until when the transport was left unread, so that silence before it says nothing about the
   * peer; {@link Engine#NEVER} while it is.
   */
  long unreadUntil();

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
