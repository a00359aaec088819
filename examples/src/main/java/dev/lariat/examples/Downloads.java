package dev.lariat.examples;

import dev.lariat.client.Client;
import dev.lariat.client.Downloaded;
import dev.lariat.option.DownloadOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Downloads a file so that it can be resumed: the programs of docs/guide/downloads.md. */
public final class Downloads {
  public static void main(String[] args) throws IOException {
    String url = args[0];
    Path file = Path.of(args[1]);
    String expected = args[2];
    simple(url, file);
    try (Client client = Client.open()) {
      options(client, url, file, expected);
    }
  }

  private static void simple(String url, Path file) throws IOException {
    try (Client client = Client.open()) {
      Downloaded downloaded = client.download(url, file);
      System.out.println(downloaded.size() + " bytes, " + downloaded.attempts() + " request(s)");
    }
  }

  private static void options(Client client, String url, Path file, String expected) {
    DownloadOptions options =
        DownloadOptions.DEFAULT
            .idle(Duration.ofSeconds(10))
            .timeout(Duration.ofHours(1))
            .limit(10_000_000_000L)
            .sha256(expected)
            .progress(
                progress ->
                    System.out.println(
                        progress.bytes()
                            + (progress.total().isPresent()
                                ? " of " + progress.total().getAsLong()
                                : "")));
    CompletableFuture<Downloaded> download = client.downloadAsync(url, file, options);
    System.out.println("resumed from byte " + download.join().resumedFrom());
  }
}
