package dev.lariat.client;

import dev.lariat.internal.codec.HttpUri;
import dev.lariat.option.ConnectionOptions;
import java.util.Optional;

/**
 * What a connection of a {@link Pool} leads to: an origin, and how. Two requests can have one
 * connection only if these are equal.
 *
 * @param origin at its root
 * @param apart the options of the connection, if they are not those of the pool
 */
record Place(HttpUri origin, Optional<ConnectionOptions> apart) {

  /** The origin of this URI, as the pool reaches it. */
  static Place of(HttpUri uri) {
    return new Place(Settings.root(uri), Optional.empty());
  }

  /** For people, in {@code PoolInfo}. */
  @Override
  public String toString() {
    return apart.isPresent() ? origin + " (apart)" : origin.toString();
  }
}
