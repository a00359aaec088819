package dev.lariat.internal.protocol;

import dev.lariat.message.Reason;

/**
 * A WebSocket message that is sent in fragments as its parts come; each is another, whatever it
 * holds. Whether it is lost or held is the event loop's own.
 */
public final class Outgoing {
  private final boolean text;
  private final Gate gate;
  private final Fate fate;
  private boolean lost;
  private boolean held;

  /**
   * A message of which nothing was sent yet.
   *
   * @param text whether it is text
   * @param gate what of it waits to be written
   * @param fate who wants to know what becomes of it
   */
  public Outgoing(boolean text, Gate gate, Fate fate) {
    this.text = text;
    this.gate = gate;
    this.fate = fate;
  }

  /** Whether it is text. */
  public boolean isText() {
    return text;
  }

  /** What of it waits to be written. */
  public Gate gate() {
    return gate;
  }

  /** Who wants to know what becomes of it. */
  public Fate fate() {
    return fate;
  }

  /** It is not written, or not whole: further parts would make another message of it. */
  public void lose(Reason reason) {
    lost = true;
    fate.lost(reason);
  }

  /** A part of it waits, or did: from now on none of them may be missing. */
  public void hold() {
    held = true;
  }

  /** Whether a part of it was held. */
  public boolean isHeld() {
    return held;
  }

  /** Whether none of its parts may be written any more. */
  public boolean isLost() {
    return lost;
  }
}
