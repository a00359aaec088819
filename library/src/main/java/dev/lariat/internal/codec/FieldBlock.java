package dev.lariat.internal.codec;

import dev.lariat.message.Headers;
import dev.lariat.message.Reason.Bound;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads a header or trailer block (RFC 9112 section 5) octet by octet up to the empty line, and
 * refuses it at the first wrong octet.
 *
 * <p>The next block of a connection mostly says the same as the one before it, so a name or value
 * that stood in the same place there is not made again.
 */
final class FieldBlock {
  private static final String LINES = "RFC 9112 section 2.2";
  private static final String NAMES = "RFC 9110 section 5.1";
  private static final int ROOM = 512; // octets of one field that are kept from block to block
  private static final int LARGE = 4096; // octets of a block that is not kept for the next one

  private static final boolean[] TOKEN = tokenOctets();

  private enum Part {
    LINE,
    NAME,
    BEFORE_VALUE,
    VALUE,
    LINE_END,
    BLOCK_END
  }

  private final int limit;
  private final boolean tolerant;
  private boolean trailers; // it is a trailer block

  private Part part = Part.LINE;
  private int octets;
  private boolean inField; // one was begun, and may go on with the next line
  private boolean spoiled; // whether the field that has begun is left out
  private byte[] text = new byte[128]; // the name of the field that has begun, then its value
  private int length;
  private int nameLength;
  private int valueLength; // without blanks at its end

  private final List<String> pairs = new ArrayList<>();
  private String[] pairsBefore = new String[0]; // of the last header block

  /**
   * Blocks of at most so many octets.
   *
   * @param tolerant whether lines may end with LF alone
   */
  FieldBlock(int limit, boolean tolerant) {
    this.limit = limit;
    this.tolerant = tolerant;
  }

  /** Begins a block. */
  void begin(boolean trailers) {
    this.trailers = trailers;
    part = Part.LINE;
    octets = 0;
    inField = false;
    pairs.clear();
  }

  /** Whether this octet is a control character other than the tabulator. */
  static boolean isControl(int octet) {
    return octet < ' ' && octet != '\t' || octet == 0x7f;
  }

  /** Takes the next octet, and says whether the block ends with it. */
  boolean take(int octet) throws Violation {
    if (++octets > limit) {
      throw Violation.limit(Bound.HEADER_BLOCK, limit);
    }
    switch (part) {
      case LINE -> {
        return line(octet);
      }
      case NAME -> name(octet);
      case BEFORE_VALUE -> {
        if (octet != ' ' && octet != '\t') {
          part = Part.VALUE;
          value(octet);
        }
      }
      case VALUE -> value(octet);
      case LINE_END, BLOCK_END -> {
        if (octet != '\n') {
          throw Violation.protocol(what() + " contains a bare CR", LINES);
        }
        boolean end = part == Part.BLOCK_END;
        part = Part.LINE;
        return end;
      }
    }
    return false;
  }

  /** At the beginning of a line. */
  private boolean line(int octet) throws Violation {
    if (octet == ' ' || octet == '\t') {
      fold();
      return false;
    }
    end();
    if (octet == '\r') {
      part = Part.BLOCK_END;
      return false;
    }
    if (octet == '\n') {
      expectTolerant();
      return true;
    }
    if (octet == ':') {
      throw Violation.protocol(what() + " has no name", NAMES);
    }
    inField = true;
    spoiled = false;
    length = 0;
    part = Part.NAME;
    name(octet);
    return false;
  }

  /** The field before goes on (section 5.2): one space stands for the line's end. */
  private void fold() throws Violation {
    if (!inField) {
      throw Violation.protocol("white space precedes the first " + kind(), LINES);
    }
    if (isName("content-length") || isName("transfer-encoding")) {
      throw Violation.protocol(
          "the " + kind() + " " + name() + " continues on a second line", "RFC 9112 section 5.2");
    }
    length = nameLength + valueLength;
    if (valueLength > 0) {
      add(' ');
    }
    part = Part.BEFORE_VALUE;
  }

  private void name(int octet) throws Violation {
    if (octet == ':') {
      nameLength = length;
      valueLength = 0;
      part = Part.BEFORE_VALUE;
      return;
    }
    if (octet < TOKEN.length && TOKEN[octet]) {
      add(octet >= 'A' && octet <= 'Z' ? octet + ('a' - 'A') : octet);
      return;
    }
    throw switch (octet) {
      case '\r', '\n' ->
          Violation.protocol(what() + " has no colon", trailers ? "RFC 9112 section 7.1.2" : LINES);
      case ' ', '\t' ->
          Violation.protocol(
              what() + " has white space in its name or before its colon", "RFC 9112 section 5.1");
      default ->
          Violation.protocol(
              "the name of " + what() + " is not a token",
              trailers ? "RFC 9112 section 7.1.2" : NAMES);
    };
  }

  private void value(int octet) throws Violation {
    if (octet >= ' ' && octet != 0x7f || octet == '\t') {
      add(octet);
      if (octet != ' ' && octet != '\t') {
        valueLength = length - nameLength;
      }
    } else if (octet == '\r') {
      part = Part.LINE_END;
    } else if (octet == '\n') {
      expectTolerant();
      part = Part.LINE;
    } else if (isName("set-cookie")) {
      spoiled = true; // RFC 6265bis section 5.6: such a cookie is ignored, and nothing else
    } else {
      throw Violation.protocol(
          "the value of the " + kind() + " " + name() + " contains a control character",
          trailers ? "RFC 9112 section 7.1.2" : "RFC 9110 section 5.5");
    }
  }

  private void add(int octet) {
    if (length == text.length) {
      text = Arrays.copyOf(text, 2 * length);
    }
    text[length++] = (byte) octet;
  }

  private void expectTolerant() throws Violation {
    if (!tolerant) {
      throw Violation.protocol("a line of " + what() + " ends with a bare LF", LINES);
    }
  }

  /** The field that was begun is complete. */
  private void end() {
    if (inField && !spoiled && !(trailers && framesMessage())) {
      int at = pairs.size();
      pairs.add(string(at, 0, nameLength));
      pairs.add(string(at + 1, nameLength, valueLength));
    }
    inField = false;
  }

  /**
   * Whether a trailer of this name is ignored, since it would come too late (RFC 9110 section
   * 6.5.1).
   */
  private boolean framesMessage() {
    return isName("content-length") || isName("transfer-encoding") || isName("trailer");
  }

  /** These octets as text: that of the block before, if it stands in the same place there. */
  private String string(int at, int from, int count) {
    if (at < pairsBefore.length && isText(pairsBefore[at], from, count)) {
      return pairsBefore[at];
    }
    if ((at & 1) == 0) {
      return KnownNames.intern(text, count);
    }
    return count == 0 ? "" : new String(text, from, count, StandardCharsets.ISO_8859_1);
  }

  private boolean isText(String text, int from, int count) {
    if (text.length() != count) {
      return false;
    }
    for (int i = 0; i < count; i++) {
      if (text.charAt(i) != (this.text[from + i] & 0xff)) {
        return false;
      }
    }
    return true;
  }

  private boolean isName(String name) {
    return nameLength == name.length() && isText(name, 0, nameLength);
  }

  private String name() {
    return new String(text, 0, nameLength, StandardCharsets.ISO_8859_1);
  }

  private String kind() {
    return trailers ? "trailer" : "header";
  }

  private String what() {
    return "a " + kind();
  }

  /** The fields of the block that has ended. */
  Headers headers() {
    if (text.length > ROOM) {
      text = new byte[ROOM];
    }
    String[] all = pairs.toArray(new String[0]);
    if (!trailers) {
      pairsBefore = octets > LARGE ? new String[0] : all;
    }
    pairs.clear();
    return Headers.of(all);
  }

  private static boolean[] tokenOctets() {
    boolean[] allowed = new boolean[0x7f];
    for (int octet = 0; octet < allowed.length; octet++) {
      allowed[octet] = Headers.isToken(String.valueOf((char) octet));
    }
    return allowed;
  }
}
