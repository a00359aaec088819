package dev.lariat.it;

import dev.lariat.option.Tls;
import java.io.IOException;
import java.io.Writer;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;

/** An authority of the tests' own, and what it issues; made anew in every run. */
final class Certificates {
  private static final String PASSWORD = "secret";
  private static final Instant NOW = Instant.now();
  private static final GeneralName[] LOOPBACK = {
    new GeneralName(GeneralName.dNSName, "localhost"),
    new GeneralName(GeneralName.iPAddress, "127.0.0.1")
  };

  /** A certificate and its key. */
  private record Issued(X509Certificate certificate, PrivateKey key) {}

  private static final Certificates ALL = new Certificates();

  private final Issued authority;
  private final Issued client;
  private final Issued renewed;
  private final Issued server;
  private final Map<String, Object> files = new HashMap<>();

  private Certificates() {
    try {
      KeyPair keys = keys();
      authority =
          new Issued(issue("CN=Authority", keys, "CN=Authority", keys, 2, true), keys.getPrivate());
      files.put("ca", pem("ca", authority.certificate()));
      server = server(2, LOOPBACK);
      write("server", server);
      write("wrongHost", server(2, new GeneralName(GeneralName.dNSName, "elsewhere.invalid")));
      write("expired", server(-1, LOOPBACK));
      write(
          "hosts",
          server(
              2,
              new GeneralName(GeneralName.dNSName, "one.lariat.test"),
              new GeneralName(GeneralName.dNSName, "two.lariat.test"),
              new GeneralName(GeneralName.dNSName, "wrong.lariat.test"),
              new GeneralName(GeneralName.dNSName, "*.www.lariat.test")));
      write("host", server(2, new GeneralName(GeneralName.dNSName, "other.lariat.test")));
      client = signed("CN=Client", 2);
      write("client", client);
      renewed = signed("CN=Renewed", 2);
    } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * The PEM files by the names that the servers' configurations use: {@code server}, {@code
   * serverKey} and {@code serverBoth}, the same of {@code wrongHost}, {@code expired}, {@code
   * hosts}, {@code host} and {@code client}, and {@code ca}.
   */
  static Map<String, Object> files() {
    return ALL.files;
  }

  /** TLS that trusts the authority, and it alone. */
  static Tls trusted() {
    return Tls.DEFAULT.trust(Path.of(ALL.files.get("ca").toString()));
  }

  /** The same with the client's certificate. */
  static Tls trustedWithIdentity() {
    return trustedAs(ALL.client);
  }

  /** The same with the certificate that takes the place of the client's. */
  static Tls trustedWithRenewedIdentity() {
    return trustedAs(ALL.renewed);
  }

  private static Tls trustedAs(Issued identity) {
    try {
      return trusted().identity(store(identity), PASSWORD);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** TLS as the server that {@link #trusted} trusts. */
  static SSLContext server() {
    try {
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store(ALL.server), PASSWORD.toCharArray());
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyStore store(Issued issued) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "one", issued.key(), PASSWORD.toCharArray(), new Certificate[] {issued.certificate()});
    return store;
  }

  private Issued server(int days, GeneralName... names)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    return signed("CN=Server", days, names);
  }

  private Issued signed(String subject, int days, GeneralName... names)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    KeyPair keys = keys();
    KeyPair issuer = new KeyPair(authority.certificate().getPublicKey(), authority.key());
    return new Issued(
        issue(subject, keys, "CN=Authority", issuer, days, false, names), keys.getPrivate());
  }

  private static KeyPair keys() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private static X509Certificate issue(
      String subject,
      KeyPair keys,
      String issuer,
      KeyPair issuerKeys,
      int days,
      boolean authority,
      GeneralName... names)
      throws GeneralSecurityException, CertIOException, OperatorCreationException {
    Instant begin = NOW.minus(Duration.ofDays(3));
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            new X500Name(issuer),
            BigInteger.valueOf(System.nanoTime()),
            Date.from(begin),
            Date.from(NOW.plus(Duration.ofDays(days))),
            new X500Name(subject),
            keys.getPublic());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
    if (names.length > 0) {
      builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
    }
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(
                new JcaContentSignerBuilder("SHA256withECDSA").build(issuerKeys.getPrivate())));
  }

  private void write(String name, Issued issued) throws IOException {
    files.put(name, pem(name, issued.certificate()));
    PemObject key = key(issued);
    files.put(name + "Key", pem(name + "Key", key));
    files.put(name + "Both", pem(name + "Both", issued.certificate(), key));
  }

  /** With the public key, which the JDK leaves out and GnuTLS wants (RFC 5915 section 3). */
  private static PemObject key(Issued issued) throws IOException {
    byte[] point =
        SubjectPublicKeyInfo.getInstance(issued.certificate().getPublicKey().getEncoded())
            .getPublicKeyData()
            .getBytes();
    ECPrivateKey secret = (ECPrivateKey) issued.key();
    PrivateKeyInfo both =
        new PrivateKeyInfo(
            PrivateKeyInfo.getInstance(secret.getEncoded()).getPrivateKeyAlgorithm(),
            new org.bouncycastle.asn1.sec.ECPrivateKey(
                secret.getParams().getOrder().bitLength(),
                secret.getS(),
                new DERBitString(point),
                null));
    return new PemObject("PRIVATE KEY", both.getEncoded()); // another form leaves out the curve
  }

  private static Path pem(String name, Object... contents) throws IOException {
    Path file = Server.FOLDER.resolve(name + ".pem").toAbsolutePath();
    try (Writer out = Files.newBufferedWriter(file);
        JcaPEMWriter pem = new JcaPEMWriter(out)) {
      for (Object content : contents) {
        pem.writeObject(content);
      }
    }
    return file;
  }
}
