package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.ResponsePublisher;
import dev.lariat.client.Answer;
import dev.lariat.client.Caller;
import dev.lariat.message.Bytes;
import dev.lariat.message.Reason;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Credentials;
import dev.lariat.option.Limits;
import dev.lariat.option.Redirects;
import dev.lariat.option.Request;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Responses that are waited for, against nginx, and against Python for Digest. */
@Needs({Peer.NGINX, Peer.PYTHON_WEBSOCKETS})
@Timeout(60)
final class CallTest {
  private static final Duration PATIENCE = Witness.PATIENCE;
  private static final String LARGE = "0123456789".repeat(100_000);

  private final Connection connection = open(Servers.nginx().port(0), Way.PLAIN);
  private final Caller caller = Caller.on(connection).redirects(Redirects.DEFAULT);
  @TempDir private Path folder;

  private static Connection open(int port, Way way) {
    return Lariat.open("127.0.0.1", port, way.options());
  }

  @AfterEach
  void close() {
    connection.close();
  }

  // ---- one response

  @ParameterizedTest
  @ValueSource(strings = {"/large.txt", "/chunked/large.txt"})
  void aBodyIsReadInEachWay(String path) throws Exception {
    assertThat(connection.get(path).text(PATIENCE)).isEqualTo(LARGE);
    assertThat(connection.get(path).body(PATIENCE).utf8()).isEqualTo(LARGE);
    Path file = folder.resolve("large");
    assertThat(connection.get(path).download(file, PATIENCE)).isEqualTo(1_000_000);
    assertThat(file).hasContent(LARGE);
    try (InputStream in = connection.get(path).inputStream(PATIENCE);
        Stream<String> lines = connection.get(path).lines(PATIENCE)) {
      assertThat(in.readAllBytes()).hasSize(1_000_000);
      assertThat(lines).containsExactly(LARGE);
    }
  }

  @Test
  void whoStopsReadingLeavesTheConnectionUsable() throws Exception {
    Limits patient = Limits.DEFAULT.discarded(2 << 20);
    ConnectionOptions options = Way.PLAIN.options().limits(patient);
    try (Connection own = Lariat.open("127.0.0.1", Servers.nginx().port(0), options)) {
      try (InputStream in = own.get("/large.txt").inputStream(PATIENCE)) {
        assertThat(in.read()).isEqualTo('0');
      }
      assertThat(own.get("/page.txt").text(PATIENCE)).isEqualTo("a page\n");
    }
  }

  @Test
  void aSubscriberGetsTheBodyPartByPart() throws Exception {
    ResponsePublisher publisher = connection.publish(Request.of("GET", "/large.txt"));
    StringBuilder body = new StringBuilder();
    CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
    CompletableFuture<String> whole = new CompletableFuture<>();
    publisher.subscribe(
        new Flow.Subscriber<>() {
          @Override
          public void onSubscribe(Flow.Subscription made) {
            subscription.complete(made);
            made.request(1);
          }

          @Override
          public void onNext(Bytes part) {
            body.append(part.utf8());
            subscription.join().request(1);
          }

          @Override
          public void onError(Throwable thrown) {
            whole.completeExceptionally(thrown);
          }

          @Override
          public void onComplete() {
            whole.complete(body.toString());
          }
        });
    assertThat(whole.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(LARGE);
  }

  @Test
  void manyThreadsCallAtOnce() throws Exception {
    List<CompletableFuture<String>> answers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      String path = i % 5 == 0 ? "/large.txt" : "/page.txt";
      CompletableFuture<String> answer = new CompletableFuture<>();
      answers.add(answer);
      Thread.ofVirtual().start(() -> answer.complete(caller.get(path, PATIENCE).text()));
    }
    for (int i = 0; i < 50; i++) {
      String wanted = i % 5 == 0 ? LARGE : "a page\n";
      assertThat(answers.get(i).get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(wanted);
    }
  }

  // ---- redirects

  @Test
  void redirectsAreFollowed() {
    Answer moved = caller.get("/moved", PATIENCE);
    assertThat(moved.text()).isEqualTo("a page\n");
    assertThat(moved.uri()).endsWith("/page.txt#here");
    assertThat(moved.history()).hasSize(1);
    Request post = Request.of("POST", "/posted").body(Bytes.ofUtf8("a body"));
    assertThat(caller.send(post, PATIENCE).text()).isEqualTo("a page\n");
    Request put = Request.of("PUT", "/kept").body(Bytes.ofUtf8("a body"));
    assertThat(caller.send(put, PATIENCE).text()).startsWith("PUT 6 a body ");
  }

  @Test
  void aLoopIsFound() {
    assertThatThrownBy(() -> caller.get("/round", PATIENCE))
        .isInstanceOfSatisfying(
            FailedException.class,
            thrown -> assertThat(thrown.reason()).isInstanceOf(Reason.RedirectRefused.class));
  }

  @Test
  void anotherOriginIsReachedByAConnectionOfItsOwn() {
    try (Connection secure = open(Servers.nginx().port(1), Way.TLS)) {
      assertThatThrownBy(
              () -> Caller.on(secure).redirects(Redirects.DEFAULT).get("/away", PATIENCE))
          .hasMessageContaining("it leads from https to http");
      Redirects unsecured = Redirects.DEFAULT.unsecured(true);
      assertThat(Caller.on(secure).redirects(unsecured).get("/away", PATIENCE).text())
          .isEqualTo("a page\n");
      List<URI> asked = new ArrayList<>();
      Caller own =
          Caller.on(secure)
              .redirects(unsecured)
              .elsewhere(
                  origin -> {
                    asked.add(origin);
                    return connection;
                  });
      assertThat(own.get("/away", PATIENCE).text()).isEqualTo("a page\n");
      assertThat(asked).hasSize(1);
    }
  }

  // ---- credentials

  @Test
  void basicOpensAPage() {
    Caller known = caller.credentials(Credentials.of("Mufasa", "Circle of Life"));
    assertThat(caller.get("/basic/page.txt", PATIENCE).status()).isEqualTo(401);
    assertThat(known.get("/basic/page.txt", PATIENCE).text()).isEqualTo("a page\n");
    assertThat(known.get("/basic/page.txt", PATIENCE).history()).isEmpty();
    Caller unknown = caller.credentials(Credentials.of("Scar", "Circle of Life"));
    assertThat(unknown.get("/basic/page.txt", PATIENCE).status()).isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(strings = {"MD5", "MD5-sess", "SHA-256", "SHA-256-sess", "SHA-512-256"})
  void digestOpensAPage(String algorithm) {
    try (Connection python = open(Servers.python().port(0), Way.PLAIN)) {
      String path = "/digest/" + algorithm;
      Caller known = Caller.on(python).credentials(Credentials.digest("Mufasa", "Circle of Life"));
      assertThat(known.get(path, PATIENCE).text()).isEqualTo("count 1\n");
      Answer second = known.get(path, PATIENCE);
      assertThat(second.text()).isEqualTo("count 2\n");
      assertThat(second.history()).isEmpty();
      Caller wrong = Caller.on(python).credentials(Credentials.digest("Mufasa", "Hakuna"));
      assertThat(wrong.get(path, PATIENCE).status()).isEqualTo(401);
    }
  }
}
