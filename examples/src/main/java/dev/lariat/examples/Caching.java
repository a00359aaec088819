package dev.lariat.examples;

import dev.lariat.client.Answer;
import dev.lariat.client.Client;
import dev.lariat.client.HttpCache;
import dev.lariat.option.CacheOptions;
import dev.lariat.option.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Keeps responses: the programs of docs/guide/caching.md. */
public final class Caching {
  public static void main(String[] args) throws Exception {
    String origin = args[0];
    memory(origin);
    folder(origin, Files.createTempDirectory("lariat-cache"));
  }

  private static void memory(String origin) {
    try (HttpCache cache = HttpCache.inMemory(64 << 20);
        Client client = Client.open().cache(cache)) {
      client.get(origin + "/fresh");
      Answer again = client.get(origin + "/fresh");
      System.out.println("hit: " + again.cache().orElseThrow().hit());

      Request current = Request.of("GET", "/").header("cache-control", "no-cache");
      Answer validated = client.send(origin + "/fresh", current);
      System.out.println("validated: " + validated.cache().orElseThrow().validated());

      cache.remove(origin + "/fresh");
      System.out.println(cache.info().entries() + " entries");
    }
  }

  private static void folder(String origin, Path folder) throws IOException {
    CacheOptions options =
        CacheOptions.DEFAULT.total(1L << 30).entry(16 << 20).heuristic(Duration.ofHours(1));
    try (HttpCache cache = HttpCache.inFolder(folder, options);
        Client client = Client.open().cache(cache)) {
      System.out.println(client.get(origin + "/fresh").text().strip());
      System.out.println(cache.info());
    }
  }

  private Caching() {}
}
