package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A file that {@code --resume} continues: what is there is lost only for something better. */
final class ResumeTest extends CommandTest {
  private static final String LATE = "Mon, 01 Jan 2080 00:00:00 GMT";
  private static final String EARLY = "Sat, 01 Jan 2000 00:00:00 GMT";

  @TempDir private Path folder;
  private Path file;
  private final Origin origin = Origin.start(Script.silent());

  @BeforeEach
  void name() {
    file = folder.resolve("out");
  }

  @AfterEach
  void stop() {
    origin.close();
  }

  private int resume(String... words) {
    String[] all = new String[words.length + 4];
    all[0] = origin.uri("http", "/f").toString();
    all[1] = "--resume";
    all[2] = "-o";
    all[3] = file.toString();
    System.arraycopy(words, 0, all, 4, words.length);
    return run("", all);
  }

  /** Answers a request that this check is right for. */
  private static Script asked(Consumer<Headers> check, Script answer) {
    return visit -> {
      check.accept(visit.request().headers());
      answer.play(visit);
    };
  }

  private static void whole(Headers asked) {
    assertThat(asked.contains("range")).as("range in %s", asked).isFalse();
    assertThat(asked.contains("if-range")).as("if-range in %s", asked).isFalse();
  }

  /** The rest after four bytes, of any version. */
  private static void rest(Headers asked) {
    assertThat(asked.first("range")).contains("bytes=4-");
    assertThat(asked.contains("if-range")).as("if-range in %s", asked).isFalse();
  }

  /** The rest after four bytes, of this version. */
  private static Consumer<Headers> restOf(String version) {
    return asked -> {
      assertThat(asked.first("range")).contains("bytes=4-");
      assertThat(asked.first("if-range")).contains(version);
    };
  }

  private static Script answer(int status, Headers headers, String body) {
    return visit -> visit.respond(status, headers, Bytes.ofUtf8(body));
  }

  private static Script theRest(String... headers) {
    return answer(206, Headers.of(headers).with("content-range", "bytes 4-7/8"), "more");
  }

  /** What was sent before the connection broke, of ten bytes. */
  private static Script broken(String headers, String body) {
    return visit ->
        visit.write("HTTP/1.1 200 OK\r\n" + headers + "content-length: 10\r\n\r\n" + body);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "206, bytes 4-7/8, more, 0, halfmore",
        "200, -, complete, 0, complete",
        "200, -, all, 0, all",
        "416, bytes */4, no, 0, half",
        "416, bytes */3, no, 8, half",
        "206, bytes 5-8/9, more, 11, half",
        "500, -, an error page, 8, half",
        "503, -, '', 8, half",
        "401, -, who are you, 8, half",
        "302, -, elsewhere, 8, half",
        "204, -, '', 8, half",
      })
  void aFileIsContinuedWhereItEnds(int status, String range, String sent, int exit, String then)
      throws IOException {
    Headers headers = range == null ? Headers.EMPTY : Headers.of("content-range", range);
    Files.writeString(file, "half");
    origin.script(asked(ResumeTest::rest, answer(status, headers, sent)));

    assertThat(resume()).as(err.text()).isEqualTo(exit);

    assertThat(file).hasContent(then);
    assertThat(folder.toFile().list()).hasSize(1);
    assertThat(out.text()).isEmpty();
    if (exit == Exit.STATUS) {
      assertThat(err.text())
          .isEqualTo(
              "lariat: The server answered with status %d. %s is as it was.\n"
                  .formatted(status, file));
    }
  }

  @Test
  void aBodyThatFallsSilentIsContinuedByARetry() {
    Iterator<Script> visits =
        List.of(
                silentAfter("HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nhalf"),
                silentAfter(""), // where even the response is missing
                asked(ResumeTest::rest, theRest()))
            .iterator();
    origin.script(visit -> visits.next().play(visit));

    assertThat(resume("--retry", "3", "--read-timeout", "1")).as(err.text()).isZero();

    assertThat(file).hasContent("halfmore");
    assertThat(visits.hasNext()).isFalse();
  }

  @Test
  void aSilenceEndsACommandThatDoesNotRetry() {
    origin.script(silentAfter("HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nhalf"));

    assertThat(resume("--read-timeout", "0.2", "--max-time", "60"))
        .as(err.text())
        .isEqualTo(Exit.TIMEOUT);

    assertThat(file).hasContent("half");
    assertThat(err.text())
        .contains(
            "lariat: The server has sent nothing for 200 ms: --read-timeout says how long it may be"
                + " silent.\n");
  }

  /** A server that sends this, and then nothing on a connection that stays. */
  private static Script silentAfter(String sent) {
    return visit -> {
      visit.request();
      if (!sent.isEmpty()) {
        visit.write(sent);
      }
      visit.awaitEnd();
    };
  }

  @Test
  void anErrorPageIsNotTheBeginningOfAFile() {
    origin.script(asked(ResumeTest::whole, answer(500, Headers.EMPTY, "an error page")));

    assertThat(resume()).isEqualTo(8);

    assertThat(file).doesNotExist();
  }

  @Test
  void whatCameOfAFileIsKeptToBeContinued() {
    origin.script(asked(ResumeTest::whole, broken("", "half")));

    assertThat(resume()).isEqualTo(7);

    assertThat(file).hasContent("half");
    assertThat(err.text()).startsWith("lariat: 4 B kept; the same command continues.\n");
  }

  @Test
  void aNewBeginningTakesThePlaceOfTheOldOneOnlyWhenItHasMore() throws IOException {
    Files.writeString(file, "half");
    origin.script(
        asked(ResumeTest::rest, broken("", "new")), asked(ResumeTest::rest, broken("", "newer")));

    assertThat(resume()).isEqualTo(7);
    assertThat(file).hasContent("half");

    assertThat(resume()).isEqualTo(7);
    assertThat(file).hasContent("newer");
    assertThat(folder.toFile().list()).hasSize(1);
  }

  // ---- retries

  @Test
  void aRetryContinuesABodyThatBreaksOff() {
    origin.script(
        asked(ResumeTest::whole, broken("etag: \"one\"\r\n", "half")),
        asked(restOf("\"one\""), theRest("etag", "\"one\"")));

    assertThat(resume("--retry", "1")).as(err.text()).isEqualTo(0);

    assertThat(file).hasContent("halfmore");
    assertThat(err.text()).isEmpty();
    assertThat(folder.toFile().list()).hasSize(1);
  }

  @Test
  void eachPartBringsTheFileForward() {
    origin.script(
        asked(ResumeTest::whole, broken("", "half")),
        visit -> {
          asked(ResumeTest::rest, s -> {}).play(visit);
          visit.write(
              "HTTP/1.1 206 Partial Content\r\ncontent-length: 4\r\n"
                  + "content-range: bytes 4-7/8\r\n\r\nmo");
        },
        asked(
            headers -> assertThat(headers.first("range")).contains("bytes=6-"),
            answer(206, Headers.of("content-range", "bytes 6-7/8"), "re")));

    assertThat(resume("--retry", "2")).as(err.text()).isEqualTo(0);

    assertThat(file).hasContent("halfmore");
    assertThat(origin.visits()).isEqualTo(3);
  }

  @Test
  void aRetryOfAnotherVersionBeginsAnewAndIsContinued() {
    origin.script(
        asked(ResumeTest::whole, broken("etag: \"one\"\r\n", "half")),
        asked(restOf("\"one\""), broken("etag: \"two\"\r\n", "HALF")),
        asked(restOf("\"two\""), theRest("etag", "\"two\"")));

    assertThat(resume("--retry", "2")).as(err.text()).isEqualTo(0);

    assertThat(file).hasContent("HALFmore");
    assertThat(folder.toFile().list()).hasSize(1);
  }

  @Test
  void whatSeveralAttemptsBroughtIsToldWhenTheRetriesAreUsedUp() {
    origin.script(
        asked(ResumeTest::whole, broken("", "half")),
        visit -> {
          asked(ResumeTest::rest, s -> {}).play(visit);
          visit.write(
              "HTTP/1.1 206 Partial Content\r\ncontent-length: 4\r\n"
                  + "content-range: bytes 4-7/8\r\n\r\nmo");
        });

    assertThat(resume("--retry", "1")).isEqualTo(7);

    assertThat(file).hasContent("halfmo");
    assertThat(err.text()).startsWith("lariat: 6 B kept; the same command continues.\n");
    assertThat(origin.visits()).isEqualTo(2);
  }

  @Test
  void aFileThatIsNotResumedIsNotContinued() {
    origin.script(asked(ResumeTest::whole, broken("", "half")));

    String url = origin.uri("http", "/f").toString();
    assertThat(run("", url, "-o", file.toString(), "--retry", "3")).isEqualTo(7);

    assertThat(file).doesNotExist();
    assertThat(origin.visits()).isEqualTo(1);
  }

  @Test
  void anErrorPageThatBreaksOffIsNotTriedAgain() {
    origin.script(
        asked(
            ResumeTest::whole,
            visit -> visit.write("HTTP/1.1 404 No\r\ncontent-length: 10\r\n\r\nhalf")));

    assertThat(resume("--retry", "3")).isEqualTo(7);

    assertThat(file).doesNotExist();
    assertThat(origin.visits()).isEqualTo(1);
  }

  // ---- another version

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "etag: \"one\" | \"one\"",
        "etag: W/\"one\" | ",
        "last-modified: LATE | ",
        "last-modified: EARLY; date: LATE | EARLY",
        "last-modified: LATE; date: LATE | ",
        "etag: \"one\"; last-modified: EARLY; date: LATE | \"one\"",
      })
  void theRestIsAskedForOnlyOfTheSameVersion(String headers, String version) {
    String sent = headers.replace("EARLY", EARLY).replace("LATE", LATE).replace("; ", "\r\n");
    origin.script(
        asked(ResumeTest::whole, broken(sent + "\r\n", "half")),
        asked(
            version == null ? ResumeTest::rest : restOf(version.replace("EARLY", EARLY)),
            theRest()));

    assertThat(resume()).isEqualTo(7);
    assertThat(resume()).as(err.text()).isEqualTo(0);

    assertThat(file).hasContent("halfmore");
    assertThat(folder.toFile().list()).hasSize(1);
  }

  @Test
  void anotherVersionTakesThePlaceOfTheFileAndIsContinuedInItsTurn() {
    origin.script(
        asked(ResumeTest::whole, broken("etag: \"one\"\r\n", "half")),
        asked(restOf("\"one\""), broken("etag: \"two\"\r\n", "HALF")),
        asked(restOf("\"two\""), theRest("etag", "\"two\"")));

    assertThat(resume()).isEqualTo(7);
    assertThat(resume()).isEqualTo(7);
    assertThat(file).hasContent("HALF");
    assertThat(resume()).as(err.text()).isEqualTo(0);

    assertThat(file).hasContent("HALFmore");
    assertThat(folder.toFile().list()).hasSize(1);
  }

  @Test
  void theVersionOfALongerWayIsRemembered() throws IOException {
    Files.writeString(file, "half");
    origin.script(
        asked(
            ResumeTest::rest,
            visit ->
                visit.write(
                    "HTTP/1.1 206 Partial Content\r\netag: \"one\"\r\ncontent-length: 9\r\n"
                        + "content-range: bytes 4-12/13\r\n\r\n")),
        asked(restOf("\"one\""), theRest()));

    assertThat(resume()).isEqualTo(7);
    assertThat(resume()).as(err.text()).isEqualTo(0);

    assertThat(file).hasContent("halfmore");
  }

  @Test
  void theRestOfANewerFileThanTheOneHereIsNotItsRest() throws IOException {
    Files.writeString(file, "half");
    origin.script(
        visit -> {
          asked(ResumeTest::rest, theRest("last-modified", LATE)).play(visit);
          asked(ResumeTest::whole, answer(200, Headers.EMPTY, "newer")).play(visit);
        });

    assertThat(resume()).as(err.text()).isEqualTo(0);

    assertThat(file).hasContent("newer");
  }

  @Test
  void aDownloadWithoutResumeForgetsTheVersion() {
    origin.script(
        asked(ResumeTest::whole, broken("etag: \"one\"\r\n", "half")),
        asked(ResumeTest::whole, answer(200, Headers.EMPTY, "full")));

    assertThat(resume()).isEqualTo(7);
    assertThat(run("", origin.uri("http", "/f").toString(), "-o", file.toString())).isEqualTo(0);

    assertThat(file).hasContent("full");
    assertThat(folder.toFile().list()).hasSize(1);
  }

  @Test
  void aRestIsNotDecompressed() {
    assertThat(resume("--compressed")).isEqualTo(2);

    assertThat(err.text()).contains("--resume does not go with --compressed").hasLineCount(1);
  }
}
