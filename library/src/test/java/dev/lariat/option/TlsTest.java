package dev.lariat.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlsTest {
  private static final String TRUST_ALL =
      "tls.trustAll: true, allowed one of them: start from Tls.DEFAULT";

  @TempDir Path folder;

  @Test
  void byDefaultEverythingIsVerified() {
    assertThat(Tls.DEFAULT.verifyHostName()).isTrue();
    assertThat(Tls.DEFAULT.trustAll()).isFalse();
    assertThat(Tls.DEFAULT.trustStore()).isEmpty();
    assertThat(Tls.DEFAULT.alpn()).containsExactly("http/1.1");
  }

  @Test
  void theCertificatesOfAPemFileAreTrusted() throws Exception {
    X509Certificate first = certificate("CN=first");
    X509Certificate second = certificate("CN=second");
    Path pem = Files.writeString(folder.resolve("two.pem"), pem(first) + pem(second));
    KeyStore store = Tls.DEFAULT.trust(pem).trustStore().orElseThrow();
    assertThat(store.size()).isEqualTo(2);
    assertThat(store.getCertificateAlias(first)).isNotNull();
    assertThat(store.getCertificateAlias(second)).isNotNull();
  }

  @Test
  void aFileThatIsNotThereIsRefused() {
    assertRefused(folder.resolve("none.pem"));
  }

  @Test
  void aFolderIsRefused() {
    assertRefused(folder);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n",
        "no certificate at all",
        "-----BEGIN CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
      })
  void aFileWithoutCertificatesIsRefused(String text) throws IOException {
    assertRefused(Files.writeString(folder.resolve("bad.pem"), text));
  }

  private static void assertRefused(Path pem) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tls.DEFAULT.trust(pem))
        .withMessage("tls.trust: " + pem + ", allowed a PEM file with certificates");
  }

  @Test
  void whoTrustsAllVerifiesNothing() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("one", certificate("CN=one"));
    Path pem = folder.resolve("one.pem");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tls.INSECURE.trust(store))
        .withMessage("tls.trustStore: a key store with " + TRUST_ALL);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tls.INSECURE.trust(pem))
        .withMessage("tls.trust: " + pem + " with " + TRUST_ALL);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tls.INSECURE.verifyHostName(true))
        .withMessage("tls.verifyHostName: true with " + TRUST_ALL);
    assertThat(Tls.INSECURE.serverName("a.example").trustAll()).isTrue();
  }

  @Test
  void anEmptyServerNameIsRefused() {
    assertThat(Tls.DEFAULT.serverName("a.example").serverName()).contains("a.example");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tls.DEFAULT.serverName(""))
        .withMessage("tls.serverName: \"\", allowed a host name");
  }

  @Test
  void aProtocolOfAlpnHas1To255Bytes() {
    assertThat(Tls.DEFAULT.alpn(List.of("a", "b".repeat(255))).alpn()).hasSize(2);
    assertThat(Tls.DEFAULT.alpn(List.of()).alpn()).isEmpty();
    for (String name : new String[] {"", "b".repeat(256)}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Tls.DEFAULT.alpn(List.of(name)))
          .withMessage(
              "tls.alpn: \"" + name + "\", allowed names of 1 to 255 bytes (RFC 7301 section 3.1)");
    }
  }

  @Test
  void aProtocolOfAlpnIsMeasuredInBytes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tls.DEFAULT.alpn(List.of("ä".repeat(255))));
  }

  @Test
  void thePasswordIsNotShown() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("own", certificate("CN=own"));
    Tls tls = Tls.DEFAULT.identity(store, "secret");
    assertThat(tls.identity().map(Tls.Identity::password)).isEqualTo(Optional.of("secret"));
    assertThat(tls.toString()).doesNotContain("secret");
  }

  private static X509Certificate certificate(String name) throws Exception {
    KeyPair keys = KeyPairGenerator.getInstance("EC").generateKeyPair();
    X500Principal subject = new X500Principal(name);
    Date from = Date.from(Instant.parse("2026-01-01T00:00:00Z"));
    Date until = Date.from(Instant.parse("2046-01-01T00:00:00Z"));
    return new JcaX509CertificateConverter()
        .getCertificate(
            new JcaX509v3CertificateBuilder(
                    subject, BigInteger.ONE, from, until, subject, keys.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
  }

  private static String pem(X509Certificate certificate) throws Exception {
    return "-----BEGIN CERTIFICATE-----\n"
        + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
        + "\n-----END CERTIFICATE-----\n";
  }
}
