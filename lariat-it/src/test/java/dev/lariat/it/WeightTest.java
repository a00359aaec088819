package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.testkit.Origin;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What an idle live WebSocket weighs, and a stream of HTTP/2. The WebSocket is connected, its
 * session open, nothing to read or to send, in a mailbox of its own. {@link Scales} counts
 * everything that the heap has for it, by the histogram of a JVM with one kind of object layout. It
 * weighs bare Netty channels in the same JVM, with the same TLS, and what one of them weighs is
 * subtracted: the socket and the TLS engine are Netty's and the JDK's, whoever opens the
 * connection. {@code target/weight} has what was counted.
 */
@Timeout(600)
final class WeightTest {
  private static final long PLAIN = 4096; // bytes
  private static final long TLS = 4608; // the TLS session of a connection is remembered, too

  private static final long STREAM = 600;

  private static final List<String> LAYOUT = // with it, an object has the same size everywhere
      List.of(
          "-XX:+IgnoreUnrecognizedVMOptions",
          "-XX:+UseSerialGC",
          "-Xmx512m",
          "-XX:+UseCompressedOops",
          "-XX:ObjectAlignmentInBytes=8",
          "-XX:-UseCompactObjectHeaders");

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anIdleLiveWebSocketWeighsAtMostFourKilobytes(boolean tls) throws Exception {
    Map<String, Long> weights = weigh(tls);
    long bare = weights.get("netty");
    long limit = tls ? TLS : PLAIN;
    assertThat(weights.get("live") - bare).isBetween(1L, limit);
    assertThat(weights.get("stepped") - bare).isBetween(1L, limit);
  }

  /** A request that waits for its response, with its handle and all that it asks for. */
  @Test
  void eachOfAThousandStreamsWeighsAtMost600Bytes() throws Exception {
    Path folder = Files.createDirectories(Path.of("target", "weight", "streams"));
    try (Origin origin =
        Origin.start(
            visit -> {
              while (visit.request() != null) {} // and answers none
            })) {
      String uri = origin.uri("http", "/").toString();
      Deployment.Said said =
          Deployment.start(folder, List.of(), LAYOUT, Scales.class, "streams", uri);
      assertThat(said.output()).as("said: %s", said.errors()).isNotEmpty();
      String[] words = said.output().getFirst().split(" ");
      assertThat(words[0]).isEqualTo("stream");
      assertThat(Long.parseLong(words[1])).isBetween(1L, STREAM);
    }
  }

  /** The bytes of one connection of each kind. */
  private static Map<String, Long> weigh(boolean tls) throws Exception {
    Path folder = Files.createDirectories(Path.of("target", "weight", tls ? "tls" : "plain"));
    Path trust = folder.resolve("trust");
    try (OutputStream out = Files.newOutputStream(trust)) {
      KeyStore store = Certificates.trusted().trustStore().orElseThrow();
      store.store(out, "secret".toCharArray());
    }
    List<String> options =
        new ArrayList<>(
            List.of(
                "-Djavax.net.ssl.trustStore=" + trust.toAbsolutePath(),
                "-Djavax.net.ssl.trustStorePassword=secret"));
    options.addAll(LAYOUT);
    try (ScriptedServer server =
        new ScriptedServer(
            tls,
            peer -> {
              peer.upgrade();
              peer.awaitEnd();
            })) {
      String uri = (tls ? "wss" : "ws") + "://127.0.0.1:" + server.port() + "/";
      Deployment.Said said = Deployment.start(folder, List.of(), options, Scales.class, uri);
      Map<String, Long> weights =
          said.output().stream()
              .filter(line -> !line.startsWith(" "))
              .map(line -> line.split(" "))
              .collect(Collectors.toMap(words -> words[0], words -> Long.parseLong(words[1])));
      assertThat(weights).as("said: %s", said.errors()).hasSize(3);
      assertThat(said.output()) // the searches and the steps are over
          .noneMatch(line -> line.endsWith(" java.lang.VirtualThread"));
      return weights;
    }
  }
}
