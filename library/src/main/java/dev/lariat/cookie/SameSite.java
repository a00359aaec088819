package dev.lariat.cookie;

/**
 * Which requests of other sites a server wants a cookie with (RFC 6265bis section 5.6.7). With
 * Lariat no web page causes a request, so every request counts as one of the same site. Lariat
 * keeps this value, and sends the cookie in any case.
 */
public enum SameSite {
  /** The attribute is absent, or its value is unknown. */
  DEFAULT,
  /** {@code None}: with every request. */
  NONE,
  /** {@code Lax}: with requests of the same site, and when a user follows a link to it. */
  LAX,
  /** {@code Strict}: only with requests of the same site. */
  STRICT
}
