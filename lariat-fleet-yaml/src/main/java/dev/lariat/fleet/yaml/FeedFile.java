package dev.lariat.fleet.yaml;

import dev.lariat.fleet.Feed;
import dev.lariat.fleet.FleetBudget;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a file of feeds says. The file is YAML 1.2:
 *
 * <pre>{@code
 * budget: {perSecond: 50, burst: 10}
 * feeds:
 *   - id: btc
 *     uri: wss://stream.example.com/btc
 *     headers: {Authorization: "Bearer ${TOKEN}"}
 *     position: /seq
 *     resume: {query: after}
 * }</pre>
 *
 * <p>{@code ${NAME}} in a value is a variable of the environment. The guide lists all keys.
 *
 * @param feeds the feeds, in the order of the file; equal descriptions make equal feeds
 * @param budget the budget of the fleet, if the file has one
 */
public record FeedFile(List<Feed> feeds, Optional<FleetBudget> budget) {

  /** Copies the list. */
  public FeedFile {
    feeds = List.copyOf(feeds);
  }

  /**
   * Reads a file.
   *
   * @param file the file, in UTF-8, of at most 64 Mi characters
   * @return what it says
   * @throws IOException if it cannot be read
   * @throws IllegalArgumentException if it says something that is not allowed; the message names
   *     the file, the line, the column, the key, the value and what is allowed
   */
  public static FeedFile read(Path file) throws IOException {
    return read(file, System::getenv);
  }

  /**
   * Reads a file, with variables of your own.
   *
   * @param file the file, as in {@link #read(Path)}
   * @param environment the value of each variable; null for one that is not set
   * @return what it says
   * @throws IOException if it cannot be read
   * @throws IllegalArgumentException if it says something that is not allowed
   */
  public static FeedFile read(Path file, Function<String, @Nullable String> environment)
      throws IOException {
    try {
      return parse(new Source(file, environment), Files.readString(file));
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(file + ": other bytes, allowed UTF-8", e);
    }
  }

  static FeedFile parse(Source source, String text) {
    Value root = source.root(text);
    if (root == null || root.isEmpty()) { // as it is while an editor writes it
      throw new IllegalArgumentException(source.file() + ": empty, allowed the key feeds");
    }
    Section file = root.section("feeds", "defaults", "budget");
    Optional<Section> defaults =
        file.value("defaults").map(its -> its.section(FeedReader.DEFAULT_KEYS));
    Map<String, Value> ids = new HashMap<>();
    List<Feed> feeds =
        file.required("feeds").elements().stream()
            .map(its -> its.section(FeedReader.KEYS).or(defaults.orElse(null)))
            .map(section -> feed(section, ids))
            .toList();
    return new FeedFile(feeds, file.value("budget").map(FeedFile::budget));
  }

  private static Feed feed(Section section, Map<String, Value> ids) {
    Feed feed = FeedReader.read(section);
    Value id = section.required("id");
    Value other = ids.put(feed.id(), id);
    if (other != null) {
      throw id.refused("an id that no other feed has, as that in line " + other.line());
    }
    return feed;
  }

  private static FleetBudget budget(Value value) {
    Section its = value.section("perSecond", "burst");
    Value perSecond = its.required("perSecond");
    double rate = perSecond.number();
    perSecond.checked(() -> FleetBudget.perSecond(rate, 1));
    return its.with(
        FleetBudget.perSecond(rate, 1),
        "burst",
        (one, v) -> FleetBudget.perSecond(rate, v.integer()));
  }
}
