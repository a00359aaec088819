package dev.lariat.internal.protocol;

import java.time.Duration;
import java.util.List;

/** What tells that an event loop was kept from its work. All of it is called on that loop. */
public interface Stalls {
  /** A loop that is never kept from it. */
  Stalls NONE =
      new Stalls() {
        @Override
        public void add(Listener listener) {}

        @Override
        public void remove(Listener listener) {}
      };

  /** Who is told. */
  interface Listener {

    /**
     * The loop goes on.
     *
     * @param took how long it did not, at the least
     * @param stack where its thread was then, innermost first
     */
    void stalled(Duration took, List<StackTraceElement> stack);
  }

  /** Tells this one from now on. */
  void add(Listener listener);

  /** Tells this one no longer. */
  void remove(Listener listener);
}
