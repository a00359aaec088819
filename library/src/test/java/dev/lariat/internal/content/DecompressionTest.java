package dev.lariat.internal.content;

import static dev.lariat.internal.content.Coded.body;
import static dev.lariat.internal.content.Coded.coded;
import static dev.lariat.internal.content.Coded.join;
import static org.assertj.core.api.Assertions.assertThat;

import com.aayushatharva.brotli4j.encoder.BrotliOutputStream;
import com.github.luben.zstd.ZstdOutputStream;
import dev.lariat.internal.content.Coded.Told;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Bound;
import dev.lariat.option.Content;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Content codings, undone (RFC 9110 section 8.4). */
class DecompressionTest {
  static final List<String> CODINGS = List.of(Coded.ALL);
  private static final byte[] TEXT =
      "The quick brown fox jumps over the lazy dog. ".repeat(5).getBytes(StandardCharsets.UTF_8);

  private static byte[] noise(int size) {
    byte[] noise = new byte[size];
    new Random(7).nextBytes(noise);
    return noise;
  }

  private static void isRead(Coded body, byte[] plain) {
    Told told = body.told();
    assertThat(told.failure()).isNull();
    assertThat(told.bytes()).isEqualTo(plain);
  }

  private static void breaks(Coded body, String words, String section) {
    assertThat(body.told().failure())
        .isInstanceOfSatisfying(
            Reason.Protocol.class,
            broken -> {
              assertThat(broken.rule()).contains(words);
              assertThat(broken.section()).isEqualTo(section);
            });
  }

  // ---- each coding

  @ParameterizedTest
  @FieldSource("CODINGS")
  void aBodyIsReadInAnyCut(String coding) {
    byte[] coded = coded(coding, TEXT);
    String name = Coded.name(coding);
    for (int at = 0; at <= coded.length; at++) {
      isRead(
          body(name, Arrays.copyOf(coded, at), Arrays.copyOfRange(coded, at, coded.length)), TEXT);
    }
    isRead(body(name, coded).cut(1), TEXT);
  }

  @ParameterizedTest
  @FieldSource("CODINGS")
  void whatAServerFlushesIsToldAtOnce(String coding) throws Exception {
    ByteArrayOutputStream coded = new ByteArrayOutputStream();
    Contents contents = new Contents(Limits.DEFAULT);
    Headers headers = Headers.of("content-encoding", Coded.name(coding));
    Body body = contents.begin(Content.DECOMPRESSED, Coded.STREAM, 200, headers);
    try (OutputStream server = flushing(coding, coded)) {
      for (int i = 0; i < 20; i++) {
        server.write(("part " + i).getBytes(StandardCharsets.UTF_8));
        server.flush();
        body.received(Bytes.wrap(coded.toByteArray()));
        coded.reset();
        StringBuilder told = new StringBuilder();
        while (body.next() instanceof Data data) {
          told.append(data.bytes().utf8());
        }
        assertThat(told).hasToString("part " + i);
      }
    }
    body.release();
  }

  private static OutputStream flushing(String coding, OutputStream to) throws IOException {
    return switch (coding) {
      case "gzip" -> new GZIPOutputStream(to, true);
      case "deflate" -> new DeflaterOutputStream(to, true);
      case "raw" -> new DeflaterOutputStream(to, new Deflater(9, true), true);
      case "br" -> new BrotliOutputStream(to);
      case "zstd" -> new ZstdOutputStream(to);
      default -> throw new IllegalArgumentException(coding);
    };
  }

  @ParameterizedTest
  @FieldSource("CODINGS")
  void aLargeBodyIsReadWhole(String coding) {
    byte[] plain = join(noise(300_000), new byte[500_000], noise(200_000));
    byte[] coded = coded(coding, plain);
    isRead(body(Coded.name(coding), coded), plain);
    isRead(body(Coded.name(coding), coded).cut(1461), plain);
  }

  @ParameterizedTest
  @FieldSource("CODINGS")
  void anEmptyBodyIsRead(String coding) {
    isRead(body(Coded.name(coding), coded(coding, new byte[0])), new byte[0]);
    isRead(body(Coded.name(coding)), new byte[0]);
  }

  @ParameterizedTest
  @FieldSource("CODINGS")
  void aBodyThatEndsTooEarlyFailsAtEveryCut(String coding) {
    byte[] coded = coded(coding, TEXT);
    for (int at = 1; at < coded.length; at++) {
      Told told = body(Coded.name(coding), Arrays.copyOf(coded, at)).told();
      assertThat(told.failure()).as("cut at " + at).isInstanceOf(Reason.Protocol.class);
      assertThat(told.failure().sentence()).contains("ends too early");
      assertThat(told.bytes()).isEqualTo(Arrays.copyOf(TEXT, told.bytes().length));
    }
  }

  @ParameterizedTest
  @FieldSource("CODINGS")
  void aCorruptBodyNeverBreaksAnythingElse(String coding) {
    byte[] coded = coded(coding, TEXT);
    for (int bit = 0; bit < coded.length * 8; bit++) {
      byte[] broken = coded.clone();
      broken[bit / 8] ^= (byte) (1 << bit % 8);
      Reason failure = body(Coded.name(coding), broken).told().failure();
      if (failure != null) {
        assertThat(failure).isInstanceOf(Reason.Protocol.class);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "gzip, RFC 1952 section 2.3",
    "deflate, RFC 9110 section 8.4.1.2",
    "br, RFC 7932 section 10",
    "zstd, RFC 8878 section 3.1"
  })
  void aBodyThatIsNotCodedSoFailsByTheRule(String coding, String section) {
    byte[] other = new byte[100];
    Arrays.fill(other, (byte) 0xfe);
    breaks(body(coding, other), "the " + coding + " content", section);
  }

  @Test
  void whatWasDecompressedBeforeTheErrorIsTold() {
    byte[] coded = coded("gzip", noise(100_000));
    coded[coded.length - 5] ^= 1;
    Told told = body("gzip", coded).told();
    assertThat(told.bytes()).isEqualTo(noise(100_000));
    assertThat(told.failure()).isInstanceOf(Reason.Protocol.class);
  }

  @Property(tries = 200)
  void howABodyIsCutDoesNotMatter(
      @ForAll byte[] plain,
      @ForAll @IntRange(max = 4) int coding,
      @ForAll @IntRange(min = 1, max = 40) int size) {
    String name = Coded.ALL[coding];
    isRead(body(Coded.name(name), coded(name, plain)).cut(size), plain);
  }

  // ---- gzip (RFC 1952)

  private static final int ALL_FIELDS = 2 | 4 | 8 | 16;

  /** A member with these flags, and the fields that they announce. */
  private static byte[] member(int flags) {
    byte[] header = {0x1f, (byte) 0x8b, 8, (byte) flags, 1, 2, 3, 4, 2, 3};
    if ((flags & 4) != 0) {
      header = join(header, new byte[] {3, 0, 'x', 'y', 'z'});
    }
    if ((flags & 8) != 0) {
      header = join(header, new byte[] {'n', 0});
    }
    if ((flags & 16) != 0) {
      header = join(header, new byte[] {'c', 'c', 0});
    }
    if ((flags & 2) != 0) {
      CRC32 check = new CRC32();
      check.update(header);
      header = join(header, new byte[] {(byte) check.getValue(), (byte) (check.getValue() >> 8)});
    }
    byte[] plain = coded("gzip", TEXT);
    return join(header, Arrays.copyOfRange(plain, 10, plain.length));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 4, 8, 16, 6, 12, 24, 20, ALL_FIELDS})
  void everyFieldOfAGzipHeaderIsPassed(int flags) {
    isRead(body("gzip", member(flags)), TEXT);
    isRead(body("gzip", member(flags)).cut(1), TEXT);
  }

  @Test
  void anEmptyExtraFieldIsPassed() {
    byte[] header = {0x1f, (byte) 0x8b, 8, 4, 0, 0, 0, 0, 0, 3, 0, 0};
    byte[] plain = coded("gzip", TEXT);
    isRead(body("gzip", join(header, Arrays.copyOfRange(plain, 10, plain.length))), TEXT);
  }

  @Test
  void severalMembersAreOneBody() {
    isRead(body("gzip", member(ALL_FIELDS), member(0), member(8)).cut(1), join(TEXT, TEXT, TEXT));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\0\0\0\0", "garbage", "\u001f", "\u001fx", "x\u001f\u008b"})
  void whatStandsBehindTheLastMemberAndBeginsNoneIsPassedOver(String rest) {
    byte[] garbage = rest.getBytes(StandardCharsets.ISO_8859_1);
    isRead(body("gzip", member(0), garbage), TEXT);
    isRead(body("gzip", member(0), garbage).cut(1), TEXT);
  }

  @Test
  void aSecondMemberMustBeAGoodOne() {
    breaks(body("gzip", member(0), Arrays.copyOf(member(0), 30)), "ends too early", GZIP);
    breaks(
        body("gzip", member(0), new byte[] {0x1f, (byte) 0x8b, 7, 0, 0, 0, 0, 0, 0, 0}), "", GZIP);
  }

  private static final String GZIP = "RFC 1952 section 2.3";

  @ParameterizedTest
  @CsvSource({"0, begin", "1, begin", "2, begin", "3, reserved"})
  void aWrongHeaderIsRefused(int octet, String words) {
    byte[] member = member(0);
    member[octet] = (byte) 0xe0;
    breaks(body("gzip", member), words, GZIP);
  }

  @Test
  void aHeadersCrcIsChecked() {
    byte[] member = member(ALL_FIELDS);
    member[5] ^= 1; // the time
    breaks(body("gzip", member), "header with a wrong CRC", GZIP);
  }

  @ParameterizedTest
  @CsvSource({"8, wrong CRC", "4, wrong size"})
  void aMembersEndIsChecked(int fromEnd, String words) {
    byte[] member = member(0);
    member[member.length - fromEnd] ^= 1;
    breaks(body("gzip", member), words, GZIP);
  }

  // ---- deflate, br, zstd

  @Test
  void aDictionaryThatNobodyHasIsRefused() {
    breaks(body("deflate", new byte[] {0x78, 0x20, 1, 2, 3, 4, 5, 6}), "dictionary", DEFLATE);
  }

  private static final String DEFLATE = "RFC 9110 section 8.4.1.2";

  @ParameterizedTest
  @ValueSource(strings = {"deflate", "raw"})
  void whatStandsBehindTheEndIsPassedOver(String coding) {
    isRead(body(Coded.name(coding), coded(coding, TEXT), noise(20_000)).cut(3000), TEXT);
  }

  @Test
  void nothingMayStandBehindTheEndOfBrotli() {
    breaks(body("br", coded("br", TEXT), new byte[1]), "continues after its end", BROTLI);
    breaks(body("br", join(coded("br", TEXT), new byte[1])), "", BROTLI);
  }

  private static final String BROTLI = "RFC 7932 section 10";

  @Test
  void zstdsFramesAreOneBodyAndSkippableOnesAreSkipped() {
    byte[] skippable = {0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3};
    byte[] frame = coded("zstd", TEXT);
    byte[] twice = join(TEXT, TEXT);
    isRead(body("zstd", skippable, frame, skippable, frame), twice);
    isRead(body("zstd", skippable, frame, skippable, frame).cut(1), twice);
    isRead(body("zstd", join(frame, frame)), twice);
  }

  @Test
  void whatStandsBehindAFrameMustBeAnother() {
    breaks(body("zstd", coded("zstd", TEXT), new byte[] {1, 2, 3, 4, 5}), "corrupt", ZSTD);
  }

  @Test
  void aZstdFrameIsReadTheSameInOnePieceAndInTwo() {
    byte[] frame = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0x20, 0x29, 5, 0, 0};
    Told whole = body("zstd", frame).told();
    for (int cut = 1; cut < frame.length; cut++) {
      assertThat(body("zstd", frame).cut(cut).told()).usingRecursiveComparison().isEqualTo(whole);
    }
  }

  @Test
  void aFrameOfAFormatBeforeZstdsRfcIsNone() {
    for (int last = 0x1e; last < 0x28; last++) {
      byte[] old = {(byte) last, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, (byte) 0xd8, 1, 0};
      breaks(body("zstd", old), "corrupt", ZSTD);
      breaks(body("zstd", coded("zstd", TEXT), old), "corrupt", ZSTD);
      breaks(body("zstd", join(coded("zstd", noise(8 << 10)), old)), "corrupt", ZSTD);
      breaks(body("zstd", new byte[] {0x28}, old), "corrupt", ZSTD);
      breaks(body("zstd", join(new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd}, old)), "", ZSTD);
    }
  }

  private static final String ZSTD = "RFC 8878 section 3.1";

  /** A frame of one empty block, with this window. */
  private static byte[] window(int log) {
    return new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, (byte) (log - 10 << 3), 1, 0, 0};
  }

  @Test
  void manySmallZstdFramesAreOneBodyToo() {
    byte[] frames = new byte[0];
    for (int i = 0; i < 2000; i++) {
      frames = join(frames, window(10 + i % 8));
    }
    isRead(body("zstd", frames), new byte[0]);
    isRead(body("zstd", join(frames, coded("zstd", TEXT))).cut(7), TEXT);
  }

  @Test
  void aWindowBeyondEightMebibytesIsRefused() {
    isRead(body("zstd", window(23)), new byte[0]);
    breaks(body("zstd", window(24)), "corrupt", ZSTD);
  }

  // ---- several

  @Test
  void severalCodingsAreUndoneFromTheLastToTheFirst() {
    byte[] coded = TEXT;
    for (String coding : Coded.ALL) {
      coded = coding.equals("raw") ? coded : coded(coding, coded);
    }
    Coded body =
        new Coded(
            Headers.of(
                "content-encoding", "gzip, , Identity", "Content-Encoding", "DEFLATE,br,zstd"),
            coded);
    isRead(body, TEXT);
    isRead(body.cut(1), TEXT);
  }

  @Test
  void anInnerCodingThatEndsTooEarlyIsSeen() {
    byte[] coded = coded("gzip", TEXT);
    breaks(
        body("gzip, zstd", coded("zstd", Arrays.copyOf(coded, coded.length - 3))),
        "the gzip content ends too early",
        GZIP);
  }

  // ---- bombs

  @ParameterizedTest
  @FieldSource("CODINGS")
  void aBombIsStoppedByTheRatio(String coding) {
    byte[] bomb = coded(coding, new byte[64 << 20]);
    Told told = body(Coded.name(coding), bomb).told();
    assertThat(told.failure()).isEqualTo(new Reason.Limit(Bound.INFLATE_RATIO, 300));
    assertThat(told.bytes()).hasSizeLessThan(Math.max(2 << 20, 9000 * 300));
  }

  @Test
  void aBombWithinABombIsStoppedAtTheFirst() {
    byte[] bomb = coded("gzip", coded("gzip", new byte[64 << 20]));
    assertThat(body("gzip, gzip", bomb).told().failure())
        .isEqualTo(new Reason.Limit(Bound.INFLATE_RATIO, 300));
  }

  @ParameterizedTest
  @FieldSource("CODINGS")
  void theSizeIsBoundToTheByte(String coding) {
    Coded body = body(Coded.name(coding), coded(coding, noise(50_000)));
    assertThat(body.told(Limits.DEFAULT.decompressed(50_000)).failure()).isNull();
    Told told = body.told(Limits.DEFAULT.decompressed(49_999));
    assertThat(told.failure()).isEqualTo(new Reason.Limit(Bound.DECOMPRESSED, 49_999));
    assertThat(told.bytes()).hasSizeLessThan(50_000);
  }

  @Test
  void aBodyThatIsLeftIsReleased() {
    for (String coding : Coded.ALL) {
      Contents contents = new Contents(Limits.DEFAULT);
      Body body =
          contents.begin(
              Content.DECOMPRESSED,
              Coded.STREAM,
              200,
              Headers.of("content-encoding", Coded.name(coding)));
      byte[] coded = coded(coding, noise(100_000));
      body.received(Bytes.wrap(Arrays.copyOf(coded, 50_000)));
      assertThat(body.next()).isNotNull();
      body.release();
      body.release();
      assertThat(contents.held()).isZero();
      body.received(Bytes.wrap(coded));
      assertThat(body.next()).isNull();
    }
  }

  // ---- what is offered, and what is left as it is

  private static Optional<String> offered(Request request, Codings codings) {
    return Contents.negotiate(request, codings).headers().first("accept-encoding");
  }

  @Test
  void whatIsThereIsOffered() {
    Request request = Request.of("GET", "/").content(Content.DECOMPRESSED);
    assertThat(offered(request, Codings.PRESENT)).hasValue("zstd, br, gzip, deflate");
    assertThat(offered(request, new Codings(false, false))).hasValue("gzip, deflate");
    assertThat(offered(request, new Codings(true, false))).hasValue("br, gzip, deflate");
    assertThat(offered(request.header("Accept-Encoding", "br"), Codings.PRESENT)).hasValue("br");
    assertThat(offered(Request.of("GET", "/"), Codings.PRESENT)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"compress", "gzip, compress", "gzip;q=1", "gzip,gzip,gzip,gzip,gzip", ""})
  void aBodyOfOtherCodingsIsLeftAsItIs(String encoding) {
    assertThat(begin(Codings.PRESENT, 200, encoding)).isNull();
  }

  @Test
  void aCodingWithoutItsLibraryIsLeftAsItIs() {
    assertThat(begin(new Codings(false, true), 200, "br")).isNull();
    assertThat(begin(new Codings(true, false), 200, "zstd")).isNull();
  }

  @Test
  void aPartOfABodyIsLeftAsItIs() {
    assertThat(begin(Codings.PRESENT, 206, "gzip")).isNull();
  }

  private static Body begin(Codings codings, int status, String encoding) {
    return new Contents(Limits.DEFAULT, codings)
        .begin(
            Content.DECOMPRESSED,
            Coded.STREAM,
            status,
            Headers.of("content-encoding", encoding, "content-length", "7"));
  }

  @Test
  void theHeadersFitWhatIsTold() {
    Body body =
        new Contents(Limits.DEFAULT)
            .begin(
                Content.DECOMPRESSED,
                Coded.STREAM,
                200,
                Headers.of("a", "b", "Content-Encoding", "x-gzip", "Content-Length", "7"));
    assertThat(body.headers()).isEqualTo(Headers.of("a", "b"));
    body.release();
  }

  // ---- what gives nothing

  private static byte[] times(int count, byte[] bytes) {
    byte[][] all = new byte[count][];
    Arrays.fill(all, bytes);
    return join(all);
  }

  private static byte[] header(int flags) {
    return new byte[] {0x1f, (byte) 0x8b, 8, (byte) flags, 0, 0, 0, 0, 0, 3};
  }

  /** What a coding may have without end, and a beginning that lets it. */
  private static byte[][] barren(String kind) {
    byte[] stored = {0, 0, 0, -1, -1}; // an empty block (RFC 1951 section 3.2.4)
    byte[] name = new byte[1000];
    Arrays.fill(name, (byte) 'n');
    byte[] nothing = {};
    return switch (kind) {
      case "gzip: members" -> new byte[][] {nothing, times(100, coded("gzip", nothing))};
      case "gzip: a name" -> new byte[][] {header(8), name};
      case "gzip: a comment" -> new byte[][] {header(16), name};
      case "gzip: extra fields" -> {
        byte[] extra = new byte[65_535];
        byte[] member =
            join(
                header(4),
                new byte[] {-1, -1},
                extra,
                Arrays.copyOfRange(coded("gzip", nothing), 10, 20));
        yield new byte[][] {nothing, member};
      }
      case "gzip: blocks" -> new byte[][] {header(0), times(100, stored)};
      case "gzip: garbage" -> new byte[][] {coded("gzip", nothing), name};
      case "deflate: blocks" -> new byte[][] {{0x78, 1}, times(100, stored)};
      case "deflate: bare blocks" -> new byte[][] {nothing, times(100, stored)};
      case "deflate: garbage" -> new byte[][] {coded("deflate", nothing), name};
      case "zstd: skippable frames" ->
          new byte[][] {nothing, join(new byte[] {0x50, 0x2a, 0x4d, 0x18, -24, 3, 0, 0}, name)};
      case "zstd: frames" -> new byte[][] {nothing, times(100, coded("zstd", nothing))};
      // a window of 16 bits, then blocks of metadata without a byte (RFC 7932 section 9.2)
      case "br: metadata" -> new byte[][] {{0x0c}, times(100, new byte[] {0x06})};
      default -> throw new IllegalArgumentException(kind);
    };
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gzip: members",
        "gzip: a name",
        "gzip: a comment",
        "gzip: extra fields",
        "gzip: blocks",
        "gzip: garbage",
        "deflate: blocks",
        "deflate: bare blocks",
        "deflate: garbage",
        "zstd: skippable frames",
        "zstd: frames",
        "br: metadata",
      })
  void whatGivesNothingWithoutEndIsStopped(String kind) {
    String coding = kind.substring(0, kind.indexOf(':'));
    byte[][] barren = barren(kind);
    for (int size : new int[] {1461, 65_536, 4 << 20}) {
      byte[] all = join(barren[0], times((2 << 20) / barren[1].length, barren[1]));
      assertThat(body(coding, all).cut(size).told().failure())
          .isEqualTo(new Reason.Limit(Reason.Bound.WITHOUT_OUTPUT, 1 << 20));
      byte[] less = join(barren[0], times((900 << 10) / barren[1].length, barren[1]));
      Reason failure = body(coding, less).cut(size).told().failure();
      if (failure != null) {
        assertThat(failure.sentence()).contains("ends too early");
      }
    }
  }

  @Test
  void whatGivesSomethingMakesUpForWhatGivesNothing() {
    byte[] flushed = join(new byte[] {0, 0, 0, -1, -1}, new byte[] {0, 1, 0, -2, -1, 'a'});
    byte[] all = join(times(300_000, flushed), new byte[] {1, 0, 0, -1, -1});
    isRead(body("deflate", all), "a".repeat(300_000).getBytes(StandardCharsets.UTF_8));
  }
}
