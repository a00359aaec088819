package dev.lariat.cli;

import dev.lariat.message.Bytes;
import dev.lariat.option.Multipart;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A multipart form (RFC 7578) whose files are read only when they are sent. */
final class FormParts {
  private static final String UNKNOWN = "application/octet-stream";
  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("gif", "image/gif"),
          Map.entry("jpg", "image/jpeg"),
          Map.entry("jpeg", "image/jpeg"),
          Map.entry("png", "image/png"),
          Map.entry("svg", "image/svg+xml"),
          Map.entry("txt", "text/plain"),
          Map.entry("htm", "text/html"),
          Map.entry("html", "text/html"),
          Map.entry("pdf", "application/pdf"),
          Map.entry("xml", "application/xml"),
          Map.entry("json", "application/json"),
          Map.entry("csv", "text/csv"),
          Map.entry("webp", "image/webp"),
          Map.entry("zip", "application/zip"));

  private Multipart multipart = Multipart.create();
  private final List<Payload.Piece> contents = new ArrayList<>();

  /** The form that the values of {@code -F} and {@code --form-string} make. */
  static Payload payload(List<String> forms, List<String> strings, InputStream in) {
    FormParts parts = new FormParts();
    for (String value : forms) {
      int equals = equals("-F", value);
      parts.add(value.substring(0, equals), value.substring(equals + 1), in);
    }
    for (String value : strings) {
      int equals = equals("--form-string", value);
      parts.field(value.substring(0, equals), value.substring(equals + 1), null);
    }
    return parts.payload();
  }

  private static int equals(String option, String value) {
    int equals = value.indexOf('=');
    if (equals < 1) {
      throw new UsageException(option + ": \"" + Line.plain(value) + "\" is not NAME=CONTENT.");
    }
    return equals;
  }

  private void add(String name, String value, InputStream in) {
    List<String> words = words(value);
    String content = words.getFirst();
    String type = parameter(words, "type");
    String filename = parameter(words, "filename");
    if (content.startsWith("@")) {
      file("-F", name, content.substring(1), type, filename, in);
    } else if (content.startsWith("<")) {
      byte[] bytes = Input.bytes("-F", content.substring(1), in);
      part(name, filename, type, new Payload.Held(Bytes.wrap(bytes)));
    } else {
      part(name, filename, type, new Payload.Held(Bytes.ofUtf8(content)));
    }
  }

  /** The content, and the parameters behind semicolons; a content in quotes may have some, too. */
  private static List<String> words(String value) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (quoted && c == '\\' && i + 1 < value.length()) {
        word.append(value.charAt(++i));
      } else if (c == '"'
          && (quoted || word.isEmpty() || "@<=".indexOf(word.charAt(word.length() - 1)) >= 0)) {
        quoted = !quoted;
      } else if (c == ';' && !quoted && isParameter(value.substring(i + 1))) {
        words.add(word.toString());
        word.setLength(0);
      } else {
        word.append(c);
      }
    }
    words.add(word.toString());
    return words;
  }

  private static boolean isParameter(String rest) {
    String word = rest.strip().toLowerCase(Locale.ROOT);
    return word.startsWith("type=") || word.startsWith("filename=");
  }

  private static @Nullable String parameter(List<String> words, String name) {
    for (String word : words.subList(1, words.size())) {
      if (word.strip().toLowerCase(Locale.ROOT).startsWith(name + "=")) {
        return word.strip().substring(name.length() + 1).strip();
      }
    }
    return null;
  }

  /** Adds a field. */
  void field(String name, String value, @Nullable String type) {
    part(name, null, type, new Payload.Held(Bytes.ofUtf8(value)));
  }

  /** Adds a file, with the type that its name implies if there is none. */
  void file(
      String option,
      String name,
      String file,
      @Nullable String type,
      @Nullable String filename,
      InputStream in) {
    if (file.equals("-")) {
      byte[] bytes = Input.bytes(option, file, in);
      String shown = filename == null ? "-" : filename;
      part(name, shown, type == null ? UNKNOWN : type, new Payload.Held(Bytes.wrap(bytes)));
      return;
    }
    Path path = Input.file(option, file);
    String shown = filename == null ? path.getFileName().toString() : filename;
    String its = type == null ? typeOf(shown) : type;
    part(name, shown, its, new Payload.Stored(path));
  }

  private static String typeOf(String filename) {
    String extension = filename.substring(filename.lastIndexOf('.') + 1);
    return TYPES.getOrDefault(extension.toLowerCase(Locale.ROOT), UNKNOWN);
  }

  private void part(
      String name, @Nullable String filename, @Nullable String type, Payload.Piece content) {
    try {
      multipart =
          multipart.part(
              new Multipart.Part(
                  name, Optional.ofNullable(filename), Optional.ofNullable(type), Bytes.EMPTY));
    } catch (IllegalArgumentException e) {
      throw UsageException.of("The form", e);
    }
    contents.add(content);
  }

  /** The form with the contents of its parts in their places. */
  Payload payload() {
    List<Payload.Piece> pieces = new ArrayList<>();
    List<Bytes> frame = multipart.pieces(); // head, content and line end of each part, and the end
    for (int i = 0; i < frame.size(); i++) {
      boolean content = i % 3 == 1 && i / 3 < contents.size();
      pieces.add(content ? contents.get(i / 3) : new Payload.Held(frame.get(i)));
    }
    return new Payload(multipart.type(), pieces);
  }
}
