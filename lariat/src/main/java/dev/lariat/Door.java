package dev.lariat;

import dev.lariat.internal.connection.Actor;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.transport.Loop;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where commands go from any thread to the connection's event loop: many writers, one reader.
 * However many are posted before the loop comes to them, it is woken once and takes them all.
 */
final class Door {
  private static final int FIRST = 4; // an idle connection should cost little
  private static final @Nullable Command[] NONE = {};

  private final Loop loop;
  private final Actor actor;
  private final Runnable drain = this::drain;

  private final Lock lock = new ReentrantLock();
  private @Nullable Command[] posted = new Command[FIRST];
  private int count;
  private boolean scheduled;
  private boolean closed;

  private @Nullable Command[] spare = new Command[FIRST]; // the loop's own: what it has emptied

  /**
   * A door to a new actor, which is not started yet.
   *
   * @param actor makes it, given what it runs when it has terminated
   */
  Door(Loop loop, Function<Runnable, Actor> actor) {
    this.loop = loop;
    this.actor = actor.apply(this::close);
  }

  /** Starts the actor on its loop, before any command reaches it. */
  void open() {
    loop.execute(actor::start);
  }

  Loop loop() {
    return loop;
  }

  Actor actor() {
    return actor;
  }

  /** Posts commands, which stay together; false when the connection has terminated. */
  boolean post(Command... commands) {
    lock.lock();
    try {
      if (closed) {
        return false;
      }
      if (count + commands.length > posted.length) {
        posted = Arrays.copyOf(posted, Math.max(2 * posted.length, count + commands.length));
      }
      System.arraycopy(commands, 0, posted, count, commands.length);
      count += commands.length;
      if (scheduled) {
        return true;
      }
      scheduled = true;
    } finally {
      lock.unlock();
    }
    loop.execute(drain);
    return true;
  }

  /**
   * Lets nothing more in, and gives the actor what had come; the actor calls this when it
   * terminates.
   */
  private void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
    take();
  }

  private void drain() {
    take();
    actor.settled();
  }

  private void take() {
    @Nullable Command[] commands;
    int taking;
    lock.lock();
    try {
      commands = posted;
      taking = count;
      posted = spare;
      spare = NONE; // a termination among these commands takes again, while they are still being
      // carried out
      count = 0;
      scheduled = false;
    } finally {
      lock.unlock();
    }
    for (int i = 0; i < taking; i++) {
      Command command = Objects.requireNonNull(commands[i]);
      commands[i] = null;
      actor.command(command);
    }
    spare = commands;
  }
}
