package dev.lariat.message;

import java.util.List;

/** The names of HTTP/2's error codes (RFC 9113 section 7). */
final class ErrorCodes {
  private static final List<String> NAMES =
      List.of(
          "NO_ERROR",
          "PROTOCOL_ERROR",
          "INTERNAL_ERROR",
          "FLOW_CONTROL_ERROR",
          "SETTINGS_TIMEOUT",
          "STREAM_CLOSED",
          "FRAME_SIZE_ERROR",
          "REFUSED_STREAM",
          "CANCEL",
          "COMPRESSION_ERROR",
          "CONNECT_ERROR",
          "ENHANCE_YOUR_CALM",
          "INADEQUATE_SECURITY",
          "HTTP_1_1_REQUIRED");

  private ErrorCodes() {}

  /** The code for people: its name if it has one, and its number. */
  static String shown(long code) {
    String number = "error code " + code;
    return code < NAMES.size() ? NAMES.get((int) code) + " (" + number + ")" : number;
  }
}
