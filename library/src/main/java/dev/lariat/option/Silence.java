package dev.lariat.option;

import dev.lariat.message.Binary;
import dev.lariat.message.Frame;
import dev.lariat.message.Text;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * A rule about silence: a session ends if no message that counts arrives for this long, even if its
 * network connection is alive. Time in which the owner's mailbox is full does not count.
 *
 * @param limit 1 ms to 365 days
 * @param counts says which frames count. Lariat calls it on the event loop, so it must not block.
 *     If it throws, the session ends with {@code HandlerThrew}. Parts of messages, and the values
 *     that a subprotocol handler delivers, always count
 */
public record Silence(Duration limit, Predicate<Frame> counts) {

  /** Checks the limit. */
  public Silence {
    Range.check("silence.limit", limit, Range.MIN);
    Objects.requireNonNull(counts, "silence.counts");
  }

  /**
   * {@return a rule by which every text and binary message counts}
   *
   * @param limit the limit
   */
  public static Silence of(Duration limit) {
    return new Silence(limit, frame -> frame instanceof Text || frame instanceof Binary);
  }
}
