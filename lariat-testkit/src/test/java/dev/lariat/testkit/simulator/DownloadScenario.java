package dev.lariat.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.FailedException;
import dev.lariat.client.Client;
import dev.lariat.client.Downloaded;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.DownloadOptions;
import dev.lariat.option.PoolOptions;
import dev.lariat.testkit.Asked;
import dev.lariat.testkit.ClientGoneException;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Reply;
import dev.lariat.testkit.Simulation;
import dev.lariat.testkit.Visit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * A file that is downloaded again and again, each time from where the last time has come to, while
 * it changes, its server cuts, lies and dies, and the network does what it likes. Each download
 * ends with the whole file of one version, or with a reason; the file that is there is always a
 * whole one; and what is left beside it can be continued.
 */
final class DownloadScenario {
  private static final int ROUNDS = 3;
  private static final int MOST = 3000; // bytes of the file
  private static final Duration LONG = Duration.ofMinutes(30);

  private final Simulation simulation;
  private final Chance chance;
  private final Weather weather;
  private final PoolOptions pool;
  private final Path folder;
  private final Path file;
  private final List<byte[]> versions = new ArrayList<>();
  private boolean tagged; // whether the server names the version
  private boolean ranges;
  private boolean kind;

  DownloadScenario(Simulation simulation, long seed) throws IOException {
    this.simulation = simulation;
    this.chance = new Chance(seed);
    Protocol protocol = Chance.protocol(seed);
    Origin origin = simulation.origin("a.example", 80, this::serve).protocols(protocol);
    this.weather = new Weather(chance, simulation.host("a.example"), origin);
    this.pool =
        PoolOptions.DEFAULT.connection(
            ConnectionOptions.DEFAULT
                .platform(simulation.platform())
                .timeouts(chance.timeouts())
                .protocols(protocol));
    this.folder = Files.createTempDirectory("lariat-download");
    this.file = folder.resolve("file");
    changes();
  }

  private void changes() {
    byte[] content = new byte[chance.number(0, MOST)];
    new Random(versions.size()).nextBytes(content);
    versions.add(content);
    tagged = !chance.oneIn(4);
    ranges = !chance.oneIn(4);
  }

  // ---- the server's side

  private void serve(Visit visit) throws Exception {
    try {
      for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
        if (!answer(visit, asked)) {
          return;
        }
      }
    } catch (ClientGoneException e) {
      // as it likes
    }
  }

  /** Answers well or badly; false if nothing may follow. */
  private boolean answer(Visit visit, Asked asked) throws Exception {
    switch (kind ? 99 : chance.number(0, 24)) {
      case 0 -> {
        visit.reset();
        return false;
      }
      case 1 -> visit.pause(chance.millis(10, 60_000));
      case 2 -> {
        visit.unavailable(503, chance.millis(1000, 30_000));
        return true;
      }
      case 3 -> {
        visit.respond(chance.oneOf(404, 204, 416));
        return true;
      }
      case 4 -> {
        Headers wrong = headers(versions.getLast()).with("content-range", "bytes 5-6/7");
        visit.respond(206, wrong, Bytes.ofUtf8("??"));
        return true;
      }
      case 5, 6 -> changes();
      default -> {}
    }
    return sends(visit, asked);
  }

  private Headers headers(byte[] content) {
    String tag = "\"" + versions.indexOf(content) + "\"";
    return tagged ? Headers.of("etag", tag) : Headers.of("etag", "W/" + tag);
  }

  /** Sends the file, or the part that was asked for, whole or not. */
  private boolean sends(Visit visit, Asked asked) throws Exception {
    byte[] content = versions.getLast();
    Headers headers = headers(content);
    Optional<String> range = asked.headers().first("range").filter(value -> ranges);
    boolean lies = !kind && chance.oneIn(6); // goes on although the file has changed
    if (!lies) {
      range =
          range.filter(value -> asked.headers().first("if-range").equals(headers.first("etag")));
    }
    int from =
        range.map(value -> Integer.parseInt(value.substring(6, value.length() - 1))).orElse(0);
    if (range.isPresent() && from >= content.length) {
      visit.respond(416, headers.with("content-range", "bytes */" + content.length), Bytes.EMPTY);
      return true;
    }
    if (range.isEmpty()) {
      return body(visit, 200, headers, content);
    }
    int end = !kind && chance.half() ? chance.number(from + 1, content.length) : content.length;
    String value = "bytes " + from + "-" + (end - 1) + "/" + content.length;
    byte[] part = Arrays.copyOfRange(content, from, end);
    return body(visit, 206, headers.with("content-range", value), part);
  }

  private boolean body(Visit visit, int status, Headers headers, byte[] body) throws Exception {
    // over HTTP/2, the end of the stream says that the body is whole
    int form = kind ? 0 : chance.number(0, visit.protocol() == Protocol.HTTP_2 ? 4 : 5);
    Reply reply =
        switch (form) {
          case 0, 1, 2, 3 -> visit.begin(status, headers, body.length);
          case 4 -> visit.beginChunked(status, headers);
          default -> visit.beginUntilClose(status, headers);
        };
    int size = !kind && chance.half() ? chance.number(0, body.length) : body.length;
    int first = chance.number(0, size);
    reply.write(Bytes.wrap(Arrays.copyOf(body, first)));
    if (!kind && chance.oneIn(5)) {
      visit.pause(chance.millis(10, 40_000));
    }
    reply.write(Bytes.wrap(Arrays.copyOfRange(body, first, size)));
    if (size == body.length && form == 4) {
      reply.end();
    }
    return size == body.length && form <= 4; // or the connection ends
  }

  // ---- the user's side

  private DownloadOptions options() {
    DownloadOptions options =
        DownloadOptions.DEFAULT
            .idle(chance.millis(1000, 30_000))
            .restarts(chance.number(0, 3))
            .retry(DownloadOptions.DEFAULT.retry().backoff(chance.backoff()));
    if (chance.half()) {
      options = options.timeout(chance.millis(1000, 120_000));
    }
    return chance.oneIn(4) ? options.limit(chance.number(1, MOST)) : options;
  }

  /** Downloads once, on a thread of its own, while the network changes. */
  private void round(Client client) throws Exception {
    DownloadOptions options = options();
    CompletableFuture<Optional<Downloaded>> done = new CompletableFuture<>();
    Thread user =
        simulation.start(
            "user",
            () -> {
              try {
                done.complete(Optional.of(client.download("http://a.example/f", file, options)));
              } catch (FailedException e) {
                assertThat(e.reason()).isNotInstanceOf(Reason.Fault.class);
                done.complete(Optional.empty());
              } catch (Throwable e) {
                done.completeExceptionally(e);
              }
            });
    for (int i = chance.number(0, 6); i > 0; i--) {
      simulation.pause(chance.millis(10, 20_000));
      weather.change();
    }
    if (chance.oneIn(6)) {
      user.interrupt();
    }
    simulation.pause(chance.millis(10, 60_000));
    weather.clear();
    check(simulation.await(done));
  }

  private void check(Optional<Downloaded> downloaded) throws IOException {
    List<String> left;
    try (Stream<Path> all = Files.list(folder)) {
      left = all.map(path -> path.getFileName().toString()).sorted().toList();
    }
    if (left.contains("file")) {
      byte[] content = Files.readAllBytes(file);
      assertThat(versions).as("a whole version").anyMatch(each -> Arrays.equals(each, content));
      downloaded.ifPresent(its -> assertThat(its.size()).isEqualTo(content.length));
    }
    List<String> others = left.stream().filter(name -> !name.equals("file")).toList();
    if (downloaded.isPresent()) {
      assertThat(left).containsExactly("file");
    } else if (!others.isEmpty()) {
      assertThat(others).containsExactly("file.lariat-part", "file.lariat-state");
      assertThat(folder.resolve("file.lariat-part")).isNotEmptyFile();
    }
  }

  // ---- the play

  void play() throws Exception {
    try (Client client = Client.open(pool)) {
      for (int i = 0; i < ROUNDS; i++) {
        round(client);
      }
      kind = true;
      simulation.pause(LONG);
      Downloaded last = client.download("http://a.example/f", file, DownloadOptions.DEFAULT);
      check(Optional.of(last));
      assertThat(file).hasBinaryContent(versions.getLast());
      Chance.endsWithNothingLeft(client);
    } finally {
      try (Stream<Path> all = Files.list(folder)) {
        for (Path each : all.toList()) {
          Files.delete(each);
        }
      }
      Files.delete(folder);
    }
  }
}
