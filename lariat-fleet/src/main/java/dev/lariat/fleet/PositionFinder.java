package dev.lariat.fleet;

import dev.lariat.message.Frame;
import java.util.Optional;

/** Finds the position in an event. */
@FunctionalInterface
public interface PositionFinder {

  /**
   * {@return the position that this event has; empty if it has none, as a heartbeat} Runs on the
   * thread that reads the feed, so it should be quick. If it throws, the event has no position, and
   * listeners receive {@link FleetEvent.PositionUnreadable}.
   *
   * @param data the content of the event: a text or a binary
   * @throws Exception if the event should have a position that cannot be read
   */
  Optional<String> find(Frame data) throws Exception;

  /**
   * {@return a finder that reads a member of JSON texts} The position is a string, or a number as
   * it is written. Texts that are no JSON, or have no such member, have no position.
   *
   * @param pointer a JSON pointer (RFC 6901) such as {@code /data/seq}
   * @throws IllegalArgumentException if it is not one
   */
  static PositionFinder json(String pointer) {
    return JsonPointer.of(pointer);
  }
}
