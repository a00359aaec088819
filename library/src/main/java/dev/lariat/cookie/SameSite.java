package dev.lariat.cookie;

/**
 * What a server asks of requests that other sites cause (RFC 6265bis section 5.6.7). Behind Lariat
 * there is no page that could cause a request, so every request counts as one of the same site:
 * this is kept, and holds no cookie back.
 */
public enum SameSite {
  /** Nothing was asked, or nothing that is known. */
  DEFAULT,
  /** {@code None}: with every request. */
  NONE,
  /** {@code Lax}: with those of the same site, and when a user follows a link to it. */
  LAX,
  /** {@code Strict}: with those of the same site alone. */
  STRICT
}
