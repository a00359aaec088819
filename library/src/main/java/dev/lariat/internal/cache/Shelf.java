package dev.lariat.internal.cache;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a cache has, by key and variant, and what must go if there is too much of it: what was
 * unused for longest.
 *
 * @param <T> what stands on it
 */
public final class Shelf<T> {
  /** Of one key: servers that vary by what each request has anew must not displace all others. */
  static final int VARIANTS = 16;

  private static final float LOAD = 0.75f;

  private final long total;
  private final Map<Place, Item<T>> items = new LinkedHashMap<>(16, LOAD, true); // by last use
  private final Map<String, List<Place>> byKey = new HashMap<>(); // the newest last
  private long weight;
  private long evicted;

  private record Place(String key, String variant) {}

  private record Item<T>(T value, long weight) {}

  /** An empty one. */
  public Shelf(long total) {
    this.total = total;
  }

  /** All of this key, which are used by that. */
  public List<T> all(String key) {
    List<T> all = new ArrayList<>();
    for (Place place : byKey.getOrDefault(key, List.of())) {
      Item<T> item = items.get(place);
      if (item != null) {
        all.add(item.value);
      }
    }
    return all;
  }

  /**
   * Puts something in its place.
   *
   * @return what is removed for it: what stood there, and what there is no room for any more
   */
  public List<T> put(String key, String variant, T value, long its) {
    List<T> gone = new ArrayList<>();
    Place place = new Place(key, variant);
    take(place).ifPresent(gone::add);
    if (its > total) {
      gone.add(value);
      return gone;
    }
    items.put(place, new Item<>(value, its));
    List<Place> variants = byKey.computeIfAbsent(key, first -> new ArrayList<>());
    variants.add(place);
    weight += its;
    if (variants.size() > VARIANTS) {
      evict(variants.getFirst(), gone);
    }
    while (weight > total) {
      evict(items.keySet().iterator().next(), gone);
    }
    return gone;
  }

  private void evict(Place place, List<T> gone) {
    take(place).ifPresent(gone::add);
    evicted++;
  }

  /** Takes something away. */
  public Optional<T> remove(String key, String variant) {
    return take(new Place(key, variant));
  }

  /** Takes all of a key away. */
  public List<T> remove(String key) {
    List<T> gone = new ArrayList<>();
    for (Place place : List.copyOf(byKey.getOrDefault(key, List.of()))) {
      take(place).ifPresent(gone::add);
    }
    return gone;
  }

  /** Takes all away. */
  public List<T> clear() {
    List<T> gone = new ArrayList<>();
    items.values().forEach(item -> gone.add(item.value));
    items.clear();
    byKey.clear();
    weight = 0;
    return gone;
  }

  private Optional<T> take(Place place) {
    Item<T> item = items.remove(place);
    if (item == null) {
      return Optional.empty();
    }
    weight -= item.weight;
    byKey.computeIfPresent(
        place.key,
        (key, places) -> {
          places.remove(place);
          return places.isEmpty() ? null : places;
        });
    return Optional.of(item.value);
  }

  /** How many there are. */
  public int size() {
    return items.size();
  }

  /** How much they weigh. */
  public long weight() {
    return weight;
  }

  /** How many had to go. */
  public long evicted() {
    return evicted;
  }
}
