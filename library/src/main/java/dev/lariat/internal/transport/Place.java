package dev.lariat.internal.transport;

import java.nio.file.Path;

/** Where to dial. */
public sealed interface Place {

  /**
   * A port of a host.
   *
   * @param host a name or an address
   * @param port 1 to 65535
   */
  record Host(String host, int port) implements Place {}

  /**
   * A Unix-domain socket.
   *
   * @param path its path
   */
  record Unix(Path path) implements Place {}
}
