package dev.lariat.examples;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.message.*;
import java.time.Duration;
import java.util.Set;

/** What to do with failures: the programs of docs/guide/errors.md. */
final class Errors {
  private static final Set<String> IDEMPOTENT =
      Set.of("DELETE", "GET", "HEAD", "OPTIONS", "PUT", "TRACE"); // RFC 9110 section 9.2.2

  private Errors() {}

  /** A page, or words for a person if there is none. */
  static String page(Connection connection, String path, Duration timeout) {
    try {
      return connection.get(path).text(timeout);
    } catch (FailedException e) {
      return switch (e.reason()) {
        case Reason.Timeout slow -> "The server is too slow, or away: " + slow.sentence();
        case Reason.Limit large -> "The page is too large: " + large.sentence();
        case Reason.Tls untrusted when untrusted.last().isEmpty() ->
            "The server is not who it should be: " + untrusted.sentence();
        default -> throw e;
      };
    }
  }

  /** What the network or the server did, beneath what came of it. */
  static Reason root(Reason reason) {
    return switch (reason) {
      case Reason.GaveUp gaveUp -> root(gaveUp.last());
      case Reason.Timeout timeout -> timeout.last().map(Errors::root).orElse(timeout);
      case Reason.Unprocessed unsent -> unsent.last().map(Errors::root).orElse(unsent);
      case Reason.Unanswered unanswered -> root(unanswered.last());
      case Reason.Incomplete incomplete -> root(incomplete.last());
      case Reason.Unconfirmed unconfirmed -> root(unconfirmed.last());
      default -> reason;
    };
  }

  /** Whether to send a request once more is safe after this. */
  static boolean maySendAgain(String method, Reason reason) {
    return switch (reason) {
      case Reason.Unprocessed unprocessed -> true;
      case Reason.Unanswered unanswered -> IDEMPOTENT.contains(method);
      case Reason.Incomplete incomplete -> IDEMPOTENT.contains(method);
      default -> false;
    };
  }

  /** The failures that arrive as messages. */
  static String failure(Message message) {
    return switch (message) {
      case StreamFailed failed -> failed.stream() + " failed: " + failed.reason().sentence();
      case Rejected rejected -> rejected.operation() + " failed: " + rejected.reason().sentence();
      case Down down ->
          "lost, with " + down.killed().size() + " streams: " + down.reason().sentence();
      case Retrying retrying -> "next attempt in " + retrying.delay();
      case Waiting waiting -> "next attempt in " + waiting.delay();
      case Terminated ended -> "ended: " + ended.reason().sentence();
      case Gone gone -> "ended: " + gone.reason().sentence();
      default -> "";
    };
  }
}
