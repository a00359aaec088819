package dev.lariat.internal.connection;

import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Slots;
import dev.lariat.internal.transport.Wire;
import dev.lariat.message.Protocol;
import org.jspecify.annotations.Nullable;

/** Tells a {@link Slots} how many further streams a connection takes, whenever that changes. */
final class Vacancies {
  private final Slots slots;

  /** How many streams were asked for. */
  private long begun;

  /** What was told last; null before the connection is established. */
  private @Nullable Protocol protocol;

  private long ended;
  private long credit;
  private boolean last;
  private long idle;

  Vacancies(Slots slots) {
    this.slots = slots;
  }

  /** Another stream is asked for. */
  void begins() {
    begun++;
  }

  /**
   * Tells how the connection stands, unless that has not changed.
   *
   * @param link null while there is none
   */
  void tell(State.@Nullable Link link) {
    Hosting root = link == null ? null : link.root();
    if (link == null && protocol == null) {
      return; // not established yet
    }
    Protocol spoken = root == null ? protocol : root.protocol();
    long endedNow = begun - (root == null ? 0 : root.occupied());
    long creditNow = begun + (root == null ? 0 : root.room());
    boolean lastNow = root == null || root.draining();
    long idleNow = root == null ? Engine.NEVER : root.idleLimit();
    boolean same = ended == endedNow && credit == creditNow && last == lastNow && idle == idleNow;
    if (spoken == null || spoken == protocol && same) {
      return;
    }
    if (link != null && protocol == null) {
      slots.established(
          spoken, () -> new Slots.Peer(Wire.remote(link.channel()), Wire.names(link.channel())));
    }
    protocol = spoken;
    ended = endedNow;
    credit = creditNow;
    last = lastNow;
    idle = idleNow;
    slots.told(spoken, endedNow, creditNow, lastNow, idleNow);
  }
}
