package dev.lariat.internal.protocol;

import dev.lariat.message.Reason;

/**
 * What became of something that was to be sent, on the event loop. The first call counts; others
 * may follow.
 */
public interface Fate {

  /** Of what nobody asks about. */
  Fate IGNORED =
      new Fate() {
        @Override
        public void written() {}

        @Override
        public void lost(Reason reason) {}
      };

  /** The operating system has taken the last byte of it. */
  void written();

  /** It was not written, or not whole. */
  void lost(Reason reason);

  /** Nothing of it was written, nor will be. */
  default void refused(Reason reason) {
    lost(reason);
  }
}
