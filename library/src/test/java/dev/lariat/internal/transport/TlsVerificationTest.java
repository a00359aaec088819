package dev.lariat.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.uri.Authority;
import dev.lariat.message.Reason;
import dev.lariat.option.Tls;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which servers are believed, by each provider of TLS, over channels without a network. */
class TlsVerificationTest {
  private static final String AUTHORITY = "CN=Authority";
  private static final String HOST = "feed.example.com";
  private static final String OTHER = "TLS failed: the server's certificate is not for the host ";
  private static final Duration DAY = Duration.ofDays(1);

  /** A client and a server, and the bytes between them. */
  private static final class Line {
    final EmbeddedChannel client = new EmbeddedChannel();
    final EmbeddedChannel server = new EmbeddedChannel();
    final SslHandler clients;
    final SslHandler servers;

    Line(TlsContext context, String host, KeyPair key, X509Certificate certificate, String protocol)
        throws Exception {
      this(context, host, server(key, certificate, protocol));
    }

    Line(TlsContext context, String host, SslContext itsServer) {
      clients = context.handler(client, Authority.parse(host, 443));
      servers = itsServer.newHandler(server.alloc());
      server.pipeline().addLast(servers);
      client.pipeline().addLast(new NoRenegotiation(), clients);
      exchange();
    }

    void exchange() {
      boolean moved = true;
      while (moved) {
        moved = move(client, server) | move(server, client);
      }
    }

    private static boolean move(EmbeddedChannel from, EmbeddedChannel to) {
      boolean moved = false;
      for (ByteBuf part = from.readOutbound(); part != null; part = from.readOutbound()) {
        moved = true;
        try {
          to.writeInbound(part);
        } catch (Exception e) { // what the handshake says is asked of its future
        }
      }
      from.runPendingTasks();
      return moved;
    }

    void send(String text) {
      server.writeOutbound(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
      exchange();
    }

    String received() {
      StringBuilder all = new StringBuilder();
      for (ByteBuf part = client.readInbound(); part != null; part = client.readInbound()) {
        all.append(part.toString(StandardCharsets.UTF_8));
        part.release();
      }
      return all.toString();
    }

    /** Why the handshake failed; empty if it succeeded. */
    String failure() {
      assertThat(clients.handshakeFuture().isDone()).isTrue();
      Throwable cause = clients.handshakeFuture().cause();
      return cause == null ? "" : Failures.handshake(cause, null).sentence();
    }
  }

  private static SslContext server(KeyPair key, X509Certificate certificate, String protocol)
      throws Exception {
    return SslContextBuilder.forServer(key.getPrivate(), certificate)
        .sslProvider(SslProvider.JDK)
        .protocols(protocol)
        .build();
  }

  private static KeyPair key() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    return generator.generateKeyPair();
  }

  /** One that this authority has issued; the host is its common name. */
  private static X509Certificate certificate(
      KeyPair key, KeyPair authority, Duration valid, GeneralName... names) throws Exception {
    return certificate("CN=" + HOST, key, authority, valid, names);
  }

  private static X509Certificate certificate(
      String subject, KeyPair key, KeyPair authority, Duration valid, GeneralName... names)
      throws Exception {
    Instant now = Instant.now();
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            new X500Name(AUTHORITY),
            BigInteger.ONE,
            Date.from(now.minus(DAY.multipliedBy(3))),
            Date.from(now.plus(valid)),
            new X500Name(subject),
            key.getPublic());
    boolean isAuthority = subject.equals(AUTHORITY);
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isAuthority));
    if (names.length > 0) {
      builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
    }
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(
                new JcaContentSignerBuilder("SHA256withRSA").build(authority.getPrivate())));
  }

  private static Tls trusting(KeyPair authority) throws Exception {
    X509Certificate certificate = certificate(AUTHORITY, authority, authority, DAY);
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("it", certificate);
    return Tls.DEFAULT.trust(store);
  }

  private static Line line(SslProvider provider, String host, Duration valid, String... names)
      throws Exception {
    return speaking(provider, "TLSv1.3", host, valid, names);
  }

  private static Line speaking(
      SslProvider provider, String protocol, String host, Duration valid, String... names)
      throws Exception {
    KeyPair key = key();
    KeyPair authority = key();
    GeneralName[] all =
        Stream.of(names)
            .map(name -> new GeneralName(GeneralName.dNSName, name))
            .toArray(GeneralName[]::new);
    X509Certificate certificate = certificate(key, authority, valid, all);
    return new Line(
        new TlsContext(trusting(authority), provider), host, key, certificate, protocol);
  }

  @ParameterizedTest
  @CsvSource({
    "JDK, feed.example.com",
    "OPENSSL, feed.example.com",
    "JDK, FEED.example.com",
    "OPENSSL, FEED.example.com",
    "JDK, *.example.com",
    "OPENSSL, *.example.com"
  })
  void rfc9525_6_3_aCertificateNamesTheHostOrAWholeLabelOfIt(SslProvider provider, String name)
      throws Exception {
    assertThat(line(provider, HOST, DAY, "other.example.com", name).failure()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"JDK", "OPENSSL"})
  void rfc9110_4_3_4_aCommonNameDoesNotCount(SslProvider provider) throws Exception {
    assertThat(line(provider, HOST, DAY).failure())
        .isEqualTo(
            OTHER
                + HOST
                + ": it names no host as a subject alternative name (RFC 9110 section 4.3.4).");
  }

  @ParameterizedTest
  @CsvSource({
    "JDK, feed.example.com, f*.example.com",
    "OPENSSL, feed.example.com, f*.example.com",
    "JDK, feed.example.com, *d.example.com",
    "OPENSSL, feed.example.com, *d.example.com",
    "JDK, a.feed.example.com, *.example.com",
    "OPENSSL, a.feed.example.com, *.example.com",
    "JDK, example.com, *.example.com",
    "OPENSSL, example.com, *.example.com",
    "JDK, feed.example.com, other.example.com",
    "OPENSSL, feed.example.com, other.example.com",
    "JDK, 127.0.0.1, feed.example.com",
    "OPENSSL, 127.0.0.1, feed.example.com"
  })
  void anotherNameIsRefusedInASentence(SslProvider provider, String host, String name)
      throws Exception {
    assertThat(line(provider, host, DAY, name).failure()).startsWith(OTHER).hasSizeLessThan(200);
  }

  @ParameterizedTest
  @EnumSource(names = {"JDK", "OPENSSL"})
  void anExpiredCertificateIsRefusedInASentence(SslProvider provider) throws Exception {
    assertThat(line(provider, HOST, DAY.negated(), HOST).failure())
        .isEqualTo("TLS failed: the server's certificate has expired.");
  }

  @ParameterizedTest
  @EnumSource(names = {"JDK", "OPENSSL"})
  void anAuthorityThatNobodyTrustsIsRefusedInASentence(SslProvider provider) throws Exception {
    KeyPair key = key();
    GeneralName name = new GeneralName(GeneralName.dNSName, HOST);
    Line line =
        new Line(
            new TlsContext(Tls.DEFAULT, provider),
            HOST,
            key,
            certificate(key, key(), DAY, name),
            "TLSv1.3");
    assertThat(line.failure())
        .isEqualTo("TLS failed: the server's certificate is not issued by a trusted authority.");
  }

  @ParameterizedTest
  @EnumSource(names = {"JDK", "OPENSSL"})
  void aServerWithoutTlsIsToldInASentence(SslProvider provider) {
    EmbeddedChannel client = new EmbeddedChannel();
    SslHandler handler =
        new TlsContext(Tls.DEFAULT, provider).handler(client, Authority.parse(HOST, 443));
    client.pipeline().addLast(new NoRenegotiation(), handler);
    String page = "HTTP/1.1 400 Bad Request\r\n\r\n" + "x".repeat(8000);
    try {
      client.writeInbound(Unpooled.copiedBuffer(page, StandardCharsets.US_ASCII));
    } catch (Exception e) { // the handshake's future has it, too
    }
    assertThat(Failures.handshake(handler.handshakeFuture().cause(), null).sentence())
        .isEqualTo("TLS failed: the server does not speak TLS.");
  }

  @ParameterizedTest
  @EnumSource(names = {"JDK", "OPENSSL"})
  void rfc9325_4_1_noKeyIsExchangedByRsaAlone(SslProvider provider) {
    assertThat(new TlsContext(Tls.DEFAULT, provider).suites())
        .isNotEmpty()
        .noneMatch(suite -> suite.startsWith("TLS_RSA_") || suite.startsWith("SSL_RSA_"))
        .anyMatch(suite -> suite.startsWith("TLS_ECDHE_RSA_"));
  }

  @ParameterizedTest
  @CsvSource({"JDK, TLSv1.2", "OPENSSL, TLSv1.2", "JDK, TLSv1.3", "OPENSSL, TLSv1.3"})
  void whatTheServerSendsIsReadToItsEnd(SslProvider provider, String protocol) throws Exception {
    Line line = speaking(provider, protocol, HOST, DAY, HOST);
    line.send("one");
    line.send("x".repeat(100_000));
    assertThat(line.received()).hasSize(100_003).startsWith("onex");
  }

  @ParameterizedTest
  @EnumSource(names = {"JDK", "OPENSSL"})
  void rfc5246_7_4_1_1_aServerThatNegotiatesAnewIsRefused(SslProvider provider) throws Exception {
    Line line = speaking(provider, "TLSv1.2", HOST, DAY, HOST);
    assertThat(line.failure()).isEmpty();
    line.send("before");
    line.server.writeOutbound(Unpooled.copiedBuffer("and", StandardCharsets.UTF_8));
    line.servers.renegotiate();
    line.server.flush();
    ByteBuf all = Unpooled.buffer();
    for (ByteBuf part = line.server.readOutbound(); part != null; ) {
      all.writeBytes(part);
      part.release();
      part = line.server.readOutbound();
    }
    Throwable thrown = null;
    try {
      line.client.writeInbound(all);
    } catch (Throwable t) {
      thrown = t;
    }
    assertThat(thrown).isNotNull();
    Reason reason = Failures.broken(thrown);
    assertThat(reason.sentence())
        .isEqualTo(
            "TLS failed: the server asked to renegotiate TLS, which Lariat rejects (RFC 5246"
                + " section 7.4.1.1).");
    assertThat(line.received()).isEqualTo("beforeand");
    ByteBuf answer = line.client.readOutbound();
    assertThat(answer).as("no client hello").isNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 7})
  void aNewHandshakeIsFoundHoweverItsRecordIsCut(int piece) {
    EmbeddedChannel channel = new EmbeddedChannel(new NoRenegotiation());
    byte[] hello = {22, 3, 3, 0, 2, 1, 1};
    byte[] changed = {20, 3, 3, 0, 1, 1};
    byte[] data = {23, 3, 3, 0, 3, 22, 22, 22};
    ByteBuf all = Unpooled.wrappedBuffer(hello, changed, hello, data, hello);
    int readable = all.readableBytes();
    Throwable thrown = null;
    int passed = 0;
    while (all.isReadable()) {
      try {
        channel.writeInbound(all.readRetainedSlice(Math.min(piece, all.readableBytes())));
      } catch (Throwable t) {
        assertThat(thrown).isNull();
        thrown = t;
      }
    }
    for (ByteBuf part = channel.readInbound(); part != null; part = channel.readInbound()) {
      passed += part.readableBytes();
      part.release();
    }
    assertThat(thrown).isInstanceOf(NoRenegotiation.AskedException.class);
    assertThat(passed).isEqualTo(readable - hello.length);
    all.release();
  }

  @ParameterizedTest
  @CsvSource({"JDK, TLSv1.2", "OPENSSL, TLSv1.2", "JDK, TLSv1.3", "OPENSSL, TLSv1.3"})
  void aNewConnectionResumesTheSessionOfTheOneBefore(SslProvider provider, String protocol)
      throws Exception {
    KeyPair key = key();
    KeyPair authority = key();
    SslContext server =
        server(
            key,
            certificate(key, authority, DAY, new GeneralName(GeneralName.dNSName, HOST)),
            protocol);
    TlsContext context = new TlsContext(trusting(authority), provider);
    long made = sessionMade(new Line(context, HOST, server));
    while (System.currentTimeMillis() == made) {
      Thread.onSpinWait(); // or a new session could seem to be the old one
    }
    assertThat(sessionMade(new Line(context, HOST, server))).isEqualTo(made);
    assertThat(sessionMade(new Line(new TlsContext(trusting(authority), provider), HOST, server)))
        .as("that of a client which has no session")
        .isGreaterThan(made);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aChangedTrustStoreIsReadByANewOptionsObjectOnly(String protocol) throws Exception {
    KeyPair key = key();
    KeyPair authority = key();
    X509Certificate certificate =
        certificate(key, authority, DAY, new GeneralName(GeneralName.dNSName, HOST));
    Tls old = trusting(key());
    KeyStore store = old.trustStore().orElseThrow();
    String refused = new Line(TlsContext.of(old), HOST, key, certificate, protocol).failure();
    assertThat(refused).startsWith("TLS failed");
    store.setCertificateEntry("it", certificate(AUTHORITY, authority, authority, DAY));
    assertThat(new Line(TlsContext.of(old), HOST, key, certificate, protocol).failure())
        .isEqualTo(refused);
    Tls equal = Tls.DEFAULT.trust(store);
    assertThat(equal).isEqualTo(old);
    assertThat(new Line(TlsContext.of(equal), HOST, key, certificate, protocol).failure())
        .isEmpty();
  }

  /** When the session of this connection was made, as the server knows it. */
  private static long sessionMade(Line line) {
    assertThat(line.failure()).isEmpty();
    line.send("behind the tickets of TLS 1.3");
    assertThat(line.received()).isNotEmpty();
    long made = line.servers.engine().getSession().getCreationTime();
    line.client.close();
    line.exchange();
    line.server.close();
    return made;
  }
}
