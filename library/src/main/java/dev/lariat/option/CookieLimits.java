package dev.lariat.option;

/**
 * How many cookies are kept. These limits stop a server that sets any number of cookies, under any
 * number of names below its domain, to use up memory or to displace other cookies. If a limit is
 * reached, the least recently used cookies are removed.
 *
 * @param perDomain how many of one domain: 1 to 100,000; 180 by default. Cookies that do not
 *     require TLS are removed first
 * @param total how many of all domains: 1 to 10,000,000; 3,000 by default
 */
public record CookieLimits(int perDomain, int total) {

  /** 180 and 3,000, as in browsers. */
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
   * Sets how many cookies of one domain are kept: 1 to 100,000, 180 by default.
   *
   * @param perDomain the number of cookies
   * @return a copy of these options with this value
   */
  public CookieLimits perDomain(int perDomain) {
    return new CookieLimits(perDomain, total);
  }

  /**
   * Sets how many cookies of all domains are kept: 1 to 10,000,000, 3,000 by default.
   *
   * @param total the number of cookies
   * @return a copy of these options with this value
   */
  public CookieLimits total(int total) {
    return new CookieLimits(perDomain, total);
  }
}
