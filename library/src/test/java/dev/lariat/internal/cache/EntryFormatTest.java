package dev.lariat.internal.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** A file of the cache is a whole response, or nothing. */
class EntryFormatTest {
  static final Stored STORED =
      new Stored(
          "http://a.example/ü?x",
          new Stored.Variant("", true, new TreeMap<>(java.util.Map.of("accept", "0a"))),
          200,
          Headers.of("cache-control", "max-age=5", "x", "\u00e9\t", "x", ""),
          Duration.ofMillis(1234),
          Instant.ofEpochMilli(1_800_000_000_123L),
          Bytes.ofUtf8("body"));

  private static byte[] file() {
    return EntryFormat.encode(STORED);
  }

  @Test
  void aResponseIsReadAsItWasWritten() {
    assertThat(EntryFormat.decode(file())).contains(STORED);
    int head = EntryFormat.headed(file()).orElseThrow();
    assertThat(EntryFormat.decodeHead(Arrays.copyOf(file(), head)))
        .contains(STORED.body(Bytes.EMPTY));
    Stored empty = STORED.body(Bytes.EMPTY);
    assertThat(EntryFormat.decode(EntryFormat.encode(empty))).contains(empty);
  }

  @Test
  void theFormatIsTheOneThatIsDocumented() {
    byte[] file = file();
    assertThat(new String(file, 0, 7, StandardCharsets.US_ASCII)).isEqualTo("LARIATC");
    assertThat(file[7]).isEqualTo((byte) 1);
    assertThat(EntryFormat.headed(file)).contains(file.length - 4 - 4 - 4);
  }

  @Test
  void aFileThatIsCutAnywhereIsNone() {
    byte[] file = file();
    for (int length = 0; length < file.length; length++) {
      assertThat(EntryFormat.decode(Arrays.copyOf(file, length))).as("%d", length).isEmpty();
    }
    assertThat(EntryFormat.decode(Arrays.copyOf(file, file.length + 1))).isEmpty();
  }

  @Test
  void aFileWithAnyBitChangedIsNone() {
    byte[] file = file();
    for (int bit = 0; bit < 8 * file.length; bit++) {
      file[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(EntryFormat.decode(file)).as("%d", bit).isEmpty();
      file[bit / 8] ^= (byte) (1 << bit % 8);
    }
  }

  @Test
  void aFileOfAnotherVersionIsNone() {
    byte[] file = file();
    file[7] = 2;
    assertThat(EntryFormat.headed(file)).isEmpty();
    assertThat(EntryFormat.decode(file)).isEmpty();
  }

  @Property
  void anyBytesAreAResponseOrNone(@ForAll byte[] bytes, @ForAll @IntRange(max = 200) int from) {
    byte[] file = file();
    System.arraycopy(
        bytes,
        0,
        file,
        Math.min(from, file.length),
        Math.min(bytes.length, Math.max(0, file.length - from)));
    EntryFormat.decode(file).ifPresent(its -> assertThat(its).isEqualTo(STORED));
    assertThat(EntryFormat.decode(bytes)).isEmpty();
  }
}
