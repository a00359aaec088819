package dev.lariat.client;

import dev.lariat.Exchange;
import dev.lariat.internal.codec.TextEncoding;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import java.util.List;

/**
 * The result of a call of a {@link Caller}: the last response, complete.
 *
 * @param status 200 to 999
 * @param headers its headers
 * @param body its body, which can be empty
 * @param trailers its trailers, which are usually empty
 * @param uri the URI of the last request, with a fragment if a redirect has set one
 * @param history the earlier responses: redirects, challenges, and responses after which the caller
 *     sent the request again
 */
public record Answer(
    int status, Headers headers, Bytes body, Headers trailers, String uri, List<Step> history) {

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

  /** {@return the body as text, decoded like {@link Exchange#text}} */
  public String text() {
    return TextEncoding.decode(headers.first("content-type"), body.toArray());
  }
}
