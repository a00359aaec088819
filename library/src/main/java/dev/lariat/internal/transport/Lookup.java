package dev.lariat.internal.transport;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** How the addresses of a name are found. */
interface Lookup {

  /**
   * The addresses of this host, at least one. Completed on any thread, exceptionally with an {@link
   * UnknownHostException} where there are none.
   */
  CompletableFuture<List<InetAddress>> of(String host);
}
