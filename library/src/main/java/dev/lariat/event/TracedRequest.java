package dev.lariat.event;

import dev.lariat.message.LiveRef;
import java.util.Optional;

/**
 * A request that begins, as a {@link Tracer} learns of it.
 *
 * @param origin where it goes, such as {@code https://example.com}
 * @param method its method; {@code GET} for a WebSocket
 * @param target the path and the query; with {@code hideQueries}, without the values of the query
 * @param resends how many requests the same call has sent before, because of redirects, challenges
 *     or retries; 0 outside calls
 * @param live the live connection whose session it opens, if it is for one
 */
public record TracedRequest(
    String origin, String method, String target, int resends, Optional<LiveRef> live) {}
