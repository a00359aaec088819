package dev.lariat.it.fuzzing;

import static dev.lariat.it.fuzzing.FrameReader.check;

import java.util.Arrays;

/**
 * Inflates a client's messages (RFC 7692 section 7.2.2) and holds every distance in them against
 * the window that was agreed, which an ordinary inflater with its 32 KiB would never notice.
 */
final class TrackingInflater {
  private static final byte[] TAIL = {0, 0, (byte) 0xff, (byte) 0xff};
  private static final int[] LENGTHS_ORDER = {
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15
  };
  private static final Huffman FIXED_LITERALS = fixedLiterals();
  private static final Huffman FIXED_DISTANCES = Huffman.of(filled(30, 5));

  private final int window;
  private final boolean noTakeover;

  private byte[] out = new byte[1 << 12]; // the window of the messages before, then the message
  private int start;
  private int length;

  // the compressed message, and how far it is read
  private byte[] in = TAIL;
  private int at;
  private int bits;
  private int bitCount;

  TrackingInflater(Terms terms) {
    this.window = terms.clientWindow();
    this.noTakeover = terms.clientNoTakeover();
  }

  /** The message whose compressed form this is. */
  byte[] inflate(byte[] compressed) throws Violation {
    int kept = noTakeover ? 0 : Math.min(window, length);
    System.arraycopy(out, length - kept, out, 0, kept);
    start = kept;
    length = kept;
    in = SmallWindow.joined(compressed, TAIL);
    at = 0;
    bits = 0;
    bitCount = 0;
    while (at < in.length) {
      block();
    }
    return Arrays.copyOfRange(out, start, length);
  }

  private void block() throws Violation {
    boolean last = bits(1) == 1;
    switch (bits(2)) {
      case 0 -> stored();
      case 1 -> compressed(FIXED_LITERALS, FIXED_DISTANCES);
      case 2 -> dynamic();
      default -> throw new Violation("a block of an unknown type");
    }
    if (last) {
      toOctet(); // what follows begins anew, in the same window (section 7.2.3.4)
    }
  }

  private void toOctet() {
    bits = 0;
    bitCount = 0;
  }

  private void stored() throws Violation {
    toOctet();
    int size = bits(16);
    check((size ^ 0xffff) == bits(16), "a stored block whose lengths differ");
    for (int i = 0; i < size; i++) {
      put((byte) bits(8));
    }
  }

  private void dynamic() throws Violation {
    int literals = bits(5) + 257;
    int distances = bits(5) + 1;
    int[] ofLengths = new int[19];
    int count = bits(4) + 4;
    for (int i = 0; i < count; i++) {
      ofLengths[LENGTHS_ORDER[i]] = bits(3);
    }
    Huffman lengthCodes = Huffman.of(ofLengths);
    int[] lengths = new int[literals + distances];
    int i = 0;
    while (i < lengths.length) {
      int symbol = symbol(lengthCodes);
      if (symbol < 16) {
        lengths[i++] = symbol;
        continue;
      }
      check(symbol > 16 || i > 0, "code lengths that repeat nothing");
      int repeated = symbol == 16 ? lengths[i - 1] : 0;
      int times = symbol == 16 ? 3 + bits(2) : symbol == 17 ? 3 + bits(3) : 11 + bits(7);
      check(i + times <= lengths.length, "too many code lengths");
      Arrays.fill(lengths, i, i + times, repeated);
      i += times;
    }
    compressed(
        Huffman.of(Arrays.copyOf(lengths, literals)),
        Huffman.of(Arrays.copyOfRange(lengths, literals, lengths.length)));
  }

  private void compressed(Huffman literals, Huffman distances) throws Violation {
    for (int symbol = symbol(literals); symbol != 256; symbol = symbol(literals)) {
      if (symbol < 256) {
        put((byte) symbol);
        continue;
      }
      int code = symbol - 257;
      check(code < Deflate.LENGTH_BASE.length, "a length code that does not exist");
      int size = Deflate.LENGTH_BASE[code] + bits(Deflate.LENGTH_EXTRA[code]);
      int far = symbol(distances);
      check(far < Deflate.DISTANCE_BASE.length, "a distance code that does not exist");
      copy(size, Deflate.DISTANCE_BASE[far] + bits(Deflate.DISTANCE_EXTRA[far]));
    }
  }

  private void copy(int size, int distance) throws Violation {
    check(distance <= window, "a distance of " + distance + " in a window of " + window);
    check(distance <= length, "a distance beyond the beginning of the window");
    for (int i = 0; i < size; i++) {
      put(out[length - distance]);
    }
  }

  private void put(byte octet) {
    if (length == out.length) {
      out = Arrays.copyOf(out, 2 * length);
    }
    out[length++] = octet;
  }

  private int symbol(Huffman codes) throws Violation {
    int code = 0;
    int first = 0;
    int index = 0;
    for (int size = 1; size < codes.counts.length; size++) {
      code |= bits(1);
      int count = codes.counts[size];
      if (code - count < first) {
        return codes.symbols[index + code - first];
      }
      index += count;
      first = first + count << 1;
      code <<= 1;
    }
    throw new Violation("a Huffman code that does not exist");
  }

  private int bits(int count) throws Violation {
    while (bitCount < count) {
      check(at < in.length, "a compressed message without its end");
      bits |= (in[at++] & 0xff) << bitCount;
      bitCount += 8;
    }
    int value = bits & (1 << count) - 1;
    bits >>>= count;
    bitCount -= count;
    return value;
  }

  private static Huffman fixedLiterals() {
    int[] lengths = filled(288, 8);
    Arrays.fill(lengths, 144, 256, 9);
    Arrays.fill(lengths, 256, 280, 7);
    return Huffman.of(lengths);
  }

  private static int[] filled(int size, int value) {
    int[] filled = new int[size];
    Arrays.fill(filled, value);
    return filled;
  }

  /**
   * A canonical Huffman code (RFC 1951 section 3.2.2).
   *
   * @param counts how many codes have each length
   * @param symbols in the order of their codes
   */
  private record Huffman(int[] counts, int[] symbols) {
    static Huffman of(int[] lengths) {
      int[] counts = new int[16];
      for (int length : lengths) {
        counts[length]++;
      }
      counts[0] = 0;
      int[] next = new int[16];
      for (int i = 1; i < 15; i++) {
        next[i + 1] = next[i] + counts[i];
      }
      int[] symbols = new int[lengths.length];
      for (int symbol = 0; symbol < lengths.length; symbol++) {
        if (lengths[symbol] != 0) {
          symbols[next[lengths[symbol]]++] = symbol;
        }
      }
      return new Huffman(counts, symbols);
    }
  }
}
