package dev.lariat.internal.protocol;

import dev.lariat.message.Protocol;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Learns how many further streams a connection takes, from the moment at which it is established. A
 * pool does. It is called on the connection's loop after each change, and before the messages of
 * the turn are handed over, so whoever reads the end of a stream finds that its place is free.
 *
 * <p>All numbers count from when it began to listen. So it does not matter how many commands are on
 * their way to the connection: what may still be asked for is the credit less what was.
 */
public interface Slots {

  /**
   * What is at the other end of a connection.
   *
   * @param address where it is; empty if it has no address
   * @param names the names of hosts that its certificate is for; empty without TLS
   */
  record Peer(Optional<SocketAddress> address, Set<String> names) {}

  /**
   * The connection is established; what follows tells how it stands.
   *
   * @param peer costs time to ask for
   */
  default void established(Protocol protocol, Supplier<Peer> peer) {}

  /**
   * The connection stands like this.
   *
   * @param ended how many of the streams that were asked for have left it: it is told of their
   *     ends, and no rest of them is sent or thrown away any more
   * @param credit how many streams may have been asked for in all
   * @param last whether this never grows any more
   * @param idle how many nanoseconds the server keeps the connection without a request, less a
   *     margin; {@link Engine#NEVER} if it has not said so
   */
  void told(Protocol protocol, long ended, long credit, boolean last, long idle);
}
