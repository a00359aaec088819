package dev.lariat.cli;

import dev.lariat.option.Tls;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/** The certificate that a user shows to servers, and its key: PEM files, or one PKCS #12 file. */
final class ClientCertificate {
  private static final Pattern CERTIFICATES =
      Pattern.compile("-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----");
  private static final Pattern KEY =
      Pattern.compile(
          "-----BEGIN ((?:RSA |EC |ENCRYPTED )?)PRIVATE KEY-----([^-]*)-----END \\1PRIVATE"
              + " KEY-----");

  // AlgorithmIdentifiers of RFC 3279 section 2.3 and RFC 5480 section 2.1.1.1
  private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");
  private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");

  private ClientCertificate() {}

  /**
   * Reads the files.
   *
   * @param key the file with the key; null if that is in the file with the certificate
   * @param password of the key
   */
  static Tls.Identity read(String certificate, @Nullable String key, @Nullable String password) {
    byte[] bytes = Input.bytes("--cert", certificate);
    char[] secret = password == null ? new char[0] : password.toCharArray();
    try {
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      if (!text.contains("-----BEGIN ")) {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(new ByteArrayInputStream(bytes), secret);
        return new Tls.Identity(store, new String(secret));
      }
      Certificate[] chain = chain(text);
      if (chain.length == 0) {
        throw new GeneralSecurityException("there is no certificate in it");
      }
      String keyText =
          key == null ? text : new String(Input.bytes("--key", key), StandardCharsets.ISO_8859_1);
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      PrivateKey its = key(keyText, password);
      if (!belong(its, chain[0].getPublicKey())) {
        throw new UsageException(
            key == null
                ? "--cert: the key in "
                    + Line.plain(certificate)
                    + " is not that of its certificate."
                : "--key: "
                    + Line.plain(key)
                    + " is not the key of the certificate in "
                    + Line.plain(certificate)
                    + ".");
      }
      store.setKeyEntry("key", its, secret, chain);
      return new Tls.Identity(store, new String(secret));
    } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
      throw new UsageException(
          "--cert: the certificate "
              + Line.plain(certificate)
              + " or its key cannot be used: "
              + Line.plain(String.valueOf(e.getMessage()))
              + ".");
    }
  }

  /** Whether what this key signs is right by the other one. */
  private static boolean belong(PrivateKey key, PublicKey its) throws GeneralSecurityException {
    String name =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> key.getAlgorithm();
        };
    byte[] text = {1};
    Signature signature = Signature.getInstance(name);
    signature.initSign(key);
    signature.update(text);
    byte[] signed = signature.sign();
    try {
      signature.initVerify(its);
      signature.update(text);
      return signature.verify(signed);
    } catch (InvalidKeyException | SignatureException e) {
      return false; // it is of another algorithm, or curve
    }
  }

  private static Certificate[] chain(String text) throws GeneralSecurityException {
    StringBuilder pem = new StringBuilder();
    CERTIFICATES.matcher(text).results().forEach(its -> pem.append(its.group()).append('\n'));
    byte[] bytes = pem.toString().getBytes(StandardCharsets.ISO_8859_1);
    return CertificateFactory.getInstance("X.509")
        .generateCertificates(new ByteArrayInputStream(bytes))
        .toArray(Certificate[]::new);
  }

  private static PrivateKey key(String text, @Nullable String password)
      throws GeneralSecurityException, IOException {
    Matcher matcher = KEY.matcher(text);
    if (!matcher.find()) {
      throw new GeneralSecurityException("there is no private key in PEM, see --key");
    }
    if (matcher.group(2).contains("Proc-Type:")) {
      throw new GeneralSecurityException(
          "its key is encrypted in OpenSSL's old form, allowed is PKCS #8");
    }
    byte[] der = Base64.getMimeDecoder().decode(matcher.group(2));
    return switch (matcher.group(1)) {
      case "RSA " -> parsed(pkcs8(RSA, der));
      case "EC " -> parsed(pkcs8(sequence(EC, curve(der)), der));
      case "ENCRYPTED " -> decrypted(der, password);
      default -> parsed(new PKCS8EncodedKeySpec(der));
    };
  }

  private static PrivateKey decrypted(byte[] der, @Nullable String password)
      throws GeneralSecurityException, IOException {
    if (password == null) {
      throw new GeneralSecurityException("its key has a password, see --pass");
    }
    EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(der);
    String name =
        info.getAlgName().equals("PBES2") ? info.getAlgParameters().toString() : info.getAlgName();
    try {
      return parsed(
          info.getKeySpec(
              SecretKeyFactory.getInstance(name)
                  .generateSecret(new PBEKeySpec(password.toCharArray()))));
    } catch (GeneralSecurityException e) {
      throw new GeneralSecurityException("its key cannot be decrypted with --pass", e);
    }
  }

  private static PrivateKey parsed(PKCS8EncodedKeySpec spec) throws GeneralSecurityException {
    for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (GeneralSecurityException e) {
        // it is of another one
      }
    }
    throw new GeneralSecurityException("its key is not an RSA, EC or EdDSA key");
  }

  /** A key in the envelope of PKCS #8 (RFC 5208 section 5). */
  private static PKCS8EncodedKeySpec pkcs8(byte[] algorithm, byte[] key) {
    return new PKCS8EncodedKeySpec(sequence(new byte[] {2, 1, 0}, algorithm, tagged(4, key)));
  }

  private static byte[] sequence(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return tagged(0x30, all.toByteArray());
  }

  private static byte[] tagged(int tag, byte[] content) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(tag);
    int length = content.length;
    if (length < 128) {
      all.write(length);
    } else if (length < 256) {
      all.writeBytes(new byte[] {(byte) 0x81, (byte) length});
    } else {
      all.writeBytes(new byte[] {(byte) 0x82, (byte) (length >> 8), (byte) length});
    }
    all.writeBytes(content);
    return all.toByteArray();
  }

  /**
   * The curve that an ECPrivateKey names: the object identifier in its [0] (RFC 5915 section 3).
   */
  private static byte[] curve(byte[] der) throws GeneralSecurityException {
    int at = 2 + (der[1] < 0 ? der[1] & 0x7f : 0) + 3; // the sequence's head and the version
    at += 2 + der[at + 1]; // the key itself
    if (at + 3 >= der.length || der[at] != (byte) 0xa0) {
      throw new GeneralSecurityException("its key names no curve");
    }
    byte[] curve = new byte[der[at + 1]];
    System.arraycopy(der, at + 2, curve, 0, curve.length);
    return curve;
  }
}
