package dev.lariat.internal.codec;

import dev.lariat.message.Headers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.regex.Pattern;

/**
 * The {@code Cache-Control} field (RFC 9111 section 5.2). Nothing in it is a violation: what is
 * malformed about a directive leaves its name with an argument that is invalid, so that {@code
 * no-store} counts however it is written.
 *
 * @param directives all of them, in their order
 */
public record CacheControl(List<Directive> directives) {

  /** The most that an age is counted to (section 1.2.2): 68 years. */
  public static final Duration MOST = Duration.ofSeconds(1L << 31);

  private static final Pattern SECONDS = Pattern.compile("[0-9]+");
  private static final int DIGITS = 10;
  private static final String INVALID = "";

  /**
   * One directive.
   *
   * @param name in lower case
   * @param argument what stands behind the equals sign, without quotes; the empty string, which no
   *     directive takes, if it is malformed
   */
  public record Directive(String name, Optional<String> argument) {

    @Override
    public String toString() {
      return name + argument.map(its -> "=" + shown(its)).orElse("");
    }

    private static String shown(String argument) {
      return Headers.isToken(argument)
          ? argument
          : '"' + argument.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
  }

  /** Copies the list. */
  public CacheControl {
    directives = List.copyOf(directives);
  }

  /** What the headers of a message say. */
  public static CacheControl of(Headers headers) {
    List<Directive> all = new ArrayList<>();
    for (String value : headers.all("cache-control")) {
      parse(value, all);
    }
    return new CacheControl(all);
  }

  private static void parse(String value, List<Directive> all) {
    FieldText text = new FieldText(value);
    while (!text.atEnd()) {
      text.skipSpace();
      Optional<String> name = text.token();
      Optional<String> argument = text.takes('=') ? text.quoted().or(text::token) : null;
      text.skipSpace();
      boolean whole = text.atEnd() || text.takes(',');
      if (!whole) {
        text.skipTo(',');
        text.takes(',');
      }
      if (name.isPresent()) {
        boolean valid = whole && (argument == null || argument.isPresent());
        Optional<String> its = argument == null ? Optional.empty() : argument;
        all.add(
            new Directive(name.get().toLowerCase(Locale.ROOT), valid ? its : Optional.of(INVALID)));
      }
    }
  }

  /** Whether there is a directive of this name, with an argument or without. */
  public boolean has(String name) {
    return directives.stream().anyMatch(each -> each.name.equals(name));
  }

  /** Whether there is one of this name that names no fields, and so concerns the whole message. */
  public boolean hasWhole(String name) {
    return directives.stream().anyMatch(each -> each.name.equals(name) && fields(each).isEmpty());
  }

  /** The names of the fields that a directive is limited to, in lower case. */
  public Set<String> fields(String name) {
    Set<String> all = new LinkedHashSet<>();
    for (Directive each : directives) {
      if (each.name.equals(name)) {
        all.addAll(fields(each));
      }
    }
    return all;
  }

  private static Set<String> fields(Directive directive) {
    return NameList.of(directive.argument.stream().toList());
  }

  /**
   * The seconds that a directive names; empty if there is no such directive.
   *
   * @param otherwise what it counts as if its argument is missing or invalid, or if it stands there
   *     several times with different ones
   */
  public Optional<Duration> seconds(String name, Duration otherwise) {
    List<Duration> all =
        directives.stream()
            .filter(each -> each.name.equals(name))
            .map(each -> each.argument.flatMap(CacheControl::seconds).orElse(otherwise))
            .distinct()
            .toList();
    return all.size() > 1 ? Optional.of(otherwise) : all.stream().findFirst();
  }

  /** Reads delta-seconds (section 1.2.2): digits alone, and no more than {@link #MOST}. */
  public static Optional<Duration> seconds(String text) {
    if (!SECONDS.matcher(text).matches()) {
      return Optional.empty();
    }
    String digits = text.replaceFirst("^0+(?=.)", "");
    Duration read = digits.length() > DIGITS ? MOST : Duration.ofSeconds(Long.parseLong(digits));
    return Optional.of(read.compareTo(MOST) > 0 ? MOST : read);
  }

  /** As a value of the field. */
  @Override
  public String toString() {
    StringJoiner all = new StringJoiner(", ");
    directives.forEach(each -> all.add(each.toString()));
    return all.toString();
  }
}
