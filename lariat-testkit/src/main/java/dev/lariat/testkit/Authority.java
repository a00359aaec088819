package dev.lariat.testkit;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Who vouches for the certificates of origins; made anew in every run, and trusted by nobody else.
 */
final class Authority {
  private static final String NAME = "CN=Lariat test authority";
  private static final char[] PASSWORD = "none".toCharArray(); // stores want one
  private static final Duration AGE = Duration.ofDays(30);
  private static final Duration VALID = Duration.ofDays(1);
  private static final GeneralName[] HERE = {
    new GeneralName(GeneralName.dNSName, "localhost"),
    new GeneralName(GeneralName.iPAddress, "127.0.0.1")
  };
  private static final GeneralName[] ELSEWHERE = {
    new GeneralName(GeneralName.dNSName, "elsewhere.invalid")
  };

  /** Made when the first origin wants it: keys take their time. */
  private static final class Holder {
    static final Authority OF_THIS_RUN = new Authority();
  }

  private final KeyPair keys;
  private final X509Certificate certificate;

  private Authority() {
    try {
      keys = newKeys();
      certificate = issue(NAME, keys, NAME, keys, VALID, true);
    } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
      throw new IllegalStateException("the JDK has what certificates need", e);
    }
  }

  static Authority ofThisRun() {
    return Holder.OF_THIS_RUN;
  }

  /** A store that trusts it. */
  KeyStore trust() {
    try {
      KeyStore store = emptyStore();
      store.setCertificateEntry("authority", certificate);
      return store;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("the JDK has PKCS #12", e);
    }
  }

  /** TLS as a server with this certificate. */
  SSLContext server(ServerCertificate which) {
    try {
      KeyPair its = newKeys();
      X509Certificate shown =
          switch (which) {
            case TRUSTED -> issue("CN=Origin", its, NAME, keys, VALID, false, HERE);
            case OTHER_HOST -> issue("CN=Origin", its, NAME, keys, VALID, false, ELSEWHERE);
            case SELF_SIGNED -> issue("CN=Origin", its, "CN=Origin", its, VALID, false, HERE);
            case EXPIRED -> issue("CN=Origin", its, NAME, keys, VALID.negated(), false, HERE);
          };
      KeyStore store = emptyStore();
      store.setKeyEntry("origin", its.getPrivate(), PASSWORD, new Certificate[] {shown});
      KeyManagerFactory managers =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      managers.init(store, PASSWORD);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(managers.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
      throw new IllegalStateException("the JDK has what certificates need", e);
    }
  }

  private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static KeyPair newKeys() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private static X509Certificate issue(
      String subject,
      KeyPair keys,
      String issuer,
      KeyPair issuerKeys,
      Duration valid,
      boolean authority,
      GeneralName... names)
      throws GeneralSecurityException, CertIOException, OperatorCreationException {
    Instant now = Instant.now();
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            new X500Name(issuer),
            BigInteger.valueOf(System.nanoTime()).abs(),
            Date.from(now.minus(AGE)),
            Date.from(now.plus(valid)),
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
}
