package dev.lariat.cli;

import dev.lariat.message.Headers;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A file whose name the response has in its {@code Content-Disposition} (RFC 6266 section 4.3). The
 * server chooses it, so it is a name in this directory, and replaces nothing.
 */
final class Named implements Sink {
  private static final Pattern PLAIN =
      Pattern.compile("(?i);\\s*filename\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^;\\s\"]+))");
  private static final Pattern EXTENDED =
      Pattern.compile("(?i);\\s*filename\\*\\s*=\\s*utf-8'[^']*'([^;\\s]+)");

  private final Path folder;
  private final Function<Path, Sink> file;
  private final Supplier<Path> otherwise;
  private final StringBuilder heads = new StringBuilder();
  private @Nullable Sink its;

  /**
   * A file that is not there yet.
   *
   * @param folder where it is going to be
   * @param file gives the one with a name
   * @param otherwise the name of one that the response does not name
   */
  Named(Path folder, Function<Path, Sink> file, Supplier<Path> otherwise) {
    this.folder = folder;
    this.file = file;
    this.otherwise = otherwise;
  }

  @Override
  public void head(String text) {
    heads.append(text);
  }

  @Override
  public void begin(int status, Headers headers) {
    Optional<String> name = headers.first("content-disposition").flatMap(Named::name);
    Path path = name.map(this::path).orElseGet(otherwise);
    if (name.isPresent() && Files.exists(path)) {
      throw OutputException.of(path, new FileAlreadyExistsException(path.toString()));
    }
    Sink made = file.apply(path);
    its = made;
    made.head(heads.toString());
    made.begin(status, headers);
  }

  /** The name, without the folders before it, as the RFC wants it; UTF-8 comes first. */
  static Optional<String> name(String disposition) {
    Matcher plain = PLAIN.matcher(disposition);
    return extended(disposition)
        .or(() -> plain.find() ? Optional.of(unquoted(plain)) : Optional.empty())
        .map(name -> name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1));
  }

  private static Optional<String> extended(String disposition) {
    Matcher extended = EXTENDED.matcher(disposition);
    try {
      return extended.find()
          ? Optional.of(OutputOptions.decoded(extended.group(1)))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // no percent-encoding
    }
  }

  private static String unquoted(Matcher plain) {
    String quoted = plain.group(1);
    return quoted == null ? plain.group(2) : quoted.replaceAll("\\\\(.)", "$1");
  }

  private Path path(String name) {
    try {
      if (OutputOptions.isSafe(name)) {
        return folder.resolve(name);
      }
    } catch (InvalidPathException e) {
      // told below
    }
    throw new UsageException(
        "--remote-header-name: the server names the file \""
            + Line.plain(name)
            + "\", which is no safe name of a file: see --output.");
  }

  @Override
  public boolean isFile() {
    return true;
  }

  @Override
  public void write(byte[] bytes) {
    if (its != null) {
      its.write(bytes);
    }
  }

  @Override
  public void end() {
    if (its != null) {
      its.end();
    }
  }

  @Override
  public void close() {
    if (its != null) {
      its.close();
    }
  }
}
