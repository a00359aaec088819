package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.client.Answer;
import dev.lariat.client.Client;
import dev.lariat.client.HttpCache;
import dev.lariat.event.CacheInfo;
import dev.lariat.event.CacheStatus;
import dev.lariat.option.CacheOptions;
import dev.lariat.option.Content;
import dev.lariat.option.Request;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A client's cache and the files of real servers. */
@Timeout(60)
final class CacheServersTest {
  private static final Request VALIDATED =
      Request.of("GET", "/").header("cache-control", "no-cache");

  @Needs(Peer.NGINX)
  @Nested
  final class Nginx extends Contract {
    @Override
    int port() {
      return Servers.nginx().port(0);
    }
  }

  /** In front of Python's where it has no words of its own. */
  @Needs({Peer.CADDY, Peer.PYTHON})
  @Nested
  final class Caddy extends Contract {
    @Override
    int port() {
      return Servers.caddy().port(0);
    }
  }

  /** What every server does. */
  abstract static class Contract {
    @TempDir Path folder;

    abstract int port();

    private String url(String path) {
      return "http://127.0.0.1:" + port() + path;
    }

    private static CacheStatus how(Answer answer) {
      return answer.cache().orElseThrow();
    }

    @Test
    void aFileIsValidatedByItsTag() {
      try (HttpCache cache = HttpCache.inMemory(1 << 20);
          Client client = Client.open().cache(cache)) {
        Answer first = client.get(url("/page.txt"));
        assertThat(how(first).stored()).isTrue();
        assertThat(first.headers().contains("etag")).isTrue();
        Answer second = client.send(url("/page.txt"), VALIDATED);
        assertThat(how(second).validated()).as("%s", how(second)).isTrue();
        assertThat(second.status()).isEqualTo(200);
        assertThat(second.text()).isEqualTo("a page\n");
        assertThat(second.headers().first("etag")).isEqualTo(first.headers().first("etag"));
        Answer head = client.send(url("/page.txt"), VALIDATED.method("HEAD"));
        assertThat(how(head).stored()).as("%s", how(head)).isTrue();
        assertThat(client.send(url("/page.txt"), VALIDATED).text()).isEqualTo("a page\n");
      }
    }

    @Test
    void aFileThatIsCompressedOnTheWayIsValidatedToo() {
      Request zipped = Request.of("GET", "/").content(Content.DECOMPRESSED);
      Request again = VALIDATED.content(Content.DECOMPRESSED);
      try (HttpCache cache = HttpCache.inMemory(1 << 20);
          Client client = Client.open().cache(cache)) {
        String text = client.send(url("/gzip/page.txt"), zipped).text();
        Answer second = client.send(url("/gzip/page.txt"), again);
        assertThat(second.text()).isEqualTo(text).isEqualTo("a page\n");
        assertThat(how(second).validated()).as("%s", how(second)).isTrue();
      }
    }

    @Test
    void aFileOfOneProgramIsValidatedByTheNext() throws IOException {
      try (HttpCache cache = HttpCache.inFolder(folder, CacheOptions.DEFAULT);
          Client client = Client.open().cache(cache)) {
        assertThat(client.get(url("/page.txt")).status()).isEqualTo(200);
      }
      try (HttpCache cache = HttpCache.inFolder(folder, CacheOptions.DEFAULT);
          Client client = Client.open().cache(cache)) {
        assertThat(client.send(url("/page.txt"), VALIDATED).text()).isEqualTo("a page\n");
        assertThat(cache.info())
            .extracting(CacheInfo::validated, CacheInfo::misses, CacheInfo::entries)
            .containsExactly(1L, 0L, 1L);
      }
    }
  }
}
