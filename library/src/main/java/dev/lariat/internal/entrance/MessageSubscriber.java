package dev.lariat.internal.entrance;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends what a publisher gives as the parts of one message or body, asking for one when there is
 * room. The publisher is a user's code: what it does against the rules of Reactive Streams, which
 * are named here by their numbers, fails its message and nothing else.
 */
public final class MessageSubscriber<T> implements Flow.Subscriber<T> {
  private final PartSender sender;
  private final Function<T, ByteBuffer> bytes;
  private final Supplier<ByteBuffer> rest;
  private final AtomicInteger asking = new AtomicInteger(); // calls of ask that are not done
  private volatile Flow.@Nullable Subscription subscription;
  private volatile boolean asked; // whether an item was asked for and has not come
  private volatile boolean done; // nothing more is taken

  /**
   * A subscriber for one publisher.
   *
   * @param bytes the part that an item is
   * @param rest the part after the last item, mostly empty
   */
  public MessageSubscriber(
      PartSender sender, Function<T, ByteBuffer> bytes, Supplier<ByteBuffer> rest) {
    this.sender = sender;
    this.bytes = bytes;
    this.rest = rest;
  }

  @Override
  public void onSubscribe(Flow.Subscription made) {
    present(made, "subscription");
    if (subscription != null) {
      made.cancel(); // 2.5: a second one is not wanted
      return;
    }
    subscription = made;
    sender
        .completion()
        .whenComplete(
            (written, failure) -> {
              if (failure != null && !done) { // 2.3: not to a publisher that has ended
                done = true;
                made.cancel();
              }
            });
    sender.whenRoom(this::ask);
  }

  /** Asks for one item; within the answer to this, only notes that another is wanted. */
  private void ask() {
    if (asking.getAndIncrement() > 0) {
      return; // or a publisher that answers at once would fill the stack (3.3)
    }
    do {
      request();
    } while (asking.decrementAndGet() > 0);
  }

  private void request() {
    Flow.Subscription made = subscription;
    if (made == null || done) {
      return;
    }
    asked = true;
    try {
      made.request(1);
    } catch (Throwable thrown) { // 3.16: it may not; on the event loop nobody else would catch it
      sender.fail(thrown);
    }
  }

  @Override
  public void onNext(T item) {
    present(item, "item");
    if (done) {
      return; // 2.8: what was on its way when it was cancelled
    }
    if (!asked) {
      sender.fail(new IllegalStateException("an item that was not requested (1.1)"));
      return;
    }
    asked = false;
    try {
      sender.offer(bytes.apply(item), false);
    } catch (RuntimeException e) {
      sender.fail(e);
      return;
    }
    sender.whenRoom(this::ask);
  }

  @Override
  public void onError(Throwable cause) {
    present(cause, "cause");
    if (!done) {
      done = true;
      sender.fail(cause);
    }
  }

  @Override
  public void onComplete() {
    if (done) {
      return;
    }
    done = true;
    try {
      sender.offer(rest.get(), true);
    } catch (RuntimeException e) {
      sender.fail(e);
    }
  }

  /** 2.13: who gives null is told so by an exception. */
  private void present(@Nullable Object given, String what) {
    try {
      Objects.requireNonNull(given, what);
    } catch (NullPointerException e) {
      sender.fail(e);
      throw e;
    }
  }
}
