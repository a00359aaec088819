package dev.lariat.testkit.internal.wire;

import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;

/** What comes in, byte by byte. */
final class Input {
  private static final int BUFFER = 8 << 10;

  private final Source source;
  private final byte[] buffer = new byte[BUFFER];
  private int from;
  private int to;
  private boolean ended;

  Input(Source source) {
    this.source = source;
  }

  /** Whether there is another byte; waits until that is known. */
  boolean hasNext() throws IOException {
    if (from == to && !ended) {
      int count = source.read(buffer, 0, buffer.length);
      ended = count < 0;
      from = 0;
      to = Math.max(0, count);
    }
    return from < to;
  }

  /** Whether {@link #hasNext} would not wait, after so many nanoseconds at the most. */
  boolean ready(long nanos) throws IOException {
    return from < to || ended || source.readable(nanos);
  }

  /** Whether there are bytes that were read and not taken. */
  boolean isBuffered() {
    return from < to;
  }

  /** Whether these octets are next; waits until that is known, and takes none of them. */
  boolean startsWith(byte[] octets) throws IOException {
    int has = 0;
    while (hasNext()) {
      for (has = 0; has < Math.min(octets.length, to - from); has++) {
        if (buffer[from + has] != octets[has]) {
          return false;
        }
      }
      if (has == octets.length) {
        return true;
      }
      int count = source.read(buffer, to, buffer.length - to);
      if (count < 0) {
        ended = true;
        return false;
      }
      to += count;
    }
    return false;
  }

  /** The next byte, which is not taken; -1 at the end. Waits until that is known. */
  int peek() throws IOException {
    return hasNext() ? buffer[from] & 0xff : -1;
  }

  /** Takes what has come, and waits until something has: how many bytes, or -1 at the end. */
  int read(byte[] into) throws IOException {
    if (!hasNext()) {
      return -1;
    }
    int count = Math.min(into.length, to - from);
    System.arraycopy(buffer, from, into, 0, count);
    from += count;
    return count;
  }

  /** The next byte, 0 to 255; there must be one. */
  int next() throws IOException {
    if (!hasNext()) {
      throw new EOFException("the client ended its side in the middle of something");
    }
    return buffer[from++] & 0xff;
  }

  /** The next so many bytes. */
  byte[] next(int count) throws IOException {
    byte[] bytes = new byte[count];
    for (int at = 0; at < count; ) {
      if (!hasNext()) {
        throw new EOFException("the client ended its side in the middle of something");
      }
      int part = Math.min(count - at, to - from);
      System.arraycopy(buffer, from, bytes, at, part);
      from += part;
      at += part;
    }
    return bytes;
  }

  /** The next so many bytes as a number, in network order. */
  long number(int bytes) throws IOException {
    long number = 0;
    for (int i = 0; i < bytes; i++) {
      number = number << 8 | next();
    }
    return number;
  }

  /** A line in ISO 8859-1, without its end, which must be CR LF (RFC 9112 section 2.2). */
  String line(int longest) throws IOException {
    StringBuilder line = new StringBuilder();
    while (true) {
      int octet = next();
      if (octet == '\r') {
        if (next() != '\n') {
          throw new ProtocolException("a line contains a bare CR (RFC 9112 section 2.2)");
        }
        return line.toString();
      }
      if (octet == '\n') {
        throw new ProtocolException("a line ends with a bare LF (RFC 9112 section 2.2)");
      }
      if (line.length() == longest) {
        throw new ProtocolException("a line is longer than " + longest + " bytes");
      }
      line.append((char) octet);
    }
  }

  /** Reads to the end and throws it away. */
  void drain() throws IOException {
    while (hasNext()) {
      from = to;
    }
  }
}
