package dev.lariat.cli;

import dev.lariat.message.Bytes;
import dev.lariat.option.Form;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say what a request carries. */
@SuppressWarnings("UnusedMethod") // picocli calls them
final class DataOptions {
  private static final int CHARACTER = 0xff;

  /** How the value of an option becomes a part of the body. */
  private enum Kind {
    TEXT,
    LITERAL,
    BINARY,
    ENCODED,
    JSON
  }

  private record Datum(Kind kind, String value) {}

  private final List<Datum> data = new ArrayList<>(); // of several options, in their order

  @Option(
      names = {"-d", "--data", "--data-ascii"},
      order = 10,
      paramLabel = "DATA",
      description =
          "Send this as a form, as it is. @FILE sends a file without its line ends, and @- standard"
              + " input. Several of these options are joined by &.")
  void data(@Nullable String value) {
    add(Kind.TEXT, value);
  }

  @Option(
      names = "--data-raw",
      paramLabel = "DATA",
      description = "As --data, but @ has no meaning.")
  void dataRaw(@Nullable String value) {
    add(Kind.LITERAL, value);
  }

  @Option(
      names = "--data-binary",
      paramLabel = "DATA",
      description = "As --data, but a file is sent with its line ends.")
  void dataBinary(@Nullable String value) {
    add(Kind.BINARY, value);
  }

  @Option(
      names = "--data-urlencode",
      paramLabel = "DATA",
      description =
          "As --data, but percent-encoded: CONTENT, =CONTENT, NAME=CONTENT, @FILE or NAME@FILE.")
  private void dataUrlencode(@Nullable String value) {
    add(Kind.ENCODED, value);
  }

  @Option(
      names = "--json",
      paramLabel = "DATA",
      description = "Send this, or @FILE, as JSON, and accept JSON.")
  private void json(@Nullable String value) {
    add(Kind.JSON, value);
  }

  private void add(Kind kind, @Nullable String value) {
    if (value != null) { // it is null before each parse
      data.add(new Datum(kind, value));
    }
  }

  @Option(
      names = "-F",
      paramLabel = "NAME=CONTENT",
      description =
          "Send a multipart form with this field. NAME=@FILE sends a file and NAME=<FILE its"
              + " content as a field; ;type=TYPE and ;filename=NAME may follow. You can repeat the"
              + " option.")
  private List<String> forms = new ArrayList<>();

  @Option(
      names = "--form-string",
      paramLabel = "NAME=CONTENT",
      description = "As -F, but @, < and ; have no meaning.")
  private List<String> formStrings = new ArrayList<>();

  @Option(names = "--form", description = "Send the items NAME=VALUE as a form instead of JSON.")
  private boolean form;

  @Option(
      names = {"-T", "--upload-file"},
      paramLabel = "FILE",
      description = "Send this file by PUT; - sends standard input.")
  private @Nullable String upload;

  @Option(
      names = {"-G", "--get"},
      description = "Send the data of --data as the query of the URL, by GET.")
  private boolean query;

  /** Whether items are a form. */
  boolean form() {
    return form;
  }

  /** The file of {@code -T}; null for none. */
  @Nullable String upload() {
    return upload;
  }

  /** What the data add to the query; null where they are the body. */
  @Nullable String query(InputStream in) {
    if (!query) {
      return null;
    }
    if (data.isEmpty()) {
      throw new UsageException("--get needs --data.");
    }
    return new String(joined(in), StandardCharsets.UTF_8);
  }

  boolean isJson() {
    return data.stream().anyMatch(datum -> datum.kind() == Kind.JSON);
  }

  /** What these options give; none if there are none of them. */
  Payload payload(InputStream in) {
    boolean parts = !forms.isEmpty() || !formStrings.isEmpty();
    boolean joined = !data.isEmpty() && !query;
    if ((parts ? 1 : 0) + (joined ? 1 : 0) + (upload == null ? 0 : 1) > 1) {
      throw new UsageException(
          "Only one of --data (or --json), -F and --upload-file can be the body.");
    }
    if (isJson() && data.stream().anyMatch(datum -> datum.kind() != Kind.JSON)) {
      throw new UsageException("--json does not go with --data.");
    }
    if (parts) {
      return FormParts.payload(forms, formStrings, in);
    }
    if (upload != null) {
      Payload.Piece piece =
          upload.equals("-")
              ? new Payload.Piped(in)
              : new Payload.Stored(Input.file("--upload-file", upload));
      return new Payload(null, List.of(piece));
    }
    return joined
        ? Payload.of(isJson() ? "application/json" : Form.TYPE, joined(in))
        : Payload.NONE;
  }

  private byte[] joined(InputStream in) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    boolean first = true;
    for (Datum datum : data) {
      if (!first && datum.kind() != Kind.JSON) {
        all.write('&');
      }
      first = false;
      all.writeBytes(bytes(datum, in));
    }
    return all.toByteArray();
  }

  private static byte[] bytes(Datum datum, InputStream in) {
    String value = datum.value();
    boolean file = value.startsWith("@");
    return switch (datum.kind()) {
      case TEXT ->
          file ? withoutLineEnds(Input.bytes("--data", value.substring(1), in)) : utf8(value);
      case LITERAL -> utf8(value);
      case BINARY -> file ? Input.bytes("--data-binary", value.substring(1), in) : utf8(value);
      case JSON -> file ? Input.bytes("--json", value.substring(1), in) : utf8(value);
      case ENCODED -> utf8(encoded(value, in));
    };
  }

  private static byte[] utf8(String text) {
    return Bytes.ofUtf8(text).toArray();
  }

  private static byte[] withoutLineEnds(byte[] bytes) {
    ByteArrayOutputStream kept = new ByteArrayOutputStream(bytes.length);
    for (byte b : bytes) {
      if (b != '\r' && b != '\n' && b != 0) {
        kept.write(b);
      }
    }
    return kept.toByteArray();
  }

  private static String encoded(String value, InputStream in) {
    int equals = value.indexOf('=');
    int at = value.indexOf('@');
    if (equals < 0 && at < 0) {
      return percent(utf8(value));
    }
    int cut = equals >= 0 ? equals : at; // as in curl, an equals sign wins
    String name = value.substring(0, cut);
    String rest = value.substring(cut + 1);
    byte[] content = equals >= 0 ? utf8(rest) : Input.bytes("--data-urlencode", rest, in);
    return (name.isEmpty() ? "" : name + "=") + percent(content);
  }

  /** Percent-encoded but for the unreserved characters (RFC 3986 section 2.3). */
  static String percent(byte[] bytes) {
    StringBuilder text = new StringBuilder(bytes.length);
    for (byte b : bytes) {
      boolean unreserved =
          b >= 'A' && b <= 'Z'
              || b >= 'a' && b <= 'z'
              || b >= '0' && b <= '9'
              || b == '-'
              || b == '.'
              || b == '_'
              || b == '~';
      if (unreserved) {
        text.append((char) b);
      } else {
        text.append(String.format(Locale.ROOT, "%%%02X", b & CHARACTER));
      }
    }
    return text.toString();
  }
}
