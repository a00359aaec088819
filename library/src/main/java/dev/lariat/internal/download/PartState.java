package dev.lariat.internal.download;

import dev.lariat.internal.codec.Validator;
import dev.lariat.message.Headers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * What must be known of the bytes that are here to continue after them. It is kept in a file, which
 * names the URIs only by their digests: URIs have tokens in them.
 *
 * @param uri the digest of the URI that the user asked for
 * @param source the digest of the URI whose server sent the bytes, without its query
 * @param validator what tells their version
 * @param coding their {@code Content-Encoding}; empty if they have none
 * @param total how many bytes the whole file has; empty if that is not known yet
 */
public record PartState(
    String uri, String source, Validator validator, String coding, OptionalLong total) {
  /** More bytes than a state has. */
  public static final int MOST = 4096;

  private static final String FIRST_LINE = "lariat-download 1";
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");
  private static final Pattern CODING = Pattern.compile("[!-~]{0,200}");
  private static final int LINES = 7;

  /** The digest that stands for a URI. */
  public static String digest(String uri) {
    return hex(uri.getBytes(StandardCharsets.UTF_8));
  }

  private static String hex(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // each Java has it
    }
  }

  /** The same with this length of the whole. */
  PartState total(OptionalLong its) {
    return new PartState(uri, source, validator, coding, its);
  }

  /** The {@code Content-Encoding} of a response, in a form of which there is one only. */
  static String coding(Headers headers) {
    return String.join(",", headers.all("content-encoding"))
        .replaceAll("\\s", "")
        .toLowerCase(Locale.ROOT);
  }

  /** Whether this can be kept: no server says more. */
  static boolean isKept(String coding) {
    return CODING.matcher(coding).matches();
  }

  /** The bytes of the file. */
  public byte[] encode() {
    String text =
        String.join(
                "\n",
                FIRST_LINE,
                "uri " + uri,
                "source " + source,
                validator.field() + " " + validator.value(),
                "coding " + coding,
                "total " + (total.isPresent() ? total.getAsLong() : "unknown"))
            + "\n";
    String check = "check " + hex(text.getBytes(StandardCharsets.ISO_8859_1)) + "\n";
    return (text + check).getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Reads a file; empty if it is not as {@link #encode} writes it, to the last byte. */
  public static Optional<PartState> parse(byte[] bytes) {
    String[] lines = new String(bytes, StandardCharsets.ISO_8859_1).split("\n", -1);
    if (lines.length != LINES + 1) {
      return Optional.empty();
    }
    Optional<String> uri = rest(lines[1], "uri").filter(v -> DIGEST.matcher(v).matches());
    Optional<String> source = rest(lines[2], "source").filter(v -> DIGEST.matcher(v).matches());
    int space = lines[3].indexOf(' ');
    Optional<Validator> validator =
        space < 0
            ? Optional.empty()
            : Validator.kept(lines[3].substring(0, space), lines[3].substring(space + 1));
    Optional<String> coding = rest(lines[4], "coding").filter(PartState::isKept);
    Optional<String> total = rest(lines[5], "total");
    boolean known = total.filter(value -> NUMBER.matcher(value).matches()).isPresent();
    if (uri.isEmpty()
        || source.isEmpty()
        || validator.isEmpty()
        || coding.isEmpty()
        || total.isEmpty()) {
      return Optional.empty();
    }
    OptionalLong length =
        known ? OptionalLong.of(Long.parseLong(total.get())) : OptionalLong.empty();
    PartState state = new PartState(uri.get(), source.get(), validator.get(), coding.get(), length);
    return Arrays.equals(state.encode(), bytes) ? Optional.of(state) : Optional.empty();
  }

  private static Optional<String> rest(String line, String name) {
    return line.startsWith(name + " ")
        ? Optional.of(line.substring(name.length() + 1))
        : Optional.empty();
  }
}
