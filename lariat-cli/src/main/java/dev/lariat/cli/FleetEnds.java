package dev.lariat.cli;

import dev.lariat.fleet.FleetProvider;
import dev.lariat.fleet.Placement;
import dev.lariat.fleet.PositionStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which slots a fleet has, and where its positions are kept, by the options. What several nodes
 * share comes from modules that are found at run time.
 */
record FleetEnds(Placement placement, PositionStore positions) {
  private static final Pattern URI = Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]+):.*");

  /**
   * What the options name.
   *
   * @param feeds the file of feeds
   * @param modules where providers are found
   */
  static FleetEnds of(
      Path feeds, @Nullable String join, @Nullable String positions, FleetModules modules) {
    if (join == null) {
      return new FleetEnds(
          Placement.alone(),
          positions == null
              ? PositionStore.file(Path.of(feeds + ".positions"))
              : store("--positions", positions, modules)
                  .orElseGet(() -> PositionStore.file(Path.of(positions))));
    }
    Placement placement =
        provided(join, its -> its.placement(join), "--join", modules)
            .orElseThrow(() -> refused("--join", join, "a placement"));
    Optional<PositionStore> store =
        positions == null
            ? provided(join, its -> its.positions(join), "--join", modules)
            : store("--positions", positions, modules);
    return new FleetEnds(
        placement,
        store.orElseThrow(
            () ->
                new UsageException(
                    "--join: the nodes must share their positions: name a store with"
                        + " --positions, such as --positions=jdbc:….")));
  }

  /** The store of a URI; empty if it is not one but a file. */
  private static Optional<PositionStore> store(
      String option, String positions, FleetModules modules) {
    if (!URI.matcher(positions).matches()) {
      return Optional.empty();
    }
    return Optional.of(
        provided(positions, its -> its.positions(positions), option, modules)
            .orElseThrow(() -> refused(option, positions, "a store")));
  }

  @FunctionalInterface
  private interface Making<T> {
    Optional<T> by(FleetProvider provider) throws IOException;
  }

  private static <T> Optional<T> provided(
      String uri, Making<T> making, String option, FleetModules modules) {
    Matcher matcher = URI.matcher(uri);
    if (!matcher.matches()) {
      throw refused(option, uri, "a URI such as jdbc:… or pekko://…");
    }
    FleetProvider provider = modules.provider(option, matcher.group(1).toLowerCase(Locale.ROOT));
    try {
      return making.by(provider);
    } catch (IOException | IllegalArgumentException e) {
      throw new UsageException(option + ": " + Line.plain(String.valueOf(e.getMessage())) + ".");
    }
  }

  private static UsageException refused(String option, String uri, String allowed) {
    return new UsageException(option + ": " + Line.plain(uri) + " is not " + allowed + ".");
  }
}
