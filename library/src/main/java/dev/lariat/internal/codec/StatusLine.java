package dev.lariat.internal.codec;

import dev.lariat.message.Reason.Bound;

/**
 * Reads a status line (RFC 9112 section 4) octet by octet, and refuses it at the first wrong one.
 */
final class StatusLine {
  private static final String SECTION = "RFC 9112 section 4";
  private static final String VERSIONS = "RFC 9112 section 2.3";
  private static final String PROTOCOL = "HTTP/";
  private static final int TLS_ALERT = 0x15; // RFC 8446 section 5.1, the type of a record
  private static final int TLS_HANDSHAKE = 0x16;

  private enum Part {
    PROTOCOL,
    MAJOR,
    POINT,
    MINOR,
    BEFORE_CODE,
    CODE,
    BEHIND_CODE,
    PHRASE,
    END
  }

  private final int limit;
  private final boolean tolerant;
  private Part part = Part.PROTOCOL;
  private int octets;
  private int major;
  private int minor;
  private int digits;
  private int code;

  /**
   * A status line of at most so many octets.
   *
   * @param tolerant whether a line may end with LF alone
   */
  StatusLine(int limit, boolean tolerant) {
    this.limit = limit;
    this.tolerant = tolerant;
  }

  /** Begins another line. */
  void begin() {
    part = Part.PROTOCOL;
    octets = 0;
    digits = 0;
    code = 0;
  }

  /** Whether it is of HTTP/1.0. */
  boolean isHttp10() {
    return minor == 0;
  }

  /** The status code, of three digits. */
  int code() {
    return code;
  }

  /** Takes the next octet, and says whether the line ends with it. */
  boolean take(int octet) throws Violation {
    if (++octets > limit) {
      throw Violation.limit(Bound.HEADER_BLOCK, limit);
    }
    switch (part) {
      case PROTOCOL -> protocol(octet);
      case MAJOR -> {
        major = digit(octet);
        part = Part.POINT;
      }
      case POINT -> {
        if (octet != '.') {
          throw malformedVersion();
        }
        part = Part.MINOR;
      }
      case MINOR -> {
        minor = digit(octet);
        if (major != 1) {
          throw Violation.protocol(
              "the response has the version HTTP/" + major + "." + minor, VERSIONS);
        }
        part = Part.BEFORE_CODE;
      }
      case BEFORE_CODE -> {
        if (octet >= '0' && octet <= '9') {
          throw malformedVersion();
        }
        if (octet != ' ') {
          throw Violation.protocol("the status code does not follow a single space", SECTION);
        }
        part = Part.CODE;
      }
      case CODE -> code(octet);
      case BEHIND_CODE, PHRASE -> {
        return phrase(octet);
      }
      case END -> {
        if (octet != '\n') {
          throw Violation.protocol("the status line contains a bare CR", "RFC 9112 section 2.2");
        }
        return true;
      }
    }
    return false;
  }

  private void protocol(int octet) throws Violation {
    if (octet != PROTOCOL.charAt(octets - 1)) {
      throw Violation.protocol(whyNotHttp(octet), SECTION);
    }
    if (octets == PROTOCOL.length()) {
      part = Part.MAJOR;
    }
  }

  private String whyNotHttp(int octet) {
    boolean first = octets == 1;
    if (first && (octet == TLS_ALERT || octet == TLS_HANDSHAKE)) {
      return "the server seems to speak TLS on this port: its answer is a TLS record";
    }
    return first && (octet == ' ' || octet == '\t')
        ? "white space precedes the status line"
        : "the response does not begin with " + PROTOCOL;
  }

  private static int digit(int octet) throws Violation {
    if (octet < '0' || octet > '9') {
      throw malformedVersion();
    }
    return octet - '0';
  }

  private static Violation malformedVersion() {
    return Violation.protocol("the version of the response is malformed", VERSIONS);
  }

  private void code(int octet) throws Violation {
    if (octet < '0' || octet > '9') {
      throw Violation.protocol(
          octet == ' ' && digits == 0
              ? "the status code does not follow a single space"
              : "the status code is not of three digits",
          SECTION);
    }
    code = 10 * code + octet - '0';
    if (++digits == 3) {
      part = Part.BEHIND_CODE;
    }
  }

  private boolean phrase(int octet) throws Violation {
    if (octet == '\r') {
      part = Part.END;
      return false;
    }
    if (octet == '\n') {
      if (!tolerant) {
        throw Violation.protocol("the status line ends with a bare LF", "RFC 9112 section 2.2");
      }
      return true;
    }
    if (part == Part.BEHIND_CODE && octet != ' ') {
      throw Violation.protocol(
          octet >= '0' && octet <= '9'
              ? "the status code is not of three digits"
              : "no space follows the status code",
          SECTION);
    }
    if (FieldBlock.isControl(octet)) {
      throw Violation.protocol("the reason phrase contains a control character", SECTION);
    }
    part = Part.PHRASE;
    return false;
  }
}
