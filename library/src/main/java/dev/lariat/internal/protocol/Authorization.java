package dev.lariat.internal.protocol;

import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import org.jspecify.annotations.Nullable;

/**
 * How the request of a stream shows credentials (RFC 9110 section 11). An engine asks for them when
 * it writes the request, and tells what the server answers; both on the event loop.
 */
public interface Authorization {

  /** No credentials: what the user's headers say is all. */
  Authorization NONE =
      new Authorization() {
        @Override
        public @Nullable String shown(String method, String target, Bytes body) {
          return null;
        }

        @Override
        public boolean asksAgain(int status, Headers headers) {
          return false;
        }

        @Override
        public void learn(int status, Headers headers) {}
      };

  /** What this request shows, as the value of its {@code Authorization}; null for nothing. */
  @Nullable String shown(String method, String target, Bytes body);

  /**
   * The server has answered.
   *
   * @return whether that is a challenge, and the same request is to be sent once more
   */
  boolean asksAgain(int status, Headers headers);

  /**
   * Whether a request that is challenged by this status may be sent once more on another
   * connection, if this one ends with the challenge. If not, the challenge is the response.
   */
  default boolean outlives(int status) {
    return false;
  }

  /** The server has answered, and the same request cannot be sent once more. */
  void learn(int status, Headers headers);

  /** These headers, with what is shown. */
  default Headers with(Headers headers, String method, String target, Bytes body) {
    String shown = shown(method, target, body);
    return shown == null ? headers : headers.with("authorization", shown);
  }
}
