package dev.lariat.it.fuzzing;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Compresses with a window of any size, down to the 256 octets that zlib refuses. Each message is
 * one block with the fixed Huffman codes (RFC 1951 section 3.2.6).
 */
final class SmallWindow {
  private static final int SHORTEST = 3;
  private static final int LONGEST = 258;
  private static final int HASHES = 1 << 14;
  private static final int END_OF_BLOCK = 256;

  private final int window;
  private final boolean noTakeover;
  private byte[] history = new byte[0];

  // of the message that is being written
  private ByteArrayOutputStream out = new ByteArrayOutputStream();
  private int bits;
  private int bitCount;

  SmallWindow(int window, boolean noTakeover) {
    this.window = window;
    this.noTakeover = noTakeover;
  }

  byte[] squeeze(byte[] message) {
    out = new ByteArrayOutputStream(message.length);
    bits = 0;
    bitCount = 0;
    byte[] all = joined(history, message);
    put(0b010, 3); // not the last block, fixed codes
    body(all, history.length);
    symbol(END_OF_BLOCK);
    put(0b000, 3); // an empty stored block, whose lengths the receiver puts back
    put(0, -bitCount & 7);
    if (!noTakeover) {
      history = Arrays.copyOfRange(all, Math.max(0, all.length - window), all.length);
    }
    return out.toByteArray();
  }

  static byte[] joined(byte[] first, byte[] second) {
    byte[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }

  private void body(byte[] all, int from) {
    int[] latest = new int[HASHES]; // where such octets stood last, plus one
    for (int i = 0; i < from; i++) {
      remember(all, i, latest);
    }
    int at = from;
    while (at < all.length) {
      int candidate = at + SHORTEST <= all.length ? latest[hash(all, at)] - 1 : -1;
      int length = candidate >= 0 && at - candidate <= window ? match(all, candidate, at) : 0;
      if (length < SHORTEST) {
        symbol(all[at] & 0xff);
        length = 1;
      } else {
        length(length);
        distance(at - candidate);
      }
      for (int i = 0; i < length; i++) {
        remember(all, at++, latest);
      }
    }
  }

  private static void remember(byte[] all, int at, int[] latest) {
    if (at + SHORTEST <= all.length) {
      latest[hash(all, at)] = at + 1;
    }
  }

  private static int hash(byte[] all, int at) {
    int three = (all[at] & 0xff) << 16 | (all[at + 1] & 0xff) << 8 | all[at + 2] & 0xff;
    return three * 0x9e3779b1 >>> 18;
  }

  private static int match(byte[] all, int candidate, int at) {
    int most = Math.min(LONGEST, all.length - at);
    int length = 0;
    while (length < most && all[candidate + length] == all[at + length]) {
      length++;
    }
    return length;
  }

  private void length(int length) {
    int code = Deflate.codeOf(Deflate.LENGTH_BASE, length);
    symbol(END_OF_BLOCK + 1 + code);
    put(length - Deflate.LENGTH_BASE[code], Deflate.LENGTH_EXTRA[code]);
  }

  private void distance(int distance) {
    int code = Deflate.codeOf(Deflate.DISTANCE_BASE, distance);
    put(Integer.reverse(code) >>> 27, 5);
    put(distance - Deflate.DISTANCE_BASE[code], Deflate.DISTANCE_EXTRA[code]);
  }

  /** A literal or length by its fixed code, whose bits go out highest first. */
  private void symbol(int symbol) {
    if (symbol < 144) {
      huffman(0x30 + symbol, 8);
    } else if (symbol < 256) {
      huffman(0x190 + symbol - 144, 9);
    } else if (symbol < 280) {
      huffman(symbol - 256, 7);
    } else {
      huffman(0xc0 + symbol - 280, 8);
    }
  }

  private void huffman(int code, int length) {
    put(Integer.reverse(code) >>> 32 - length, length);
  }

  private void put(int value, int count) {
    bits |= value << bitCount;
    bitCount += count;
    while (bitCount >= 8) {
      out.write(bits);
      bits >>>= 8;
      bitCount -= 8;
    }
  }
}
