package dev.lariat.event;

import dev.lariat.message.Reason;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How far a download of a {@code Client} has come.
 *
 * @param bytes how many bytes of the file are here, including those that were here before
 * @param total how many bytes the file has; empty while that is not known
 * @param rate bytes per second since the last report
 * @param resumedFrom how many bytes were here when the current response began; 0 if it is the whole
 *     file
 * @param attempt which request it is: 1, 2 and so on
 * @param last why the request before it did not bring the rest of the file, or why the download
 *     began again; empty if there was no such thing
 */
public record DownloadProgress(
    long bytes,
    OptionalLong total,
    long rate,
    long resumedFrom,
    int attempt,
    Optional<Reason> last) {}
