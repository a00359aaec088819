package dev.lariat.event;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.StringJoiner;

/**
 * What a cache did for a request, in the terms of RFC 9211. There are four main cases:
 *
 * <ul>
 *   <li>A hit: the response came from the cache, and nothing was sent. {@code hit} is true.
 *   <li>Validated: the server confirmed the stored response by a 304. See {@link #validated}.
 *   <li>Stale: the stored response was used although it is no longer fresh. {@code detail} says
 *       what allows that.
 *   <li>A miss: the response came from the server. {@code forwarded} says why.
 * </ul>
 *
 * @param hit whether the response came from the cache, and nothing was sent for it
 * @param forwarded why the request was sent to the server; empty if it was not
 * @param forwardedStatus the status of the server's response, if it differs from the status that
 *     you got: 304 if the stored response was confirmed
 * @param ttl how long the response is fresh from now on; negative if it is not fresh. Empty if the
 *     cache neither had nor stored it
 * @param stored whether the cache has stored the server's response
 * @param collapsed whether this request waited for another one that was on its way to the server
 *     for the same stored response
 * @param detail what else explains it
 */
public record CacheStatus(
    boolean hit,
    Optional<Forwarded> forwarded,
    OptionalInt forwardedStatus,
    Optional<Duration> ttl,
    boolean stored,
    boolean collapsed,
    Optional<Detail> detail) {

  private static final int NOT_MODIFIED = 304;

  /** Why a request was sent to the server (RFC 9211 section 2.2). */
  public enum Forwarded {
    /** The cache does not serve such a request: see the guide for which these are. */
    BYPASS,
    /** The method is neither {@code GET} nor {@code HEAD}. */
    METHOD,
    /** Nothing was stored for this URL. */
    URI_MISS,
    /** Something was stored for this URL, but for other headers of the request. */
    VARY_MISS,
    /** What was stored is no longer fresh. */
    STALE,
    /** What was stored was fresh, but the request or the server wanted it to be validated. */
    REQUEST;

    /** The word of RFC 9211. */
    @Override
    public String toString() {
      return word(this);
    }
  }

  /** What else explains a response. */
  public enum Detail {
    /** The stale response is used since the request allows it by {@code max-stale}. */
    MAX_STALE,
    /** The stale response is used by RFC 5861 section 3, and is validated in the background. */
    STALE_WHILE_REVALIDATE,
    /** The stale response is used by RFC 5861 section 4, since the server failed. */
    STALE_IF_ERROR,
    /** Nothing usable was stored, and the request forbids to send it: the 504 is the cache's. */
    ONLY_IF_CACHED;

    /** The directive of {@code Cache-Control}. */
    @Override
    public String toString() {
      return word(this);
    }
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** {@return whether the server has confirmed the stored response by a 304} */
  public boolean validated() {
    return forwardedStatus.equals(OptionalInt.of(NOT_MODIFIED));
  }

  /** {@return whether the response is used although it is not fresh} */
  public boolean stale() {
    return detail.isPresent() && detail.get() != Detail.ONLY_IF_CACHED;
  }

  /** As a value of {@code Cache-Status}: {@code Lariat; fwd=stale; fwd-status=304; ttl=60}. */
  @Override
  public String toString() {
    StringJoiner text = new StringJoiner("; ").add("Lariat");
    if (hit) {
      text.add("hit");
    }
    forwarded.ifPresent(why -> text.add("fwd=" + why));
    forwardedStatus.ifPresent(status -> text.add("fwd-status=" + status));
    ttl.ifPresent(left -> text.add("ttl=" + left.toSeconds()));
    if (stored) {
      text.add("stored");
    }
    if (collapsed) {
      text.add("collapsed");
    }
    detail.ifPresent(its -> text.add("detail=" + its));
    return text.toString();
  }
}
