package dev.lariat.internal.connection;

import dev.lariat.internal.protocol.Command;
import dev.lariat.message.Reason;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The threads that wait until the connection is established, and what they are answered. */
final class Outcomes {
  private List<Command.AwaitUp> awaiting = List.of(); // a constant while nobody waits
  private @Nullable Reason failure; // the newest failure that no waiter was told

  /** Waits for the next outcome, or learns of a failure that nobody has waited for. */
  void await(Command.AwaitUp asked) {
    if (failure != null) {
      asked.complete(new Command.NotEstablished(failure));
      failure = null; // the next call waits for the next attempt
    } else {
      if (awaiting.isEmpty()) {
        awaiting = new ArrayList<>(1);
      }
      awaiting.removeIf(Command.AwaitUp::isDone); // those who gave up waiting
      awaiting.add(asked);
    }
  }

  /** An attempt failed, or the connection was lost; another attempt follows. */
  void failed(Reason reason) {
    failure = tell(new Command.NotEstablished(reason)) ? null : reason;
  }

  /** The end that {@link #failed} was called for was no failure. */
  void forget() {
    failure = null;
  }

  /** The connection is established, or will never be. */
  void settled(Command.Outcome outcome) {
    failure = null;
    tell(outcome);
  }

  /** Whether anybody was still waiting for it. */
  private boolean tell(Command.Outcome outcome) {
    boolean told = false;
    for (Command.AwaitUp waiter : awaiting) {
      told |= waiter.complete(outcome);
    }
    awaiting = List.of();
    return told;
  }
}
