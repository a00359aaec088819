package dev.lariat.internal.protocol;

/**
 * Counts the bytes of a stream that wait to be written, so that whoever sends can wait for room.
 */
public interface Gate {

  /** The gate of a stream on which nothing is sent after its request. */
  Gate NONE =
      new Gate() {
        @Override
        public boolean tryEnter(long bytes) {
          return true;
        }

        @Override
        public void left(long bytes) {}

        @Override
        public void ended() {}
      };

  /** Counts these bytes in if there is room for them. */
  boolean tryEnter(long bytes);

  /** These bytes wait no more: they were written or thrown away. */
  void left(long bytes);

  /** The stream has ended: nobody waits at this gate any more. */
  void ended();
}
