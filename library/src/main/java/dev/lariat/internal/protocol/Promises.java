package dev.lariat.internal.protocol;

import dev.lariat.option.Request;
import org.jspecify.annotations.Nullable;

/** Who takes what a server promises with the response to a request (RFC 9113 section 8.4). */
public interface Promises {
  /** Nobody does. */
  Promises NONE = request -> null;

  /**
   * The stream of a promised request.
   *
   * @param promised the request, with the credit, the content options and the timeout that its
   *     response has
   * @return null if nobody takes it
   */
  @Nullable Stream take(Request promised);
}
