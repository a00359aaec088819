package dev.lariat.internal.transport;

import dev.lariat.message.Reason;
import io.netty.handler.ssl.NotSslRecordException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.PKIXReason;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Why TLS failed, in a user's words. The JDK and BoringSSL have words for their authors: {@code
 * NotAfter: …} is a certificate that has expired.
 */
final class TlsFailures {
  // "Received fatal alert: bad_certificate" of the JDK, "…:TLSV1_ALERT_UNKNOWN_CA" or
  // "…SSLV3_ALERT_…" of BoringSSL
  private static final Pattern ALERT =
      Pattern.compile("alert: (\\w+)|(?:TLSV1|SSLV3|TLSV13)_ALERT_(\\w+)");

  // The JDK compares the names, also for BoringSSL.
  private static final Pattern OTHER_HOST =
      Pattern.compile("No (?:subject alternative|name) .*?matching (?:IP address )?(\\S+) found");

  private static final Pattern NO_HOST = Pattern.compile("Illegal given domain name: (\\S+)");

  private TlsFailures() {}

  /** Why TLS failed. */
  static Reason.Tls of(Throwable cause) {
    String alert = null;
    String detail = null;
    Throwable deepest = cause;
    for (Throwable t = cause; t != null; t = t.getCause()) {
      deepest = t;
      Matcher matcher = ALERT.matcher(Failures.words(t));
      if (matcher.find()) {
        String name = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
        alert = name.toLowerCase(Locale.ROOT);
      }
      String known = known(t);
      detail = known == null ? detail : known; // the deepest knows most
    }
    if (detail == null && alert != null) {
      detail = told(alert);
    }
    return new Reason.Tls(
        Optional.ofNullable(alert), detail == null ? Failures.words(deepest) : detail);
  }

  private static @Nullable String known(Throwable t) {
    return switch (t) {
      case NotSslRecordException record -> "the server does not speak TLS";
      case CertificateExpiredException expired -> "the server's certificate has expired";
      case CertificateNotYetValidException early -> "the server's certificate is not valid yet";
      case NamedTrust.OtherHostException other -> Failures.words(other);
      case NoRenegotiation.AskedException asked -> Failures.words(asked);
      case CertPathBuilderException unknown -> untrusted();
      case CertPathValidatorException path ->
          path.getReason() == PKIXReason.NO_TRUST_ANCHOR ? untrusted() : null;
      case CertificateException other -> wrongHost(Failures.words(other));
      default -> null;
    };
  }

  private static String untrusted() {
    return "the server's certificate is not issued by a trusted authority";
  }

  private static @Nullable String wrongHost(String words) {
    Matcher matcher = OTHER_HOST.matcher(words);
    if (matcher.find()) {
      return "the server's certificate is not for the host " + matcher.group(1);
    }
    Matcher none = NO_HOST.matcher(words);
    if (none.lookingAt()) {
      return "the JDK accepts no certificate for the host "
          + none.group(1)
          + ": use tls.serverName or tls.verifyHostName";
    }
    return words.startsWith("No subject alternative names present")
        ? "the server's certificate is not for this host: it names no address"
        : null;
  }

  /** What an alert of the server means here (RFC 8446 section 6.2). */
  private static String told(String alert) {
    return switch (alert) {
      case "certificate_required" -> "the server requires a client certificate";
      case "bad_certificate",
          "unsupported_certificate",
          "certificate_revoked",
          "certificate_expired",
          "certificate_unknown",
          "unknown_ca",
          "access_denied" ->
          "the server does not accept the client's certificate";
      case "protocol_version" -> "the server offers no version of TLS that the client accepts";
      case "no_application_protocol" -> "the server offers none of the client's protocols";
      case "unrecognized_name" -> "the server does not know the host's name";
      default -> "the server refused the handshake or ended the connection";
    };
  }
}
