package dev.lariat.client;

import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The result of a download: the file is complete.
 *
 * @param file the file, as you named it
 * @param size how many bytes it has
 * @param resumedFrom how many of them an earlier download had left, and are still in the file
 * @param attempts how many requests were necessary
 * @param restarts how often bytes were thrown away, because the download had to begin again
 * @param last why the last request but one did not bring the rest of the file; empty if there was
 *     only one
 * @param uri the URI of the last request, after redirects
 * @param headers the headers of the last response
 */
public record Downloaded(
    Path file,
    long size,
    long resumedFrom,
    int attempts,
    int restarts,
    Optional<Reason> last,
    String uri,
    Headers headers) {}
