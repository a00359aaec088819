package dev.lariat.internal.transport;

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
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;

/**
 * TLS as the user wants it, ready for any number of connections, which resume each other's
 * sessions. BoringSSL where present.
 */
public final class TlsContext {
  /** Made once: it reads the JDK's whole trust store. */
  private static final class Verified {
    static final TlsContext CONTEXT = new TlsContext(Tls.DEFAULT);
  }

  private final SslContext context;
  private final Tls tls;

  /**
   * Reads the user's keys and certificates.
   *
   * @throws IllegalArgumentException if they cannot be used
   */
  public static TlsContext of(Tls tls) {
    return tls.equals(Tls.DEFAULT) ? Verified.CONTEXT : new TlsContext(tls);
  }

  private TlsContext(Tls tls) {
    this.tls = tls;
    try {
      this.context = build(tls);
    } catch (GeneralSecurityException | SSLException e) {
      throw new IllegalArgumentException(
          "tls: " + e.getMessage() + ", allowed keys and certificates that can be used", e);
    }
  }

  private static SslContext build(Tls tls) throws GeneralSecurityException, SSLException {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
            .endpointIdentificationAlgorithm(tls.verifyHostName() ? "HTTPS" : null);
    if (tls.trustAll()) {
      builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
    } else {
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(tls.trustStore().orElse((KeyStore) null));
      builder.trustManager(trust);
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

  /** A handler for one connection to this host. */
  SslHandler handler(Channel channel, String host, int port) {
    SslHandler handler = context.newHandler(channel.alloc(), tls.serverName().orElse(host), port);
    handler.setHandshakeTimeoutMillis(0); // the dialer has its own
    return handler;
  }
}
