package dev.lariat.bench;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * What a client is to be set up for.
 *
 * @param workload what it will do
 * @param trustStore a PKCS #12 file with the server's certificate; its password is {@link
 *     #PASSWORD}
 * @param large bytes of the body of a download or an upload: whole MiB
 */
record Setup(Workload workload, Path trustStore, long large) {
  static final String PASSWORD = "lariat";

  /** The largest message that clients are told to expect. */
  static final int MAX_MESSAGE = 1 << 20;

  /** Whether to offer permessage-deflate. */
  boolean compress() {
    return workload.isCompressed();
  }

  /** How many connections a pool may have: what is measured, and what was opened before. */
  int poolSize() {
    return workload.connections + (workload.isIdle() ? Client.IDLE_BEFORE : 0);
  }

  KeyStore keyStore() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(trustStore)) {
      store.load(in, PASSWORD.toCharArray());
    }
    return store;
  }

  TrustManagerFactory trust() throws GeneralSecurityException, IOException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(keyStore());
    return factory;
  }

  SSLContext sslContext() throws GeneralSecurityException, IOException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust().getTrustManagers(), null);
    return context;
  }

  /** BoringSSL where it is there, for the clients that can use it. */
  SslContext nettySslContext() throws GeneralSecurityException, IOException {
    return SslContextBuilder.forClient()
        .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
        .trustManager(trust())
        .build();
  }
}
