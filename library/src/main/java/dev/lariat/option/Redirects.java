package dev.lariat.option;

/**
 * Which redirects a {@code Caller} or a live connection follows (RFC 9110 section 15.4): 301, 302,
 * 303, 307 and 308.
 *
 * @param limit how many redirects to follow within one call, or within one attempt of a live
 *     connection: 0 to 100, 10 by default. Stops a server that redirects endlessly
 * @param otherOrigins whether to follow a redirect to another scheme, host or port; true by
 *     default. Lariat does not send {@code Authorization}, {@code Cookie}, {@code
 *     Proxy-Authorization} and {@code Host} there
 * @param unsecured whether to follow a redirect from {@code https} to {@code http}; false by
 *     default
 */
public record Redirects(int limit, boolean otherOrigins, boolean unsecured) {

  /** The defaults. */
  public static final Redirects DEFAULT = new Redirects(10, true, false);

  /** Follows none: a redirect is delivered like any other response. */
  public static final Redirects NONE = new Redirects(0, false, false);

  /** Checks every component. */
  public Redirects {
    Range.check("redirects.limit", limit, 0, 100);
  }

  /**
   * Sets how many redirects to follow: 0 to 100, 10 by default.
   *
   * @param limit the limit
   * @return a copy of these options with this value
   */
  public Redirects limit(int limit) {
    return new Redirects(limit, otherOrigins, unsecured);
  }

  /**
   * Sets whether to follow redirects to other origins; true by default.
   *
   * @param otherOrigins whether they are followed
   * @return a copy of these options with this value
   */
  public Redirects otherOrigins(boolean otherOrigins) {
    return new Redirects(limit, otherOrigins, unsecured);
  }

  /**
   * Sets whether to follow redirects from {@code https} to {@code http}; false by default.
   *
   * @param unsecured whether they are followed
   * @return a copy of these options with this value
   */
  public Redirects unsecured(boolean unsecured) {
    return new Redirects(limit, otherOrigins, unsecured);
  }
}
