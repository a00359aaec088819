package dev.lariat.option;

import dev.lariat.internal.derived.Derived;
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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The options of TLS (RFC 8446): which certificates to trust, and which to present. By default
 * Lariat verifies the server's certificate against the JDK's trust store and against the host name
 * (RFC 9110 section 4.3.4).
 *
 * <p>The certificate must name the host as a subject alternative name. A common name does not
 * count, and a wildcard must be a whole label (RFC 9525 section 6.3). Lariat offers no cipher suite
 * without forward secrecy. If the server renegotiates, the connection ends.
 *
 * <p>Lariat reads the key stores of a {@code Tls} object once, in the thread that opens the first
 * connection with it, and once more for each other list of protocols that it offers by ALPN.
 * Connections that use the same object, such as the sessions of a live connection, resume each
 * other's TLS sessions. If you change a key store later, make a new object, even an equal one. It
 * shares nothing with the old object and reads the store again. Objects that are equal to {@link
 * #DEFAULT} have no key store of yours, and share what {@code DEFAULT} has read.
 */
public final class Tls {
  static {
    Derived.grant(any -> ((Tls) any).derived);
  }

  /** Verifies everything. */
  public static final Tls DEFAULT = new Tls(new Values());

  /**
   * Verifies nothing. Use it for tests only, because anyone on the network path can read and change
   * everything. To verify something, begin with {@link #DEFAULT}: {@code trust} and {@code
   * verifyHostName(true)} of this value throw.
   */
  public static final Tls INSECURE = new Tls(Values.trustingAll());

  /**
   * A certificate and its key.
   *
   * @param keyStore the key store that contains them
   * @param password the password of the key
   */
  public record Identity(KeyStore keyStore, String password) {

    /** Does not show the password. */
    @Override
    public String toString() {
      return "Identity[" + keyStore.getType() + "]";
    }
  }

  private final Values values;
  private final Derived derived = new Derived(); // no part of the value

  private Tls(Values values) {
    values.check();
    this.values = values;
  }

  /** {@return the certificates to trust instead of the JDK's} */
  public Optional<KeyStore> trustStore() {
    return values.trustStore;
  }

  /**
   * Sets the certificates to trust, instead of the JDK's.
   *
   * @param trustStore a loaded key store with at least one entry
   * @return a copy of these options with this value
   * @throws IllegalArgumentException if the store is empty, or if all certificates are trusted
   */
  public Tls trust(KeyStore trustStore) {
    return with(draft -> draft.trustStore = Range.some("trust", trustStore));
  }

  /**
   * Sets the certificates to trust to those of this PEM file, instead of the JDK's.
   *
   * @param pem a PEM file with certificates
   * @return a copy of these options with this value
   * @throws IllegalArgumentException if the file cannot be read or contains no certificate, or if
   *     all certificates are trusted
   */
  public Tls trust(Path pem) {
    Range.present("trust", pem, "null");
    if (values.trustAll) {
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

  /** {@return the client certificate and its key} */
  public Optional<Identity> identity() {
    return values.identity;
  }

  /**
   * Sets the client certificate and its key, for servers that ask for one; none by default.
   *
   * @param keyStore a loaded key store with a key
   * @param password the password
   * @return a copy of these options with this value
   */
  public Tls identity(KeyStore keyStore, String password) {
    return identity(Optional.of(new Identity(keyStore, password)));
  }

  /**
   * Sets the client certificate and its key, for servers that ask for one, or none if empty.
   *
   * @param identity the certificate and its key; empty for none
   * @return a copy of these options with this value
   */
  public Tls identity(Optional<Identity> identity) {
    return with(draft -> draft.identity = identity);
  }

  /** {@return the name to request and to verify instead of the host name} */
  public Optional<String> serverName() {
    return values.serverName;
  }

  /**
   * Sets the name to request (SNI, RFC 6066 section 3) and to verify; the host name by default.
   *
   * @param serverName the name of the server
   * @return a copy of these options with this value
   */
  public Tls serverName(String serverName) {
    return serverName(Range.some("serverName", serverName));
  }

  /**
   * Sets the name to request and to verify, or uses the host name if empty.
   *
   * @param serverName the name of the server
   * @return a copy of these options with this value
   */
  public Tls serverName(Optional<String> serverName) {
    return with(draft -> draft.serverName = serverName);
  }

  /** {@return whether the certificate must name the host} */
  public boolean verifyHostName() {
    return values.verifyHostName;
  }

  /**
   * Sets whether the certificate must name the host; true by default.
   *
   * @param verifyHostName whether the name is verified
   * @return a copy of these options with this value
   * @throws IllegalArgumentException if {@code verifyHostName} is true and all certificates are
   *     trusted
   */
  public Tls verifyHostName(boolean verifyHostName) {
    return with(draft -> draft.verifyHostName = verifyHostName);
  }

  /** {@return whether every certificate is trusted} */
  public boolean trustAll() {
    return values.trustAll;
  }

  /** {@return the protocols to offer by ALPN} */
  public List<String> alpn() {
    return values.alpn;
  }

  /**
   * Sets the protocols to offer by ALPN (RFC 7301), by preference: names of 1 to 255 bytes. An
   * empty list offers nothing. The default stands for the {@code protocols} of the connection; a
   * raw connection then offers nothing.
   *
   * <p>What the server chooses is what Lariat speaks. A list of your own must therefore have a name
   * of one of the {@code protocols}, which are HTTP's, or be empty; otherwise {@code open} throws.
   * If the server chooses another name, or nothing where only HTTP/2 is allowed, the attempt fails
   * with a {@code Reason.Tls} that names the choice (RFC 7301 section 3.2). On a raw connection you
   * speak yourself, so the list and the choice can be any.
   *
   * @param alpn the names, by preference
   * @return a copy of these options with this value
   */
  public Tls alpn(List<String> alpn) {
    return with(draft -> draft.alpn = Range.list("alpn", alpn));
  }

  private static IllegalArgumentException contradiction(String other) {
    return new IllegalArgumentException(
        other + " with tls.trustAll: true, allowed one of them: start from Tls.DEFAULT");
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

  private Tls with(Consumer<Values> change) {
    return new Tls(values.with(change));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Tls its && values.equals(its.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return "Tls" + values;
  }

  private static final class Values extends Draft<Values> {
    Optional<KeyStore> trustStore = Optional.empty();
    Optional<Identity> identity = Optional.empty();
    Optional<String> serverName = Optional.empty();
    boolean verifyHostName = true;
    boolean trustAll = false;
    List<String> alpn = List.of("http/1.1");

    static Values trustingAll() {
      Values values = new Values();
      values.trustAll = true;
      values.verifyHostName = false;
      return values;
    }

    @Override
    void check() {
      if (trustAll && trustStore.isPresent()) {
        throw contradiction("tls.trustStore: a key store");
      }
      if (trustAll && verifyHostName) {
        throw contradiction("tls.verifyHostName: true");
      }
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
        if (serverName.isPresent()) {
          Authority.of(serverName.get(), 443);
        }
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("tls.serverName: " + e.getMessage(), e);
      }
      if (trustStore.isPresent()) {
        checkHoldsSomething("tls.trustStore", trustStore.get());
      }
      if (identity.isPresent()) {
        checkHoldsSomething("tls.identity", identity.get().keyStore());
      }
    }

    @Override
    Object[] parts() {
      return new Object[] {
        "trustStore", trustStore,
        "identity", identity,
        "serverName", serverName,
        "verifyHostName", verifyHostName,
        "trustAll", trustAll,
        "alpn", alpn
      };
    }
  }
}
