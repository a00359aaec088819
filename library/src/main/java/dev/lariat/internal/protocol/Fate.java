package dev.lariat.internal.protocol;

import dev.lariat.message.Reason;

/**
 * Learns, on the event loop, what became of something that was to be sent. The first call counts;
 * others may follow.
 */
public interface Fate {

  /** Ignores the outcome. */
  Fate IGNORED =
      new Fate() {
        @Override
        public void written() {}

        @Override
        public void lost(Reason reason) {}
      };

  /** Whether it is that of each part by itself, and not that of all parts up to the last. */
  default boolean ofEachPart() {
    return false;
  }

  /** The operating system has taken the last byte of it. */
  void written();

  /** It was not written, or not whole. */
  void lost(Reason reason);

  /** Nothing of it was written, nor will be. */
  default void refused(Reason reason) {
    lost(reason);
  }
}
