package dev.lariat.message;

/** The maximum that RFC 6455 section 5.5 sets for the payload of a control frame. */
final class ControlPayload {
  static final int MAX = 125;

  private ControlPayload() {}

  static void check(String frame, Bytes payload) {
    if (payload.size() > MAX) {
      throw new IllegalArgumentException(
          frame
              + " payload: "
              + payload.size()
              + " bytes, allowed 0 to "
              + MAX
              + " (RFC 6455 section 5.5)");
    }
  }
}
