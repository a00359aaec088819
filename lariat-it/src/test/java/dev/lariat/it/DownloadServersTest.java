package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lariat.FailedException;
import dev.lariat.client.Client;
import dev.lariat.client.Downloaded;
import dev.lariat.event.DownloadProgress;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.DownloadOptions;
import dev.lariat.option.PoolOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Downloads from servers of other projects, over HTTP/1.1 and HTTP/2: they are killed in the middle
 * and started again, and their file changes in the middle.
 */
@Needs({Peer.NGINX, Peer.CADDY})
@Timeout(120)
final class DownloadServersTest {
  private static final int SIZE = 16 << 20;
  private static final DownloadOptions EAGER =
      DownloadOptions.DEFAULT
          .interval(Duration.ZERO)
          .retry(
              DownloadOptions.DEFAULT
                  .retry()
                  .backoff(
                      Backoff.DEFAULT
                          .attempts(50)
                          .delays(Duration.ofMillis(10), Duration.ofMillis(200))));

  @TempDir Path folder;

  /** A server that reads the pages' folder, and a URL of it. */
  enum Kind {
    NGINX_HTTP_1_1,
    NGINX_HTTP_2,
    CADDY_HTTP_1_1,
    CADDY_HTTP_2;

    boolean nginx() {
      return name().startsWith("NGINX");
    }

    boolean http2() {
      return name().endsWith("HTTP_2");
    }

    Server start() {
      return nginx()
          ? Server.start(
              "nginx-download",
              4,
              ports -> Servers.nginx("pool/nginx.conf", "nginx-download", Servers.values(ports)))
          : Server.start("caddy-download", 2, ports -> caddy(ports));
    }

    String url(Server server, String file) {
      int port = server.port(http2() ? 1 : 0);
      return (http2() ? "https" : "http") + "://127.0.0.1:" + port + "/" + file;
    }

    private static List<String> caddy(List<Integer> ports) {
      Servers.pages();
      Map<String, Object> values = Servers.values(ports);
      values.put("origin", 1); // which is not asked
      String own = Server.FOLDER.resolve("caddy-download").toAbsolutePath().toString();
      return List.of(
          "/usr/bin/env",
          "XDG_DATA_HOME=" + own,
          "XDG_CONFIG_HOME=" + own,
          Peer.CADDY.program(),
          "run",
          "--adapter",
          "caddyfile",
          "--config",
          Server.file("http2/Caddyfile", "Caddyfile-download", values).toString());
    }

    Client client() {
      ConnectionOptions plain = ConnectionOptions.DEFAULT;
      return Client.open(
          PoolOptions.DEFAULT.connection(
              http2()
                  ? plain.protocols(Protocol.HTTP_2, Protocol.HTTP_1_1).tls(Certificates.trusted())
                  : plain));
    }
  }

  private static byte[] write(String name, int size, int first) throws Exception {
    byte[] content = Servers.numbers(size);
    Arrays.fill(content, 0, 1 << 10, (byte) first);
    Files.write(Servers.pages().resolve(name), content);
    return content;
  }

  /** Does this once, when a part of the file has come. */
  private static Consumer<DownloadProgress> inTheMiddle(Runnable task) {
    AtomicBoolean done = new AtomicBoolean();
    return progress -> {
      if (progress.bytes() > SIZE / 4 && done.compareAndSet(false, true)) {
        task.run();
      }
    };
  }

  @ParameterizedTest
  @EnumSource
  void aServerThatIsKilledAndStartedAgainIsContinuedWith(Kind kind) throws Exception {
    byte[] content = write("killed.bin", SIZE, 1);
    Path file = folder.resolve("file");
    try (Server server = kind.start();
        Client client = kind.client()) {
      Downloaded downloaded =
          client.download(
              kind.url(server, "killed.bin"),
              file,
              EAGER.progress(
                  inTheMiddle(
                      () -> {
                        server.kill();
                        server.restart();
                      })));
      assertThat(downloaded.restarts()).isZero();
      assertThat(downloaded.attempts()).isGreaterThan(1);
      assertThat(downloaded.headers().first("content-range")).isPresent();
      assertThat(client.info().origins().getFirst().protocol())
          .contains(kind.http2() ? Protocol.HTTP_2 : Protocol.HTTP_1_1);
    }
    assertThat(file).hasBinaryContent(content);
    try (var left = Files.list(folder)) {
      assertThat(left).containsExactly(file);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aClientThatIsStoppedIsContinuedByAnother(Kind kind) throws Exception {
    byte[] content = write("stopped.bin", SIZE, 1);
    Path file = folder.resolve("file");
    try (Server server = kind.start()) {
      String url = kind.url(server, "stopped.bin");
      try (Client client = kind.client()) {
        assertThat(
                catchThrowableOfType(
                    FailedException.class,
                    () -> client.download(url, file, EAGER.progress(inTheMiddle(client::close)))))
            .isNotNull();
      }
      try (Client client = kind.client()) {
        Downloaded downloaded = client.download(url, file);
        assertThat(downloaded.resumedFrom()).isBetween(SIZE / 4L, SIZE - 1L);
        assertThat(downloaded.attempts()).isEqualTo(1);
      }
    }
    assertThat(file).hasBinaryContent(content);
  }

  @ParameterizedTest
  @EnumSource
  void aFileThatChangesInTheMiddleIsDownloadedAnew(Kind kind) throws Exception {
    write("changed.bin", SIZE, 1);
    Path file = folder.resolve("file");
    byte[] changed = Servers.numbers(SIZE / 2);
    try (Server server = kind.start();
        Client client = kind.client()) {
      Downloaded downloaded =
          client.download(
              kind.url(server, "changed.bin"),
              file,
              EAGER.progress(
                  inTheMiddle(
                      () -> {
                        server.kill();
                        try {
                          Files.delete(Servers.pages().resolve("changed.bin"));
                          Files.write(Servers.pages().resolve("changed.bin"), changed);
                        } catch (IOException e) {
                          throw new UncheckedIOException(e);
                        }
                        server.restart();
                      })));
      assertThat(downloaded.restarts()).isEqualTo(1);
      assertThat(downloaded.last()).containsInstanceOf(Reason.NotResumed.class);
    }
    assertThat(file).hasBinaryContent(changed);
  }
}
