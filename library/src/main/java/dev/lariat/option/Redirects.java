package dev.lariat.option;

/**
 * Which redirects a {@code Caller} or a live connection follows (RFC 9110 section 15.4): 301, 302,
 * 303, 307 and 308.
 *
 * @param limit how many within one call, or within one attempt of a live connection: 0 to 100, 10
 *     by default. Stops a server that leads on without end
 * @param otherOrigins whether one to another scheme, host or port is followed; it is by default.
 *     {@code Authorization}, {@code Cookie}, {@code Proxy-Authorization} and {@code Host} do not go
 *     there
 * @param unsecured whether one from {@code https} to {@code http} is followed; it is not by default
 */
public record Redirects(int limit, boolean otherOrigins, boolean unsecured) {

  /** The defaults. */
  public static final Redirects DEFAULT = new Redirects(10, true, false);

  /** None at all: a response that redirects is an answer like another. */
  public static final Redirects NONE = new Redirects(0, false, false);

  /** Checks every component. */
  public Redirects {
    Range.check("redirects.limit", limit, 0, 100);
  }

  /**
   * Sets how many redirects are followed: 0 to 100, 10 by default.
   *
   * @param limit the limit
   * @return a copy of these options with this value
   */
  public Redirects limit(int limit) {
    return new Redirects(limit, otherOrigins, unsecured);
  }

  /**
   * Sets whether redirects to other origins are followed; true by default.
   *
   * @param otherOrigins whether they are followed
   * @return a copy of these options with this value
   */
  public Redirects otherOrigins(boolean otherOrigins) {
    return new Redirects(limit, otherOrigins, unsecured);
  }

  /**
   * Sets whether redirects from {@code https} to {@code http} are followed; false by default.
   *
   * @param unsecured whether they are followed
   * @return a copy of these options with this value
   */
  public Redirects unsecured(boolean unsecured) {
    return new Redirects(limit, otherOrigins, unsecured);
  }
}
