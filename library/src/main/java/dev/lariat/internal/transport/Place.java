package dev.lariat.internal.transport;

import dev.lariat.internal.uri.Authority;
import java.nio.file.Path;

/** Where to dial. */
public sealed interface Place {

  /**
   * A port of a host.
   *
   * @param authority the host and the port
   */
  record Host(Authority authority) implements Place {

    /** A port of this host. */
    public Host(String host, int port) {
      this(Authority.of(host, port));
    }
  }

  /**
   * A port of a host at the far end of a tunnel: its name is looked up there.
   *
   * @param authority the host and the port
   */
  record Tunnelled(Authority authority) implements Place {}

  /**
   * A Unix-domain socket.
   *
   * @param path its path
   * @param authority what the server behind it is called
   */
  record Unix(Path path, Authority authority) implements Place {}
}
