package dev.lariat.fleet.pekko;

import dev.lariat.fleet.FleetProvider;
import dev.lariat.fleet.Placement;
import dev.lariat.fleet.PositionStore;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Placement on a Pekko cluster by a URI such as {@code
 * pekko://10.0.0.1:7355,10.0.0.2:7355?at=10.0.0.2:7355}, for programs such as {@code lariat fleet
 * --join}: the addresses of the seeds, and after {@code at} that of this node. Positions need a
 * store besides.
 */
public final class PekkoProvider implements FleetProvider {
  private static final Pattern URI = Pattern.compile("(?i:pekko)://([^/?#]+)/?\\?at=([^&#]+)");

  /** A provider, as {@link java.util.ServiceLoader} makes one. */
  public PekkoProvider() {}

  @Override
  public String scheme() {
    return "pekko";
  }

  @Override
  public Optional<Placement> placement(String uri) {
    Matcher parts = URI.matcher(uri);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "pekko.uri: " + uri + ", allowed pekko://SEED:PORT,…?at=HOST:PORT");
    }
    return Optional.of(PekkoPlacement.seeds(parts.group(1).split(",", -1)).at(parts.group(2)));
  }

  @Override
  public Optional<PositionStore> positions(String uri) {
    return Optional.empty();
  }
}
