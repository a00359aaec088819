package dev.lariat.client;

import dev.lariat.Exchange;
import dev.lariat.internal.codec.TextEncoding;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import java.util.List;

/**
 * The result of a {@link Caller}'s call: the last response, complete.
 *
 * @param status 200 to 999
 * @param headers its headers
 * @param body its body, which may be empty
 * @param trailers its trailers; usually none
 * @param uri the URI of the last request, with the fragment that a redirect may have set
 * @param history the responses before it: redirects, challenges, and those after which the request
 *     was sent again
 */
public record Answer(
    int status, Headers headers, Bytes body, Headers trailers, String uri, List<Step> history) {

  /**
   * A response on the way to the last one.
   *
   * @param method what was asked
   * @param uri and for what
   * @param status 200 to 999
   * @param headers its headers
   */
  public record Step(String method, String uri, int status, Headers headers) {}

  /** Makes the history immutable. */
  public Answer {
    history = List.copyOf(history);
  }

  /** {@return the body as text, decoded as by {@link Exchange#text}} */
  public String text() {
    return TextEncoding.decode(headers.first("content-type"), body.toArray());
  }
}
