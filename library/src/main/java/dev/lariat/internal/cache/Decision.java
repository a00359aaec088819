package dev.lariat.internal.cache;

import dev.lariat.event.CacheStatus.Detail;
import dev.lariat.event.CacheStatus.Forwarded;
import dev.lariat.message.Headers;
import java.time.Duration;
import java.util.Optional;

/** What becomes of a request that a cache serves. */
public sealed interface Decision {

  /**
   * It is answered by what is stored.
   *
   * @param stored the response
   * @param shown its headers, with the age that it has now
   * @param ttl how long it is fresh from now on; negative if it is not
   * @param why it may be used although it is not fresh
   * @param refresh whether it is to be validated in the background
   */
  record Use(Stored stored, Headers shown, Duration ttl, Optional<Detail> why, boolean refresh)
      implements Decision {}

  /**
   * It is sent.
   *
   * @param why it is
   * @param selected what is stored for it
   * @param conditions the headers that ask the server whether that is still valid; none if it
   *     cannot be asked
   * @param shared whether the answer to another request for the same can serve it, too
   */
  record Forward(Forwarded why, Optional<Stored> selected, Headers conditions, boolean shared)
      implements Decision {}

  /** It may not be sent, and nothing usable is stored (RFC 9111 section 5.2.1.7). */
  record Unsatisfiable() implements Decision {}
}
