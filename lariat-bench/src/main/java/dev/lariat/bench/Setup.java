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
import java.util.Base64;
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

  /** The windows of those clients whose own do not grow: 8 MiB, as Lariat's and Jetty's may be. */
  static final int STREAM_WINDOW = 8 << 20;

  /** Whether to offer permessage-deflate. */
  boolean compress() {
    return workload.isCompressed();
  }

  /** How many connections a pool may have: what is measured, and what was opened before. */
  int poolSize() {
    return workload.connections + (workload.multiplexed ? 0 : workload.before());
  }

  /** How many requests there may be at a time: one that has just ended still counts. */
  int calls() {
    return 2 * (workload.drivers() + workload.before());
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

  /** Writes the server's key and certificate in the form that servers in C read. */
  void certificate(Path directory) throws GeneralSecurityException, IOException {
    KeyStore store = keyStore();
    String alias = store.aliases().nextElement();
    byte[] key = store.getKey(alias, PASSWORD.toCharArray()).getEncoded();
    pem(directory.resolve("key.pem"), "PRIVATE KEY", key);
    pem(
        directory.resolve("certificate.pem"),
        "CERTIFICATE",
        store.getCertificate(alias).getEncoded());
  }

  private static void pem(Path file, String kind, byte[] bytes) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    String rule = "-----%s " + kind + "-----\n";
    Files.writeString(file, rule.formatted("BEGIN") + text + "\n" + rule.formatted("END"));
  }
}
