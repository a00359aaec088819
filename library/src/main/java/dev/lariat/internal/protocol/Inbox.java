package dev.lariat.internal.protocol;

import dev.lariat.message.Message;
import dev.lariat.message.StreamRef;

/** Where a connection puts messages, a batch at a time, on its event loop. */
public interface Inbox {

  /**
   * Takes the first {@code count} messages of the batch, in order. The array is the caller's again
   * when the call returns. It never blocks and never throws, and a reader that waits sleeps on.
   */
  void put(Message[] batch, int count);

  /**
   * Drops what it holds of a stream that its owner has given up, but for the stream's end. If that
   * is a promise, it drops all of what is promised.
   */
  default void drop(StreamRef stream) {}

  /** The owner has shut the connection down: a tunnel on it comes to its end in good order. */
  default void goodbye() {}

  /** Whether its owner has closed what reads it, so that its stream is about to end. */
  default boolean leaves() {
    return false;
  }

  /** Whether its reader waits for what was put, and has to be woken. */
  default boolean sleeps() {
    return false;
  }

  /** Wakes its reader, if it waits. */
  default void wake() {}

  /** Whether the reader is so far behind that connections should stop reading. */
  boolean full();

  /**
   * Runs the action, once, when there is room again; at once if there is. The action may run on any
   * thread.
   */
  void whenRoom(Runnable action);
}
