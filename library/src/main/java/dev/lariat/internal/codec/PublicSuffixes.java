package dev.lariat.internal.codec;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.IDN;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/**
 * The domains under which anybody may register names, as {@code publicsuffix.org} lists them: a
 * cookie for one of them would go to strangers. The list is OkHttp's, taken from its jar by the
 * build; it is read when a cookie first names a domain, and takes some 700 KB from then on.
 */
final class PublicSuffixes {
  private static final String LIST = "PublicSuffixDatabase.list";

  private final Set<String> rules;
  private final Set<String> exceptions;

  /** Read once for all. */
  private static final class Listed {
    static final PublicSuffixes ALL = read();
  }

  private PublicSuffixes(Set<String> rules, Set<String> exceptions) {
    this.rules = rules;
    this.exceptions = exceptions;
  }

  /** Whether a domain, in lower case, is a public suffix. An address is none. */
  static boolean contains(String domain) {
    String name = domain.endsWith(".") ? domain.substring(0, domain.length() - 1) : domain;
    int dot = name.indexOf('.');
    if (name.indexOf(':') >= 0) {
      return false;
    }
    if (dot < 0) {
      return true; // what the list does not know has one label
    }
    String unicode = name.contains("xn--") ? IDN.toUnicode(name) : name;
    String beneath = "*." + unicode.substring(unicode.indexOf('.') + 1);
    return (Listed.ALL.rules.contains(unicode) || Listed.ALL.rules.contains(beneath))
        && !Listed.ALL.exceptions.contains(unicode);
  }

  private static PublicSuffixes read() {
    try (InputStream resource = PublicSuffixes.class.getResourceAsStream(LIST)) {
      if (resource == null) {
        throw new IllegalStateException("the jar has no " + LIST);
      }
      DataInputStream list = new DataInputStream(resource);
      return new PublicSuffixes(lines(list), lines(list));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Set<String> lines(DataInputStream list) throws IOException {
    byte[] text = list.readNBytes(list.readInt());
    return Set.copyOf(List.of(new String(text, StandardCharsets.UTF_8).split("\n", -1)));
  }
}
