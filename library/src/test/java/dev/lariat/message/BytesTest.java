package dev.lariat.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class BytesTest {

  @Property
  void bytesAreWhatTheyWereMadeOf(@ForAll byte[] array) {
    Bytes bytes = Bytes.copyOf(array);
    assertThat(bytes.toArray()).isEqualTo(array);
    assertThat(bytes.size()).isEqualTo(array.length);
    assertThat(bytes.isEmpty()).isEqualTo(array.length == 0);
    assertThat(bytes.asByteBuffer()).isEqualTo(ByteBuffer.wrap(array));
    for (int i = 0; i < array.length; i++) {
      assertThat(bytes.at(i)).isEqualTo(array[i]);
    }
  }

  @Property
  void equalBytesAreEqualAndOthersAreNot(@ForAll byte[] one, @ForAll byte[] other) {
    Bytes bytes = Bytes.copyOf(one);
    assertThat(bytes).isEqualTo(Bytes.wrap(one)).hasSameHashCodeAs(Bytes.wrap(one));
    assertThat(bytes.equals(Bytes.wrap(other))).isEqualTo(Arrays.equals(one, other));
    assertThat(bytes).isNotEqualTo(one);
  }

  @Property
  void textComesBackFromItsUtf8(@ForAll String text) {
    String encodable =
        new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8); // no lone halves
    assertThat(Bytes.ofUtf8(encodable).utf8()).isEqualTo(encodable);
  }

  @Test
  void whatIsNotUtf8BecomesTheReplacementCharacter() {
    assertThat(Bytes.wrap(new byte[] {'a', (byte) 0xff, 'b'}).utf8()).isEqualTo("a\ufffdb");
  }

  @Test
  void aCopyKeepsNothingOfTheArray() {
    byte[] array = {1, 2, 3};
    Bytes bytes = Bytes.copyOf(array);
    array[0] = 9;
    bytes.toArray()[1] = 9;
    assertThat(bytes.toArray()).containsExactly(1, 2, 3);
  }

  @Test
  void theViewCannotBeWritten() {
    assertThat(Bytes.ofUtf8("a").asByteBuffer().isReadOnly()).isTrue();
  }

  @Test
  void noBytesAreAlwaysTheSame() {
    assertThat(Bytes.copyOf(new byte[0])).isSameAs(Bytes.EMPTY);
    assertThat(Bytes.ofUtf8("")).isSameAs(Bytes.EMPTY);
  }

  @Test
  void aPlaceOutsideIsRefused() {
    Bytes bytes = Bytes.ofUtf8("ab");
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> bytes.at(2));
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> bytes.at(-1));
  }

  @Test
  void aLogLineShowsTheSizeAndTheFirstBytes() {
    assertThat(Bytes.EMPTY).hasToString("Bytes[0]");
    assertThat(Bytes.wrap(new byte[] {1, (byte) 0xfe})).hasToString("Bytes[2: 01fe]");
    assertThat(Bytes.wrap(new byte[32])).hasToString("Bytes[32: " + "00".repeat(32) + "]");
    assertThat(Bytes.wrap(new byte[33])).hasToString("Bytes[33: " + "00".repeat(32) + "…]");
  }
}
