package dev.lariat.internal.transport;

import dev.lariat.internal.derived.Derived;
import dev.lariat.internal.uri.Authority;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Tls;
import io.netty.channel.Channel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * TLS as the user wants it, ready for any number of connections, which resume each other's
 * sessions. BoringSSL where present.
 */
public final class TlsContext {
  private final SslContext context;
  private final Tls tls;

  /** The context that offers what these options say; see the other one. */
  public static TlsContext of(Tls tls) {
    return of(tls, tls.alpn());
  }

  /**
   * The context of this options object for a server that may be spoken to as those options say.
   *
   * @throws IllegalArgumentException if the keys and certificates cannot be used, or if nothing
   *     that is offered by ALPN may be spoken
   */
  public static TlsContext of(Tls tls, ConnectionOptions options) {
    return of(tls, Alpn.ofServer(options));
  }

  static TlsContext of(Tls tls, Alpn alpn) {
    return of(tls, alpn.offered(tls));
  }

  /**
   * The context of this options object that offers these protocols. The first caller reads the
   * user's keys and certificates, and the context lives as long as the object. What equals {@link
   * Tls#DEFAULT} shares its contexts: they read the JDK's whole trust store.
   *
   * @throws IllegalArgumentException if the keys and certificates cannot be used
   */
  static TlsContext of(Tls tls, List<String> alpn) {
    Tls its = tls.equals(Tls.DEFAULT) ? Tls.DEFAULT : tls;
    return Derived.of(its)
        .get(TlsContext.class, alpn, () -> new TlsContext(its.alpn(alpn), Provider.BEST));
  }

  /** Apart, so that nobody looks for the library before there is TLS. */
  private static final class Provider {
    static final SslProvider BEST =
        NativeLibrary.isPresent("netty_tcnative") && OpenSsl.isAvailable()
            ? SslProvider.OPENSSL
            : SslProvider.JDK;
  }

  TlsContext(Tls tls, SslProvider provider) {
    this.tls = tls;
    boolean bare = FastThreadLocal.size() == 0;
    try {
      this.context = build(tls, provider);
    } catch (GeneralSecurityException | SSLException e) {
      throw new IllegalArgumentException(
          "tls: " + e.getMessage() + ", allowed keys and certificates that can be used", e);
    } finally {
      if (bare) { // Netty leaves something in this thread, the user's, that would keep its classes
        FastThreadLocal.removeAll();
      }
    }
  }

  /** What it offers by ALPN. */
  List<String> offered() {
    return tls.alpn();
  }

  private static SslContext build(Tls tls, SslProvider provider)
      throws GeneralSecurityException, SSLException {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .sslProvider(provider)
            .ciphers(null, (chosen, defaults, supported) -> forwardSecret(defaults))
            .endpointIdentificationAlgorithm(tls.verifyHostName() ? "HTTPS" : null);
    if (tls.trustAll()) {
      builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
    } else {
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(tls.trustStore().orElse((KeyStore) null));
      if (tls.verifyHostName()) {
        builder.trustManager(named(trust));
      } else {
        builder.trustManager(trust);
      }
    }
    if (tls.identity().isPresent()) {
      Tls.Identity identity = tls.identity().get();
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(identity.keyStore(), identity.password().toCharArray());
      builder.keyManager(keys);
    }
    if (!tls.alpn().isEmpty()) {
      builder.applicationProtocolConfig(
          new ApplicationProtocolConfig(
              Protocol.ALPN,
              SelectorFailureBehavior.NO_ADVERTISE,
              SelectedListenerFailureBehavior.ACCEPT,
              tls.alpn()));
    }
    return builder.build();
  }

  private static TrustManager named(TrustManagerFactory trust) {
    for (TrustManager manager : trust.getTrustManagers()) {
      if (manager instanceof X509ExtendedTrustManager jdks) {
        return new NamedTrust(jdks);
      }
    }
    throw new IllegalStateException("every Java platform has one for X.509");
  }

  /**
   * Those whose sessions stay secret when the server's key is known later (RFC 9325 section 4.1):
   * no key exchange by RSA alone.
   */
  private static String[] forwardSecret(List<String> suites) {
    return suites.stream()
        .filter(suite -> !suite.startsWith("TLS_RSA_") && !suite.startsWith("SSL_RSA_"))
        .toArray(String[]::new);
  }

  /** The cipher suites that it offers. */
  List<String> suites() {
    return context.cipherSuites();
  }

  /** A handler for one connection to this server. */
  SslHandler handler(Channel channel, Authority server) {
    Authority named =
        tls.serverName().map(name -> Authority.of(name, server.port())).orElse(server);
    SslHandler handler = context.newHandler(channel.alloc(), named.name(), named.port());
    askFor(named, handler.engine());
    handler.setHandshakeTimeoutMillis(0); // the dialer has its own
    return handler;
  }

  /** By themselves the providers ask for no name without a dot. */
  private static void askFor(Authority server, SSLEngine engine) {
    SNIServerName name;
    try {
      if (server.isAddress()) {
        return;
      }
      name = new SNIHostName(server.name().getBytes(StandardCharsets.US_ASCII));
    } catch (IllegalArgumentException e) {
      return; // the JDK takes no underscore for a letter of a host's name
    }
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setServerNames(List.of(name));
    engine.setSSLParameters(parameters);
  }
}
