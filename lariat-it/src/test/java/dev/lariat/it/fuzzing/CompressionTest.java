package dev.lariat.it.fuzzing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The stand-in's compression agrees with zlib, and notices a window that is too large. */
final class CompressionTest {
  private static final int[] SIZES = {0, 1, 300, 5000, 70_000, 5000};

  @ParameterizedTest
  @EnumSource
  void whatZlibCompressesIsInflated(TestData data) throws Violation {
    int[] strategies = {Deflater.DEFAULT_STRATEGY, Deflater.FILTERED, Deflater.HUFFMAN_ONLY};
    for (int strategy : strategies) {
      for (int level : new int[] {0, 1, 6, 9}) {
        Deflater zlib = new Deflater(level, true);
        zlib.setStrategy(strategy);
        TrackingInflater inflater = new TrackingInflater(new Terms(false, 0, false, 0));
        Slices slices = data.slices();
        for (int size : SIZES) {
          byte[] message = slices.next(size);
          assertThat(inflater.inflate(deflated(zlib, message))).isEqualTo(message);
        }
        zlib.end();
      }
    }
  }

  private static byte[] deflated(Deflater zlib, byte[] message) {
    zlib.setInput(message);
    byte[] room = new byte[message.length + 1000];
    int count = zlib.deflate(room, 0, room.length, Deflater.SYNC_FLUSH);
    return count < 4 ? new byte[] {0} : Arrays.copyOf(room, count - 4);
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 9, 10, 11, 12, 13, 14, 15})
  void zlibInflatesWhatWasCompressedWithAnyWindow(int bits) throws Exception {
    for (TestData data : TestData.values()) {
      Squeezer squeezer = new Squeezer(new Terms(false, bits, false, 0));
      TrackingInflater inflater = new TrackingInflater(new Terms(false, 0, false, bits));
      Inflater zlib = new Inflater(true);
      Slices slices = data.slices();
      for (int size : SIZES) {
        byte[] message = slices.next(size);
        byte[] compressed = squeezer.squeeze(message);
        assertThat(inflated(zlib, compressed, size)).isEqualTo(message);
        assertThat(inflater.inflate(compressed)).isEqualTo(message);
      }
      zlib.end();
    }
  }

  private static byte[] inflated(Inflater zlib, byte[] compressed, int size) throws Exception {
    zlib.setInput(SmallWindow.joined(compressed, new byte[] {0, 0, -1, -1}));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] room = new byte[size + 1];
    for (int count = zlib.inflate(room); count > 0; count = zlib.inflate(room)) {
      out.write(room, 0, count);
    }
    assertThat(zlib.getRemaining()).isZero();
    return out.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 9, 10, 11, 12, 13, 14})
  void aLargerWindowIsNoticed(int bits) {
    byte[] message = TestData.JSON.slices().next(70_000);
    byte[] compressed = new SmallWindow(2 << bits, false).squeeze(message);
    TrackingInflater inflater = new TrackingInflater(new Terms(false, 0, false, bits));
    assertThatExceptionOfType(Violation.class)
        .isThrownBy(() -> inflater.inflate(compressed))
        .withMessageContaining("in a window of " + (1 << bits));
  }

  @Test
  void aContextThatIsTakenOverIsNoticed() throws Violation {
    byte[] message = TestData.JSON.slices().next(5000);
    SmallWindow squeezer = new SmallWindow(1 << 15, false);
    TrackingInflater inflater = new TrackingInflater(new Terms(false, 0, true, 0));
    assertThat(inflater.inflate(squeezer.squeeze(message))).isEqualTo(message);
    byte[] second = squeezer.squeeze(message);
    assertThatExceptionOfType(Violation.class).isThrownBy(() -> inflater.inflate(second));
  }

  @Test
  void aBlockMayBeTheLastInTheMiddleOfAMessage() throws Violation {
    Deflater zlib = new Deflater(6, true);
    zlib.setInput(new byte[300]);
    zlib.finish();
    byte[] room = new byte[100];
    int count = zlib.deflate(room);
    zlib.end();
    TrackingInflater inflater = new TrackingInflater(new Terms(false, 0, false, 0));
    byte[] compressed = Arrays.copyOf(room, count + 1); // section 7.2.3.4 of RFC 7692
    assertThat(inflater.inflate(compressed)).isEqualTo(new byte[300]);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "permessage-deflate | 0 | permessage-deflate",
        "permessage-deflate | 9 | ",
        "permessage-deflate; client_max_window_bits | 0 | permessage-deflate",
        "permessage-deflate; client_max_window_bits | 9 | permessage-deflate;"
            + " client_max_window_bits=9",
        "permessage-deflate;client_max_window_bits=8 | 9"
            + " | permessage-deflate; client_max_window_bits=8",
        "permessage-deflate; server_max_window_bits=\"10\" | 0"
            + " | permessage-deflate; server_max_window_bits=10",
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover | 0"
            + " | permessage-deflate; server_no_context_takeover; client_no_context_takeover",
        "permessage-deflate; server_max_window_bits | 0 | ",
        "permessage-deflate; server_max_window_bits=7 | 0 | ",
        "permessage-deflate; client_no_context_takeover=1 | 0 | ",
        "permessage-deflate; server_max_window_bits=9; server_max_window_bits=9 | 0 | ",
        "permessage-deflate; something | 0 | ",
        "permessage-bzip2 | 0 | ",
        "permessage-deflate; something, permessage-deflate | 0 | permessage-deflate",
        "permessage-deflate, permessage-deflate; client_max_window_bits | 9"
            + " | permessage-deflate; client_max_window_bits=9"
      })
  void anOfferIsAnsweredByTheServersWish(String offers, int bits, String answer) {
    assertThat(Wish.agree(List.of(new Wish(false, bits)), Offer.parse(offers)).map(Terms::header))
        .isEqualTo(Optional.ofNullable(answer));
  }
}
