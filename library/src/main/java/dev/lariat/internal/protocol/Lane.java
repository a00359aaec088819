package dev.lariat.internal.protocol;

import dev.lariat.message.Reason;
import io.netty.buffer.ByteBuf;
import java.io.IOException;

/**
 * A way of bytes to a peer, as the engine at its near end sees it: a socket, or a stream within
 * another connection. What arrives on it goes to a {@link Host}. What is written keeps its order.
 */
public interface Lane {

  /**
   * Room to write bytes into, after what was written before: the caller appends at most {@code
   * bytes} to the buffer before it makes another call here, and keeps no reference.
   */
  ByteBuf room(int bytes);

  /** Writes a buffer, which is the lane's from now on. */
  void write(ByteBuf bytes);

  /**
   * Writes a piece of a file, without a copy if the lane allows that. The lane holds the file until
   * the piece was sent, or will not be.
   *
   * @throws IOException if the file cannot be read, or has become shorter; nothing was written then
   */
  void write(SentFile file, long position, long size) throws IOException;

  /** Tells this one what becomes of all that was written so far. */
  void follow(Fate fate);

  /** Whether the lane takes more for now; an engine keeps its data back while it does not. */
  boolean writable();

  /**
   * Whether what the peer sends is wanted. While it is not, the lane is not read; a little may
   * still come.
   */
  void wanted(boolean wanted);

  /**
   * When reading last resumed: silence before that says nothing about the peer. {@link
   * Engine#NEVER} while the lane is not read.
   */
  long unreadUntil();

  /** Lets the peer end its side, from now on, without an end of this one. */
  void allowHalfClose();

  /**
   * Ends this side after what was written; the peer's goes on. {@link Host#outputEnded} follows.
   */
  void endOutput();

  /**
   * Whether it keeps what came before, since that is not wanted yet. Such a lane outlives the
   * connection that it is a stream of, until all of it is given to its engine.
   */
  default boolean keeps() {
    return false;
  }

  /**
   * Ends both sides now; what was written before goes out if the lane takes it.
   *
   * @param reason what becomes of what it does not take
   */
  void end(Reason reason);
}
