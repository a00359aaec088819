package dev.lariat.option;

import dev.lariat.internal.uri.Authority;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.Optional;

/**
 * TLS (RFC 8446): whom to trust, who to be. By default the server's certificate is verified against
 * the JDK's trust store and against the host's name (RFC 9110 section 4.3.4).
 *
 * <p>The certificate names its hosts as subject alternative names; a common name does not count,
 * and a wildcard is a whole label (RFC 9525 section 6.3). Suites without forward secrecy are not
 * offered, and no server may negotiate anew: that ends the connection.
 *
 * @param trustStore certificates to trust in place of the JDK's
 * @param identity this side's certificate and key, where the server asks for one
 * @param serverName the name to ask for (SNI, RFC 6066 section 3) and to verify in place of the
 *     host's
 * @param verifyHostName whether the certificate must be the host's; true by default
 * @param trustAll whether any certificate is taken: for tests only; false by default. It verifies
 *     nothing, so it is refused together with a {@code trustStore} or {@code verifyHostName}
 * @param alpn protocols to offer by ALPN (RFC 7301), most wanted first; none offers nothing; {@code
 *     http/1.1} by default, which a raw connection does not offer
 */
public record Tls(
    Optional<KeyStore> trustStore,
    Optional<Identity> identity,
    Optional<String> serverName,
    boolean verifyHostName,
    boolean trustAll,
    List<String> alpn) {

  /** Everything verified. */
  public static final Tls DEFAULT =
      new Tls(
          Optional.empty(), Optional.empty(), Optional.empty(), true, false, List.of("http/1.1"));

  /**
   * Nothing verified: for tests only, since anybody in between can read and change everything. To
   * verify something, begin with {@link #DEFAULT}: {@code trust} and {@code verifyHostName(true)}
   * of this one are refused.
   */
  public static final Tls INSECURE =
      new Tls(
          Optional.empty(), Optional.empty(), Optional.empty(), false, true, List.of("http/1.1"));

  /**
   * A certificate and its key.
   *
   * @param keyStore holds them
   * @param password opens the key
   */
  public record Identity(KeyStore keyStore, String password) {

    /** Does not show the password. */
    @Override
    public String toString() {
      return "Identity[" + keyStore.getType() + "]";
    }
  }

  /** Checks and copies. */
  public Tls {
    if (trustAll && trustStore.isPresent()) {
      throw contradiction("tls.trustStore: a key store");
    }
    if (trustAll && verifyHostName) {
      throw contradiction("tls.verifyHostName: true");
    }
    alpn = List.copyOf(alpn);
    for (String name : alpn) {
      int length = name.getBytes(StandardCharsets.UTF_8).length;
      if (length < 1 || length > 255) {
        throw Range.refused(
            "tls.alpn", '"' + name + '"', "names of 1 to 255 bytes (RFC 7301 section 3.1)");
      }
    }
    if (serverName.isPresent() && serverName.get().isEmpty()) {
      throw Range.refused("tls.serverName", "\"\"", "a host name");
    }
    try {
      serverName.ifPresent(name -> Authority.of(name, 443));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("tls.serverName: " + e.getMessage(), e);
    }
    trustStore.ifPresent(store -> checkHoldsSomething("tls.trustStore", store));
    identity.ifPresent(own -> checkHoldsSomething("tls.identity", own.keyStore()));
  }

  private static IllegalArgumentException contradiction(String other) {
    return new IllegalArgumentException(
        other + " with tls.trustAll: true, allowed one of them: begin with Tls.DEFAULT");
  }

  private static void checkHoldsSomething(String option, KeyStore store) {
    int size;
    try {
      size = store.size();
    } catch (KeyStoreException e) {
      throw new IllegalArgumentException(
          option + ": a key store that is not loaded, allowed a loaded one", e);
    }
    if (size == 0) {
      throw Range.refused(option, "an empty key store", "one with entries");
    }
  }

  /**
   * The same with the certificates of this store trusted in place of the JDK's.
   *
   * @throws IllegalArgumentException if all certificates are trusted
   */
  public Tls trust(KeyStore trustStore) {
    return new Tls(Optional.of(trustStore), identity, serverName, verifyHostName, trustAll, alpn);
  }

  /**
   * The same with the certificates of this PEM file trusted in place of the JDK's.
   *
   * @throws IllegalArgumentException if the file cannot be read, or holds no certificate, or if all
   *     certificates are trusted
   */
  public Tls trust(Path pem) {
    if (trustAll) {
      throw contradiction("tls.trust: " + pem);
    }
    try (InputStream in = Files.newInputStream(pem)) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int count = 0;
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("trusted-" + count++, certificate);
      }
      if (count == 0) {
        throw Range.refused("tls.trust", pem, "a PEM file with certificates");
      }
      return trust(store);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalArgumentException(
          "tls.trust: " + pem + ", allowed a PEM file with certificates", e);
    }
  }

  /** The same with this certificate and key for servers that ask for one. */
  public Tls identity(KeyStore keyStore, String password) {
    return new Tls(
        trustStore,
        Optional.of(new Identity(keyStore, password)),
        serverName,
        verifyHostName,
        trustAll,
        alpn);
  }

  /** The same with another name to ask for and to verify. */
  public Tls serverName(String serverName) {
    return new Tls(trustStore, identity, Optional.of(serverName), verifyHostName, trustAll, alpn);
  }

  /**
   * The same with the host's name verified or not.
   *
   * @throws IllegalArgumentException if it is to be verified, and all certificates are trusted
   */
  public Tls verifyHostName(boolean verifyHostName) {
    return new Tls(trustStore, identity, serverName, verifyHostName, trustAll, alpn);
  }

  /** The same with other protocols offered, or none. */
  public Tls alpn(List<String> alpn) {
    return new Tls(trustStore, identity, serverName, verifyHostName, trustAll, alpn);
  }
}
