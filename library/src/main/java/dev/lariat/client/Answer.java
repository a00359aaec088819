package dev.lariat.client;

import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.event.CacheStatus;
import dev.lariat.internal.codec.TextEncoding;
import dev.lariat.internal.entrance.Values;
import dev.lariat.internal.uri.Mask;
import dev.lariat.message.BodyCodec;
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

  /**
   * {@return the body as a value, for example {@code answer.as(json(Order.class))}} Its encoding is
   * that of {@link #text}. The {@code Content-Type} need not be that of the codec.
   *
   * <p>The body of an error is usually of another type, so a status other than 2xx throws. To read
   * such a body, check the status and call the codec yourself: {@code
   * json(Problem.class).read(answer.body())}.
   *
   * @param <T> the type of the value
   * @param codec the codec
   * @throws FailedException with {@code Status} if the status is not 2xx; with {@code Unreadable}
   *     if the body is empty, as with a 204, or is not a value of the type
   */
  public <T> T as(BodyCodec<T> codec) {
    String from = "the response of " + Mask.query(Mask.userInformation(uri));
    return Values.whole(codec, from, status, headers, body);
  }
}
