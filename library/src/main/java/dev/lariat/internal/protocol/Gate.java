package dev.lariat.internal.protocol;

/**
 * Counts what waits to be written on a stream, in bytes and in commands, so that whoever sends can
 * wait for room.
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

  /** Counts a command of so many bytes in if there is room for it. */
  boolean tryEnter(long bytes);

  /** The stream is open: what waits from now on waits for the transport, and bytes bound it. */
  default void opened() {}

  /** A command of so many bytes waits no more: it was written or thrown away. */
  void left(long bytes);

  /** The stream has ended: nobody waits at this gate any more. */
  void ended();
}
