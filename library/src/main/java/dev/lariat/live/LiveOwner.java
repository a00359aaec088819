package dev.lariat.live;

import dev.lariat.FailedException;
import dev.lariat.Mailbox;
import dev.lariat.internal.entrance.Adoption;
import dev.lariat.internal.entrance.Await;
import dev.lariat.internal.entrance.CallbackInbox;
import dev.lariat.internal.entrance.Core;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.transport.Machine;
import dev.lariat.message.Gone;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Receiver;
import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The owner's side of a live connection: its receiver, and how a thread waits for the connection
 * and iterates over its messages. On any thread.
 */
final class LiveOwner {
  private final LiveRef live;
  private final Machine machine;
  private final Receiver receiver;
  private final boolean given;

  /**
   * An owner.
   *
   * @param given the user's; null for a mailbox of the live connection's own
   */
  LiveOwner(LiveRef live, Machine machine, @Nullable Receiver given) {
    this.live = live;
    this.machine = machine;
    this.receiver = given == null ? Mailbox.create() : given;
    this.given = given != null;
  }

  /** Where the live connection puts its messages. */
  Inbox inbox() {
    return inbox(receiver, live, machine);
  }

  /** Where the messages for a receiver are put. */
  static Inbox inbox(Receiver receiver, LiveRef teller, Machine machine) {
    if (receiver instanceof Inbox inbox) { // of the library's own
      return inbox;
    }
    return receiver instanceof Mailbox mailbox
        ? Core.get().inbox(mailbox, machine)
        : new CallbackInbox(receiver, teller, (culprit, message, thrown) -> {});
  }

  /**
   * Begins to own the live connection, and to be told of it.
   *
   * @param handle the user's, by which it is closed
   */
  void begin(LiveLoop<?> loop, AutoCloseable handle) {
    Mailbox made = !given && receiver instanceof Mailbox mailbox ? mailbox : null;
    Adoption.Hold hold = Adoption.Hold.NONE;
    try {
      hold = Adoption.adopt(handle, made, loop.ended());
      if (receiver instanceof Mailbox mailbox) {
        Core.get().own(mailbox, live, loop::leave);
      }
      loop.start();
    } catch (Throwable e) { // whatever it is: nothing was opened
      hold.release();
      loop.release();
      throw e;
    }
    hold.opened();
  }

  /** The live connection has ended: owns it no more. */
  void ended() {
    if (receiver instanceof Mailbox mailbox) {
      Core.get().disown(mailbox, live);
    }
  }

  Mailbox mailbox() {
    if (receiver instanceof Mailbox mailbox) {
      return mailbox;
    }
    throw new IllegalStateException("no mailbox owns " + live);
  }

  long awaitOpen(LiveLoop<?> loop, Duration timeout) throws InterruptedException {
    machine.refuseToBlock("awaitOpen", "wait for the message Open");
    CompletableFuture<Long> open = loop.open();
    try {
      if (!Await.on(open, Await.nanos(timeout), machine)) {
        throw new FailedException(
            new Reason.Timeout(Reason.Step.AWAIT_OPEN, timeout, loop.whyNotOpen()));
      }
      if (open.isCompletedExceptionally()) {
        throw new FailedException(loop.ended().join()); // it is complete by now
      }
      return open.join();
    } finally {
      open.cancel(false); // who does not wait any more is not kept either
    }
  }

  boolean awaitTermination(LiveLoop<?> loop, Duration timeout) throws InterruptedException {
    return Await.end(loop.ended(), loop::turnOver, timeout, machine);
  }

  // ---- iteration

  Iterable<Message> messages() {
    Mailbox own = ownMailbox();
    return () -> new Messages(own);
  }

  /** What the function makes of each message, without its nulls, until the owner closes it. */
  <T> Iterator<T> each(Function<Message, @Nullable T> of) {
    return new Each<>(new Messages(ownMailbox()), of);
  }

  /** The same for one subscriber at a time. */
  <T> Flow.Publisher<T> publish(Function<Message, @Nullable T> of) {
    return new LivePublisher<>(each(of), machine);
  }

  private Mailbox ownMailbox() {
    if (given) {
      throw new IllegalStateException(
          "the messages of " + live + " go to the owner that you passed");
    }
    return mailbox();
  }

  private static final class Messages implements Iterator<Message> {
    private final Mailbox mailbox;
    private @Nullable Message next;
    private boolean over;

    Messages(Mailbox mailbox) {
      this.mailbox = mailbox;
    }

    @Override
    public boolean hasNext() {
      if (next == null && !over) {
        try {
          next = mailbox.take();
        } catch (InterruptedException e) {
          throw Await.interrupted("next");
        }
      }
      return next != null;
    }

    @Override
    public Message next() {
      if (!hasNext()) {
        throw new NoSuchElementException("it is gone");
      }
      Message taken = Objects.requireNonNull(next);
      next = null;
      over = taken instanceof Gone;
      return taken;
    }
  }

  private static final class Each<T> implements Iterator<T> {
    private final Iterator<Message> messages;
    private final Function<Message, @Nullable T> of;
    private @Nullable T next;

    Each(Iterator<Message> messages, Function<Message, @Nullable T> of) {
      this.messages = messages;
      this.of = of;
    }

    @Override
    public boolean hasNext() {
      while (next == null && messages.hasNext()) {
        Message message = messages.next();
        next = of.apply(message);
        if (message instanceof Gone(var stream, var reason)
            && !(reason instanceof Reason.OwnerClosed)) {
          throw new FailedException(reason);
        }
      }
      return next != null;
    }

    @Override
    public T next() {
      if (!hasNext()) {
        throw new NoSuchElementException("it is gone");
      }
      T taken = Objects.requireNonNull(next);
      next = null;
      return taken;
    }
  }
}
