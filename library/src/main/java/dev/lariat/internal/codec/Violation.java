package dev.lariat.internal.codec;

import dev.lariat.message.Reason;

/**
 * Bytes of the peer that break a rule or pass a limit. It carries no stack trace: it is about the
 * peer, not about a place in this code, and an engine turns it into its reason before it could
 * leave the seam.
 */
public final class Violation extends Exception {
  private static final long serialVersionUID = 1;

  private final transient Reason reason;
  private final int code;

  private Violation(Reason reason, int code) {
    super(reason.sentence(), null, false, false);
    this.reason = reason;
    this.code = code;
  }

  /** A broken rule of RFC 6455 or RFC 7692: close code 1002. */
  public static Violation protocol(String rule, String section) {
    return new Violation(new Reason.Protocol(rule, section), 1002);
  }

  /** Text that is not UTF-8, or a compressed message that does not inflate: close code 1007. */
  public static Violation invalidData(String rule, String section) {
    return new Violation(new Reason.Protocol(rule, section), 1007);
  }

  /** More than this side takes: close code 1009. */
  public static Violation limit(Reason.Bound bound, long value) {
    return new Violation(new Reason.Limit(bound, value), 1009);
  }

  /** What carries nothing, too often: close code 1008. */
  static Violation flood(Reason.Bound bound, long value) {
    return new Violation(new Reason.Limit(bound, value), 1008);
  }

  /** What an HTTP/2 connection ends with, and the error code that its peer is told. */
  public static Violation of(Reason reason, int code) {
    return new Violation(reason, code);
  }

  /** A broken rule of HTTP/2, and the error code that the peer is told. */
  public static Violation protocol(String rule, String section, int code) {
    return new Violation(new Reason.Protocol(rule, section), code);
  }

  /** What was broken. */
  public Reason reason() {
    return reason;
  }

  /**
   * What the peer is told: a code of a WebSocket's close frame (RFC 6455 section 7.4.1), or an
   * error code of HTTP/2 (RFC 9113 section 7).
   */
  public int code() {
    return code;
  }
}
