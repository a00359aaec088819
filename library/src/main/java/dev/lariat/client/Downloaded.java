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
 * @param restarts how often the download discarded its bytes and started again
 * @param last why the request before the last one did not complete the file; empty if there was
 *     only one request
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
