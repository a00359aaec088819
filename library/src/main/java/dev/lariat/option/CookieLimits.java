package dev.lariat.option;

/**
 * How many cookies are kept. A server may set as many as it likes, under any number of names
 * beneath its domain, to use up memory or to drive the cookies of others out; those used longest
 * ago give way.
 *
 * @param perDomain of one domain: 1 to 100 000; 180 by default. Cookies that do not need TLS give
 *     way first
 * @param total of all domains: 1 to 10 000 000; 3000 by default
 */
public record CookieLimits(int perDomain, int total) {

  /** 180 and 3000, as browsers have it. */
  public static final CookieLimits DEFAULT = new CookieLimits(180, 3000);

  /**
   * Checks both.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public CookieLimits {
    Range.check("cookies.perDomain", perDomain, 1, 100_000);
    Range.check("cookies.total", total, 1, 10_000_000);
  }

  /**
   * Sets how many cookies of one domain are kept: 1 to 100 000, 180 by default.
   *
   * @param perDomain the number of cookies
   * @return a copy of these options with this value
   */
  public CookieLimits perDomain(int perDomain) {
    return new CookieLimits(perDomain, total);
  }

  /**
   * Sets how many cookies of all domains are kept: 1 to 10 000 000, 3000 by default.
   *
   * @param total the number of cookies
   * @return a copy of these options with this value
   */
  public CookieLimits total(int total) {
    return new CookieLimits(perDomain, total);
  }
}
