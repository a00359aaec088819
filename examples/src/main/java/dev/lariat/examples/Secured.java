package dev.lariat.examples;

import dev.lariat.Connection;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Tls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** TLS: the programs of docs/guide/tls.md. */
final class Secured {
  private Secured() {}

  /** Trusts the authorities of a PEM file, and no others. */
  static ConnectionOptions trust(Path pem) {
    return ConnectionOptions.DEFAULT.tls(Tls.DEFAULT.trust(pem));
  }

  /** Trusts the JDK's authorities and those of a PEM file. */
  static Tls alsoTrust(Path pem) throws IOException, GeneralSecurityException {
    List<Certificate> trusted = new ArrayList<>();
    TrustManagerFactory jdk =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    jdk.init((KeyStore) null);
    for (TrustManager manager : jdk.getTrustManagers()) {
      if (manager instanceof X509TrustManager x509) {
        trusted.addAll(List.of(x509.getAcceptedIssuers()));
      }
    }
    try (InputStream in = Files.newInputStream(pem)) {
      trusted.addAll(CertificateFactory.getInstance("X.509").generateCertificates(in));
    }
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    for (int i = 0; i < trusted.size(); i++) {
      store.setCertificateEntry("trusted-" + i, trusted.get(i));
    }
    return Tls.DEFAULT.trust(store);
  }

  /** Shows this client's certificate to servers that ask for one. */
  static Tls identify(Tls tls, Path pkcs12, String password)
      throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance(pkcs12.toFile(), password.toCharArray());
    return tls.identity(keys, password);
  }

  /** Reads keys and certificates again before each attempt, so that they may be renewed. */
  static LiveWebSocket.Plan renewed(String uri, Supplier<Tls> current) {
    return LiveWebSocket.to((attempt, last) -> Endpoint.of(uri).tls(current.get()));
  }

  /** What the handshake has agreed on. */
  static String agreed(Connection connection) {
    return connection
        .info()
        .join()
        .tls()
        .map(session -> session.protocol() + " with " + session.cipher())
        .orElse("no TLS");
  }
}
