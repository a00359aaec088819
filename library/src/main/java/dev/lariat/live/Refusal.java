package dev.lariat.live;

import dev.lariat.internal.protocol.Explanation;
import dev.lariat.internal.transport.Loop;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A response that opens no session of a live connection, while the beginning of its body arrives:
 * as much as its reason carries, and no longer than {@link #PATIENCE}. The attempt has failed
 * already, so a body without end must not hold it.
 */
final class Refusal {
  /** For the body: a server that explains itself sends that together with the head. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final Reason.Status head;
  private final Consumer<Reason> complete;
  private final Explanation explanation = new Explanation();
  private final Loop.@Nullable Timer timer;
  private boolean over;

  /**
   * Begins with the head.
   *
   * @param complete takes the reason, once; within this constructor where there is no body
   */
  @SuppressWarnings("ThisEscape") // as the last thing
  Refusal(LiveLoop<?> live, Response response, Consumer<Reason> complete) {
    this.head = live.status(response.status(), response.headers());
    this.complete = complete;
    this.timer = response.fin() ? null : live.loop.schedule(this::complete, PATIENCE.toNanos());
    if (response.fin()) {
      complete();
    }
  }

  /** Takes the next message of the stream. */
  void received(Message message) {
    if (explanation.isCompleteWith(message)) {
      complete();
    }
  }

  /** Nothing more comes, or is awaited. */
  void complete() {
    if (forget()) {
      complete.accept(head.body(explanation.bytes()));
    }
  }

  /**
   * The session has ended for another reason.
   *
   * @return whether it had not been complete before
   */
  boolean forget() {
    boolean was = over;
    over = true;
    if (timer != null) {
      timer.cancel();
    }
    return !was;
  }
}
