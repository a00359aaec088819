package dev.lariat.client;

import dev.lariat.Exchange;
import dev.lariat.internal.codec.TextEncoding;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import java.util.List;

/**
 * What came of a {@link Caller}'s call: the last response, whole.
 *
 * @param status 200 to 999
 * @param headers its headers
 * @param body its body, which may be empty
 * @param trailers what stood behind the body; mostly none
 * @param uri what was asked for at last, with the fragment that redirects may have led to
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

  /** The body as text, decoded as by {@link Exchange#text}. */
  public String text() {
    return TextEncoding.decode(headers.first("content-type"), body.toArray());
  }
}
