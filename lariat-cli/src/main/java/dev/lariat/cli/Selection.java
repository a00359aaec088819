package dev.lariat.cli;

import dev.lariat.message.Frame;
import dev.lariat.message.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A path into a JSON value, as in jq: {@code .data.items[0].price}, {@code .["odd name"]}, and
 * {@code .items[]} for each element.
 *
 * @param steps from the outside to the inside
 */
record Selection(List<Step> steps) {
  private static final Pattern STEP =
      Pattern.compile(
          "\\.?\\[(?:(?<index>[0-9]{1,9})|(?<quoted>\"(?:[^\"\\\\]|\\\\.)*\"))?]"
              + "|\\.(?<name>[^.\\[\\]\"\\s]+)");

  /** A step into an object or an array. */
  sealed interface Step {}

  /** The member with this name. */
  record Member(String name) implements Step {}

  /** The element with this index, which counts from 0. */
  record Element(int index) implements Step {}

  /** Each element. */
  record Each() implements Step {}

  /**
   * Reads a path.
   *
   * @throws IllegalArgumentException if it is none
   */
  static Selection of(String path) {
    List<Step> steps = new ArrayList<>();
    Matcher matcher = STEP.matcher(path);
    int at = path.equals(".") ? 1 : 0; // the whole value
    while (at < path.length()) {
      matcher.region(at, path.length());
      if (!matcher.lookingAt() || at == 0 && !path.startsWith(".")) {
        throw new IllegalArgumentException("no path at character " + (at + 1));
      }
      steps.add(step(matcher));
      at = matcher.end();
    }
    if (path.isEmpty()) {
      throw new IllegalArgumentException("an empty path");
    }
    return new Selection(List.copyOf(steps));
  }

  private static Step step(Matcher matcher) {
    String name = matcher.group("name");
    if (name != null) {
      return new Member(name);
    }
    String quoted = matcher.group("quoted");
    if (quoted != null) {
      return new Member(JsonObject.unquoted(quoted));
    }
    String index = matcher.group("index");
    return index == null ? new Each() : new Element(Integer.parseInt(index));
  }

  /** What is shown of a message; without a path all of it, with one nothing that is no text. */
  static List<Frame> shown(@Nullable Selection path, Frame frame) {
    if (path == null) {
      return List.of(frame);
    }
    return frame instanceof Text(var text)
        ? path.from(text).stream().map(value -> (Frame) new Text(value)).toList()
        : List.of();
  }

  /** What it selects: strings as their content, other values as they stand in the text. */
  List<String> from(String text) {
    return Json.selected(text, steps).stream()
        .map(value -> value.startsWith("\"") ? JsonObject.unquoted(value) : value)
        .toList();
  }
}
