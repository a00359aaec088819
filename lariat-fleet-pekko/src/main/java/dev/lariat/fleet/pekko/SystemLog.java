package dev.lariat.fleet.pekko;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.apache.pekko.actor.AbstractActor;
import org.apache.pekko.event.Logging;

/** Brings what Pekko logs to the platform's log. Pekko makes it, by its name. */
final class SystemLog extends AbstractActor {
  private static final Logger LOG = System.getLogger("dev.lariat.fleet.pekko");

  @Override
  public Receive createReceive() {
    return receiveBuilder()
        .match(
            Logging.InitializeLogger.class,
            start -> getSender().tell(Logging.loggerInitialized(), getSelf()))
        .match(Logging.Error.class, error -> log(level(error), error, error.cause()))
        .match(Logging.Warning.class, warning -> log(Level.WARNING, warning))
        .match(Logging.Info.class, info -> log(Level.DEBUG, info)) // it is chatty
        .match(Logging.Debug.class, debug -> log(Level.TRACE, debug))
        .build();
  }

  /** An address that is taken is told to who joins, by an exception. */
  private static Level level(Logging.Error error) {
    return error.logSource().contains("/system/IO-TCP/") ? Level.DEBUG : Level.ERROR;
  }

  private static void log(Level level, Logging.LogEvent event) {
    LOG.log(level, () -> event.logSource() + ": " + event.message());
  }

  private static void log(Level level, Logging.LogEvent event, Throwable cause) {
    LOG.log(level, () -> event.logSource() + ": " + event.message(), cause);
  }
}
