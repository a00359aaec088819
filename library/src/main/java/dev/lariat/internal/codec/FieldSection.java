package dev.lariat.internal.codec;

import dev.lariat.message.Headers;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one HEADERS or PUSH_PROMISE frame, with pseudo-header fields before the others (RFC
 * 9113 section 8). Netty's HPACK coder reads them from here, or puts them here, in their order.
 */
public final class FieldSection extends DefaultHttp2Headers {
  private static final String FIELDS = "RFC 9113 section 8.2.1";
  private static final String OF_A_CONNECTION = "RFC 9113 section 8.2.2";
  private static final String PSEUDO = "RFC 9113 section 8.3";

  /** Fields that are about one connection of HTTP/1.1. */
  private static final Set<String> CONNECTION_SPECIFIC =
      Set.of("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade");

  private static final int LARGE = 4096; // octets of a section that is not kept for the next one

  private final List<CharSequence> names = new ArrayList<>();
  private final List<CharSequence> values = new ArrayList<>();

  /** The fields of the head before, as they were decoded: names and values in turn. */
  private CharSequence[] fieldsBefore = {};

  /** The same as headers, which are checked. */
  private Headers before = Headers.EMPTY;

  /** An empty one. */
  public FieldSection() {
    super(false, 1);
  }

  /** Whether a field of this name stands for the connection, and has no place in HTTP/2. */
  public static boolean isOfConnection(String name) {
    return CONNECTION_SPECIFIC.contains(name);
  }

  @Override
  public FieldSection add(CharSequence name, CharSequence value) {
    names.add(name);
    values.add(value);
    return this;
  }

  @Override
  public int size() {
    return names.size();
  }

  @Override
  public FieldSection clear() {
    if (names != null) { // the constructor above calls it
      names.clear();
      values.clear();
    }
    return this;
  }

  /** About how many octets it takes on the wire, and never less. */
  public int octets() {
    int octets = 0;
    for (int i = 0; i < names.size(); i++) {
      octets += names.get(i).length() + values.get(i).length() + 12;
    }
    return octets;
  }

  @Override
  public Iterator<Map.Entry<CharSequence, CharSequence>> iterator() {
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < names.size();
      }

      @Override
      public Map.Entry<CharSequence, CharSequence> next() {
        int at = next++;
        return Map.entry(names.get(at), values.get(at));
      }
    };
  }

  /**
   * The fields of a message's head without its pseudo-header fields. All of them are checked.
   *
   * @param pseudo the names of the pseudo-header fields that it may have, each once
   * @throws Violation if a rule is broken: the message is malformed (RFC 9113 section 8.1.1)
   */
  Headers head(List<String> pseudo) throws Violation {
    int count = 0;
    while (count < names.size()
        && names.get(count).length() > 0
        && names.get(count).charAt(0) == ':') {
      String name = names.get(count).toString();
      if (!pseudo.contains(name)) {
        throw malformed("the pseudo-header field " + shown(name) + " has no place here", PSEUDO);
      }
      if (first(name, count) != null) {
        throw malformed("the pseudo-header field " + name + " came twice", PSEUDO);
      }
      checkValue(name, values.get(count));
      count++;
    }
    return isAsBefore(count) ? before : checked(count);
  }

  /** The value of a pseudo-header field; null if it is missing. */
  @Nullable String pseudo(String name) {
    return first(name, names.size());
  }

  private @Nullable String first(String name, int end) {
    for (int i = 0; i < end; i++) {
      if (name.contentEquals(names.get(i))) {
        return values.get(i).toString();
      }
    }
    return null;
  }

  /**
   * Whether the fields from here on are those of the head before. Servers repeat theirs, and HPACK
   * then mostly takes the same objects from its table.
   */
  private boolean isAsBefore(int from) {
    boolean same = fieldsBefore.length == 2 * (names.size() - from);
    for (int i = from, at = 0; same && i < names.size(); i++) {
      same =
          CharSequence.compare(names.get(i), fieldsBefore[at++]) == 0
              && CharSequence.compare(values.get(i), fieldsBefore[at++]) == 0;
    }
    return same;
  }

  private Headers checked(int from) throws Violation {
    CharSequence[] fields = new CharSequence[2 * (names.size() - from)];
    String[] pairs = new String[fields.length];
    for (int i = from, to = 0; i < names.size(); i++) {
      String name = checkedName(names.get(i));
      checkValue(name, values.get(i));
      fields[to] = names.get(i);
      pairs[to++] = name;
      fields[to] = values.get(i);
      pairs[to++] = values.get(i).toString();
    }
    Headers headers = Headers.of(pairs);
    boolean large = octets() > LARGE;
    fieldsBefore = large ? new CharSequence[0] : fields;
    before = large ? Headers.EMPTY : headers;
    return headers;
  }

  private static String checkedName(CharSequence name) throws Violation {
    String text = name.toString();
    if (text.isEmpty()) {
      throw malformed("a field has no name", FIELDS);
    }
    if (text.charAt(0) == ':') {
      throw malformed("the pseudo-header field " + shown(text) + " follows other fields", PSEUDO);
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        throw malformed("the field name " + shown(text) + " has upper-case letters", FIELDS);
      }
    }
    if (!Headers.isToken(text)) {
      throw malformed("the field name " + shown(text) + " is no token", FIELDS);
    }
    if (CONNECTION_SPECIFIC.contains(text)) {
      throw malformed("the field " + text + " is of HTTP/1.1's connections", OF_A_CONNECTION);
    }
    return text;
  }

  private static void checkValue(String name, CharSequence value) throws Violation {
    int length = value.length();
    if (length > 0 && (isSpace(value.charAt(0)) || isSpace(value.charAt(length - 1)))) {
      throw malformed("the value of " + shown(name) + " begins or ends with a space", FIELDS);
    }
    for (int i = 0; i < length; i++) {
      char c = value.charAt(i);
      if (c == '\r' || c == '\n' || c == 0) {
        throw malformed("the value of " + shown(name) + " has a CR, LF or NUL", FIELDS);
      }
    }
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t';
  }

  private static String shown(String name) {
    String shown = name.length() > 100 ? name.substring(0, 100) : name;
    return '"' + shown.replaceAll("[^\\x21-\\x7e]", "?") + '"';
  }

  private static Violation malformed(String rule, String section) {
    return Violation.protocol(rule, section, Http2Frames.PROTOCOL_ERROR);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
