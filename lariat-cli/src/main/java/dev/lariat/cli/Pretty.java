package dev.lariat.cli;

import dev.lariat.message.Headers;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A terminal: JSON is folded, text cannot command the terminal, and what is neither is refused. A
 * body in which a zero byte comes early is binary, whatever its type says.
 */
final class Pretty implements Sink {
  private static final Pattern CHARSET =
      Pattern.compile(";\\s*charset=\"?([^\";\\s]+)", Pattern.CASE_INSENSITIVE);
  private static final Pattern BINARY =
      Pattern.compile("(image|audio|video|font)/(?!svg).*|application/(octet-stream|zip|gzip|pdf)");

  private final Output out;
  private final boolean folds;
  private final boolean colours;
  private CharsetDecoder decoder = decoder(StandardCharsets.UTF_8);
  private ByteBuffer rest = ByteBuffer.allocate(0); // of a character that is not complete
  private String type = "";
  private @Nullable Folding folding;

  /**
   * Nothing is shown yet.
   *
   * @param folds whether JSON is folded
   */
  Pretty(Output out, boolean folds, boolean colours) {
    this.out = out;
    this.folds = folds;
    this.colours = colours;
  }

  private static CharsetDecoder decoder(Charset charset) {
    return charset
        .newDecoder()
        .onMalformedInput(CodingErrorAction.REPLACE)
        .onUnmappableCharacter(CodingErrorAction.REPLACE);
  }

  @Override
  public void head(String text) {
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void begin(int status, Headers headers) {
    String whole = headers.first("content-type").orElse("").toLowerCase(Locale.ROOT);
    type = whole.split(";", 2)[0].strip();
    Matcher charset = CHARSET.matcher(whole);
    if (charset.find()) {
      try {
        decoder = decoder(Charset.forName(charset.group(1)));
      } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
        decoder = decoder(StandardCharsets.UTF_8); // the best guess
      }
    }
    boolean json =
        type.equals("application/json")
            || type.endsWith("+json")
            || type.endsWith("/json")
            || type.equals("application/x-ndjson");
    folding = folds && json ? new Folding(colours) : null;
    if (headers.contains("content-encoding")
        && !headers.first("content-encoding").get().equals("identity")) {
      throw binary("compressed, and --compressed decompresses it");
    }
  }

  private static UsageException binary(String what) {
    return new UsageException(
        "The response is " + what + ": -o FILE saves it, and -o - shows its bytes all the same.");
  }

  @Override
  public void write(byte[] bytes) {
    if (BINARY.matcher(type).matches() || hasZero(bytes)) {
      throw binary("binary" + (type.isEmpty() ? "" : " (" + Line.plain(type) + ")"));
    }
    ByteBuffer all =
        ByteBuffer.allocate(rest.remaining() + bytes.length).put(rest).put(bytes).flip();
    show(all, false);
    rest = all;
  }

  private boolean hasZero(byte[] bytes) {
    if (decoder.charset().name().startsWith("UTF-16")
        || decoder.charset().name().startsWith("UTF-32")) {
      return false;
    }
    for (byte b : bytes) {
      if (b == 0) {
        return true;
      }
    }
    return false;
  }

  private void show(ByteBuffer bytes, boolean last) {
    CharBuffer chars =
        CharBuffer.allocate(
            16 + (int) Math.ceil(bytes.remaining() * (double) decoder.maxCharsPerByte()));
    decoder.decode(bytes, chars, last);
    if (last) {
      decoder.flush(chars);
    }
    String text = Line.block(chars.flip().toString());
    put(folding == null ? text : folding.of(text));
  }

  private void put(String text) {
    if (!text.isEmpty()) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Override
  public void end() {
    show(rest, true);
    if (folding != null) {
      put(folding.end());
    }
  }

  @Override
  public void close() {}
}
