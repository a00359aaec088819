package dev.lariat.internal.transport;

import dev.lariat.internal.protocol.Command;
import dev.lariat.message.Reason;
import java.util.Optional;

/**
 * A connection of HTTP/2 to a proxy, which carries what follows after that proxy. It was made for
 * one attempt to connect, on a channel that was there; nobody owns it, and it does not reconnect.
 * All on the loop.
 */
public interface Carrier {

  /** Posts these; false if it has ended. */
  boolean post(Command... commands);

  /** Why it has ended; empty if it has not. */
  Optional<Reason> ended();
}
