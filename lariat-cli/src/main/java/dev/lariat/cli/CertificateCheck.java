package dev.lariat.cli;

import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** What is found out about the certificates that a server showed. */
final class CertificateCheck {
  private static final Finding.Area AREA = Finding.Area.TLS;
  private static final Duration SOON =
      Duration.ofDays(21); // a renewal at a third of 90 days is late
  private static final int SMALLEST_RSA = 2048; // bits, as the CA/Browser Forum demands
  private static final int DNS = 2; // RFC 5280 section 4.2.1.6, as the JDK numbers them
  private static final int ADDRESS = 7;

  private final Destination destination;
  private final List<X509Certificate> chain;
  private final Instant now;

  /**
   * Nothing is checked yet.
   *
   * @param chain the server's own certificate first; one or more
   */
  CertificateCheck(Destination destination, List<X509Certificate> chain, Instant now) {
    this.destination = destination;
    this.chain = chain;
    this.now = now;
  }

  List<Finding> findings() {
    List<Finding> all = new ArrayList<>();
    for (int i = 0; i < chain.size(); i++) {
      all.add(certificate(i, chain.get(i)));
    }
    all.add(name());
    all.add(trust());
    key().ifPresent(all::add);
    return all;
  }

  private static String subject(X509Certificate certificate) {
    return certificate.getSubjectX500Principal().getName();
  }

  private static String issuer(X509Certificate certificate) {
    return certificate.getIssuerX500Principal().getName();
  }

  private Finding certificate(int place, X509Certificate certificate) {
    Instant end = certificate.getNotAfter().toInstant();
    Instant begin = certificate.getNotBefore().toInstant();
    String what =
        "Certificate "
            + (place + 1)
            + " of "
            + chain.size()
            + ": "
            + subject(certificate)
            + ", issued by "
            + issuer(certificate)
            + ", valid until "
            + end.atOffset(ZoneOffset.UTC).toLocalDate();
    long days = Duration.between(now, end).toDays();
    if (now.isAfter(end)) {
      return Finding.problem(AREA, what + ": it has expired.", "Renew the certificate.");
    }
    if (now.isBefore(begin)) {
      return Finding.problem(
          AREA,
          what + ": it is not valid before " + begin + ".",
          "Check the clocks of this machine and of the issuer.");
    }
    if (Duration.between(now, end).compareTo(SOON) < 0) {
      return Finding.note(
          AREA,
          what + ": " + Page.counted(days, "day") + " left.",
          "Renew the certificate, and check why that is not done automatically.");
    }
    return Finding.ok(AREA, what + ": " + Page.counted(days, "day") + " left.");
  }

  // ---- the name

  private Finding name() {
    String host =
        destination.options().tls().flatMap(tls -> tls.serverName()).orElse(destination.host());
    List<String> names = names(chain.getFirst());
    boolean matches = names.stream().anyMatch(name -> matches(name, host));
    String shown = names.isEmpty() ? "no names" : String.join(", ", names);
    return matches
        ? Finding.ok(AREA, "The certificate is for " + host + ".")
        : Finding.problem(
            AREA,
            "The certificate is not for " + host + ": it has " + shown + ".",
            "Use one of these names, or a certificate that includes this one.");
  }

  private static List<String> names(X509Certificate certificate) {
    try {
      Collection<List<?>> all = certificate.getSubjectAlternativeNames();
      return all == null
          ? List.of() // the subject's common name counts no more (RFC 9525 section 2)
          : all.stream()
              .filter(name -> name.get(0).equals(DNS) || name.get(0).equals(ADDRESS))
              .map(name -> String.valueOf(name.get(1)))
              .toList();
    } catch (CertificateParsingException e) {
      return List.of();
    }
  }

  /** Whether it is the textual form of an address. */
  static boolean isAddress(String host) {
    return host.indexOf(':') >= 0 || host.matches("[0-9.]+");
  }

  /** RFC 9525 section 6.3: a wildcard stands for one whole label, the first. */
  static boolean matches(String name, String host) {
    String wanted = host.toLowerCase(Locale.ROOT);
    String its = name.toLowerCase(Locale.ROOT);
    if (isAddress(wanted)) {
      return its.equals(wanted) || normal(its).equals(normal(wanted));
    }
    if (!its.startsWith("*.")) {
      return its.equals(wanted);
    }
    int dot = wanted.indexOf('.');
    return dot > 0 && its.substring(1).equals(wanted.substring(dot));
  }

  private static String normal(String address) {
    try {
      return isAddress(address) ? InetAddress.ofLiteral(address).getHostAddress() : address;
    } catch (IllegalArgumentException e) {
      return address;
    }
  }

  // ---- trust

  private Finding trust() {
    boolean selfSigned =
        chain.size() == 1 && subject(chain.getFirst()).equals(issuer(chain.getFirst()));
    Optional<KeyStore> store = destination.options().tls().flatMap(tls -> tls.trustStore());
    String by = store.isPresent() ? "--cacert" : "the JDK's authorities";
    Exception refusal = refusal(store.orElse(null));
    if (refusal == null) {
      return Finding.ok(AREA, "The chain leads to one of " + by + ".");
    }
    String what = "The chain leads to none of " + by;
    if (selfSigned) {
      return Finding.problem(
          AREA,
          what + ": the certificate is self-signed.",
          "Use a certificate of an authority, or trust this one by --cacert.");
    }
    if (chain.stream().anyMatch(it -> now.isAfter(it.getNotAfter().toInstant()))) {
      return Finding.problem(AREA, what + " while one is expired.", "Renew the certificate first.");
    }
    return Finding.problem(
        AREA,
        what + ".",
        chain.size() == 1
            ? "The server sends only its own certificate: let it send the intermediate ones, too."
            : "Trust the issuer of certificate " + chain.size() + " by --cacert, if you know it.");
  }

  /** Why the chain is not trusted; null if it is. */
  private @Nullable Exception refusal(@Nullable KeyStore store) {
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      X509Certificate[] shown = chain.toArray(X509Certificate[]::new);
      for (TrustManager manager : factory.getTrustManagers()) {
        if (manager instanceof X509TrustManager checks) {
          checks.checkServerTrusted(shown, "UNKNOWN");
        }
      }
      return null;
    } catch (GeneralSecurityException e) {
      return e;
    }
  }

  private Optional<Finding> key() {
    X509Certificate own = chain.getFirst();
    boolean small =
        own.getPublicKey() instanceof RSAPublicKey rsa
            && rsa.getModulus().bitLength() < SMALLEST_RSA;
    boolean old = own.getSigAlgName().toUpperCase(Locale.ROOT).startsWith("SHA1");
    return small || old
        ? Optional.of(
            Finding.problem(
                AREA,
                "The certificate's key or signature is weak: " + own.getSigAlgName() + ".",
                "Use an RSA key of 2048 bits or an elliptic curve, signed with SHA-256."))
        : Optional.empty();
  }
}
