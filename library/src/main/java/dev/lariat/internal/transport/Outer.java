package dev.lariat.internal.transport;

import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Reason;
import java.util.Optional;

/**
 * The connection that carries a tunnel, as the {@link StreamChannel} inside the tunnel sees it:
 * what it can ask of that connection, and what it must know of it.
 */
public interface Outer {
  /** What reasons call it. */
  String name();

  /**
   * The stream of a request that is posted already, whose messages go to this inbox from now on;
   * empty if the request is still to be made. On the loop.
   */
  default Optional<Stream> asked(Inbox inbox) {
    return Optional.empty();
  }

  /** No channel comes to use a request that is posted already. On the loop. */
  default void givenUp() {}

  /** The request for the tunnel, whose messages go to this inbox. */
  Command.Connect request(Inbox inbox);

  /** The same request once more, on the next connection, with what the proxy has asked for. */
  default Command.Connect again(Inbox inbox) {
    return request(inbox);
  }

  /**
   * Takes the proxy's last answer, if that is a challenge that can be answered on the next
   * connection.
   */
  default Optional<Reason> takeChallenge() {
    return Optional.empty();
  }

  /** Posts these; false if the connection has ended. */
  boolean post(Command... commands);

  /** Why it has ended for good; empty if it has not. */
  Optional<Reason> ended();

  /** What keeps the request for the tunnel, or its bytes; empty if nothing does. On the loop. */
  default Optional<Reason> soFar() {
    return Optional.empty();
  }

  /** Whether the owner of the tunnel has closed it. */
  default boolean leaves() {
    return false;
  }

  /** It is shut down: what uses the tunnel is to end in good order. */
  default void goodbye() {}
}
