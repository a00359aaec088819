package dev.lariat.internal.protocol;

import dev.lariat.message.Headers;
import dev.lariat.option.Http1;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How the names of header fields are written: in lower case, or as a user's function spells them.
 * It is asked in the user's thread, for every name that may be written, and not on the loop.
 */
public final class FieldNames {
  /** Names in lower case. */
  public static final FieldNames PLAIN = new FieldNames(null, Map.of());

  /** The headers that Lariat adds to requests. */
  private static final List<String> ADDED =
      List.of(
          "authorization",
          "connection",
          "content-length",
          "cookie",
          "expect",
          "host",
          "sec-websocket-extensions",
          "sec-websocket-key",
          "sec-websocket-protocol",
          "sec-websocket-version",
          "transfer-encoding",
          "upgrade");

  private final @Nullable UnaryOperator<String> spelling;
  private final Map<String, String> written;

  private FieldNames(@Nullable UnaryOperator<String> spelling, Map<String, String> written) {
    this.spelling = spelling;
    this.written = written;
  }

  /**
   * How a connection with these options writes names, checked for all that it adds to requests.
   *
   * @throws IllegalArgumentException if the user's function makes other names of them
   */
  public static FieldNames of(Http1 http1) {
    return http1.spelling().map(FieldNames::spelled).orElse(PLAIN);
  }

  private static FieldNames spelled(UnaryOperator<String> spelling) {
    Map<String, String> written = new HashMap<>();
    for (String name : ADDED) {
      written.put(name, spell(name, spelling));
    }
    return new FieldNames(spelling, written);
  }

  /**
   * These, and those of a user's fields.
   *
   * @throws IllegalArgumentException if the user's function makes other names of them
   */
  public FieldNames with(Headers fields) {
    if (spelling == null) {
      return this;
    }
    Map<String, String> more = new HashMap<>(written);
    for (Headers.Field field : fields) {
      more.computeIfAbsent(field.name(), name -> spell(name, spelling));
    }
    return new FieldNames(spelling, more);
  }

  /** Another name could frame the message otherwise than this side believes. */
  private static String spell(String name, UnaryOperator<String> spelling) {
    String spelled = spelling.apply(name);
    if (spelled == null || !Headers.isToken(spelled) || !spelled.equalsIgnoreCase(name)) {
      throw new IllegalArgumentException(
          "http1.spelling: " + shown(spelled) + ", allowed " + name + " in upper or lower case");
    }
    return spelled;
  }

  private static String shown(@Nullable String spelled) {
    return spelled == null ? "null" : '"' + spelled.replaceAll("\\p{Cntrl}", "?") + '"';
  }

  /** How this one is written. */
  public CharSequence of(CharSequence name) {
    if (spelling == null) {
      return name;
    }
    String spelled = written.get(name.toString());
    return spelled == null ? name : spelled;
  }
}
