package dev.lariat.message;

import java.nio.charset.StandardCharsets;

/**
 * A close frame (RFC 6455 section 5.5.1).
 *
 * @param code why, as registered by RFC 6455 section 7.4: 1000 to 1003, 1007 to 1014, or 3000 to
 *     4999. {@value #NO_CODE} is never sent: it stands for a close frame without a code, and its
 *     text is empty
 * @param text a text for people or logs; at most 123 bytes of UTF-8
 */
public record Close(int code, String text) implements Frame {

  /** The code that stands for a close frame without one (RFC 6455 section 7.1.5). */
  public static final int NO_CODE = 1005;

  /** The code for an unexpected condition that prevents a side from continuing (section 7.4.1). */
  public static final int INTERNAL_ERROR = 1011;

  /** The purpose of the connection is fulfilled: code 1000. */
  public static final Close NORMAL = new Close(1000, "");

  /** This side goes away: code 1001. */
  public static final Close GOING_AWAY = new Close(1001, "");

  /** A close frame without code and text. */
  public static final Close EMPTY = new Close(NO_CODE, "");

  private static final int MAX_TEXT = ControlPayload.MAX - 2; // the code takes two

  /**
   * Checks the code and the text.
   *
   * @throws IllegalArgumentException if the code is not allowed in a close frame, if the text is
   *     longer than 123 bytes of UTF-8, or if there is a text but no code
   */
  public Close {
    if (!isAllowed(code) && code != NO_CODE) {
      throw new IllegalArgumentException(
          "close code: "
              + code
              + ", allowed 1000 to 1003, 1007 to 1014 and 3000 to 4999 (RFC 6455 section 7.4)");
    }
    if (code == NO_CODE && !text.isEmpty()) {
      throw new IllegalArgumentException(
          "close text: \""
              + text
              + "\", allowed empty if there is no code (RFC 6455 section 5.5.1)");
    }
    int length = text.getBytes(StandardCharsets.UTF_8).length;
    if (length > MAX_TEXT) {
      throw new IllegalArgumentException(
          "close text: "
              + length
              + " bytes of UTF-8, allowed 0 to "
              + MAX_TEXT
              + " (RFC 6455 section 5.5)");
    }
  }

  /**
   * {@return whether a close frame may carry this code} These are the codes that RFC 6455 section
   * 7.4.1 and the IANA registry define for close frames, and the codes for libraries and
   * applications.
   *
   * @param code a close code
   */
  public static boolean isAllowed(int code) {
    return code >= 1000 && code <= 1003
        || code >= 1007 && code <= 1014
        || code >= 3000 && code <= 4999;
  }
}
