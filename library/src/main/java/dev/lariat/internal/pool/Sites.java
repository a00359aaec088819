package dev.lariat.internal.pool;

import dev.lariat.option.PoolOptions;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The origins that a pool knows, until nobody has asked for them for a while. */
final class Sites<K, W> {
  private final Map<K, Site<K, W>> all = new LinkedHashMap<>();
  private final Consumer<Site<K, W>> forgotten;
  private long forgetAt = Long.MAX_VALUE;

  /**
   * None yet.
   *
   * @param forgotten learns which one is not known any more
   */
  Sites(Consumer<Site<K, W>> forgotten) {
    this.forgotten = forgotten;
  }

  /** The one that is asked for now; new if it was not known. */
  Site<K, W> asked(K origin, PoolOptions rules, long now) {
    if (now >= forgetAt) {
      forget(now);
    }
    Site<K, W> site = all.get(origin);
    if (site == null) {
      site = new Site<>(origin, rules, now);
      all.put(origin, site);
      forgetAt = Math.min(forgetAt, now + rules.forget().toNanos());
    }
    site.asked = now;
    return site;
  }

  private void forget(long now) {
    forgetAt = Long.MAX_VALUE;
    for (Iterator<Site<K, W>> each = all.values().iterator(); each.hasNext(); ) {
      Site<K, W> site = each.next();
      if (site.isForgotten(now)) {
        each.remove();
        forgotten.accept(site);
      } else {
        long at = Math.max(site.asked, now) + site.rules.forget().toNanos();
        forgetAt = Math.min(forgetAt, at);
      }
    }
  }

  /** The one of this origin; null if it is not known. */
  @Nullable Site<K, W> of(K origin) {
    return all.get(origin);
  }

  /** All of them, the one that is known for longest first. */
  Collection<Site<K, W>> values() {
    return all.values();
  }
}
