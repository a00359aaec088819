package dev.lariat.fleet.yaml;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** A mapping of the file with known keys. */
final class Section {
  private final Value whole;
  private final Map<String, Value> entries;
  private final @Nullable Section defaults;

  Section(Value whole, MappingNode node, List<String> keys) {
    this(whole, entries(whole, node, keys), null);
  }

  private Section(Value whole, Map<String, Value> entries, @Nullable Section defaults) {
    this.whole = whole;
    this.entries = entries;
    this.defaults = defaults;
  }

  /** This section, with the values of another one for the keys that it does not have. */
  Section or(@Nullable Section others) {
    return new Section(whole, entries, others);
  }

  /**
   * The values of a mapping.
   *
   * @param keys those that it may have; null for any
   */
  static Map<String, Value> entries(Value whole, MappingNode node, @Nullable List<String> keys) {
    Map<String, Value> entries = new LinkedHashMap<>();
    for (NodeTuple tuple : node.getValue()) {
      Node keyNode = tuple.getKeyNode();
      String key = keyNode instanceof ScalarNode scalar ? scalar.getValue() : "";
      if (keys != null && !keys.contains(key)) {
        throw whole.source().refused(keyNode, unknown(whole, key, keys));
      }
      Value value = new Value(whole.source(), within(whole, key), tuple.getValueNode());
      if (entries.put(key, value) != null) {
        throw whole.source().refused(keyNode, value.key() + ": twice, allowed once");
      }
    }
    return entries;
  }

  private static String within(Value whole, String key) {
    return whole.key().equals("file") ? key : whole.key() + "." + key;
  }

  private static String unknown(Value whole, String key, List<String> keys) {
    String nearest = keys.getFirst();
    for (String other : keys) {
      if (distance(key, other) < distance(key, nearest)) {
        nearest = other;
      }
    }
    return within(whole, key.replaceAll("\\p{Cntrl}", "?"))
        + ": unknown; did you mean "
        + nearest
        + "? allowed "
        + String.join(", ", keys);
  }

  /** How many letters have to be added, left out or replaced; upper and lower case are equal. */
  private static int distance(String one, String other) {
    int[] row = new int[other.length() + 1];
    for (int j = 0; j <= other.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= other.length(); j++) {
        boolean same =
            Character.toLowerCase(one.charAt(i - 1)) == Character.toLowerCase(other.charAt(j - 1));
        int replaced = diagonal + (same ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[other.length()];
  }

  Optional<Value> value(String key) {
    Value its = entries.get(key);
    return its == null && defaults != null ? defaults.value(key) : Optional.ofNullable(its);
  }

  Value required(String key) {
    return value(key)
        .filter(its -> !its.isEmpty())
        .orElseThrow(() -> whole.source().refused(whole.node(), missing(key)));
  }

  private String missing(String key) {
    return within(whole, key) + ": missing, allowed a value";
  }

  /** Changes an object by the value of a key, if there is one. */
  <T> T with(T object, String key, BiFunction<T, Value, T> change) {
    return value(key).map(its -> its.checked(() -> change.apply(object, its))).orElse(object);
  }

  Value whole() {
    return whole;
  }
}
