package dev.lariat.internal.entrance;

import dev.lariat.FailedException;
import dev.lariat.internal.connection.Actor;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.transport.Loop;
import dev.lariat.message.Reason;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where commands go from any thread to the connection's event loop: many writers, one reader. The
 * loop is woken once for all commands that are posted before it takes them.
 *
 * <p>Writers append to {@code posted} under the lock. The loop swaps that array with {@code
 * carried} under the lock, and carries the commands out without it. {@code scheduled} is set by the
 * writer that posts the waking task, and is reset in the same locked step that takes everything. So
 * each command is either taken in that step or followed by a task of its own.
 *
 * <p>It is open, then <b>closed</b> when the actor terminates: {@link #post} answers false from
 * then on, and what was posted before is still carried out, by an actor that refuses it.
 */
public final class Door {
  private static final int FIRST = 4; // the length of a new array: an idle connection costs little

  private final Loop loop;
  private final Actor actor;
  private final Runnable drain = this::drain;
  private final CompletableFuture<Reason> ended = new CompletableFuture<>();

  private final Lock lock = new ReentrantLock();
  private @Nullable Command[] posted = new Command[FIRST]; // not taken yet; under the lock
  private int count; // how many commands are posted; under the lock
  private volatile boolean scheduled; // whether the loop is to take them; written under the lock
  private boolean closed; // whether the actor has terminated; under the lock

  // Only the loop touches these.
  private @Nullable Command[] carried = new Command[FIRST]; // the commands that it carries out
  private int next; // the index of the next command to carry out
  private int end; // the index after the last command

  /**
   * A door to a new actor, which is not started yet.
   *
   * @param actor makes it, for this door
   */
  public Door(Loop loop, Function<Door, Actor> actor) {
    this.loop = loop;
    this.actor = actor.apply(this);
  }

  /** Starts the actor on its loop, before any command reaches it. */
  public void open() {
    loop.execute(actor::start);
  }

  public Loop loop() {
    return loop;
  }

  public Actor actor() {
    return actor;
  }

  /**
   * Asks the actor something, on its loop and after what was posted before. What depends on the
   * future runs on the loop, too.
   */
  public <T> CompletableFuture<T> ask(Function<Actor, T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    loop.execute(
        () -> {
          try {
            answer.complete(question.apply(actor));
          } catch (Throwable e) { // otherwise the future would never complete
            answer.completeExceptionally(e);
          }
        });
    return answer;
  }

  /** Completes with the reason when the connection has ended. Then the door closes. */
  public CompletableFuture<Reason> ended() {
    return ended;
  }

  /** The exception for a command that comes after the connection has terminated. */
  public FailedException terminated(String operation) {
    Reason why = Actor.lastFailure(ended.join()); // it is complete before the door closes
    return new FailedException(
        new Reason.BadState(operation, "the connection has terminated: " + why.sentence()), why);
  }

  /** Posts a command, or throws when the connection has terminated. */
  public void post(String operation, Command command) {
    if (!post(command)) {
      throw terminated(operation);
    }
  }

  /** Posts commands, which stay together; false when the connection has terminated. */
  public boolean post(Command... commands) {
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
   * Lets nothing more in, and gives the actor what was posted before, which it refuses. Called by
   * the actor when it terminates.
   *
   * @param reason why it terminates
   */
  public void close(Reason reason) {
    ended.complete(reason);
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
    carryOut();
    take();
    carryOut();
  }

  /** Carries out what was posted, if anything was. */
  public void carryOutPosted() {
    if (scheduled) {
      drain();
    }
  }

  private void drain() {
    actor.begin();
    take();
    try {
      carryOut();
    } finally {
      actor.settle();
    }
  }

  private void take() {
    lock.lock();
    try {
      @Nullable Command[] emptied = carried;
      carried = posted;
      next = 0;
      end = count;
      posted = emptied;
      count = 0;
      scheduled = false;
    } finally {
      lock.unlock();
    }
  }

  /** Called again from within itself if a command terminates the actor: see {@link #close}. */
  private void carryOut() {
    while (next < end) {
      Command command = Objects.requireNonNull(carried[next]);
      carried[next++] = null;
      actor.command(command);
    }
  }
}
