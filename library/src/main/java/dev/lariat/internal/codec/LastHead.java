package dev.lariat.internal.codec;

import dev.lariat.message.Headers;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The head of the last response of a connection, octet by octet. The next one mostly says the same,
 * but for its date, which changes once a second. Then it means the same, and is not read again.
 */
final class LastHead {
  private static final int MOST = 1 << 10; // octets; a longer one is not kept

  private byte[] octets = new byte[0];
  private int length; // how many there were, also if they are too many to be kept
  private boolean complete;

  private boolean http10;
  private int status;
  private Headers headers = Headers.EMPTY;

  /** Another head begins. */
  void begin() {
    length = 0;
    complete = false;
  }

  /** The next octet of it. */
  void add(int octet) {
    if (length < MOST) {
      if (length == octets.length) {
        octets = Arrays.copyOf(octets, Math.max(256, 2 * length));
      }
      octets[length] = (byte) octet;
    }
    length++;
  }

  /** It has ended, and means this. */
  void end(boolean http10, int status, Headers headers) {
    this.http10 = http10;
    this.status = status;
    this.headers = headers;
    complete = length <= MOST;
  }

  /** Whether the same octets are here again. */
  boolean isAt(ByteBuffer in, int from, int end) {
    return complete
        && length <= end - from
        && in.slice(from, length).equals(ByteBuffer.wrap(octets, 0, length));
  }

  /** How many octets it has. */
  int length() {
    return length;
  }

  /** Whether it is of HTTP/1.0. */
  boolean isHttp10() {
    return http10;
  }

  int status() {
    return status;
  }

  Headers headers() {
    return headers;
  }
}
