package dev.lariat.testkit;

/** The certificate that an {@link Origin} with TLS shows. */
public enum ServerCertificate {
  /**
   * The right certificate: for {@code localhost} and 127.0.0.1, issued by the trusted authority.
   */
  TRUSTED,
  /**
   * Issued by the trusted authority, but for another host: the client sees that the names differ.
   */
  OTHER_HOST,
  /** For the right host, but self-signed: the client sees an unknown issuer. */
  SELF_SIGNED,
  /** For the right host, issued by the trusted authority, but expired a day ago. */
  EXPIRED
}
