package dev.lariat.message;

import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/**
 * What was received is not a value of the expected type. A {@link BodyCodec} throws it. Where
 * Lariat reads for you, it is the cause of a {@code FailedException} whose reason, {@link
 * Reason.Unreadable}, also says what was read.
 */
public final class UnreadableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** The expected type. */
  private final transient Type type;

  /** What is wrong. */
  private final String detail;

  /** The line; 0 if it is not known. */
  private final int line;

  /** The column; 0 if it is not known. */
  private final int column;

  /** The path; empty if it is not known. */
  private final String path;

  /**
   * A failure at a known place.
   *
   * @param type the expected type
   * @param detail what is wrong. Control characters in it become question marks, and it is cut
   *     after 200 characters, because it often quotes what a server sent
   * @param line the line of the text in which reading stopped, from 1; 0 if it is not known
   * @param column the column in that line, from 1; 0 if it is not known
   * @param path the path of the value that is wrong, such as {@code $.items[2].price}; empty if it
   *     is not known
   * @param cause the exception of the library that reads, if there is one
   */
  public UnreadableException(
      Type type, String detail, int line, int column, String path, @Nullable Throwable cause) {
    super(
        Wording.typeName(type) + " cannot be read: " + Wording.placed(detail, line, column, path),
        cause);
    this.type = type;
    this.detail = Wording.line(detail);
    this.line = Math.max(0, line);
    this.column = Math.max(0, column);
    this.path = path;
  }

  /**
   * A failure at an unknown place.
   *
   * @param type the expected type
   * @param detail what is wrong
   * @param cause the exception of the library that reads, if there is one
   */
  public UnreadableException(Type type, String detail, @Nullable Throwable cause) {
    this(type, detail, 0, 0, "", cause);
  }

  /** {@return the expected type} */
  public Type type() {
    return type;
  }

  /** {@return what is wrong, on one line} */
  public String detail() {
    return detail;
  }

  /** {@return the line of the text in which reading stopped, from 1; 0 if it is not known} */
  public int line() {
    return line;
  }

  /** {@return the column in that line, from 1; 0 if it is not known} */
  public int column() {
    return column;
  }

  /**
   * {@return the path of the value that is wrong, such as {@code $.items[2].price}; empty if it is
   * not known}
   */
  public String path() {
    return path;
  }
}
