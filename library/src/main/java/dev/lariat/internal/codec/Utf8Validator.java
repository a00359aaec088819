package dev.lariat.internal.codec;

/**
 * Checks UTF-8 (RFC 3629 section 4) that arrives in pieces, and fails at the first octet that
 * cannot be continued: RFC 6455 section 8.1 wants the connection failed as soon as that is known,
 * in the middle of a message or of a character.
 */
final class Utf8Validator {
  private static final long NON_ASCII = 0x8080808080808080L;

  private int missing; // octets that the current character still lacks
  private int lowest; // the range of the next octet: narrower after E0, ED, F0 and F4
  private int highest;

  /** Whether everything up to {@code end} may stand in UTF-8 text after what came before. */
  boolean accepts(byte[] octets, int from, int end) {
    int i = from;
    while (i < end) {
      if (missing == 0) {
        while (end - i >= Long.BYTES && (ByteArrays.longAt(octets, i) & NON_ASCII) == 0) {
          i += Long.BYTES;
        }
        if (i == end) {
          return true;
        }
        if (!starts(octets[i++] & 0xff)) {
          return false;
        }
      } else {
        int octet = octets[i++] & 0xff;
        if (octet < lowest || octet > highest) {
          return false;
        }
        missing--;
        lowest = 0x80;
        highest = 0xbf;
      }
    }
    return true;
  }

  /**
   * Whether the text may end here, which is where a character ends. Makes ready for the next text.
   */
  boolean ends() {
    boolean complete = missing == 0;
    missing = 0;
    return complete;
  }

  /** Whether this octet may begin a character; sets what must follow it. */
  private boolean starts(int octet) {
    if (octet < 0x80) {
      return true;
    }
    if (octet < 0xc2 || octet > 0xf4) {
      return false; // a continuation, an overlong form of ASCII, or past U+10FFFF
    }
    missing = octet < 0xe0 ? 1 : octet < 0xf0 ? 2 : 3;
    lowest = octet == 0xe0 ? 0xa0 : octet == 0xf0 ? 0x90 : 0x80; // no overlong forms
    highest =
        octet == 0xed ? 0x9f : octet == 0xf4 ? 0x8f : 0xbf; // no surrogates, nothing past U+10FFFF
    return true;
  }
}
