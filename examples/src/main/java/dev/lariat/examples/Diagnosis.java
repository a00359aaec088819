package dev.lariat.examples;

import dev.lariat.Connection;
import dev.lariat.event.ConnectionInfo;
import dev.lariat.flight.JfrListener;
import dev.lariat.message.*;
import dev.lariat.option.Backoff;
import dev.lariat.option.Budget;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Healing;
import dev.lariat.option.Keepalive;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Silence;
import java.time.Duration;

/** How to find out what is wrong: the programs of docs/guide/troubleshooting.md. */
final class Diagnosis {
  private Diagnosis() {}

  /** What to log of a connection: a line for each change of its state, and nothing for the rest. */
  static String line(Message message) {
    return switch (message) {
      case Up up -> up.connection().authority() + " is up: " + up.protocol();
      case Down down -> down.connection().authority() + " is down: " + down.reason().sentence();
      case Retrying again -> "attempt " + again.attempt() + " follows in " + again.delay();
      case Terminated ended -> "terminated: " + ended.reason().sentence();
      case Connecting connecting -> "connecting, attempt " + connecting.attempt();
      case Open open -> "session " + open.session() + " is open";
      case Waiting waiting ->
          "attempt "
              + waiting.attempt()
              + " follows in "
              + waiting.delay()
              + ": "
              + waiting.reason().sentence();
      case Gone gone -> "gone: " + gone.reason().sentence();
      case StreamFailed failed -> failed.stream() + " failed: " + failed.reason().sentence();
      case Rejected rejected -> rejected.operation() + " failed: " + rejected.reason().sentence();
      case Notice notice -> "notice: " + notice.detail();
      default -> ""; // what your program reads anyway
    };
  }

  /** How a connection stands at this moment. Not for an event loop, where join would block. */
  static String snapshot(Connection connection) {
    ConnectionInfo info = connection.info().join();
    return info.state()
        + " for "
        + info.inState().toSeconds()
        + " s, "
        + info.streams()
        + " streams, "
        + info.bytesWaiting()
        + " bytes wait to be written, "
        + connection.mailbox().size()
        + " messages wait to be read";
  }

  /**
   * Detects a half-open connection within 15 s, and a server that is alive and mute within 30 s.
   */
  static LiveOptions watchful(LiveOptions options) {
    Keepalive keepalive = Keepalive.every(Duration.ofSeconds(10)).deadline(Duration.ofSeconds(5));
    return options
        .webSocket(options.webSocket().keepalive(keepalive))
        .silence(Silence.of(Duration.ofSeconds(30)));
  }

  /** Does not join a storm: a thousand of these share the budget. */
  static LiveOptions calm(LiveOptions options, Budget shared) {
    Healing healing =
        options
            .healing()
            .spread(Duration.ofSeconds(30)) // the first attempt comes at a random time up to this
            .retry(Backoff.DEFAULT.delays(Duration.ofSeconds(1), Duration.ofMinutes(2)))
            .budget(shared);
    return options.healing(healing);
  }

  /** Writes each step to Flight Recorder. */
  static LiveOptions recorded(LiveOptions options) {
    ConnectionOptions connection = options.connection().listener(JfrListener.INSTANCE);
    return options.connection(connection);
  }
}
