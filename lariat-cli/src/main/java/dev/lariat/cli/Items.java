package dev.lariat.cli;

import dev.lariat.option.Form;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The words behind a URL: {@code name=value} and {@code name:=json} for the body, {@code
 * name==value} for the query, {@code Name:value} for the headers, {@code name@file} for a form. A
 * backslash takes the meaning from the character behind it.
 */
final class Items {
  /** Of several separators at one place, the longest counts. */
  private static final List<String> SEPARATORS =
      List.of(":=@", "=@", "==", ":=", "=", "@", ":", ";");

  private record Item(String name, String separator, String value) {}

  private final List<Item> items = new ArrayList<>();

  Items(List<String> words) {
    words.forEach(word -> items.add(item(word)));
  }

  private static Item item(String word) {
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if (c == '\\' && i + 1 < word.length() && "=:@;\\".indexOf(word.charAt(i + 1)) >= 0) {
        name.append(word.charAt(++i));
        continue;
      }
      String separator = separatorAt(word, i);
      if (separator != null && !name.isEmpty()) {
        return new Item(name.toString(), separator, word.substring(i + separator.length()));
      }
      name.append(c);
    }
    throw new UsageException(
        "\""
            + Line.plain(word)
            + "\" is not an item: allowed are name=value, name:=json, name==value, Name:value and"
            + " name@file.");
  }

  private static @Nullable String separatorAt(String word, int at) {
    for (String separator : SEPARATORS) {
      boolean last = at + separator.length() == word.length();
      if (word.startsWith(separator, at) && (last || !separator.equals(";"))) {
        return separator;
      }
    }
    return null;
  }

  void addHeaders(HeaderLines headers) {
    for (Item item : items) {
      switch (item.separator()) {
        case ":" -> {
          if (item.value().isEmpty()) {
            headers.remove(item.name());
          } else {
            headers.set(item.name(), item.value().strip());
          }
        }
        case ";" -> headers.set(item.name(), "");
        default -> {} // is no header
      }
    }
  }

  /** What the items add to the query, or nothing. */
  String query() {
    List<String> pairs = new ArrayList<>();
    for (Item item : items) {
      if (item.separator().equals("==")) {
        pairs.add(encoded(item.name()) + "=" + encoded(item.value()));
      }
    }
    return String.join("&", pairs);
  }

  private static String encoded(String text) {
    return DataOptions.percent(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The body of these items; none if none of them is about the body. */
  Payload payload(boolean form, InputStream in) {
    List<Item> its = items.stream().filter(Items::isOfBody).toList();
    if (its.isEmpty()) {
      return Payload.NONE;
    }
    boolean files = its.stream().anyMatch(item -> item.separator().equals("@"));
    if (files && !form) {
      throw new UsageException("An item name@file needs --form.");
    }
    return files ? multipart(its, in) : form ? urlEncoded(its, in) : json(its, in);
  }

  private static boolean isOfBody(Item item) {
    return switch (item.separator()) {
      case "=", ":=", "=@", ":=@", "@" -> true;
      default -> false;
    };
  }

  /** The text of an item, or of the file that it names. */
  private static String text(Item item, InputStream in) {
    if (!item.separator().endsWith("=@")) {
      return item.value();
    }
    return item.value().equals("-")
        ? new String(Input.bytes(item.name(), "-", in), StandardCharsets.UTF_8)
        : Input.text(item.name() + item.separator(), item.value());
  }

  private static Payload multipart(List<Item> items, InputStream in) {
    FormParts parts = new FormParts();
    for (Item item : items) {
      if (item.separator().equals("@")) {
        int type = item.value().indexOf(";type=");
        String file = type < 0 ? item.value() : item.value().substring(0, type);
        String its = type < 0 ? null : item.value().substring(type + ";type=".length());
        parts.file(item.name() + "@", item.name(), file, its, null, in);
      } else {
        parts.field(item.name(), text(item, in), null);
      }
    }
    return parts.payload();
  }

  private static Payload urlEncoded(List<Item> items, InputStream in) {
    Form form = Form.EMPTY;
    for (Item item : items) {
      form = form.and(item.name(), text(item, in));
    }
    return Payload.of(Form.TYPE, form.bytes().toArray());
  }

  private static Payload json(List<Item> items, InputStream in) {
    StringBuilder json = new StringBuilder("{");
    for (Item item : items) {
      if (json.length() > 1) {
        json.append(", ");
      }
      json.append(Json.quoted(item.name())).append(": ");
      String text = text(item, in);
      json.append(item.separator().startsWith(":=") ? checked(item, text) : Json.quoted(text));
    }
    return Payload.of(
        "application/json", json.append('}').toString().getBytes(StandardCharsets.UTF_8));
  }

  private static String checked(Item item, String json) {
    Json.Fault fault = Json.fault(json);
    if (fault != null) {
      if (item.separator().equals(":=") && json.matches("[a-zA-Z][a-zA-Z ]*")) {
        String shown = Line.plain(json);
        throw new UsageException(
            shown + " is not JSON: for text, write " + Line.plain(item.name()) + "=" + shown + ".");
      }
      throw new UsageException(
          "The value of \""
              + Line.plain(item.name())
              + item.separator()
              + "\" is not JSON: "
              + fault
              + ".");
    }
    return json.strip();
  }
}
