package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each case is read whole, with every cut, and octet by octet, which comes to the same. */
class ResponseDecoderTest {
  private static final String LINE = "HTTP/1.1 200 OK\r\n";
  private static final String CHUNKED = LINE + "transfer-encoding: chunked\r\n\r\n";
  private static final String CHUNKED_HEAD = "200 {transfer-encoding: chunked}";
  private static final String HELLO = "\r\nhello\r\n0\r\n\r\n";

  /** What is told, whatever the cuts; requests are of HTTP/1.1. */
  private static Responded read(boolean tolerant, String said) {
    Responded whole = Responded.of(said, tolerant, false, said.length());
    assertThat(Responded.of(said, tolerant, false, 1)).as("octet by octet").isEqualTo(whole);
    for (int cut = 1; cut < said.length(); cut++) {
      assertThat(Responded.cut(said, tolerant, cut)).as("cut at " + cut).isEqualTo(whole);
    }
    return whole;
  }

  private static Arguments told(String what, String said, String... told) {
    return arguments(what, said, List.of(told));
  }

  static Stream<Arguments> devices() {
    return Stream.of(
        told(
            "one length twice",
            LINE + "content-length: 2\r\nn: v\r\nContent-Length: 02\r\n\r\nab",
            "200 {content-length: 2, n: v}",
            "ab$"),
        told(
            "one length twice in a list",
            LINE + "content-length: 42, 42\r\n\r\n" + "x".repeat(42),
            "200 {content-length: 42}",
            "x".repeat(42) + "$"),
        told(
            "chunks and a length",
            LINE + "content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n5" + HELLO,
            CHUNKED_HEAD + " last",
            "hello$"),
        told(
            "a length and chunks",
            LINE + "transfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n5" + HELLO,
            CHUNKED_HEAD + " last",
            "hello$"),
        told(
            "no coding and a length",
            LINE + "transfer-encoding: identity\r\ncontent-length: 2\r\n\r\nab",
            "200 {transfer-encoding: identity, content-length: 2} last",
            "ab$"),
        told("blanks before a chunk's size", CHUNKED + " \t5" + HELLO, CHUNKED_HEAD, "hello$"),
        told("blanks behind a chunk's size", CHUNKED + "5 \t" + HELLO, CHUNKED_HEAD, "hello$"),
        told("blanks before an extension", CHUNKED + "5 ; x" + HELLO, CHUNKED_HEAD, "hello$"),
        told("a quoted line's end", CHUNKED + "5;x=\"\\\"y;\"" + HELLO, CHUNKED_HEAD, "hello$"),
        told(
            "an empty coding behind",
            LINE + "transfer-encoding: chunked,\r\n\r\n5" + HELLO,
            "200 {transfer-encoding: chunked,}",
            "hello$"),
        told(
            "an empty coding before",
            LINE + "transfer-encoding: , chunked\r\n\r\n5" + HELLO,
            "200 {transfer-encoding: , chunked}",
            "hello$"),
        told(
            "a header whose first line is empty",
            LINE + "X:\r\n folded\r\ncontent-length: 0\r\n\r\n",
            "200 {x: folded, content-length: 0} $"),
        told(
            "a header in three lines",
            LINE + "X: a \r\n \t b\r\n\tc\r\ncontent-length: 0\r\n\r\n",
            "200 {x: a b c, content-length: 0} $"),
        told(
            "a header with an empty line within",
            LINE + "X: a\r\n \r\n b\r\ncontent-length: 0\r\n\r\n",
            "200 {x: a b, content-length: 0} $"),
        told("a status of zeros", "HTTP/1.1 000 Any\r\nn: v\r\n\r\nab", "0 {n: v} last", "ab$"),
        told(
            "a status below 100",
            "HTTP/1.1 099\r\ncontent-length: 0\r\n\r\n",
            "99 {content-length: 0} $"),
        told(
            "control characters in cookies",
            LINE
                + "set-cookie: a=\u0001\r\n"
                + "Set-Cookie: b=c\r\n"
                + "set-cookie: d=\0\r\n"
                + "content-length: 0\r\n\r\n",
            "200 {set-cookie: b=c, content-length: 0} $"),
        told(
            "a coding behind 204",
            "HTTP/1.1 204\r\ntransfer-encoding: chunked\r\n\r\n",
            "204 {transfer-encoding: chunked} $"),
        told(
            "a coding behind 304",
            "HTTP/1.1 304\r\ntransfer-encoding: gzip, chunked\r\n\r\n",
            "304 {transfer-encoding: gzip, chunked} $"),
        told(
            "responses one behind the other",
            "HTTP/1.1 103\r\nlink: x\r\n\r\n"
                + CHUNKED
                + "0\r\nt: u\r\n\r\n\r\nHTTP/1.0 200\r\n\r\nab",
            "103 {link: x} $",
            CHUNKED_HEAD,
            "trailers {t: u}",
            "200 {} last",
            "ab$"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("devices")
  void whatHalfTheWorldSendsIsRead(String what, String said, List<String> told) {
    assertThat(read(false, said)).isEqualTo(new Responded(told, ""));
  }

  @Test
  void rfc9112_63_aResponseToHeadShowsItsFramingAndHasNone() {
    String said = LINE + "transfer-encoding: chunked\r\n\r\n" + LINE + "content-length: 7\r\n\r\n";
    List<String> told = List.of("200 {transfer-encoding: chunked} $", "200 {content-length: 7} $");
    for (int step : new int[] {1, 7, said.length()}) {
      assertThat(Responded.of(said, false, true, step)).isEqualTo(new Responded(told, ""));
    }
  }

  static Stream<Arguments> tolerated() {
    return Stream.of(
        told(
            "chunks twice",
            LINE + "transfer-encoding: chunked, chunked\r\n\r\n5" + HELLO,
            "200 {transfer-encoding: chunked, chunked}",
            "hello$"),
        told(
            "chunks in two fields",
            LINE + "transfer-encoding: chunked\r\ntransfer-encoding: Chunked\r\n\r\n5" + HELLO,
            "200 {transfer-encoding: chunked, transfer-encoding: Chunked}",
            "hello$"),
        told(
            "bare LFs in a head",
            "\nHTTP/1.1 200 OK\nn: v\n m\ncontent-length: 2\n\nab",
            "200 {n: v m, content-length: 2}",
            "ab$"),
        told("a bare LF behind a size", CHUNKED + "5\nhello\r\n0\r\n\r\n", CHUNKED_HEAD, "hello$"),
        told(
            "a bare LF in an extension",
            CHUNKED + "5;x\nhello\r\n0\r\n\r\n",
            CHUNKED_HEAD,
            "hello$"),
        told("a bare LF behind a chunk", CHUNKED + "5\r\nhello\n0\r\n\r\n", CHUNKED_HEAD, "hello$"),
        told("bare LFs in trailers", CHUNKED + "0\nt: u\n\n", CHUNKED_HEAD, "trailers {t: u}"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("tolerated")
  void whatSomeDevicesSendIsReadWhereTheUserSaysSo(String what, String said, List<String> told) {
    assertThat(read(true, said)).isEqualTo(new Responded(told, ""));
    assertThat(read(false, said).refused()).startsWith("Protocol error: ");
  }

  @Test
  void rfc9112_22_aBareCrIsNeverTheEndOfALine() {
    for (String said :
        List.of(
            "\rHTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\rn: v\r\n\r\n",
            LINE + "n: v\rm: w\r\n\r\n",
            LINE + "set-cookie: a=b\rm: w\r\n\r\n",
            CHUNKED + "5\rhello\r\n0\r\n\r\n",
            CHUNKED + "0\r\nt: u\rv: w\r\n\r\n")) {
      assertThat(read(true, said).refused()).as(said).startsWith("Protocol error: ");
    }
  }

  @Test
  void rfc9112_71_aChunkMayBeLargerThanTwoGigabytes() {
    Responded.Sink sink = new Responded.Sink(false);
    ResponseDecoder decoder = new ResponseDecoder(512, false, false, sink);
    Responded.feed(decoder, CHUNKED + "80000001\r\n");
    byte[] piece = new byte[64 << 10];
    for (long left = 0x80000001L; left > 0; left -= piece.length) {
      Responded.feed(decoder, piece, (int) Math.min(left, piece.length));
    }
    Responded.feed(decoder, "\r\n0\r\n\r\n");
    assertThat(sink.octets).isEqualTo(0x80000001L);
    assertThat(sink.ended).isTrue();
  }

  @Test
  void rfc9112_63_aLengthMayBeAsLargeAsALong() {
    String said = LINE + "content-length: 9223372036854775807\r\n\r\nab";
    assertThat(read(false, said).told())
        .containsExactly("200 {content-length: 9223372036854775807}", "ab");
  }

  @Test
  void rfc9112_63_aLengthThatNoDoubleHoldsIsCountedToTheOctet() throws Exception {
    ResponseDecoder decoder = new ResponseDecoder(512, false, false, new Responded.Sink(false));
    Responded.feed(decoder, LINE + "content-length: 9007199254740993\r\n\r\nab"); // 2^53 + 1
    assertThat(decoder.rest()).isEqualTo(9007199254740991L);
  }

  static Stream<Arguments> firstOctets() {
    return Stream.of(
        arguments("S", "the response does not begin with HTTP/"),
        arguments("h", "the response does not begin with HTTP/"),
        arguments("HTTPS", "the response does not begin with HTTP/"),
        arguments(" ", "white space precedes the status line"),
        arguments("\u0015", "the server seems to speak TLS on this port"),
        arguments("\u0016", "the server seems to speak TLS on this port"),
        arguments("HTTP/x", "the version of the response is malformed"),
        arguments("HTTP/2.0", "the response has the version HTTP/2.0"),
        arguments("HTTP/1.1\t", "the status code does not follow a single space"),
        arguments("HTTP/1.1 2x", "the status code is not of three digits"),
        arguments("HTTP/1.1 2000", "the status code is not of three digits"),
        arguments("HTTP/1.1 200\t", "no space follows the status code"),
        arguments("HTTP/1.1 200 \u0007", "the reason phrase contains a control character"),
        arguments(LINE + " ", "white space precedes the first header"),
        arguments(LINE + "n ", "a header has white space in its name or before its colon"),
        arguments(LINE + "n(", "the name of a header is not a token"),
        arguments(LINE + "n: \u0007", "the value of the header n contains a control character"),
        arguments(CHUNKED + "g", "the size of a chunk is not a hexadecimal number"),
        arguments(CHUNKED + "5 5", "the size of a chunk is not a hexadecimal number"),
        arguments(CHUNKED + "10000000000000000", "the size of a chunk is larger than"),
        arguments(CHUNKED + "0\r\nX ", "a trailer has white space in its name"),
        arguments(CHUNKED + "1\r\nab", "a chunk is longer than its size"));
  }

  @ParameterizedTest
  @MethodSource("firstOctets")
  void theFirstWrongOctetIsRefusedAndNoneBeforeIt(String said, String rule) {
    Responded before = Responded.of(said.substring(0, said.length() - 1), false, false, 1);
    assertThat(before.refused()).isEmpty();
    assertThat(read(false, said).refused()).startsWith("Protocol error: " + rule);
  }

  @Test
  void aBlockOfExactlyTheLimitIsRead() {
    String name = "n: ";
    String head = name + "v".repeat(Responded.LIMIT - name.length() - 4) + "\r\n\r\n";
    assertThat(Responded.of(LINE + head, false, true, 1).told()).hasSize(1);
    assertThat(Responded.of(LINE + "x" + head, false, true, 1).refused())
        .isEqualTo(new Reason.Limit(Reason.Bound.HEADER_BLOCK, Responded.LIMIT).sentence());
  }

  @Test
  void aBlockThatSaysTheSameAgainIsNotMadeAgain() {
    String said = LINE + "server: x\r\ncontent-length: 0\r\n\r\n";
    Responded.Sink sink = new Responded.Sink(false);
    ResponseDecoder decoder = new ResponseDecoder(512, false, false, sink);
    Responded.feed(decoder, said);
    Headers first = sink.headers;
    Responded.feed(decoder, said);
    assertThat(sink.headers).isSameAs(first);
    Responded.feed(decoder, LINE + "server: x\r\ncontent-length: 1\r\n\r\na");
    assertThat(sink.headers).isEqualTo(Headers.of("server", "x", "content-length", "1"));
    assertThat(first).isEqualTo(Headers.of("server", "x", "content-length", "0"));
  }

  @Test
  void aHeadThatRepeatsTheOneBeforeMeansTheSame() {
    String two = LINE + "n: v\r\ncontent-length: 2\r\n\r\n";
    String none = "HTTP/1.1 204 No Content\r\n\r\n";
    String moved = two.replace("200 OK", "301 OK");
    String old = two.replace("1.1", "1.0");
    String body = "200 {n: v, content-length: 2}";
    Responded told =
        read(
            false,
            two + "ab" + two + "HT" + none + none + two + "cd" + CHUNKED + "5" + HELLO + CHUNKED
                + "5" + HELLO + moved + "ef" + two + "gh" + old + "ij");
    assertThat(told.told())
        .containsExactly(
            body,
            "ab$",
            body,
            "HT$",
            "204 {} $",
            "204 {} $",
            body,
            "cd$",
            CHUNKED_HEAD,
            "hello$",
            CHUNKED_HEAD,
            "hello$",
            "301 {n: v, content-length: 2}",
            "ef$",
            body,
            "gh$",
            body + " last",
            "ij$");
  }

  @Test
  void aLongHeadThatIsRepeatedIsReadAgain() {
    String said = LINE + "n: " + "v".repeat(1500) + "\r\ncontent-length: 0\r\n\r\n";
    Responded.Sink sink = new Responded.Sink(false);
    ResponseDecoder decoder = new ResponseDecoder(4096, false, false, sink);
    Responded.feed(decoder, said);
    Headers first = sink.headers;
    Responded.feed(decoder, said);
    assertThat(sink.headers).isEqualTo(first).isNotSameAs(first);
  }

  @Test
  void aSinkCanStopBehindEachCall() {
    Responded.Sink sink = new Responded.Sink(false);
    ResponseDecoder decoder = new ResponseDecoder(512, false, false, sink);
    io.netty.buffer.ByteBuf in = Responded.buffer(CHUNKED + "1\r\na\r\n0\r\n\r\nrest");
    int calls = 0;
    while (!sink.ended) {
      try {
        decoder.decode(in);
      } catch (Violation v) {
        throw new AssertionError(v);
      }
      calls++;
    }
    assertThat(calls).isGreaterThan(2);
    assertThat(Bytes.wrap(io.netty.buffer.ByteBufUtil.getBytes(in)).utf8()).isEqualTo("rest");
    in.release();
  }
}
