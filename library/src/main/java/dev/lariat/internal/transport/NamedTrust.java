package dev.lariat.internal.transport;

import io.netty.util.NetUtil;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts whom the JDK trusts, if the certificate names the host by a subject alternative name (RFC
 * 9110 section 4.3.4), letter by letter or with a whole label as its wildcard (RFC 9525 section
 * 6.3). The JDK, which compares the names first, also takes a common name, and {@code f*.example}.
 */
final class NamedTrust extends X509ExtendedTrustManager {
  private static final int DNS_NAME = 2; // RFC 5280 section 4.2.1.6

  private final X509ExtendedTrustManager jdks;

  NamedTrust(X509ExtendedTrustManager jdks) {
    this.jdks = jdks;
  }

  /** The certificate is another host's; the message is a user's sentence. */
  static final class OtherHostException extends CertificateException {
    private static final long serialVersionUID = 1;

    private OtherHostException(String sentence) {
      super(sentence);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    jdks.checkServerTrusted(chain, type, engine);
    String host = engine.getPeerHost();
    if (!NetUtil.isValidIpV4Address(host) && !NetUtil.isValidIpV6Address(host)) {
      check(chain[0], host); // that of an address has no wildcards, and the JDK is strict there
    }
  }

  private static void check(X509Certificate certificate, String host) throws OtherHostException {
    List<String> names = hostNames(certificate);
    if (names.stream().anyMatch(name -> matches(name, host))) {
      return;
    }
    String why =
        names.isEmpty()
            ? ": it names no host as a subject alternative name (RFC 9110 section 4.3.4)"
            : "";
    throw new OtherHostException("the server's certificate is not for the host " + host + why);
  }

  private static List<String> hostNames(X509Certificate certificate) {
    try {
      return Optional.ofNullable(certificate.getSubjectAlternativeNames()).stream()
          .flatMap(Collection::stream)
          .filter(name -> name.get(0).equals(DNS_NAME))
          .map(name -> (String) name.get(1))
          .toList();
    } catch (CertificateParsingException e) {
      return List.of(); // names that cannot be read are none
    }
  }

  private static boolean matches(String name, String host) {
    String pattern = name.toLowerCase(Locale.ROOT);
    String exact = host.toLowerCase(Locale.ROOT);
    int dot = exact.indexOf('.');
    return pattern.equals(exact)
        || pattern.startsWith("*.") && dot > 0 && pattern.substring(1).equals(exact.substring(dot));
  }

  // ---- what a client with an engine is not asked

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    throw new CertificateException("no host to verify");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("no host to verify");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    jdks.checkClientTrusted(chain, type, socket);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    jdks.checkClientTrusted(chain, type, engine);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    jdks.checkClientTrusted(chain, type);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return jdks.getAcceptedIssuers();
  }
}
