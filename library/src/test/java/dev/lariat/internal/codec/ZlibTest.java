package dev.lariat.internal.codec;

import static dev.lariat.internal.codec.ServerFrames.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import org.junit.jupiter.api.Test;

class ZlibTest {
  private final Zlib zlib = new Zlib();

  private static ByteBuffer input() {
    return ByteBuffer.wrap(hex("f2 48 cd c9 c9 07 00"));
  }

  private static void assertEnded(InflateStream stream) {
    assertThatThrownBy(() -> stream.inflate(input(), new byte[100], 0))
        .hasMessageContaining("closed"); // the JDK's word; its exception is not always the same
  }

  private static void assertEnded(DeflateStream stream) {
    assertThatThrownBy(() -> stream.write(new byte[100], 0))
        .hasMessageContaining("closed"); // the JDK's word; its exception is not always the same
  }

  @Test
  void whatIsGivenBackIsLentAgainEmpty() throws DataFormatException {
    InflateStream inflate = zlib.inflate(15);
    inflate.inflate(input(), new byte[100], 0);
    zlib.giveBack(inflate);
    InflateStream again = zlib.inflate(15);
    assertThat(again).isSameAs(inflate);
    assertThatThrownBy(
            () -> again.inflate(ByteBuffer.wrap(hex("f2 00 11 00 00")), new byte[100], 0))
        .isInstanceOf(DataFormatException.class);

    DeflateStream deflate = zlib.deflate(6, 15);
    deflate.input(ByteBuffer.wrap(hex("61 62 63 64 65 66")));
    int first = deflate.write(new byte[100], 0);
    zlib.giveBack(deflate);
    assertThat(zlib.deflate(6, 15)).isSameAs(deflate);
    deflate.input(ByteBuffer.wrap(hex("61 62 63 64 65 66")));
    assertThat(deflate.write(new byte[100], 0)).isEqualTo(first);
  }

  @Test
  void noStreamIsLentTwice() {
    assertThat(zlib.inflate(15)).isNotSameAs(zlib.inflate(15));
    assertThat(zlib.deflate(6, 15)).isNotSameAs(zlib.deflate(6, 15));
    assertThat(zlib.lent()).isEqualTo(4);
  }

  @Test
  void aStreamOfAnotherLevelOrWindowIsNotLent() {
    InflateStream inflate = zlib.inflate(15);
    zlib.giveBack(inflate);
    assertThat(zlib.inflate(9)).isNotSameAs(inflate);
    DeflateStream deflate = zlib.deflate(6, 15);
    zlib.giveBack(deflate);
    assertThat(zlib.deflate(7, 15)).isNotSameAs(deflate);
    assertThat(zlib.deflate(6, 14)).isNotSameAs(deflate);
    assertThat(zlib.deflate(6, 15)).isSameAs(deflate);
  }

  @Test
  void oneOfEachIsKeptAndWhatIsMoreIsEnded() {
    InflateStream inflate = zlib.inflate(15);
    InflateStream moreInflate = zlib.inflate(15);
    DeflateStream deflate = zlib.deflate(6, 15);
    DeflateStream moreDeflate = zlib.deflate(6, 15);
    zlib.giveBack(inflate);
    zlib.giveBack(moreInflate);
    zlib.giveBack(deflate);
    zlib.giveBack(moreDeflate);
    assertThat(zlib.lent()).isZero();
    assertEnded(moreInflate);
    assertEnded(moreDeflate);
    assertThat(zlib.inflate(15)).isSameAs(inflate);
    assertThat(zlib.deflate(6, 15)).isSameAs(deflate);
  }

  @Test
  void whatIsEndedHoldsNoNativeMemory() {
    InflateStream inflate = zlib.inflate(15);
    DeflateStream deflate = zlib.deflate(6, 15);
    zlib.end(inflate);
    zlib.end(deflate);
    assertThat(zlib.lent()).isZero();
    assertEnded(inflate);
    assertEnded(deflate);
  }
}
