package dev.lariat.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lariat.Lariat;
import dev.lariat.internal.uri.Authority;
import dev.lariat.message.Protocol;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Proxy;
import dev.lariat.option.Tls;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a client hello says, whoever speaks TLS, and which connections share a context. */
@Timeout(60)
class TlsContextTest {

  @ParameterizedTest
  @CsvSource({
    "JDK, feed.example., feed.example",
    "OPENSSL, feed.example., feed.example",
    "JDK, host, host",
    "OPENSSL, host, host",
    "JDK, b%C3%BCcher.example, xn--bcher-kva.example",
    "OPENSSL, b%C3%BCcher.example, xn--bcher-kva.example"
  })
  void rfc6066_3_theNameIsAskedForWithoutTheDotAtItsEnd(
      SslProvider provider, String host, String name) {
    Hello hello = new Hello(new TlsContext(Tls.DEFAULT, provider), host);
    assertThat(hello.names(name)).isTrue();
    assertThat(hello.peer).isEqualTo(name);
  }

  @ParameterizedTest
  @EnumSource(names = {"JDK", "OPENSSL"})
  void aNameThatTheJdkCannotAskForIsConnectedToAllTheSame(SslProvider provider) {
    Hello hello = new Hello(new TlsContext(Tls.DEFAULT, provider), "my_host");
    assertThat(hello.names("my_host")).isFalse();
    assertThat(hello.peer).isEqualTo("my_host");
  }

  @ParameterizedTest
  @EnumSource(names = {"JDK", "OPENSSL"})
  void aNameOfTheUsersTakesThePlaceOfTheHosts(SslProvider provider) {
    Tls tls = Tls.DEFAULT.serverName("other.example.");
    Hello hello = new Hello(new TlsContext(tls, provider), "feed.example");
    assertThat(hello.names("other.example")).isTrue();
    assertThat(hello.names("feed.example")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "JDK, 127.0.0.1, 127.0.0.1",
    "OPENSSL, 127.0.0.1, 127.0.0.1",
    "JDK, [fe80::1%25eth0], fe80::1",
    "OPENSSL, [fe80::1%25eth0], fe80::1"
  })
  void rfc6066_3_anAddressIsVerifiedAndNotAskedFor(SslProvider provider, String host, String name) {
    Hello hello = new Hello(new TlsContext(Tls.DEFAULT, provider), host);
    assertThat(hello.names(name)).isFalse();
    assertThat(hello.peer).isEqualTo(name);
  }

  @Test
  void anOptionsObjectHasOneContextForEachListOfProtocols() {
    Tls tls = Tls.DEFAULT.verifyHostName(false);
    TlsContext context = TlsContext.of(tls);
    assertThat(TlsContext.of(tls)).isSameAs(context);
    assertThat(TlsContext.of(tls, List.of("http/1.1"))).isSameAs(context);
    TlsContext bare = TlsContext.of(tls, List.of());
    assertThat(bare).isNotSameAs(context);
    assertThat(TlsContext.of(tls, List.of())).isSameAs(bare);
    assertThat(new Hello(bare, "feed.example").offersHttp()).isFalse();
    assertThat(new Hello(context, "feed.example").offersHttp()).isTrue();
  }

  @Test
  void whatIsOfferedIsWhatMayBeSpokenUnlessTheUserHasAList() {
    ConnectionOptions http2 = ConnectionOptions.DEFAULT.protocols(Protocol.HTTP_2);
    ConnectionOptions raw = ConnectionOptions.DEFAULT.protocols(Protocol.RAW);
    assertThat(TlsContext.of(Tls.DEFAULT, http2).offered()).containsExactly("h2");
    assertThat(TlsContext.of(Tls.DEFAULT, raw).offered()).isEmpty();
    Tls both = Tls.DEFAULT.alpn(List.of("acme", "h2"));
    assertThat(TlsContext.of(both, http2).offered()).containsExactly("acme", "h2");
    assertThat(TlsContext.of(both, raw).offered()).containsExactly("acme", "h2");
    assertThat(TlsContext.of(Tls.DEFAULT.alpn(List.of()), http2).offered()).isEmpty();
  }

  @Test
  void aListOfWhichNothingMayBeSpokenIsRefused() {
    Tls tls = Tls.DEFAULT.alpn(List.of("acme", "h2"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Lariat.open("feed.example", 443, ConnectionOptions.DEFAULT.tls(tls)))
        .withMessage(
            "tls.alpn: [acme, h2] with protocols [http/1.1], allowed lists with one of these, or"
                + " the empty one for no ALPN");
    Proxy proxy = Proxy.of("https://proxy.example").tls(tls);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Lariat.open("feed.example", 80, ConnectionOptions.DEFAULT.via(proxy)))
        .withMessageStartingWith("proxy.tls.alpn: [acme, h2] with protocols [http/1.1], allowed");
  }

  @Test
  void equalOptionsObjectsShareNoContext() {
    Tls tls = Tls.DEFAULT.verifyHostName(false);
    Tls equal = Tls.DEFAULT.verifyHostName(false);
    assertThat(equal).isEqualTo(tls);
    assertThat(TlsContext.of(equal)).isNotSameAs(TlsContext.of(tls));
  }

  @Test
  void whatEqualsTheDefaultsSharesTheirContext() {
    Tls equal = Tls.DEFAULT.verifyHostName(false).verifyHostName(true);
    assertThat(equal).isNotSameAs(Tls.DEFAULT);
    assertThat(TlsContext.of(equal)).isSameAs(TlsContext.of(Tls.DEFAULT));
    assertThat(TlsContext.of(equal, List.of())).isSameAs(TlsContext.of(Tls.DEFAULT, List.of()));
  }

  @Test
  void keysThatCannotBeUsedAreRefusedEachTimeAndReadAnew() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    put(store, "another");
    Tls tls = Tls.INSECURE.identity(store, "secret");
    for (int i = 0; i < 2; i++) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TlsContext.of(tls))
          .withMessageStartingWith("tls: ");
    }
    store.deleteEntry("key");
    put(store, "secret");
    assertThat(TlsContext.of(tls)).isSameAs(TlsContext.of(tls));
  }

  private static void put(KeyStore store, String password) throws Exception {
    store.setEntry(
        "key",
        new KeyStore.SecretKeyEntry(new SecretKeySpec(new byte[16], "AES")),
        new KeyStore.PasswordProtection(password.toCharArray()));
  }

  @Test
  void threadsThatOpenAtTheSameTimeGetOneContext() throws Exception {
    int threads = 8;
    Tls tls = Tls.DEFAULT.verifyHostName(false);
    CyclicBarrier together = new CyclicBarrier(threads);
    List<Future<TlsContext>> contexts = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      for (int i = 0; i < threads; i++) {
        contexts.add(
            executor.submit(
                () -> {
                  together.await();
                  return TlsContext.of(tls);
                }));
      }
    }
    assertThat(contexts).extracting(Future::resultNow).containsOnly(TlsContext.of(tls));
  }

  @Test
  void aContextIsCollectedWithItsOptionsObject() {
    List<WeakReference<?>> dropped = used();
    while (dropped.stream().anyMatch(reference -> reference.get() != null)) {
      System.gc();
    }
    assertThat(dropped).allMatch(reference -> reference.get() == null);
  }

  private static List<WeakReference<?>> used() {
    Tls tls = Tls.INSECURE.alpn(List.of("x"));
    return List.of(
        new WeakReference<>(tls),
        new WeakReference<>(TlsContext.of(tls)),
        new WeakReference<>(TlsContext.of(tls, List.of("y"))));
  }

  /** What is sent first. */
  private static final class Hello {
    final String peer;
    private final String hex;

    Hello(TlsContext context, String host) {
      EmbeddedChannel channel = new EmbeddedChannel();
      SslHandler handler = context.handler(channel, Authority.parse(host, 443));
      peer = handler.engine().getPeerHost();
      channel.pipeline().addLast(handler);
      StringBuilder sent = new StringBuilder();
      for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
        sent.append(ByteBufUtil.hexDump(part));
        part.release();
      }
      hex = sent.toString();
      assertThat(hex).startsWith("16"); // a handshake record
      channel.finishAndReleaseAll();
    }

    /** Whether a name of the ALPN extension is that of HTTP/1.1. */
    boolean offersHttp() {
      return hex.contains(
          "08" + HexFormat.of().formatHex("http/1.1".getBytes(StandardCharsets.US_ASCII)));
    }

    /** Whether a host_name of the server_name extension is this one, to its last letter. */
    boolean names(String name) {
      byte[] octets = name.getBytes(StandardCharsets.US_ASCII);
      return hex.contains("%06x".formatted(octets.length) + HexFormat.of().formatHex(octets));
    }
  }
}
