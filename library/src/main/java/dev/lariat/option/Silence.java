package dev.lariat.option;

import dev.lariat.message.Binary;
import dev.lariat.message.Frame;
import dev.lariat.message.Text;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * A rule on silence: a session ends if no message that counts arrives for this long, though its
 * transport may be alive. Time in which the owner's mailbox is full does not count.
 *
 * @param limit 1 ms to 365 days
 * @param counts which frames count; called on the event loop, where it must not block. What it
 *     throws ends the session as a {@code HandlerThrew}. What is not delivered as a frame, such as
 *     parts or what a subprotocol's handler delivers, always counts
 */
public record Silence(Duration limit, Predicate<Frame> counts) {

  /** Checks the limit. */
  public Silence {
    Range.check("silence.limit", limit, Range.MIN);
    Objects.requireNonNull(counts, "silence.counts");
  }

  /**
   * {@return every text and binary message counts}
   *
   * @param limit the limit
   */
  public static Silence of(Duration limit) {
    return new Silence(limit, frame -> frame instanceof Text || frame instanceof Binary);
  }
}
