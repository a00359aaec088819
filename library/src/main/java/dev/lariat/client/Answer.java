package dev.lariat.client;

import dev.lariat.Exchange;
import dev.lariat.event.CacheStatus;
import dev.lariat.internal.codec.TextEncoding;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import java.util.List;
import java.util.Optional;

/**
 * The result of a call of a {@link Caller} or a {@link Client}: the last response, complete.
 *
 * @param status 200 to 999
 * @param headers its headers
 * @param body its body, which can be empty
 * @param trailers its trailers, which are usually empty
 * @param uri the URI of the last request, with a fragment if a redirect has set one
 * @param history the earlier responses: redirects, challenges, and responses after which the caller
 *     sent the request again. Attempts without a response are not in it
 * @param cache what the {@link HttpCache} did for the last request; empty if there is no cache
 */
public record Answer(
    int status,
    Headers headers,
    Bytes body,
    Headers trailers,
    String uri,
    List<Step> history,
    Optional<CacheStatus> cache) {

  /**
   * A response before the last one.
   *
   * @param method the method of the request
   * @param uri the URI of the request
   * @param status 200 to 999
   * @param headers its headers
   */
  public record Step(String method, String uri, int status, Headers headers) {}

  /** Makes the history immutable. */
  public Answer {
    history = List.copyOf(history);
  }

  /** The same, as the cache has dealt with it. */
  Answer cached(CacheStatus how) {
    return new Answer(status, headers, body, trailers, uri, history, Optional.of(how));
  }

  /** {@return the body as text, decoded like {@link Exchange#text}} */
  public String text() {
    return TextEncoding.decode(headers.first("content-type"), body.toArray());
  }
}
