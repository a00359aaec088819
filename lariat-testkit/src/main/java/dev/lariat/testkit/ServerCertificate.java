package dev.lariat.testkit;

/** Whose certificate an {@link Origin} with TLS shows. */
public enum ServerCertificate {
  /** The right one: for {@code localhost} and 127.0.0.1, of the authority to trust. */
  TRUSTED,
  /** Of the authority to trust, but for another host: the client sees that the names differ. */
  OTHER_HOST,
  /** For the right host, but it vouches for itself: the client sees that it knows no issuer. */
  SELF_SIGNED,
  /** For the right host, of the authority to trust, but its time has been over for a day. */
  EXPIRED
}
