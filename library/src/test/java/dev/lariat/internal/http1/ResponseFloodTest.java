package dev.lariat.internal.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Recorder;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Inform;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Bound;
import dev.lariat.message.Response;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.StreamFailed;
import dev.lariat.option.Content;
import dev.lariat.option.Request;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server may send that is no part of a response, and what of it is a flood. */
class ResponseFloodTest {
  private static final String HINTS = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
  private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  private static final String EXTENDED = "1;" + "x".repeat(100) + "\r\na\r\n";

  private final Server server = new Server();
  private final Recorder out = server.out;

  /** Why the connection ended when a server said this in pieces of so many bytes; null if not. */
  private static @Nullable Reason said(String text, int piece) {
    Server server = new Server();
    server.request("GET", "/");
    for (int from = 0; from < text.length(); from += piece) {
      server.says(text.substring(from, Math.min(text.length(), from + piece)));
    }
    Change change = server.out.change();
    server.out.discard();
    server.end(new Reason.Closed());
    return change instanceof Change.Close(var reason) ? reason : null;
  }

  private static void isAFlood(Bound bound, String before, String each, int most) {
    String passes = before + each.repeat(most);
    for (int piece : new int[] {1, 3, 1000, passes.length() + each.length()}) {
      assertThat(said(passes, piece)).as("in pieces of %d", piece).isNull();
      assertThat(said(passes + each, piece))
          .as("in pieces of %d", piece)
          .isEqualTo(new Reason.Limit(bound, 1000));
    }
  }

  @Test
  void aThousandInformationalResponsesPassAndOneMoreIsAFlood() {
    isAFlood(Bound.INFORMS, "", HINTS, 1000);
  }

  @Test
  void aThousandEmptyLinesBeforeAResponsePassAndOneMoreIsAFlood() {
    isAFlood(Bound.EMPTY_LINES, "", "\r\n", 1000);
  }

  @Test
  void aThousandChunksOfMostlyExtensionsPassAndOneMoreIsAFlood() {
    isAFlood(Bound.CHUNK_EXTENSIONS, CHUNKED, EXTENDED, 1000);
  }

  @Test
  void aLongExtensionCountsForItsLength() {
    String longer = "1;" + "x".repeat(60_000) + "\r\na\r\n";
    assertThat(said(CHUNKED + longer.repeat(66), 100_000)).isNull(); // each counts 15 times
    assertThat(said(CHUNKED + longer.repeat(67), 100_000))
        .isEqualTo(new Reason.Limit(Bound.CHUNK_EXTENSIONS, 1000));
  }

  @Test
  void aSignatureWithEachChunkIsNoFlood() {
    String signed = "5a;chunk-signature=" + "0".repeat(64) + "\r\n" + "a".repeat(90) + "\r\n";
    assertThat(said(CHUNKED + signed.repeat(20_000), 100_000)).isNull();
  }

  @Test
  void earlyHintsBeforeEachResponseAreNoFlood() {
    for (int i = 0; i < 5000; i++) {
      Stream get = server.request("GET", "/");
      server.says(HINTS + HINTS + HINTS + "HTTP/1.1 204 No Content\r\n\r\n\r\n");
      for (int hint = 0; hint < 3; hint++) {
        assertThat(out.next(Inform.class).status()).isEqualTo(103);
      }
      out.expect(new Response(get.ref(), true, 204, Headers.EMPTY));
      server.reads();
    }
    server.endQuietly();
  }

  @Test
  void anInformationalResponseASecondPassesForADay() {
    Stream get = server.request("GET", "/");
    for (int i = 0; i < 86_400; i++) {
      server.passes(Duration.ofSeconds(1));
      server.says("HTTP/1.1 102 Processing\r\n\r\n");
      assertThat(out.next(Inform.class).status()).isEqualTo(102);
    }
    server.says("HTTP/1.1 204 No Content\r\n\r\n");
    out.expect(new Response(get.ref(), true, 204, Headers.EMPTY));
    server.endQuietly();
  }

  private Stream events() {
    Stream stream = server.request(Request.of("GET", "/").content(Content.EVENTS));
    server.says(CHUNKED.replace("\r\n\r\n", "\r\nContent-Type: text/event-stream\r\n\r\n"));
    out.next(Response.class);
    return stream;
  }

  private void chunk(String text) {
    server.says(Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
  }

  /** Each chunk carries something; the stream of events does not. */
  @Test
  void commentsInChunksOfTheirOwnAreAFloodAllTheSame() {
    Stream stream = events();
    for (int i = 0; i < 1000; i++) {
      chunk(":\n");
    }
    out.expectNothing();
    chunk(":\n");
    out.expect(new StreamFailed(stream.ref(), new Reason.Limit(Bound.EMPTY_EVENTS, 1000)));
    server.end(new Reason.Closed());
    out.discard();
  }

  @Test
  void commentsThatGatheredWhileNothingWasReadAreNoFlood() {
    Stream stream = events();
    chunk("data: a\n\n");
    out.next(ServerSentEvent.class);
    server.now += Duration.ofDays(1).toNanos();
    out.unreadUntil = server.now;
    chunk(":\n".repeat(5760));
    out.expectNothing();
    chunk("data: b\n\n");
    assertThat(out.next(ServerSentEvent.class).data()).isEqualTo("b");
    server.cancel(stream);
    out.discard();
    server.end(new Reason.Closed());
    out.discard();
  }

  // ---- whose turn it is

  private static String gzip(byte[] bytes) {
    ByteArrayOutputStream coded = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(coded)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return coded.toString(StandardCharsets.ISO_8859_1);
  }

  /** How many bytes were told since the last time. */
  private int told() {
    int bytes = 0;
    while (out.hasNext() && out.next() instanceof Data data) {
      bytes += data.bytes().size();
    }
    return bytes;
  }

  private void goesOn() {
    assertThat(out.again).isTrue();
    out.again = false;
    server.engine.goOn(out.at(server.now));
  }

  private Stream answersGzipped(Request request, String coded) {
    Stream stream = server.request(request.content(Content.DECOMPRESSED));
    server.answers(
        "HTTP/1.1 200 OK", "Content-Encoding: gzip", "Content-Length: " + coded.length());
    out.next(Response.class);
    return stream;
  }

  @Test
  void aBodyIsDecompressedInTurnsAndNothingIsReadInBetween() {
    String coded = gzip(new byte[1 << 20]);
    Stream get = answersGzipped(Request.of("GET", "/"), coded);
    Stream next = server.request("GET", "/next");
    server.says(coded + "HTTP/1.1 204 No Content\r\n\r\n");
    for (int i = 0; i < 4; i++) {
      assertThat(told()).isEqualTo(256 << 10);
      assertThat(out.reading).isFalse();
      goesOn();
    }
    assertThat(out.reading).isTrue();
    assertThat(out.again).isFalse();
    out.expect(new Data(get.ref(), true, Bytes.EMPTY));
    out.expect(new Response(next.ref(), true, 204, Headers.EMPTY));
    server.endQuietly();
  }

  @Test
  void aBodyOfWhichNothingIsToldHasItsTurnsToo() {
    int[] handled = {0};
    Content silent =
        Content.DECOMPRESSED.handler(session -> Optional.of(bytes -> handled[0] += bytes.size()));
    String coded = gzip(new byte[1 << 20]);
    Stream get = server.request(Request.of("GET", "/").content(silent));
    server.answers(
        "HTTP/1.1 200 OK", "Content-Encoding: gzip", "Content-Length: " + coded.length());
    out.next(Response.class);
    server.says(coded);
    for (int turn = 1; turn <= 4; turn++) {
      assertThat(handled[0]).isEqualTo(turn * (256 << 10));
      out.expectNothing();
      goesOn();
    }
    out.expect(new Data(get.ref(), true, Bytes.EMPTY));
    server.endQuietly();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theEndOfTheConnectionWaitsForTheTurns(boolean sized) {
    String coded = gzip(new byte[1 << 20]);
    Stream stream = server.request(Request.of("GET", "/").content(Content.DECOMPRESSED));
    String length = sized ? "Content-Length: " + coded.length() : "A: b";
    server.answers("HTTP/1.1 200 OK", "Content-Encoding: gzip", length);
    out.next(Response.class);
    server.says(coded);
    server.hangsUp();
    int told = told();
    while (out.again) {
      assertThat(out.change()).isNull();
      goesOn();
      told += told();
    }
    assertThat(told).isEqualTo(1 << 20);
    assertThat(out.change()).isEqualTo(new Change.Close(new Reason.Closed()));
    assertThat(server.end(new Reason.Closed()).killed()).doesNotContain(stream.ref());
    out.discard();
    out.expectEnd();
  }

  @Test
  void turnsAndCreditBothHoldABodyBack() {
    String coded = gzip(new byte[1 << 20]);
    Stream stream = answersGzipped(Request.of("GET", "/").credit(20), coded);
    server.says(coded);
    assertThat(told()).isEqualTo(256 << 10);
    credit(stream, 1); // the turn is another connection's
    out.expectNothing();
    goesOn();
    assertThat(told()).isEqualTo(5 * (16 << 10));
    assertThat(out.again).isFalse();
    credit(stream, Long.MAX_VALUE);
    int told = told();
    while (out.again) {
      goesOn();
      told += told();
    }
    assertThat(told).isEqualTo((1 << 20) - 21 * (16 << 10));
    server.endQuietly();
  }

  @Test
  void aCancelledBodyHasNoTurn() {
    String coded = gzip(new byte[1 << 20]);
    Stream stream = answersGzipped(Request.of("GET", "/"), coded);
    server.says(coded);
    told();
    server.cancel(stream);
    assertThat(out.next(StreamFailed.class).reason()).isEqualTo(new Reason.Cancelled());
    out.goOn(server.engine, server.now);
    out.expectNothing();
    assertThat(out.reading).isTrue();
    server.endQuietly();
  }

  private void credit(Stream stream, long messages) {
    server.engine.command(new Command.Credit(stream, messages), out.at(server.now));
  }
}
