package dev.lariat.internal.transport;

import java.util.concurrent.atomic.AtomicBoolean;

/** Whether a loop has had something to do since its watch asked last. */
final class Busy {
  private final AtomicBoolean noted = new AtomicBoolean();

  /** It has; on the loop, in each of its turns: mostly one read of what nobody else writes. */
  void note() {
    if (!noted.getOpaque()) {
      noted.setOpaque(true);
    }
  }

  /** Whether it has had since the last call; of the watch. */
  boolean take() {
    boolean was = noted.getOpaque();
    noted.setOpaque(false);
    return was;
  }
}
