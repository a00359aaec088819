package dev.lariat.cli;

import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;

/** What signals do while a fleet runs. A system that lacks one of them goes without it. */
final class FleetSignals implements AutoCloseable {
  private final @Nullable Object interrupt;
  private final @Nullable Object terminate;
  private final @Nullable Object hangUp;

  /**
   * Takes them over.
   *
   * @param end what Ctrl-C and SIGTERM do
   * @param reread what SIGHUP does
   */
  FleetSignals(Runnable end, Runnable reread) {
    interrupt = Signals.register("INT", end);
    terminate = Signals.register("TERM", end);
    hangUp = Signals.register("HUP", reread);
  }

  /** Gives them back: another Ctrl-C ends the process at once. */
  @Override
  public void close() {
    Signals.unregister("INT", interrupt);
    Signals.unregister("TERM", terminate);
    Signals.unregister("HUP", hangUp);
  }
}
