package dev.lariat.testkit.reasons;

import static dev.lariat.testkit.reasons.Situation.of;

import dev.lariat.FailedException;
import dev.lariat.client.Client;
import dev.lariat.client.Downloaded;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Bound;
import dev.lariat.message.Reason.Step;
import dev.lariat.option.Backoff;
import dev.lariat.option.DownloadOptions;
import dev.lariat.option.PoolOptions;
import dev.lariat.testkit.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What happens to downloads. */
final class DownloadSituations {
  private static final DownloadOptions DEFAULT = DownloadOptions.DEFAULT;
  private static final Duration FIVE = Duration.ofSeconds(5);

  /** Each response breaks off; the server knows no ranges. */
  private static final Script CUT =
      visit -> {
        visit.request();
        visit.begin(200, Headers.of("etag", "\"1\""), 100).write("part");
      };

  private static final Script FOUR_BYTES =
      visit -> {
        while (visit.request() != null) {
          visit.respond(200, Headers.of("etag", "\"1\""), Bytes.ofUtf8("four"));
        }
      };

  private DownloadSituations() {}

  private interface Play {
    Downloaded on(Client client, String url, Path file) throws IOException;
  }

  private static Reason play(Stage stage, Script script, Play play) throws IOException {
    String url = stage.origin(script).uri("http", "/").toString();
    Path folder = Files.createTempDirectory("lariat");
    Path file = folder.resolve("file");
    try (Client client = Client.open(PoolOptions.DEFAULT.connection(stage.options))) {
      try {
        Downloaded downloaded = play.on(client, url, file);
        return downloaded.last().orElseThrow();
      } catch (FailedException e) {
        return e.reason();
      }
    } finally {
      try (var all = Files.list(folder)) {
        for (Path each : all.toList()) {
          Files.delete(each);
        }
      }
      Files.delete(folder);
    }
  }

  static List<Situation> all() {
    DownloadOptions once = DEFAULT.retry(DEFAULT.retry().backoff(Backoff.NEVER));
    return List.of(
        of(
            Step.PROGRESS,
            "the server of a download sends nothing for too long",
            "The wait for more of the file took longer than 5 s (download.idle).",
            stage ->
                play(
                    stage,
                    Script.silent(),
                    (client, url, file) -> client.download(url, file, once.idle(FIVE)))),
        of(
            Step.DOWNLOAD,
            "a download takes too long",
            "The download took longer than 5 s (download.timeout).",
            stage ->
                play(
                    stage,
                    Script.silent(),
                    (client, url, file) -> client.download(url, file, once.timeout(FIVE)))),
        of(
            Bound.DOWNLOAD,
            "a file is longer than it may be",
            "The downloaded file exceeded the limit of 3 bytes (download.limit).",
            stage ->
                play(
                    stage,
                    FOUR_BYTES,
                    (client, url, file) -> client.download(url, file, DEFAULT.limit(3)))),
        of(
            Bound.RESTARTS,
            "a server without ranges breaks off each response",
            "The number of times that the download began again exceeded the limit of 1"
                + " (download.restarts).",
            stage ->
                play(
                    stage,
                    CUT,
                    (client, url, file) -> client.download(url, file, DEFAULT.restarts(1)))),
        of(
            Reason.NotResumed.class,
            "a server sends the whole file in place of the rest",
            "The download began again: the server sent the whole file, not the rest that was asked"
                + " for.",
            stage ->
                play(
                    stage,
                    visit -> (visit.number() == 1 ? CUT : FOUR_BYTES).play(visit),
                    (client, url, file) -> client.download(url, file))),
        of(
            Reason.Corrupted.class,
            "a file does not have the digest that the user expects",
            "The file is corrupted: its SHA-256 is"
                + " 04efaf080f5a3e74e1c29d1ca6a48569382cbbcd324e8d59d2b83ef21c039f00, but should be"
                + " "
                + "0".repeat(64)
                + " (download.sha256).",
            stage ->
                play(
                    stage,
                    FOUR_BYTES,
                    (client, url, file) ->
                        client.download(url, file, DEFAULT.sha256("0".repeat(64))))));
  }
}
