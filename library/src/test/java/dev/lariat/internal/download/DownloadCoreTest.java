package dev.lariat.internal.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.lariat.internal.codec.Validator;
import dev.lariat.internal.download.DownloadCore.Ask;
import dev.lariat.internal.download.DownloadCore.Step;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Bound;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a download asks for after each response. */
class DownloadCoreTest {
  private static final Instant NOW = Instant.parse("2026-11-30T00:00:00Z");
  private static final String URI = PartState.digest("http://a.example/file");
  private static final String HERE = PartState.digest("here");
  private static final Validator V1 = new Validator("etag", "\"1\"");
  private static final Headers FILE = Headers.of("etag", "\"1\"", "content-length", "100");
  private static final long NO_LIMIT = Long.MAX_VALUE;

  private static PartState state(long total) {
    return new PartState(
        URI, HERE, V1, "", total < 0 ? OptionalLong.empty() : OptionalLong.of(total));
  }

  private static DownloadCore anew() {
    return new DownloadCore(URI, Optional.empty(), 0, 3, NO_LIMIT);
  }

  /** One with 40 bytes, of 100 if the length is known. */
  private static DownloadCore found(long total) {
    return new DownloadCore(URI, Optional.of(state(total)), 40, 3, NO_LIMIT);
  }

  private static Step answered(DownloadCore core, int status, Headers headers) {
    return core.answered(status, headers, HERE, NOW, true);
  }

  private static Headers part(String range) {
    return Headers.of("etag", "\"1\"", "content-range", range);
  }

  private static Reason failure(Step step) {
    return ((Step.Fail) step).why();
  }

  // ---- what is asked

  @Test
  void theWholeFileIsAskedForFirst() {
    DownloadCore core = anew();
    assertThat(core.ask()).isEqualTo(new Ask.All());
    assertThat(answered(core, 200, FILE))
        .isEqualTo(new Step.Begin(Optional.of(state(100)), Optional.empty()));
    assertThat(core.received(60)).isEmpty();
    assertThat(core.received(40)).isEmpty();
    assertThat(core.ended(true)).isEqualTo(new Step.Whole());
  }

  @Test
  void afterACutTheRestIsAskedForByItsVersion() {
    DownloadCore core = anew();
    core.ask();
    answered(core, 200, FILE);
    core.received(60);
    assertThat(core.mayGoOn()).isTrue();
    assertThat(core.ask()).isEqualTo(new Ask.Rest(60, V1));
    assertThat(answered(core, 206, part("bytes 60-99/100")))
        .isEqualTo(new Step.Continue(60, state(100)));
    core.received(40);
    assertThat(core.ended(true)).isEqualTo(new Step.Whole());
    assertThat(core.restarted()).isZero();
  }

  @Test
  void whatAnEarlierProcessLeftIsContinued() {
    DownloadCore core = found(100);
    assertThat(core.length()).isEqualTo(40);
    assertThat(((Ask.Rest) core.ask()).range()).isEqualTo("bytes=40-");
  }

  @Test
  void aStateOfAnotherUriOrOfAnImpossibleLengthIsIgnored() {
    PartState other = new PartState(HERE, HERE, V1, "", OptionalLong.of(100));
    for (DownloadCore core :
        new DownloadCore[] {
          new DownloadCore(URI, Optional.of(other), 40, 3, NO_LIMIT),
          new DownloadCore(URI, Optional.of(state(39)), 40, 3, NO_LIMIT),
          new DownloadCore(URI, Optional.of(state(100)), 0, 3, NO_LIMIT),
          new DownloadCore(URI, Optional.empty(), 40, 3, NO_LIMIT)
        }) {
      assertThat(core.length()).isZero();
      assertThat(core.ask()).isEqualTo(new Ask.All());
      assertThat(answered(core, 200, FILE)).isInstanceOf(Step.Begin.class);
      assertThat(core.restarted()).isZero(); // nothing that counts was thrown away
    }
  }

  @Test
  void ofAPartThatShouldBeWholeTheLastByteIsAskedForAgain() {
    DownloadCore core = new DownloadCore(URI, Optional.of(state(40)), 40, 3, NO_LIMIT);
    assertThat(core.ask()).isEqualTo(new Ask.Rest(39, V1));
    assertThat(answered(core, 206, part("bytes 39-39/40")))
        .isEqualTo(new Step.Continue(39, state(40)));
    core.received(1);
    assertThat(core.ended(true)).isEqualTo(new Step.Whole());
  }

  @Test
  void aServerMaySendLessThanWasAskedFor() {
    DownloadCore core = found(100);
    core.ask();
    answered(core, 206, part("bytes 40-59/100"));
    core.received(20);
    assertThat(core.ended(true)).isEqualTo(new Step.More());
    assertThat(core.ask()).isEqualTo(new Ask.Rest(60, V1));
  }

  // ---- a part that is whole

  @Test
  void aPartOfUnknownLengthIsWholeIfNothingFollowsIt() {
    DownloadCore core = found(-1);
    core.ask();
    assertThat(answered(core, 416, Headers.of("content-range", "bytes */40")))
        .isEqualTo(new Step.Whole());
    assertThat(core.total()).hasValue(40);
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        arguments(-1, Headers.EMPTY),
        arguments(-1, Headers.of("content-range", "bytes */41")),
        arguments(-1, Headers.of("content-range", "bytes */40", "etag", "\"2\"")),
        arguments(100, Headers.of("content-range", "bytes */40")));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void aRefusedRangeThatDoesNotFitThePartBeginsAnew(long total, Headers headers) {
    DownloadCore core = found(total);
    core.ask();
    assertThat(answered(core, 416, headers)).isInstanceOf(Step.Again.class);
    assertThat(core.ask()).isEqualTo(new Ask.All());
    assertThat(core.restarted()).isEqualTo(1);
  }

  @Test
  void aRefusedRangeThatNobodyAskedForIsAnErrorOfTheServer() {
    DownloadCore core = anew();
    core.ask();
    assertThat(answered(core, 416, Headers.EMPTY)).isEqualTo(new Step.Other());
  }

  // ---- beginning anew

  @Test
  void theWholeFileInPlaceOfTheRestBeginsAnewAndSaysSo() {
    DownloadCore core = found(100);
    core.ask();
    Reason why =
        new Reason.NotResumed("the server sent the whole file, not the rest that was asked for");
    assertThat(answered(core, 200, FILE))
        .isEqualTo(new Step.Begin(Optional.of(state(100)), Optional.of(why)));
    assertThat(core.length()).isZero();
  }

  @Test
  void aChangedFileBeginsAnewAndSaysSo() {
    DownloadCore core = found(100);
    core.ask();
    Step step = answered(core, 200, Headers.of("etag", "\"2\"", "content-length", "7"));
    assertThat(((Step.Begin) step).lost())
        .hasValue(new Reason.NotResumed("the file changed: its ETag is not \"1\" any more"));
    assertThat(core.total()).hasValue(7);
  }

  static Stream<Arguments> parts() {
    return Stream.of(
        arguments(Headers.of("etag", "\"2\"", "content-range", "bytes 40-99/100"), "its ETag"),
        arguments(Headers.of("content-range", "bytes 40-99/100"), "without the ETag"),
        arguments(part("bytes 40-100/101"), "its length is not 100"));
  }

  @ParameterizedTest
  @MethodSource("parts")
  void aPartOfAnotherVersionIsNotUsed(Headers headers, String why) {
    DownloadCore core = found(100);
    core.ask();
    Step step = answered(core, 206, headers);
    assertThat(((Step.Again) step).why().sentence()).contains(why);
    assertThat(core.ask()).isEqualTo(new Ask.All());
  }

  @Test
  void aPartFromAnotherPlaceIsNotUsed() {
    DownloadCore core = found(100);
    core.ask();
    Step step = core.answered(206, part("bytes 40-99/100"), PartState.digest("there"), NOW, true);
    assertThat(step).isInstanceOf(Step.Again.class);
  }

  @Test
  void bytesAreThrownAwayOnlyAsOftenAsIsAllowed() {
    DownloadCore core = new DownloadCore(URI, Optional.of(state(100)), 40, 2, NO_LIMIT);
    for (int i = 0; i < 2; i++) {
      core.ask();
      assertThat(answered(core, 200, FILE)).isInstanceOf(Step.Begin.class);
      core.received(10);
    }
    core.ask();
    assertThat(failure(answered(core, 200, FILE))).isEqualTo(new Reason.Limit(Bound.RESTARTS, 2));
  }

  @Test
  void withoutAStrongValidatorAnotherRequestThrowsAwayWhatIsHere() {
    DownloadCore core = new DownloadCore(URI, Optional.empty(), 0, 1, NO_LIMIT);
    Headers weak = Headers.of("etag", "W/\"1\"", "content-length", "100");
    core.ask();
    assertThat(answered(core, 200, weak))
        .isEqualTo(new Step.Begin(Optional.empty(), Optional.empty()));
    assertThat(core.mayGoOn()).isTrue(); // nothing is here yet
    core.received(10);
    assertThat(core.mayGoOn()).isTrue();
    assertThat(core.ask()).isEqualTo(new Ask.All());
    assertThat(((Step.Begin) answered(core, 200, weak)).lost().orElseThrow().sentence())
        .contains("no strong validator");
    core.received(10);
    assertThat(core.mayGoOn()).isFalse();
  }

  @Test
  void aServerThatSaysThatItHasNoRangesIsNotAskedForThem() {
    DownloadCore core = anew();
    core.ask();
    answered(core, 200, FILE.with("accept-ranges", "none"));
    core.received(10);
    assertThat(core.ask()).isEqualTo(new Ask.All());
  }

  // ---- what a server may not do

  static Stream<Arguments> wrong() {
    return Stream.of(
        arguments("bytes 41-99/100", "from 41, not from 40 (RFC 9110 section 14.4)"),
        arguments("bytes 0-99/100", "from 0, not from 40 (RFC 9110 section 14.4)"),
        arguments("bytes 40-100/*", "does not fit the length of the file (RFC 9110 section 14.4)"),
        arguments("bytes 40-", "malformed: bytes 40- (RFC 9110 section 14.4)"));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void aWrongContentRangeIsAFailure(String range, String sentence) {
    DownloadCore core = found(100);
    core.ask();
    assertThat(failure(answered(core, 206, part(range))).sentence()).contains(sentence);
  }

  @Test
  void aPartHasTheLengthOfItsRange() {
    DownloadCore core = found(100);
    core.ask();
    Headers headers = part("bytes 40-99/100").with("content-length", "59");
    assertThat(failure(answered(core, 206, headers)).sentence())
        .contains("does not fit the length of the body (RFC 9110 section 14.4)");
    core.ask();
    answered(core, 206, part("bytes 40-99/100"));
    core.received(59);
    assertThat(failure(core.ended(true)).sentence()).contains("fewer bytes", "section 14.4");
    assertThat(core.received(2).orElseThrow().why().sentence())
        .contains("more bytes", "section 14.4");
  }

  @Test
  void aPartThatNobodyAskedForIsAFailure() {
    DownloadCore core = anew();
    core.ask();
    assertThat(failure(answered(core, 206, part("bytes 0-99/100"))).sentence())
        .contains("the request had no Range (RFC 9110 section 15.3.7)");
  }

  @Test
  void aFileMayHaveSoManyBytesAndNoMore() {
    Reason limit = new Reason.Limit(Bound.DOWNLOAD, 99);
    DownloadCore core = new DownloadCore(URI, Optional.empty(), 0, 3, 99);
    core.ask();
    assertThat(failure(answered(core, 200, FILE))).isEqualTo(limit);
    core.ask();
    answered(core, 200, Headers.of("etag", "\"1\""));
    assertThat(core.received(99)).isEmpty();
    assertThat(core.received(1).orElseThrow().why()).isEqualTo(limit);
    core = new DownloadCore(URI, Optional.of(state(-1)), 40, 3, 99);
    core.ask();
    assertThat(failure(answered(core, 206, part("bytes 40-99/100")))).isEqualTo(limit);
  }

  // ---- ends without a length

  @Test
  void anEndThatCanBeACutIsNotComplete() {
    DownloadCore core = anew();
    core.ask();
    answered(core, 200, Headers.of("etag", "\"1\""));
    core.received(10);
    assertThat(core.ended(false)).isEqualTo(new Step.Cut());
    assertThat(core.ask()).isEqualTo(new Ask.Rest(10, V1)); // 416 or 206 will tell
    assertThat(answered(core, 416, Headers.of("content-range", "bytes */10")))
        .isEqualTo(new Step.Whole());
  }

  @Test
  void anEndOfTheConnectionWithinAPartIsACut() {
    DownloadCore core = found(100);
    core.ask();
    answered(core, 206, part("bytes 40-99/100"));
    core.received(10);
    assertThat(core.ended(false)).isEqualTo(new Step.Cut());
    assertThat(core.ask()).isEqualTo(new Ask.Rest(50, V1));
  }

  @Test
  void anEndThatIsCertainIsComplete() {
    DownloadCore core = anew();
    core.ask();
    answered(core, 200, Headers.EMPTY);
    core.received(10);
    assertThat(core.ended(true)).isEqualTo(new Step.Whole());
    assertThat(core.total()).hasValue(10);
  }

  @Test
  void anEmptyFileIsWhole() {
    DownloadCore core = anew();
    core.ask();
    answered(core, 200, Headers.of("content-length", "0"));
    assertThat(core.ended(true)).isEqualTo(new Step.Whole());
  }

  // ---- digests

  @Test
  void whatWasPutTogetherAndIsWrongBeginsAnewAndWhatCameAsOneFails() {
    Reason.Corrupted wrong = new Reason.Corrupted("SHA-256", "a", "b", "download.sha256");
    DownloadCore core = found(100);
    core.ask();
    answered(core, 206, part("bytes 40-99/100"));
    core.received(60);
    core.ended(true);
    assertThat(core.mismatched(wrong)).isInstanceOf(Step.Again.class);
    assertThat(core.ask()).isEqualTo(new Ask.All());
    answered(core, 200, FILE);
    core.received(100);
    core.ended(true);
    assertThat(failure(core.mismatched(wrong))).isEqualTo(wrong);
  }

  @Test
  void theServersDigestIsThatOfTheNewestResponse() {
    String sum = Base64.getEncoder().encodeToString(new byte[32]);
    DownloadCore core = anew();
    core.ask();
    answered(core, 200, FILE.with("repr-digest", "sha-256=:" + sum + ":"));
    assertThat(core.digest()).hasValue(new byte[32]);
  }

  @Test
  void otherStatusesAreNotAboutTheFile() {
    DownloadCore core = found(100);
    core.ask();
    assertThat(answered(core, 503, Headers.EMPTY)).isEqualTo(new Step.Other());
    assertThat(core.ask()).isEqualTo(new Ask.Rest(40, V1));
  }
}
