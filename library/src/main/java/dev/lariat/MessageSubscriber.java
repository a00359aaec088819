package dev.lariat;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Sends what a publisher gives as the parts of one message, asking for one when there is room. */
final class MessageSubscriber<T> implements Flow.Subscriber<T> {
  private final MessageSender sender;
  private final Function<T, ByteBuffer> bytes;
  private final Supplier<ByteBuffer> rest;
  private volatile Flow.@Nullable Subscription subscription;

  /**
   * A subscriber for one publisher.
   *
   * @param bytes the part that an item is
   * @param rest the part behind the last item, mostly empty
   */
  MessageSubscriber(
      MessageSender sender, Function<T, ByteBuffer> bytes, Supplier<ByteBuffer> rest) {
    this.sender = sender;
    this.bytes = bytes;
    this.rest = rest;
  }

  @Override
  public void onSubscribe(Flow.Subscription made) {
    if (subscription != null) {
      made.cancel(); // Reactive Streams rule 2.5: a second one is not wanted
      return;
    }
    subscription = made;
    sender
        .completion()
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                made.cancel();
              }
            });
    sender.whenRoom(() -> made.request(1));
  }

  @Override
  public void onNext(T item) {
    try {
      sender.offer(bytes.apply(item), false);
    } catch (RuntimeException e) {
      subscription().cancel();
      onError(e);
      return;
    }
    sender.whenRoom(() -> subscription().request(1));
  }

  private Flow.Subscription subscription() {
    return Objects.requireNonNull(subscription, "items come after onSubscribe");
  }

  @Override
  public void onError(Throwable cause) {
    sender.giveUp();
    sender.completion().completeExceptionally(cause);
  }

  @Override
  public void onComplete() {
    try {
      sender.offer(rest.get(), true);
    } catch (RuntimeException e) {
      onError(e);
    }
  }
}
