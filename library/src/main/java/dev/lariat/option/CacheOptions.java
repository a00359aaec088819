package dev.lariat.option;

import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What an {@code HttpCache} stores, and how much of it. */
public final class CacheOptions {

  /** The defaults of every option. */
  public static final CacheOptions DEFAULT = new CacheOptions(new Values());

  private final Values values;

  private CacheOptions(Values values) {
    values.check();
    this.values = values;
  }

  /** {@return how many bytes all stored responses may take together} */
  public long total() {
    return values.total;
  }

  /**
   * Sets how many bytes all stored responses may take together: 1 KiB to 1 PiB, 64 MiB by default.
   * If a response needs more room than is left, those that were unused for longest are removed. A
   * response takes its body, its headers, its URL and a few hundred bytes.
   *
   * @param total the number of bytes
   * @return a copy of these options with this value
   */
  public CacheOptions total(long total) {
    return with(draft -> draft.total = total);
  }

  /** {@return how many bytes one stored response may take} */
  public long entry() {
    return values.entry;
  }

  /**
   * Sets how many bytes one stored response may take: 1 KiB to 1 GiB, 4 MiB by default. A larger
   * one is not stored. More than {@code cache.total} has no effect.
   *
   * @param entry the number of bytes
   * @return a copy of these options with this value
   */
  public CacheOptions entry(long entry) {
    return with(draft -> draft.entry = entry);
  }

  /** {@return how long a response may be fresh whose server does not say for how long} */
  public Duration heuristic() {
    return values.heuristic;
  }

  /**
   * Sets how long a response may be fresh whose server does not say for how long (RFC 9111 section
   * 4.2.2): 0 to 365 days, 1 day by default. Such a response is fresh for a tenth of the time
   * between its {@code Last-Modified} and its {@code Date}, but no longer than this. With 0, it is
   * always validated.
   *
   * @param longest the longest time
   * @return a copy of these options with this value
   */
  public CacheOptions heuristic(Duration longest) {
    return with(draft -> draft.heuristic = longest);
  }

  /** {@return whether responses to requests with credentials are stored} */
  public boolean authorization() {
    return values.authorization;
  }

  /**
   * Sets whether responses to requests with credentials are stored; false by default. Such requests
   * have an {@code Authorization} header, or credentials of the request or the client. What is
   * stored for one user is never used for another one: each user name and each token has its own
   * responses, which are used only until the cache is closed. A cache in a folder keeps the bodies
   * on disk.
   *
   * @param authorization whether they are stored
   * @return a copy of these options with this value
   */
  public CacheOptions authorization(boolean authorization) {
    return with(draft -> draft.authorization = authorization);
  }

  private CacheOptions with(Consumer<Values> change) {
    return new CacheOptions(values.with(change));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof CacheOptions its && values.equals(its.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return "CacheOptions" + values;
  }

  private static final class Values extends Draft<Values> {
    private static final long LEAST = 1 << 10;

    long total = 64 << 20;
    long entry = 4 << 20;
    Duration heuristic = Duration.ofDays(1);
    boolean authorization;

    @Override
    void check() {
      Range.check("cache.total", total, LEAST, 1L << 50);
      Range.check("cache.entry", entry, LEAST, 1 << 30);
      Range.check("cache.heuristic", heuristic, Duration.ZERO);
    }

    @Override
    Object[] parts() {
      return new Object[] {
        "total", total, "entry", entry, "heuristic", heuristic, "authorization", authorization
      };
    }
  }
}
