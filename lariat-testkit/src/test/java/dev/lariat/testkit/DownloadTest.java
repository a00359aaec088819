package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.client.Client;
import dev.lariat.client.Downloaded;
import dev.lariat.event.DownloadProgress;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Bound;
import dev.lariat.message.Reason.Step;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.DownloadOptions;
import dev.lariat.option.PoolOptions;
import dev.lariat.option.Redirects;
import dev.lariat.option.Request;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Downloads from a server that does everything wrong, in a simulated network. */
@Timeout(60)
class DownloadTest {
  private static final String URL = "http://a.example/file";
  private static final int SIZE = 1000;
  private static final DownloadOptions DEFAULT = DownloadOptions.DEFAULT;
  private static final DownloadOptions ONCE = DEFAULT.retry(DEFAULT.retry().backoff(Backoff.NEVER));

  @TempDir Path folder;

  private final Simulation simulation = Simulation.seeded(1);
  private final FileServer server = new FileServer(SIZE);
  private PoolOptions options = options(Protocol.HTTP_1_1);
  private Path file;

  private PoolOptions options(Protocol protocol) {
    return PoolOptions.DEFAULT.connection(
        ConnectionOptions.DEFAULT.platform(simulation.platform()).protocols(protocol));
  }

  private void begin() {
    begin(Protocol.HTTP_1_1);
  }

  private void begin(Protocol protocol) {
    options = options(protocol);
    file = folder.resolve("file.bin");
    simulation.origin("a.example", 80, server).protocols(protocol);
  }

  @AfterEach
  void close() {
    simulation.close();
  }

  private Downloaded download(DownloadOptions how) throws IOException {
    try (Client client = Client.open(options)) {
      return client.download(URL, file, how);
    }
  }

  private Reason failure(DownloadOptions how) {
    return catchThrowableOfType(FailedException.class, () -> download(how)).reason();
  }

  private List<String> left() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private void assertDownloaded() throws IOException {
    assertThat(file).hasBinaryContent(server.file);
    assertThat(left()).containsExactly("file.bin");
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  /** A part that a process has left that was killed. */
  private void interrupted(int bytes) {
    server.cuts.add(bytes);
    assertThat(failure(ONCE)).isInstanceOf(Reason.Incomplete.class);
  }

  // ---- what it is for

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void aFileIsDownloaded(Protocol protocol) throws Exception {
    begin(protocol);
    Downloaded downloaded = download(DEFAULT);
    assertDownloaded();
    assertThat(downloaded.size()).isEqualTo(SIZE);
    assertThat(downloaded.attempts()).isEqualTo(1);
    assertThat(downloaded.last()).isEmpty();
    assertThat(downloaded.uri()).isEqualTo(URL);
    assertThat(downloaded.headers().first("etag")).isEqualTo(server.etag);
    assertThat(server.header(0, "accept-encoding")).isEqualTo("identity");
    assertThat(server.header(0, "range")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void aDownloadThatIsCutAtAnyByteContinuesThere(Protocol protocol) throws Exception {
    begin(protocol);
    server.file = FileServer.content(40, 1);
    for (int cut = 1; cut < 40; cut++) {
      server.asked.clear();
      server.cuts.add(cut);
      Downloaded downloaded = download(DEFAULT);
      assertDownloaded();
      assertThat(downloaded.attempts()).isEqualTo(2);
      assertThat(downloaded.restarts()).isZero();
      assertThat(downloaded.last()).containsInstanceOf(Reason.Incomplete.class);
      assertThat(server.header(1, "range")).isEqualTo("bytes=" + cut + "-");
      assertThat(server.header(1, "if-range")).isEqualTo("\"1\"");
    }
  }

  @Test
  void aDownloadIsContinuedAsLongAsItGoesOn() throws Exception {
    begin();
    for (int i = 0; i < 50; i++) {
      server.cuts.add(15);
    }
    assertThat(download(DEFAULT).attempts()).isEqualTo(51); // more than ten in a row
    assertDownloaded();
  }

  @Test
  void aServerThatSendsNothingMoreIsAskedAsOftenAsThePolicySays() throws Exception {
    begin();
    server.cuts.add(500);
    for (int i = 0; i < 20; i++) {
      server.cuts.add(0);
    }
    assertThat(failure(DEFAULT)).isInstanceOf(Reason.Incomplete.class);
    assertThat(server.asked).hasSize(11); // the first, and ten after its last byte
    assertThat(left()).containsExactly("file.bin.lariat-part", "file.bin.lariat-state");
    server.cuts.clear();
    assertThat(download(DEFAULT).resumedFrom()).isEqualTo(500);
    assertDownloaded();
  }

  @Test
  void anotherProcessContinuesWhatOneHasLeft() throws Exception {
    begin();
    interrupted(300);
    Downloaded downloaded = download(DEFAULT);
    assertDownloaded();
    assertThat(downloaded.resumedFrom()).isEqualTo(300);
    assertThat(downloaded.attempts()).isEqualTo(1);
    assertThat(server.header(1, "range")).isEqualTo("bytes=300-");
  }

  @Test
  void aPartThatWasCompleteButHadNotItsNameYetIsTaken() throws Exception {
    begin();
    interrupted(999);
    byte[] last = {server.file[999]};
    Files.write(
        folder.resolve("file.bin.lariat-part"), last, java.nio.file.StandardOpenOption.APPEND);
    assertThat(download(DEFAULT).attempts()).isEqualTo(1);
    assertThat(server.header(1, "range")).isEqualTo("bytes=999-");
    assertDownloaded();
  }

  @Test
  void aRedirectIsFollowedWithTheRange() throws Exception {
    begin();
    simulation.origin(
        "b.example",
        80,
        visit -> {
          while (visit.request() != null) {
            Headers there = Headers.of("location", URL + "?signed=" + visit.number());
            visit.respond(302, there, dev.lariat.message.Bytes.EMPTY);
          }
        });
    server.cuts.add(100);
    try (Client client = Client.open(options).redirects(Redirects.DEFAULT)) {
      Downloaded downloaded = client.download("http://b.example/", file);
      assertThat(downloaded.restarts()).isZero();
      assertThat(downloaded.uri()).startsWith(URL);
    }
    assertThat(server.header(1, "range")).isEqualTo("bytes=100-");
    assertDownloaded();
  }

  @Test
  void itCanBeAFuture() throws Exception {
    begin();
    try (Client client = Client.open(options)) {
      CompletableFuture<Downloaded> downloaded = client.downloadAsync(URL, file, DEFAULT);
      assertThat(simulation.await(downloaded).size()).isEqualTo(SIZE);
    }
    assertDownloaded();
  }

  @Test
  void theFileThatWasThereStaysUntilTheNewOneIsComplete() throws Exception {
    begin();
    Files.writeString(file, "old");
    interrupted(300);
    assertThat(file).hasContent("old");
    download(DEFAULT);
    assertDownloaded();
  }

  // ---- beginning again

  @Test
  void aFileThatHasChangedIsDownloadedFromTheBeginning() throws Exception {
    begin();
    interrupted(300);
    server.change(700, 2);
    Downloaded downloaded = download(DEFAULT);
    assertDownloaded();
    assertThat(downloaded.restarts()).isEqualTo(1);
    assertThat(downloaded.resumedFrom()).isZero();
    assertThat(downloaded.last().orElseThrow().sentence())
        .isEqualTo("The download began again: the file changed: its ETag is not \"1\" any more.");
  }

  @Test
  void aServerThatIgnoresIfRangeCannotMixTwoVersions() throws Exception {
    begin();
    server.ifRange = false;
    interrupted(300);
    server.change(700, 2);
    assertThat(download(DEFAULT).restarts()).isEqualTo(1);
    assertDownloaded();
  }

  @Test
  void aServerWithoutRangesSendsTheFileAsOftenAsIsAllowed() throws Exception {
    begin();
    server.ranges = false;
    server.cuts.addAll(List.of(500, 600, 700));
    Downloaded downloaded = download(DEFAULT);
    assertThat(downloaded.restarts()).isEqualTo(3);
    assertDownloaded();
    server.cuts.addAll(List.of(500, 600, 700, 800, 900));
    assertThat(failure(DEFAULT)).isEqualTo(new Reason.Limit(Bound.RESTARTS, 3));
  }

  @Test
  void withoutAStrongValidatorNothingIsLeftThatNobodyCanContinue() throws Exception {
    begin();
    server.etag = Optional.of("W/\"1\"");
    server.cuts.add(500);
    assertThat(failure(DEFAULT.restarts(0))).isInstanceOf(Reason.Incomplete.class);
    assertThat(server.asked).hasSize(1);
    assertThat(left()).isEmpty();
  }

  @Test
  void aDamagedOrForeignStateMeansToBeginAnew() throws Exception {
    begin();
    Path state = folder.resolve("file.bin.lariat-state");
    for (String damaged : new String[] {"", "x", "\u0000".repeat(100_000)}) {
      server.asked.clear();
      interrupted(300);
      Files.writeString(state, damaged);
      assertThat(download(DEFAULT).resumedFrom()).isZero();
      assertThat(server.header(1, "range")).isEmpty();
      assertDownloaded();
    }
    interrupted(300);
    try (Client client = Client.open(options)) {
      assertThat(client.download(URL + "?other", file).resumedFrom()).isZero();
    }
    assertDownloaded();
  }

  @Test
  void aResponseThatIsCutWithoutALengthIsNotCalledComplete() throws Exception {
    begin();
    server.lengths = false;
    server.closes = true;
    server.cuts.add(300);
    Downloaded downloaded = download(DEFAULT); // the ranges say how long the file is
    assertDownloaded();
    assertThat(downloaded.attempts()).isEqualTo(2);
  }

  @Test
  void aCompleteResponseWithoutALengthIsConfirmedByARefusedRange() throws Exception {
    begin();
    server.lengths = false;
    server.closes = true;
    Downloaded downloaded = download(DEFAULT);
    assertDownloaded();
    assertThat(downloaded.attempts()).isEqualTo(2);
    assertThat(server.header(1, "range")).isEqualTo("bytes=1000-");
  }

  /** No further request could say more than the first response. */
  @ParameterizedTest
  @ValueSource(strings = {"\"1\"", ""})
  void aLengthThatTheServerCannotConfirmIsAskedForOnce(String etag) throws Exception {
    begin();
    server.lengths = false;
    server.closes = true;
    server.ranges = false;
    server.etag = Optional.of(etag).filter(tag -> !tag.isEmpty());
    assertThat(failure(DEFAULT)).isEqualTo(new Reason.Incomplete(new Reason.Closed()));
    assertThat(server.asked).hasSize(etag.isEmpty() ? 1 : 2);
  }

  @Test
  void chunksSayWhereTheirBodyEnds() throws Exception {
    begin();
    server.lengths = false;
    server.cuts.add(300);
    assertThat(download(DEFAULT).attempts()).isEqualTo(2);
    assertDownloaded();
  }

  // ---- failures

  @Test
  void aWrongContentRangeIsTheServersError() throws Exception {
    begin();
    interrupted(300);
    server.more = Headers.of("content-range", "bytes 299-999/1000");
    assertThat(failure(DEFAULT))
        .isEqualTo(
            new Reason.Protocol(
                "the server sent the bytes from 299, not from 300", "RFC 9110 section 14.4"));
    assertThat(left()).hasSize(2); // it can be resumed, from a better server
  }

  @Test
  void aStatusThatIsAFailureEndsTheDownloadAndLeavesNothing() throws Exception {
    begin();
    server.refusals.add(404);
    assertThat(((Reason.Status) failure(DEFAULT)).status()).isEqualTo(404);
    assertThat(left()).isEmpty();
  }

  @Test
  void aServerThatIsUnavailableIsAskedAgain() throws Exception {
    begin();
    server.refusals.addAll(List.of(503, 500, 429));
    assertThat(download(DEFAULT).attempts()).isEqualTo(4);
    assertDownloaded();
  }

  @Test
  void retryAfterIsTheShortestWait() throws Exception {
    file = folder.resolve("file.bin");
    simulation.origin(
        "a.example",
        80,
        visit -> {
          while (visit.request() != null) {
            if (visit.number() == 1) {
              visit.unavailable(503, Duration.ofSeconds(100));
            } else {
              visit.respond(200, "x");
            }
          }
        });
    Duration start = simulation.elapsed();
    assertThat(download(DEFAULT).attempts()).isEqualTo(2);
    assertThat(simulation.elapsed().minus(start)).isGreaterThanOrEqualTo(Duration.ofSeconds(100));
  }

  @Test
  void aServerThatStopsSendingIsLeftAfterTheIdleTime() throws Exception {
    file = folder.resolve("file.bin");
    simulation.origin(
        "a.example",
        80,
        visit -> {
          visit.request();
          visit.begin(200, Headers.of("etag", "\"1\""), 100).write("part");
          visit.pause(Duration.ofHours(1));
        });
    Duration idle = Duration.ofSeconds(7);
    assertThat(failure(ONCE.idle(idle))).isEqualTo(new Reason.Timeout(Step.PROGRESS, idle));
    Duration limit = Duration.ofSeconds(20);
    Duration start = simulation.elapsed();
    Reason late = failure(DEFAULT.idle(Duration.ofHours(2)).timeout(limit));
    assertThat(((Reason.Timeout) late).step()).isEqualTo(Step.DOWNLOAD);
    assertThat(((Reason.Timeout) late).limit()).isEqualTo(limit);
    assertThat(simulation.elapsed().minus(start)).isBetween(limit, limit.plusSeconds(1));
  }

  @Test
  void aFileThatIsTooLongIsRefusedBeforeItComes() throws Exception {
    begin();
    assertThat(failure(DEFAULT.limit(SIZE - 1)))
        .isEqualTo(new Reason.Limit(Bound.DOWNLOAD, SIZE - 1));
    assertThat(left()).isEmpty();
    assertThat(download(DEFAULT.limit(SIZE)).size()).isEqualTo(SIZE);
  }

  @Test
  void aFileThatBecomesTooLongLeavesNothingThatIsEmpty() throws Exception {
    begin();
    server.lengths = false;
    assertThat(failure(DEFAULT.limit(SIZE - 1)))
        .isEqualTo(new Reason.Limit(Bound.DOWNLOAD, SIZE - 1));
    assertThat(left()).isEmpty();
  }

  @Test
  void aPartInAnotherCodingIsNotJoined() throws Exception {
    begin();
    server.more = Headers.of("content-encoding", "x-one");
    interrupted(10);
    server.more = Headers.of("content-encoding", "x-two");
    Downloaded downloaded = download(DEFAULT);
    assertDownloaded();
    assertThat(downloaded.restarts()).isEqualTo(1);
    assertThat(downloaded.last())
        .contains(new Reason.NotResumed("the file changed: its Content-Encoding is x-two now"));
  }

  @Test
  void aPartThatDoesNotRepeatTheCodingIsJoined() throws Exception {
    begin();
    server.more = Headers.of("content-encoding", "x-one");
    interrupted(10);
    server.more = Headers.EMPTY; // RFC 9110 section 15.3.7
    assertThat(download(DEFAULT).restarts()).isZero();
    assertDownloaded();
  }

  @Test
  void aWrongDigestMeansThatThereIsNoFile() throws Exception {
    begin();
    String wrong = sha256(new byte[0]);
    Reason.Corrupted corrupted = (Reason.Corrupted) failure(DEFAULT.sha256(wrong));
    assertThat(corrupted.expected()).isEqualTo(wrong);
    assertThat(corrupted.actual()).isEqualTo(sha256(server.file));
    assertThat(left()).isEmpty();
    download(DEFAULT.sha256(sha256(server.file)));
    assertDownloaded();
  }

  @Test
  void aPartThatWasDamagedOnTheDiskIsFoundByTheDigest() throws Exception {
    begin();
    interrupted(300);
    Files.write(folder.resolve("file.bin.lariat-part"), new byte[300]);
    assertThat(download(DEFAULT.sha256(sha256(server.file))).restarts()).isEqualTo(1);
    assertDownloaded();
  }

  @Test
  void theServersDigestIsChecked() throws Exception {
    begin();
    String sum = Base64.getEncoder().encodeToString(HexFormat.of().parseHex(sha256(server.file)));
    server.more = Headers.of("repr-digest", "sha-256=:" + sum + ":");
    server.cuts.add(300);
    download(DEFAULT);
    assertDownloaded();
    server.file[0]++;
    assertThat(failure(DEFAULT).sentence()).contains("Repr-Digest, RFC 9530 section 3");
  }

  // ---- the file

  @Test
  void aTargetThatCannotBeWrittenFailsBeforeTheServerIsAsked() throws Exception {
    begin();
    file = folder.resolve("nowhere/file.bin");
    assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> download(DEFAULT));
    file = folder.resolve("file.bin");
    Files.createDirectory(folder.resolve("file.bin.lariat-part"));
    assertThatExceptionOfType(FileSystemException.class).isThrownBy(() -> download(DEFAULT));
    assertThat(server.asked).isEmpty();
  }

  @Test
  void aLinkInPlaceOfThePartIsNotFollowed() throws Exception {
    begin();
    Path precious = Files.writeString(folder.resolve("precious"), "precious");
    Files.createSymbolicLink(folder.resolve("file.bin.lariat-part"), precious);
    assertThatExceptionOfType(IOException.class).isThrownBy(() -> download(DEFAULT));
    assertThat(precious).hasContent("precious");
  }

  @Test
  void twoDownloadsCannotWriteToOneFile() throws Exception {
    begin();
    List<Reason> second = new ArrayList<>();
    download(
        DEFAULT.progress(
            progress -> {
              if (second.isEmpty()) {
                second.add(failure(DEFAULT));
              }
            }));
    assertDownloaded();
    assertThat(second.getFirst().sentence()).contains("another download writes to", "file.bin");
    assertThat(server.asked).hasSize(1);
  }

  // ---- progress and the end

  @Test
  void theProgressIsReportedOnTheThreadThatDownloads() throws Exception {
    begin();
    interrupted(300);
    server.cuts.add(200);
    List<DownloadProgress> reports = new ArrayList<>();
    Thread own = Thread.currentThread();
    download(
        DEFAULT
            .interval(Duration.ofDays(1))
            .progress(
                progress -> {
                  assertThat(Thread.currentThread()).isSameAs(own);
                  reports.add(progress);
                }));
    assertThat(reports).extracting(DownloadProgress::bytes).containsExactly(300L, 500L, 1000L);
    assertThat(reports).extracting(DownloadProgress::resumedFrom).containsExactly(300L, 500L, 500L);
    assertThat(reports).extracting(DownloadProgress::attempt).containsExactly(1, 2, 2);
    assertThat(reports).allSatisfy(report -> assertThat(report.total()).hasValue(SIZE));
    assertThat(reports.get(0).last()).isEmpty();
    assertThat(reports.get(1).last()).containsInstanceOf(Reason.Incomplete.class);
  }

  @Test
  void whatTheReceiverOfReportsThrowsEndsTheDownloadWhichCanBeResumed() throws Exception {
    begin();
    interrupted(300);
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                download(
                    DEFAULT.progress(
                        progress -> {
                          throw new IllegalStateException("enough");
                        })));
    assertThat(download(DEFAULT).resumedFrom()).isEqualTo(300);
    assertDownloaded();
  }

  @Test
  void anInterruptEndsTheDownloadWhichCanBeResumed() throws Exception {
    begin();
    Reason reason =
        failure(
            DEFAULT
                .interval(Duration.ZERO)
                .progress(
                    progress -> {
                      if (progress.bytes() > 0) {
                        Thread.currentThread().interrupt();
                      }
                    }));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(reason.sentence()).contains("the thread was interrupted");
    assertThat(left()).hasSizeBetween(1, 2);
    download(DEFAULT);
    assertDownloaded();
  }

  @Test
  void anInterruptBeforeTheDownloadKeepsWhatAnEarlierOneHasLeft() throws Exception {
    begin();
    interrupted(300);
    Thread.currentThread().interrupt();
    Reason reason;
    try {
      reason = failure(DEFAULT);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(reason).isInstanceOf(Reason.BadState.class);
    assertThat(download(DEFAULT).resumedFrom()).isEqualTo(300);
    assertDownloaded();
  }

  @Test
  void theEndOfTheClientEndsTheDownload() throws Exception {
    begin();
    server.cuts.add(300);
    try (Client client = Client.open(options)) {
      Runnable end = client::close;
      FailedException failed =
          catchThrowableOfType(
              FailedException.class,
              () -> client.download(URL, file, DEFAULT.progress(progress -> end.run())));
      // the connection that carried it ended first, or the next one was not given any more
      assertThat(failed.reason()).isInstanceOfAny(Reason.OwnerClosed.class, Reason.BadState.class);
    }
  }

  @Test
  void optionsThatCannotBeMeantAreRefused() {
    begin();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DEFAULT.headers(Headers.of("range", "bytes=0-")))
        .withMessageStartingWith("download.headers: range, allowed any except [accept-encoding");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DEFAULT.sha256("abc"))
        .withMessage("download.sha256: abc, allowed 64 hexadecimal digits");
    try (Client client = Client.open(options)) {
      assertThatIllegalArgumentException().isThrownBy(() -> client.download("ftp://x/", file));
      for (Path none : List.of(Path.of("/"), Path.of(""), Path.of(".."), folder)) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> client.download(URL, none))
            .withMessage("file: " + none + ", allowed the path of a file, not of a directory");
        assertThatIllegalArgumentException()
            .isThrownBy(() -> client.downloadAsync(URL, none, DEFAULT))
            .withMessageStartingWith("file: ");
        Exchange exchange = client.request(URL, Request.of("GET", "/"));
        assertThatIllegalArgumentException()
            .isThrownBy(() -> exchange.download(none, Duration.ofSeconds(1)))
            .withMessageStartingWith("file: ");
        exchange.cancel();
      }
    }
  }
}
