package dev.lariat.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.client.Client;
import dev.lariat.message.Text;
import dev.lariat.message.Waiting;
import dev.lariat.option.Tls;
import dev.lariat.spring.SecureFront.Issued;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.Visit;
import dev.lariat.testkit.WebSocketVisit;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.SslStoreBundle;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Bundles of certificates whose files change while the application runs. */
@Timeout(60)
class BundlesTest {
  private static final int PATIENCE = 20; // seconds

  @TempDir private Path folder;
  private Path file;
  private Issued first;
  private Issued second;
  private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();

  @BeforeEach
  void issue() throws Exception {
    first = Issued.to("First");
    second = Issued.to("Second");
    file = folder.resolve("client.pem");
    first.write(file);
  }

  @AfterEach
  void nothingMoreIsSeen() {
    assertThat(seen).isEmpty();
  }

  private static String next(BlockingQueue<String> queue) throws InterruptedException {
    String next = queue.poll(PATIENCE, TimeUnit.SECONDS);
    assertThat(next).as("something within %s s", PATIENCE).isNotNull();
    return next;
  }

  /** With a bundle that follows the file. */
  private ApplicationContextRunner runner(SecureFront front) throws Exception {
    Path trusted = folder.resolve("trusted.pem");
    front.own().write(trusted);
    return new ApplicationContextRunner()
        .withConfiguration(
            AutoConfigurations.of(SslAutoConfiguration.class, LariatAutoConfiguration.class))
        .withPropertyValues(
            "spring.ssl.bundle.watch.file.quiet-period=50ms",
            "spring.ssl.bundle.pem.mine.reload-on-update=true",
            "spring.ssl.bundle.pem.mine.keystore.certificate=" + file.toUri(),
            "spring.ssl.bundle.pem.mine.keystore.private-key=" + file.toUri(),
            "spring.ssl.bundle.pem.mine.truststore.certificate=" + trusted.toUri());
  }

  class Quotes {
    @LariatFeed("quotes")
    void text(String text) {
      seen.add(text);
    }

    @LariatFeed("quotes")
    void waiting(Waiting waiting) {
      if (!waiting.open()) {
        seen.add(waiting.reason().sentence());
      }
    }
  }

  private static Script says(String text) {
    return visit -> {
      WebSocketVisit socket = visit.acceptWebSocket();
      socket.send(new Text(text));
      while (socket.receive() != null) {}
    };
  }

  @Test
  void aFeedShowsTheNewCertificateOfItsBundleInASessionBesideTheOldOne() throws Exception {
    try (Origin origin = Origin.start(says("one"), says("two"));
        SecureFront front = new SecureFront(origin.port(), first)) {
      runner(front)
          .withPropertyValues(
              "lariat.feeds.quotes.uri=" + front.uri("wss"), "lariat.feeds.quotes.ssl.bundle=mine")
          .withBean(Quotes.class, Quotes::new)
          .run(
              context -> {
                assertThat(next(seen)).isEqualTo("one");
                assertThat(next(front.shown)).isEqualTo("CN=First");
                front.trust(second);
                second.write(file);
                assertThat(next(seen)).isEqualTo("two");
                assertThat(next(front.shown)).isEqualTo("CN=Second");
                assertThat(next(front.left)).isEqualTo("CN=First");
              });
    }
  }

  /** Answers each request, until the client leaves. */
  private static void answers(Visit visit) throws Exception {
    while (visit.request() != null) {
      visit.respond(200, "x");
    }
  }

  @Test
  void theClientShowsTheNewCertificateOfItsBundleAndNoCallFails() throws Exception {
    try (Origin origin = Origin.start(BundlesTest::answers);
        SecureFront front = new SecureFront(origin.port(), first)) {
      AtomicInteger customized = new AtomicInteger();
      runner(front)
          .withPropertyValues("lariat.client.ssl.bundle=mine")
          .withBean(
              ConnectionCustomizer.class,
              () ->
                  options -> {
                    customized.incrementAndGet();
                    return options.tls(options.tls().orElse(Tls.DEFAULT).serverName("127.0.0.1"));
                  })
          .run(
              context -> {
                Client client = context.getBean(Client.class);
                assertThat(client.get(front.uri("https")).text()).isEqualTo("x");
                assertThat(next(front.shown)).isEqualTo("CN=First");
                front.trust(second);
                second.write(file);
                long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE);
                while (front.shown.isEmpty() && System.nanoTime() < end) { // served by the old one
                  assertThat(client.get(front.uri("https")).text()).isEqualTo("x");
                }
                assertThat(next(front.shown)).isEqualTo("CN=Second");
                assertThat(next(front.left)).isEqualTo("CN=First");
                assertThat(client.get(front.uri("https")).text()).isEqualTo("x");
                assertThat(front.shown).isEmpty();
                assertThat(customized)
                    .hasValueGreaterThan(1); // the customizers saw the new options, too
              });
    }
  }

  private static SslBundle bundle(Issued shown, Issued... trusted) throws Exception {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    keys.load(null, null);
    keys.setKeyEntry(
        "own",
        shown.keys().getPrivate(),
        "none".toCharArray(),
        new Certificate[] {shown.certificate()});
    KeyStore trust = KeyStore.getInstance("PKCS12");
    trust.load(null, null);
    for (Issued each : trusted) {
      trust.setCertificateEntry("trusted", each.certificate());
    }
    return SslBundle.of(SslStoreBundle.of(keys, "none", trust));
  }

  @Test
  void aBundleThatCannotBeUsedLeavesTheClientAndTheFeedsAsTheyWere() throws Exception {
    try (Origin origin = Origin.start(BundlesTest::answers);
        SecureFront front = new SecureFront(origin.port(), first)) {
      var bundles = new DefaultSslBundleRegistry("mine", bundle(first, front.own()));
      new ApplicationContextRunner()
          .withConfiguration(AutoConfigurations.of(LariatAutoConfiguration.class))
          .withBean(SslBundles.class, () -> bundles)
          .withPropertyValues("lariat.client.ssl.bundle=mine")
          .run(
              context -> {
                Client client = context.getBean(Client.class);
                bundles.updateBundle("mine", bundle(second)); // it trusts nobody
                assertThat(client.get(front.uri("https")).text()).isEqualTo("x");
                assertThat(next(front.shown)).isEqualTo("CN=First");
                front.trust(second);
                bundles.updateBundle("mine", bundle(second, front.own()));
                assertThat(client.get(front.uri("https")).text()).isEqualTo("x");
                assertThat(next(front.shown)).isEqualTo("CN=Second");
              });
    }
  }
}
