package dev.lariat.fleet;

import java.io.IOException;
import java.util.Optional;

/**
 * Makes what the nodes of a fleet share, from a URI, for programs whose user gives them one, such
 * as the command line. Programs find implementations by {@link java.util.ServiceLoader}.
 */
public interface FleetProvider {

  /** {@return the scheme of the URIs that it takes, in lower case, such as {@code jdbc}} */
  String scheme();

  /**
   * {@return the placement by which this process becomes a node; empty if URIs of this scheme have
   * none}
   *
   * @param uri the URI, with its scheme
   * @throws IOException if it cannot be used
   * @throws IllegalArgumentException if it is not allowed
   */
  Optional<Placement> placement(String uri) throws IOException;

  /**
   * {@return a store of positions that all nodes share; empty if URIs of this scheme have none}
   *
   * @param uri the URI, with its scheme
   * @throws IOException if it cannot be used
   * @throws IllegalArgumentException if it is not allowed
   */
  Optional<PositionStore> positions(String uri) throws IOException;
}
