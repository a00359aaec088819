package dev.lariat;

import dev.lariat.event.Trace;
import dev.lariat.internal.entrance.Checks;
import dev.lariat.message.Bytes;
import dev.lariat.message.ContentMessage;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Inform;
import dev.lariat.message.Message;
import dev.lariat.message.Push;
import dev.lariat.message.Response;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.SubprotocolMessage;
import dev.lariat.message.Trailers;
import dev.lariat.message.TunnelUp;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketClosed;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.message.WebSocketPart;
import dev.lariat.option.Request;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A response whose body goes to one subscriber, according to the rules of Reactive Streams. Each
 * item is the content of one {@code Data} message. The demand is the request's credit, so Lariat
 * reads from the server only what the subscriber requests.
 *
 * <p>Lariat calls the subscriber on the connection's event loop, where it must not block, or on the
 * calling thread during {@code subscribe} or {@code request}, and never on two threads at once. A
 * failure is a {@link FailedException}. If you cancel the subscription, the request is cancelled.
 * There can be only one subscriber. Without a subscriber or without demand, the response waits.
 * Over HTTP/1.1, later responses on the connection wait too. {@code exchange().cancel()} ends this
 * wait.
 */
public final class ResponsePublisher implements Flow.Publisher<Bytes> {
  private static final Logger LOG = System.getLogger("dev.lariat");

  private final Exchange exchange;
  private final CompletableFuture<Response> response = new CompletableFuture<>();
  private final CompletableFuture<Headers> trailers = new CompletableFuture<>();

  private final Queue<Runnable> signals = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger(); // signals that are not given

  private volatile boolean cancelled;

  // of the thread that gives signals
  private Flow.@Nullable Subscriber<? super Bytes> subscriber;
  private boolean subscribed;
  private boolean ended;
  private @Nullable Throwable failure;

  @SuppressWarnings("ThisEscape") // what is told waits for the end of the constructor
  ResponsePublisher(Connection connection, Request request, @Nullable Trace trace) {
    Checks.bytes(request);
    Request its = request.credit(0).replyTo(this::told);
    this.exchange = connection.request(its, false, trace);
  }

  /** {@return the request and its response} */
  public Exchange exchange() {
    return exchange;
  }

  /**
   * {@return a future that completes with the status and headers, on the event loop} It fails with
   * a {@link FailedException}.
   */
  public CompletableFuture<Response> response() {
    return response.copy();
  }

  /**
   * {@return a future that completes with the trailers, which are usually empty, after the whole
   * body is delivered} It completes on the event loop. It fails with a {@link FailedException}.
   */
  public CompletableFuture<Headers> trailers() {
    return trailers.copy();
  }

  /** Lets this one have the body. Any after the first gets an {@code IllegalStateException}. */
  @Override
  public void subscribe(Flow.Subscriber<? super Bytes> subscriber) {
    Objects.requireNonNull(subscriber, "subscriber");
    signal(() -> begin(subscriber));
  }

  // ---- what is told

  private void told(Message message) {
    switch (message) {
      case Response told -> {
        response.complete(told);
        if (told.fin()) {
          end(Headers.EMPTY);
        }
      }
      case Data data -> {
        if (!data.bytes().isEmpty()) {
          signal(() -> give(data.bytes()));
        }
        if (data.fin()) {
          end(Headers.EMPTY);
        }
      }
      case Trailers told -> end(told.headers());
      case StreamFailed failed -> fail(new FailedException(failed.reason()));
      case Inform inform -> {} // the final one is yet to come
      case Push other -> {} // refused: a subscriber has one response
      case ServerSentEvent other -> {} // refused above
      case ContentMessage other -> {}
      case TunnelUp other -> {}
      case Upgraded other -> {} // what follows here is nothing that a request is told
      case WebSocketFrame other -> {}
      case WebSocketPart other -> {}
      case SubprotocolMessage other -> {}
      case WebSocketClosed other -> {}
      case Message.OfLive other -> {}
      case Message.OfConnection other -> {} // nor an owner's
    }
  }

  private void end(Headers last) {
    signal(
        () -> {
          ended = true;
          finish();
          trailers.complete(last); // who waits for it finds that the subscriber knows
        });
  }

  private void fail(FailedException why) {
    response.completeExceptionally(why);
    signal(
        () -> {
          ended = true;
          failure = why;
          finish();
          trailers.completeExceptionally(why);
        });
  }

  // ---- signals, one after the other

  private void signal(Runnable signal) {
    signals.add(signal);
    if (waiting.getAndIncrement() > 0) {
      return; // whoever gives one gives this too
    }
    do {
      Objects.requireNonNull(signals.poll()).run();
    } while (waiting.decrementAndGet() > 0);
  }

  private void begin(Flow.Subscriber<? super Bytes> next) {
    if (subscribed) {
      call(() -> next.onSubscribe(new Nothing()));
      call(() -> next.onError(new IllegalStateException("the body has a subscriber")));
      return;
    }
    subscribed = true;
    subscriber = next;
    call(() -> next.onSubscribe(new Demand()));
    finish();
  }

  private void give(Bytes bytes) {
    Flow.Subscriber<? super Bytes> to = subscriber;
    if (to != null && !cancelled) {
      call(() -> to.onNext(bytes));
    }
  }

  /** Tells the end, once there is one and somebody to tell it to. */
  private void finish() {
    Flow.Subscriber<? super Bytes> to = subscriber;
    if (!ended || to == null || cancelled) {
      return;
    }
    subscriber = null;
    Throwable why = failure;
    if (why == null) {
      call(to::onComplete);
    } else {
      call(() -> to.onError(why));
    }
  }

  /** Calls a user's code, whose exceptions are its own fault (2.13). */
  private void call(Runnable code) {
    try {
      code.run();
    } catch (Throwable thrown) {
      LOG.log(
          Level.ERROR,
          "The subscriber of " + exchange + " threw. Its subscription is cancelled.",
          thrown);
      leave();
    }
  }

  private void leave() {
    cancelled = true;
    exchange.cancel();
    signal(() -> subscriber = null); // 3.13
  }

  /** What the subscriber asks for. */
  private final class Demand implements Flow.Subscription {
    @Override
    public void request(long items) {
      if (cancelled) {
        return;
      }
      if (items > 0) {
        exchange.credit(items);
        return;
      }
      signal( // 3.9
          () -> {
            if (subscriber != null && !cancelled && !ended) {
              exchange.cancel();
              ended = true;
              failure = new IllegalArgumentException("request: " + items + ", allowed 1 or more");
              finish();
            }
          });
    }

    @Override
    public void cancel() {
      if (!cancelled) {
        leave();
      }
    }
  }

  /** For a subscriber that gets nothing. */
  private static final class Nothing implements Flow.Subscription {
    @Override
    public void request(long items) {}

    @Override
    public void cancel() {}
  }
}
