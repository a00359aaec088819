package dev.lariat.fleet.yaml;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A value of the file, with the key that it belongs to. What is wrong with it is said with its
 * place, and as it stands in the file: what a variable stands for may be a secret.
 *
 * @param key the keys that lead to it, such as {@code healing.attempts}
 */
record Value(Source source, String key, Node node) {
  private static final Pattern VARIABLE = Pattern.compile("\\$(\\$\\{|\\{([^}]*)})");
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");
  private static final int LONGEST_SHOWN = 100; // characters
  private static final String ALLOWED = "allowed ";

  /** Whether it is a text, a number or the like, and neither a list nor keys with values. */
  boolean isScalar() {
    return node instanceof ScalarNode;
  }

  /** A text, in which variables are replaced. */
  String text() {
    return replaced(written("a text"));
  }

  private String written(String allowed) {
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    throw refused(allowed);
  }

  private String replaced(String text) {
    return VARIABLE
        .matcher(text)
        .replaceAll(
            match -> {
              String name = match.group(2);
              return Matcher.quoteReplacement(name == null ? "${" : variable(name));
            });
  }

  private String variable(String name) {
    String its = source.environment().apply(name);
    if (its == null) {
      throw refused("a variable of the environment that is set; ${" + name + "} is not");
    }
    return its;
  }

  /** Reads the text. A refusal gets the place, the key and the value as it is written. */
  <T> T as(Function<String, T> reader) {
    String text = text();
    return checked(() -> reader.apply(text));
  }

  <T> T checked(Supplier<T> made) {
    try {
      return made.get();
    } catch (RefusedException e) {
      throw e; // it is of a value further inside
    } catch (IllegalArgumentException e) {
      String said = String.valueOf(e.getMessage());
      int at = said.lastIndexOf(ALLOWED);
      throw refused(at < 0 ? "another value" : said.substring(at + ALLOWED.length()));
    }
  }

  int integer() {
    return as(
        text -> {
          try {
            return Integer.parseInt(text);
          } catch (NumberFormatException e) {
            throw refused("a whole number up to " + Integer.MAX_VALUE);
          }
        });
  }

  double number() {
    return as(
        text -> {
          try {
            return Double.parseDouble(text);
          } catch (NumberFormatException e) {
            throw refused("a number");
          }
        });
  }

  boolean truth() {
    return switch (text()) {
      case "true" -> true;
      case "false" -> false;
      default -> throw refused("true or false");
    };
  }

  Duration duration() {
    Matcher matcher = DURATION.matcher(text());
    if (!matcher.matches()) {
      throw refused("a whole number with a unit, as in 500ms, 30s, 5m, 2h or 1d");
    }
    long count = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(count);
      case "s" -> Duration.ofSeconds(count);
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      default -> Duration.ofDays(count);
    };
  }

  /** The elements of a list. */
  List<Value> elements() {
    if (!(node instanceof SequenceNode sequence)) {
      throw refused("a list");
    }
    List<Value> all = new ArrayList<>();
    for (Node element : sequence.getValue()) {
      all.add(new Value(source, key + "[" + all.size() + "]", element));
    }
    return all;
  }

  /** One text, or a list of them. */
  List<String> texts() {
    return node instanceof SequenceNode
        ? elements().stream().map(Value::text).toList()
        : List.of(text());
  }

  /** A mapping with these keys. */
  Section section(String... keys) {
    return new Section(this, mapping(), List.of(keys));
  }

  /** The values of a mapping with any keys. */
  Map<String, Value> entries() {
    return Section.entries(this, mapping(), null);
  }

  private MappingNode mapping() {
    if (node instanceof MappingNode mapping) {
      return mapping;
    }
    throw refused("keys with values");
  }

  /** One of these words. */
  String word(String... words) {
    String text = text();
    if (!List.of(words).contains(text)) {
      throw refused(String.join(" or ", words));
    }
    return text;
  }

  RefusedException refused(String allowed) {
    return source.refused(node, key + ": " + shown() + ", " + ALLOWED + allowed);
  }

  private String shown() {
    String text =
        node instanceof ScalarNode scalar
            ? scalar.getValue().replaceAll("\\p{Cntrl}", "?")
            : node.getNodeType().name().toLowerCase(Locale.ROOT);
    return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "…";
  }

  /** Whether there is nothing behind the key. */
  boolean isEmpty() {
    return node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.NULL);
  }

  /** The line of the file, counted from 1. */
  int line() {
    return source.line(node);
  }
}
