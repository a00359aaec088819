package dev.lariat.internal.codec;

import java.util.Arrays;
import java.util.zip.DataFormatException;
import org.jspecify.annotations.Nullable;

/**
 * Reads DEFLATE (RFC 1951) by hand, bit by bit: a second opinion, which also sees how far matches
 * look back. Blocks follow each other in one window, whether the ones before were final or not.
 */
final class Blocks {
  private static final int WINDOW = 32 << 10;
  private static final int[] LENGTHS = {
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
    163, 195, 227, 258
  };
  private static final int[] LENGTH_BITS = {
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0
  };
  private static final int[] DISTANCES = {
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049,
    3073, 4097, 6145, 8193, 12289, 16385, 24577
  };
  private static final int[] ORDER = {
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15
  };

  private byte[] input = {};
  private int bit; // of the input
  private byte[] output = new byte[1024];
  private int length;
  private int farthest;
  private boolean last; // the block that was begun last is final

  /** The input ends inside a block. */
  static final class Cut extends DataFormatException {
    private static final long serialVersionUID = 1;
  }

  /**
   * What a compressed message gives (RFC 7692 section 7.2.2); null where it is none, as it does not
   * end with the begin of an empty block, nor with a final block, nor before its first octet.
   */
  static byte @Nullable [] message(byte[] payload) {
    Blocks alone = new Blocks();
    try {
      byte[] given = alone.inflate(payload);
      if (payload.length == 0 || alone.last) {
        return given;
      }
    } catch (DataFormatException e) {
      // so it is, mostly
    }
    try {
      Blocks whole = new Blocks();
      byte[] given = whole.inflate(ServerFrames.join(payload, ServerFrames.hex("00 00 ff ff")));
      return whole.given() == alone.given() ? given : null;
    } catch (DataFormatException e) {
      return null;
    }
  }

  /** What these blocks give, behind all that was read before. */
  byte[] inflate(byte[] blocks) throws DataFormatException {
    input = blocks;
    bit = 0;
    int from = length;
    while (bit < 8 * input.length) {
      last = bits(1) == 1;
      switch (bits(2)) {
        case 0 -> stored();
        case 1 -> symbols(fixedLiterals(), new Code(filled(30, 5)));
        case 2 -> dynamic();
        default -> throw new DataFormatException("the reserved type");
      }
      if (last) {
        align();
      }
    }
    return Arrays.copyOfRange(output, from, length);
  }

  /** How many bytes were given so far, be it of a block that the input cut. */
  int given() {
    return length;
  }

  /** The longest distance of any match so far. */
  int farthest() {
    return farthest;
  }

  private int bits(int count) throws Cut {
    int value = 0;
    for (int i = 0; i < count; i++, bit++) {
      if (bit == 8 * input.length) {
        throw new Cut();
      }
      value |= (input[bit / 8] >> bit % 8 & 1) << i;
    }
    return value;
  }

  private void align() {
    bit = (bit + 7) / 8 * 8;
  }

  private void put(int octet) {
    if (length == output.length) {
      output = Arrays.copyOf(output, 2 * length);
    }
    output[length++] = (byte) octet;
  }

  private void stored() throws DataFormatException {
    align();
    int size = bits(16);
    if (bits(16) != (size ^ 0xffff)) {
      throw new DataFormatException("NLEN");
    }
    for (int i = 0; i < size; i++) {
      put(bits(8));
    }
  }

  private static int[] filled(int count, int value) {
    int[] all = new int[count];
    Arrays.fill(all, value);
    return all;
  }

  private static Code fixedLiterals() throws DataFormatException {
    int[] sizes = filled(288, 8);
    Arrays.fill(sizes, 144, 256, 9);
    Arrays.fill(sizes, 256, 280, 7);
    return new Code(sizes);
  }

  private void dynamic() throws DataFormatException {
    int literals = bits(5) + 257;
    int distances = bits(5) + 1;
    int order = bits(4) + 4;
    if (literals > 286 || distances > 30) {
      throw new DataFormatException("too many symbols");
    }
    int[] sizes = new int[19];
    for (int i = 0; i < order; i++) {
      sizes[ORDER[i]] = bits(3);
    }
    Code code = new Code(sizes);
    if (code.left > 0) {
      throw new DataFormatException("an incomplete code");
    }
    sizes = new int[literals + distances];
    for (int at = 0; at < sizes.length; ) {
      int symbol = symbol(code);
      if (symbol < 16) {
        sizes[at++] = symbol;
        continue;
      }
      if (symbol == 16 && at == 0) {
        throw new DataFormatException("nothing to repeat");
      }
      int value = symbol == 16 ? sizes[at - 1] : 0;
      int count = symbol == 16 ? 3 + bits(2) : symbol == 17 ? 3 + bits(3) : 11 + bits(7);
      if (at + count > sizes.length) {
        throw new DataFormatException("too many sizes");
      }
      Arrays.fill(sizes, at, at + count, value);
      at += count;
    }
    if (sizes[256] == 0) {
      throw new DataFormatException("no end of block");
    }
    symbols(
        incomplete(new Code(Arrays.copyOf(sizes, literals))),
        incomplete(new Code(Arrays.copyOfRange(sizes, literals, sizes.length))));
  }

  /** A code of one symbol, or of none, need not be complete. */
  private static Code incomplete(Code code) throws DataFormatException {
    if (code.left > 0 && code.longest > 1) {
      throw new DataFormatException("an incomplete code");
    }
    return code;
  }

  private void symbols(Code literals, Code distances) throws DataFormatException {
    while (true) {
      int symbol = symbol(literals);
      if (symbol < 256) {
        put(symbol);
      } else if (symbol == 256) {
        return;
      } else {
        if (symbol > 285) {
          throw new DataFormatException("a reserved length");
        }
        int count = LENGTHS[symbol - 257] + bits(LENGTH_BITS[symbol - 257]);
        int code = symbol(distances);
        if (code > 29) {
          throw new DataFormatException("a reserved distance");
        }
        int distance = DISTANCES[code] + bits(Math.max(0, code / 2 - 1));
        if (distance > Math.min(length, WINDOW)) {
          throw new DataFormatException("a distance past the window's begin");
        }
        farthest = Math.max(farthest, distance);
        for (int i = 0; i < count; i++) {
          put(output[length - distance]);
        }
      }
    }
  }

  private int symbol(Code code) throws DataFormatException {
    int value = 0;
    int first = 0;
    int index = 0;
    for (int size = 1; size <= 15; size++) {
      value |= bits(1);
      int count = code.counts[size];
      if (value - count < first) {
        return code.symbols[index + value - first];
      }
      index += count;
      first = first + count << 1;
      value <<= 1;
    }
    throw new DataFormatException("not a code");
  }

  /** A canonical Huffman code (RFC 1951 section 3.2.2). */
  private static final class Code {
    final int[] counts = new int[16];
    final int[] symbols;
    final int left; // how many codes of 15 bits are not used
    final int longest;

    Code(int[] sizes) throws DataFormatException {
      int used = 0;
      for (int size : sizes) {
        counts[size]++;
        if (size > 0) {
          used += 1 << 15 - size;
        }
      }
      counts[0] = 0;
      left = (1 << 15) - used;
      longest = Arrays.stream(sizes).max().orElse(0);
      if (left < 0) {
        throw new DataFormatException("an over-subscribed code");
      }
      int[] offsets = new int[16];
      for (int size = 1; size < 15; size++) {
        offsets[size + 1] = offsets[size] + counts[size];
      }
      symbols = new int[sizes.length];
      for (int symbol = 0; symbol < sizes.length; symbol++) {
        if (sizes[symbol] > 0) {
          symbols[offsets[sizes[symbol]]++] = symbol;
        }
      }
    }
  }
}
