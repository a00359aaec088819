package dev.lariat.internal.content;

import dev.lariat.internal.codec.Violation;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The coding {@code gzip} (RFC 1952): members one behind the other. What stands behind a member and
 * does not begin another one is passed over, as gzip itself does.
 */
final class Gzip implements Coding {

  /** What is read next of a member, in the order of section 2.3. */
  private enum Field {
    HEAD,
    EXTRA_LENGTH,
    EXTRA,
    NAME,
    COMMENT,
    HEADER_CHECK,
    BLOCKS,
    TRAILER,
    REST
  }

  private static final int HEADER_CHECK = 2; // flags of section 2.3.1
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;
  private static final int RESERVED = 0xe0;

  private final Inflater zlib = new Inflater(true); // native memory
  private final CRC32 headerCheck = new CRC32();
  private final CRC32 check = new CRC32();
  private final byte[] octets = new byte[10]; // what has come of a field with a fixed size
  private Field field = Field.HEAD;
  private int have; // how many octets of the current field have come
  private int skip; // how many bytes of the extra field are to come
  private int flags;
  private boolean later; // whether a whole member was read before this one

  @Override
  public int decode(ByteBuffer input, byte[] room) throws Violation {
    while (true) {
      if (field == Field.BLOCKS) {
        int count = inflate(input, room);
        if (count > 0 || field == Field.BLOCKS) {
          return count;
        }
      } else if (!input.hasRemaining()) {
        return 0;
      } else if (field == Field.REST) {
        input.position(input.limit());
      } else {
        octet(input.get());
      }
    }
  }

  private int inflate(ByteBuffer input, byte[] room) throws Violation {
    try {
      zlib.setInput(input);
      int count = zlib.inflate(room);
      check.update(room, 0, count);
      if (zlib.finished()) {
        field = Field.TRAILER;
      }
      return count;
    } catch (DataFormatException e) {
      throw malformed("cannot be decompressed");
    }
  }

  private void octet(byte octet) throws Violation {
    if (field == Field.HEAD && later && have < 2 && octet != (have == 0 ? 0x1f : (byte) 0x8b)) {
      field = Field.REST; // no other member
      return;
    }
    if (field != Field.TRAILER && field != Field.HEADER_CHECK) {
      headerCheck.update(octet);
    }
    switch (field) {
      case HEAD -> {
        if (fills(octet, 10)) {
          head();
        }
      }
      case EXTRA_LENGTH -> {
        if (fills(octet, 2)) {
          skip = number(0, 2);
          go(skip > 0 ? Field.EXTRA : next(Field.EXTRA));
        }
      }
      case EXTRA -> {
        if (--skip == 0) {
          go(next(Field.EXTRA));
        }
      }
      case NAME, COMMENT -> {
        if (octet == 0) {
          go(next(field));
        }
      }
      case HEADER_CHECK -> {
        if (fills(octet, 2)) {
          if (number(0, 2) != (headerCheck.getValue() & 0xffff)) {
            throw malformed("has a header with a wrong CRC");
          }
          go(Field.BLOCKS);
        }
      }
      case TRAILER -> {
        if (fills(octet, 8)) {
          trailer();
        }
      }
      case BLOCKS, REST -> throw new AssertionError(field);
    }
  }

  /** Takes an octet of a field of a fixed size; true when that is the last. */
  private boolean fills(byte octet, int size) {
    octets[have++] = octet;
    return have == size;
  }

  private int number(int from, int size) {
    int number = 0;
    for (int i = size - 1; i >= 0; i--) {
      number = number << 8 | octets[from + i] & 0xff;
    }
    return number;
  }

  private void head() throws Violation {
    if (number(0, 2) != 0x8b1f || octets[2] != 8) {
      throw malformed("does not begin as gzip does");
    }
    flags = octets[3];
    if ((flags & RESERVED) != 0) {
      throw malformed("has reserved flags");
    }
    go((flags & EXTRA) != 0 ? Field.EXTRA_LENGTH : next(Field.EXTRA));
  }

  /** What follows a field of the header. */
  private Field next(Field before) {
    if (before == Field.EXTRA && (flags & NAME) != 0) {
      return Field.NAME;
    }
    if (before != Field.COMMENT && (flags & COMMENT) != 0) {
      return Field.COMMENT;
    }
    return (flags & HEADER_CHECK) != 0 ? Field.HEADER_CHECK : Field.BLOCKS;
  }

  private void trailer() throws Violation {
    if (number(0, 4) != (int) check.getValue()) {
      throw malformed("has a wrong CRC");
    }
    if (number(4, 4) != (int) zlib.getBytesWritten()) {
      throw malformed("has a wrong size");
    }
    zlib.reset();
    check.reset();
    headerCheck.reset();
    later = true;
    go(Field.HEAD);
  }

  private void go(Field next) {
    field = next;
    have = 0;
  }

  @Override
  public boolean complete() {
    return later && (field == Field.REST || field == Field.HEAD && have < 2);
  }

  @Override
  public void release() {
    zlib.end();
  }

  @Override
  public Violation malformed(String how) {
    return Violation.protocol("the gzip content " + how, "RFC 1952 section 2.3");
  }
}
