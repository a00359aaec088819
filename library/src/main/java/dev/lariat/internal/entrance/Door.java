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
 * Where commands go from any thread to the connection's event loop: many writers, one reader.
 * However many are posted before the loop comes to them, it is woken once and takes them all.
 */
public final class Door {
  private static final int FIRST = 4; // an idle connection should cost little

  private final Loop loop;
  private final Actor actor;
  private final Runnable drain = this::drain;
  private final CompletableFuture<Reason> ended = new CompletableFuture<>();

  private final Lock lock = new ReentrantLock();
  private @Nullable Command[] posted = new Command[FIRST];
  private int count;
  private volatile boolean scheduled; // written under the lock
  private boolean closed;

  // the loop's own: the commands that it carries out
  private @Nullable Command[] carried = new Command[FIRST];
  private int next;
  private int end;

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
   * Asks something of the actor, on its loop and behind what was posted before. Whoever hangs
   * something on the future has it run there.
   */
  public <T> CompletableFuture<T> ask(Function<Actor, T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    loop.execute(
        () -> {
          try {
            answer.complete(question.apply(actor));
          } catch (Throwable e) { // or somebody would wait for ever
            answer.completeExceptionally(e);
          }
        });
    return answer;
  }

  /** Completes when the connection has ended, with why; the door closes behind that. */
  public CompletableFuture<Reason> ended() {
    return ended;
  }

  /** What is thrown when the connection has terminated, and why it has. */
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
   * Lets nothing more in, and gives the actor what had come: it terminates, and answers all of it
   * first.
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

  /** A command that terminates the actor brings it back to here, for those behind it. */
  private void carryOut() {
    while (next < end) {
      Command command = Objects.requireNonNull(carried[next]);
      carried[next++] = null;
      actor.command(command);
    }
  }
}
