package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.option.Tls;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.time.Instant;
import java.util.Date;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms in which a certificate and its key come. */
final class ClientCertificateTest {
  @TempDir private Path folder;

  private static KeyPair keys(String algorithm, int bits) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    if (bits > 0) {
      generator.initialize(bits);
    }
    return generator.generateKeyPair();
  }

  private static X509Certificate certificate(KeyPair keys) throws Exception {
    X500Principal name = new X500Principal("CN=Client");
    Date now = Date.from(Instant.now());
    String algorithm =
        switch (keys.getPrivate().getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> "Ed25519";
        };
    return new JcaX509CertificateConverter()
        .getCertificate(
            new JcaX509v3CertificateBuilder(name, BigInteger.ONE, now, now, name, keys.getPublic())
                .build(new JcaContentSignerBuilder(algorithm).build(keys.getPrivate())));
  }

  /** As OpenSSL writes it: an EC key with its curve, which the JDK leaves out. */
  private static Object withCurve(PrivateKey key) throws IOException {
    if (!(key instanceof ECPrivateKey secret)) {
      return key;
    }
    int bits = secret.getParams().getOrder().bitLength();
    ASN1Encodable curve =
        PrivateKeyInfo.getInstance(key.getEncoded()).getPrivateKeyAlgorithm().getParameters();
    var written = new org.bouncycastle.asn1.sec.ECPrivateKey(bits, secret.getS(), curve);
    return new PemObject("EC PRIVATE KEY", written.getEncoded());
  }

  private Path pem(String name, Object... contents) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
      for (Object content : contents) {
        pem.writeObject(content);
      }
    }
    return Files.writeString(folder.resolve(name), text.toString());
  }

  private static void holds(Tls.Identity identity, KeyPair keys) throws Exception {
    char[] password = identity.password().toCharArray();
    String alias = identity.keyStore().aliases().nextElement();
    Object secret = identity.keyStore().getKey(alias, password);
    if (keys.getPrivate() instanceof ECPrivateKey key) { // whose form may name its curve twice
      assertThat(((ECPrivateKey) secret).getS()).isEqualTo(key.getS());
    } else {
      assertThat(secret).isEqualTo(keys.getPrivate());
    }
    assertThat(identity.keyStore().getCertificate(alias).getPublicKey())
        .isEqualTo(keys.getPublic());
  }

  @ParameterizedTest
  @CsvSource({"RSA, 1024", "RSA, 4096", "EC, 256", "EC, 384", "EC, 521"})
  void aKeyInTheFormOfItsAlgorithmIsRead(String algorithm, int bits) throws Exception {
    KeyPair keys = keys(algorithm, bits);
    Path both = pem("both", certificate(keys), withCurve(keys.getPrivate()));
    assertThat(Files.readString(both)).contains("BEGIN " + algorithm + " PRIVATE KEY");

    holds(ClientCertificate.read(both.toString(), null, null), keys);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC", "Ed25519"})
  void aKeyInPkcs8IsReadFromAFileOfItsOwn(String algorithm) throws Exception {
    KeyPair keys = keys(algorithm, 0);
    Path certificate = pem("certificate", certificate(keys));
    Path key = pem("key", new JcaPKCS8Generator(keys.getPrivate(), null));
    assertThat(Files.readString(key)).contains("BEGIN PRIVATE KEY");

    holds(ClientCertificate.read(certificate.toString(), key.toString(), null), keys);
  }

  @Test
  void anEncryptedKeyNeedsItsPassword() throws Exception {
    KeyPair keys = keys("EC", 256);
    var encryptor =
        new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.AES_256_CBC)
            .setProvider(new BouncyCastleProvider())
            .setPassword("secret".toCharArray())
            .build();
    Path both = pem("both", certificate(keys), new JcaPKCS8Generator(keys.getPrivate(), encryptor));
    assertThat(Files.readString(both)).contains("BEGIN ENCRYPTED PRIVATE KEY");

    holds(ClientCertificate.read(both.toString(), null, "secret"), keys);
    assertThatThrownBy(() -> ClientCertificate.read(both.toString(), null, "wrong"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("cannot be decrypted with --pass")
        .hasMessageNotContaining("wrong");
    assertThatThrownBy(() -> ClientCertificate.read(both.toString(), null, null))
        .hasMessageContaining("its key has a password, see --pass");
  }

  @Test
  void aKeyStoreIsRead() throws Exception {
    KeyPair keys = keys("RSA", 2048);
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    Certificate[] chain = {certificate(keys)};
    store.setKeyEntry("one", keys.getPrivate(), "secret".toCharArray(), chain);
    Path file = folder.resolve("one.p12");
    try (OutputStream out = Files.newOutputStream(file)) {
      store.store(out, "secret".toCharArray());
    }

    holds(ClientCertificate.read(file.toString(), null, "secret"), keys);
  }

  @Test
  void whatIsMissingIsNamed() throws Exception {
    Path certificate = pem("certificate", certificate(keys("EC", 256)));

    assertThatThrownBy(() -> ClientCertificate.read(certificate.toString(), null, null))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("there is no private key in PEM, see --key");
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC", "Ed25519"})
  void aKeyOfAnotherCertificateIsNamed(String algorithm) throws Exception {
    Path certificate = pem("cli.crt", certificate(keys("EC", 256)));
    Path key = pem("ca.key", new JcaPKCS8Generator(keys(algorithm, 0).getPrivate(), null));

    assertThatThrownBy(() -> ClientCertificate.read(certificate.toString(), key.toString(), null))
        .isInstanceOf(UsageException.class)
        .hasMessage("--key: " + key + " is not the key of the certificate in " + certificate + ".");
  }
}
