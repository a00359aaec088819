package dev.lariat.internal.cache;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** Whatever stands in a file is a response or none, also where the checksum is right. */
class EntryFormatFuzzTest {

  @FuzzTest(maxDuration = "3m")
  void file(byte[] input) {
    EntryFormat.decode(input)
        .ifPresent(its -> assertThat(EntryFormat.decode(EntryFormat.encode(its))).contains(its));
    EntryFormat.decodeHead(withHead(input))
        .ifPresent(its -> assertThat(EntryFormat.decode(EntryFormat.encode(its))).contains(its));
  }

  /** A file with this head, whose length and checksum are right. */
  private static byte[] withHead(byte[] head) {
    byte[] file = new byte[EntryFormat.PREFIX + head.length + 4];
    byte[] mark = Arrays.copyOf(EntryFormat.encode(EntryFormatTest.STORED), 8);
    ByteBuffer out = ByteBuffer.wrap(file).put(mark).putInt(head.length).put(head);
    CRC32C crc = new CRC32C();
    crc.update(file, 0, out.position());
    out.putInt((int) crc.getValue());
    return file;
  }
}
