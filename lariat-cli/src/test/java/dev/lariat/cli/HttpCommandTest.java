package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.testkit.Asked;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.ServerCertificate;
import dev.lariat.testkit.Visit;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests from the command line, as a server sees them, and their responses, as a person does. */
final class HttpCommandTest extends CommandTest {
  @TempDir private Path folder;
  private final Origin origin = Origin.start(HttpCommandTest::mirror);

  @BeforeEach
  void write() throws IOException {
    Files.writeString(folder.resolve("text.txt"), "one\r\ntwo\n");
    Files.writeString(folder.resolve("data.json"), "{\"a\": 1}");
    Files.writeString(folder.resolve("headers"), "X-One: 1\n\nX-Two: 2\n");
  }

  @AfterEach
  void stop() {
    origin.close();
  }

  /** Answers with what was asked: the line, the headers in their order, and the body. */
  private static void mirror(Visit visit) throws IOException {
    for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
      StringBuilder text = new StringBuilder(asked.method() + " " + asked.target() + "\n");
      asked.headers().forEach(field -> text.append(field.name() + ": " + field.value() + "\n"));
      text.append('\n').append(asked.body().utf8());
      visit.respond(200, text.toString());
    }
  }

  private String url(String path) {
    return "http://" + origin.host() + ":" + origin.port() + path;
  }

  /** Runs words in which URL stands for the origin and DIR for the folder. */
  private int lariat(String... words) {
    return run(
        "typed",
        Arrays.stream(words)
            .map(word -> word.replace("URL", url("")).replace("DIR", folder.toString()))
            .toArray(String[]::new));
  }

  private String body() {
    return out.text().substring(out.text().indexOf("\n\n") + 2);
  }

  private String file(String name) throws IOException {
    return Files.readString(folder.resolve(name));
  }

  // ---- the grammar

  @ParameterizedTest
  @CsvSource({
    "URL/a, GET /a",
    "get URL/a, GET /a",
    "GET URL/a, GET /a",
    "post URL/a, POST /a",
    "Put URL/a, PUT /a",
    "patch URL/a, PATCH /a",
    "delete URL/a, DELETE /a",
    "options URL/a, OPTIONS /a",
    "-X PURGE URL/a, PURGE /a",
    "URL/a -X PURGE, PURGE /a",
    "request -X GET URL/a, GET /a",
    "URL/a -d x, POST /a",
    "URL/a x=1, POST /a",
    "URL/a x==1, GET /a?x=1",
    "URL/a?b=c x==1 y==2, GET /a?b=c&x=1&y=2",
    "URL/a -G -d x=1 -d y, GET /a?x=1&y",
    "URL/a -G --data-urlencode x=ä&, GET /a?x=%C3%A4%26",
    "get URL/a -d x, GET /a",
    "URL/up/ -T DIR/text.txt, PUT /up/text.txt",
    "URL/a#fragment, GET /a",
  })
  void theWordsSayWhatIsAskedFor(String words, String line) {
    assertThat(lariat(words.split(" "))).as(err.text()).isEqualTo(0);

    assertThat(out.text()).startsWith(line + "\n");
  }

  @Test
  void headWritesTheHeaders() {
    origin.script(
        visit -> {
          assertThat(visit.request().method()).isEqualTo("HEAD");
          visit.respond(200, Headers.of("x-a", "b"), Bytes.EMPTY);
        });

    assertThat(lariat("head", "URL/")).isEqualTo(0);

    assertThat(out.text()).startsWith("HTTP/1.1 200\n").contains("x-a: b\n");
  }

  @Test
  void aWebSocketsUrlOpensAWebSocket() {
    origin.script(Script.echo());

    assertThat(run("hello\n", origin.uri("ws", "/").toString())).isEqualTo(0);

    assertThat(out.text()).isEqualTo("hello\n");
  }

  @Test
  void aHostWithoutASchemeIsProposedWithOne() {
    assertThat(lariat("localhost:8080/a")).isEqualTo(2);

    assertThat(err.text()).contains("did you mean http://localhost:8080/a?");
  }

  // ---- the body

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-d a=b -d c | a=b&c",
        "-d @DIR/text.txt | onetwo",
        "--data-raw @x | @x",
        "-d @- | typed",
        "-d a --data-urlencode b=/ --data-raw c | a&b=%2F&c",
        "--data-urlencode =a=b | a%3Db",
        "--data-urlencode n@DIR/data.json | n=%7B%22a%22%3A%201%7D",
        "--json {\"a\":1} | {\"a\":1}",
        "--json @DIR/data.json | {\"a\": 1}",
        "a=b c:=[1,true] | {\"a\": \"b\", \"c\": [1,true]}",
        "a=\"q | {\"a\": \"\\\"q\"}",
        "a\\=b=c | {\"a=b\": \"c\"}",
        "a:=@DIR/data.json | {\"a\": {\"a\": 1}}",
        "--form a=b c=/ | a=b&c=%2F",
        "-T DIR/data.json | {\"a\": 1}",
        "-T - | typed",
      })
  void theBodyIsWhatTheOptionsSay(String words, String body) {
    assertThat(lariat(("URL/ " + words).split(" "))).as(err.text()).isEqualTo(0);

    assertThat(body()).isEqualTo(body);
  }

  @Test
  void aBinaryFileIsSentAsItIs() {
    assertThat(lariat("URL/", "--data-binary", "@DIR/text.txt")).isEqualTo(0);

    assertThat(body()).isEqualTo("one\r\ntwo\n");
  }

  @Test
  void aFormOfFilesIsMultipart() {
    assertThat(
            lariat(
                "URL/",
                "-F",
                "a=b",
                "-F",
                "f=@DIR/text.txt",
                "-F",
                "g=<DIR/data.json;type=application/json",
                "-F",
                "h=@DIR/data.json;type=x/y;filename=\"z;1\"",
                "--form-string",
                "i=@;type=j"))
        .as(err.text())
        .isEqualTo(0);

    String boundary = out.text().replaceAll("(?s).*boundary=(\\S+)\n.*", "$1");
    assertThat(out.text()).contains("content-length: ");
    assertThat(body().replace("\r\n", "\n").split("--" + boundary))
        .containsExactly(
            "",
            "\nContent-Disposition: form-data; name=\"a\"\n\nb\n",
            "\nContent-Disposition: form-data; name=\"f\"; filename=\"text.txt\"\n"
                + "Content-Type: text/plain\n\none\ntwo\n\n",
            "\nContent-Disposition: form-data; name=\"g\"\n"
                + "Content-Type: application/json\n\n{\"a\": 1}\n",
            "\nContent-Disposition: form-data; name=\"h\"; filename=\"z;1\"\n"
                + "Content-Type: x/y\n\n{\"a\": 1}\n",
            "\nContent-Disposition: form-data; name=\"i\"\n\n@;type=j\n",
            "--\n");
  }

  @Test
  void itemsWithAFileAreMultipart() {
    assertThat(lariat("URL/", "--form", "a=b", "f@DIR/data.json;type=x/y")).isEqualTo(0);

    assertThat(body().replace("\r\n", "\n"))
        .contains(
            "name=\"a\"\n\nb\n",
            "name=\"f\"; filename=\"data.json\"\nContent-Type: x/y\n\n{\"a\": 1}\n");
  }

  // ---- the headers

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-H X-A:b | x-a: b",
        "-H X-A; | x-a:",
        "-H @DIR/headers | x-two: 2",
        "X-A:b | x-a: b",
        "-A me | user-agent: me",
        "-e http://r/ | referer: http://r/",
        "-b a=b | cookie: a=b",
        "-u me:secret | authorization: Basic bWU6c2VjcmV0",
        "-u me:with:colon | authorization: Basic bWU6d2l0aDpjb2xvbg==",
        "--bearer t0ken | authorization: Bearer t0ken",
        "-u me:secret -H Authorization:own | authorization: own",
        "--compressed | accept-encoding: ",
        "a=b | content-type: application/json",
        "a=b | accept: application/json, */*;q=0.5",
        "-d a=b | content-type: application/x-www-form-urlencoded",
        "-d a=b -H Content-Type:x/y | content-type: x/y",
        "--json {} | accept: application/json",
        "-H Host:other.example | host: other.example",
        "-T DIR/data.json | content-length: 8",
        "-T - | transfer-encoding: chunked",
      })
  void theHeadersAreWhatTheOptionsSay(String words, String header) {
    assertThat(lariat(("URL/ " + words).split(" "))).as(err.text()).isEqualTo(0);

    assertThat(out.text()).contains("\n" + header);
  }

  @ParameterizedTest
  @CsvSource({
    "-H User-Agent:, user-agent",
    "User-Agent:, user-agent",
    "-H Accept:, accept",
    "-H Content-Type:, content-type"
  })
  void aDefaultHeaderCanBeRemoved(String words, String name) {
    assertThat(lariat(("-d x URL/ " + words).split(" "))).as(err.text()).isEqualTo(0);

    assertThat(out.text()).doesNotContain("\n" + name + ":");
  }

  @Test
  void anEmptyUserAgentIsNone() {
    assertThat(lariat("URL/", "-A", "")).isEqualTo(0);

    assertThat(out.text()).doesNotContain("user-agent");
  }

  @Test
  void aDigestIsAnsweredWithoutThePassword() {
    origin.script(
        visit -> {
          assertThat(visit.request().headers().contains("authorization")).isFalse();
          visit.respond(
              401,
              Headers.of(
                  "www-authenticate",
                  "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=MD5"),
              Bytes.EMPTY);
          String shown = visit.request().headers().first("authorization").orElseThrow();
          visit.respond(200, shown);
        });

    assertThat(lariat("URL/", "--digest", "-u", "me:secret")).isEqualTo(0);

    assertThat(out.text()).startsWith("Digest ").contains("me").doesNotContain("secret");
  }

  @Test
  void cookiesAreKeptInAFile() throws IOException {
    origin.script(
        visit -> {
          visit.request();
          visit.respond(200, Headers.of("set-cookie", "sid=42; Max-Age=1000"), Bytes.EMPTY);
        },
        HttpCommandTest::mirror,
        HttpCommandTest::mirror);

    assertThat(lariat("URL/", "-c", "DIR/jar")).as(err.text()).isEqualTo(0);
    assertThat(file("jar")).contains("sid\t42");
    assertThat(lariat("URL/", "-c", "DIR/jar")).isEqualTo(0);
    assertThat(out.text()).contains("cookie: sid=42\n");
    assertThat(lariat("URL/b", "-b", "DIR/jar")).isEqualTo(0);
    assertThat(out.text().substring(out.text().indexOf("/b"))).contains("cookie: sid=42\n");
  }

  // ---- redirects

  private static Script redirect(int status, String location) {
    return visit -> {
      visit.request();
      visit.respond(status, Headers.of("location", location), Bytes.ofUtf8("moved"));
      mirror(visit);
    };
  }

  @Test
  void aRedirectIsTheResponseUnlessItIsFollowed() {
    origin.script(redirect(302, "/next"));

    assertThat(lariat("URL/")).isEqualTo(0);

    assertThat(out.text()).isEqualTo("moved");
  }

  @ParameterizedTest
  @CsvSource({
    "301, GET /next, ''",
    "302, GET /next, ''",
    "303, GET /next, ''",
    "307, POST /next, a=b",
    "308, POST /next, a=b"
  })
  void aRedirectIsFollowedAsItsStatusSays(int status, String line, String body) {
    origin.script(redirect(status, "/next"));

    assertThat(lariat("-L", "URL/", "-d", "a=b")).as(err.text()).isEqualTo(0);

    assertThat(out.text()).startsWith(line + "\n");
    assertThat(body()).isEqualTo(body);
    assertThat(out.text().contains("content-type")).isEqualTo(!body.isEmpty());
  }

  @Test
  void anotherOriginSeesNoSecrets() {
    try (Origin other = Origin.start(HttpCommandTest::mirror)) {
      origin.script(redirect(307, other.uri("http", "/elsewhere").toString()));

      assertThat(
              lariat(
                  "-L", "URL/", "-u", "me:secret", "-b", "sid=42", "-H", "Host:h", "-H", "X-A:b"))
          .as(err.text())
          .isEqualTo(0);
    }
    assertThat(out.text())
        .startsWith("GET /elsewhere\n")
        .contains("x-a: b\n")
        .doesNotContain("authorization", "cookie", "host: h\n");
  }

  @Test
  void theSameOriginSeesTheCredentialsAgain() {
    origin.script(redirect(302, "/next"));

    assertThat(lariat("-L", "URL/", "-u", "me:secret")).isEqualTo(0);

    assertThat(out.text()).contains("authorization: Basic ");
  }

  @Test
  void redirectsAreLimited() {
    origin.script(
        visit -> {
          for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
            visit.respond(302, Headers.of("location", "/again"), Bytes.EMPTY);
          }
        });

    assertThat(lariat("-L", "--max-redirs", "3", "URL/")).isEqualTo(7);

    assertThat(err.text()).contains("3", "--max-redirs").hasLineCount(1);
  }

  @Test
  void aRedirectToAnotherSchemeIsRefused() {
    origin.script(redirect(302, "file:///etc/passwd"));

    assertThat(lariat("-L", "URL/")).isEqualTo(7);

    assertThat(err.text())
        .isEqualTo(
            "lariat: The redirect to file:///etc/passwd was not followed: its scheme is file.\n");
  }

  @Test
  void standardInputIsNotSentTwice() {
    origin.script(redirect(307, "/next"));

    assertThat(lariat("-L", "URL/", "-T", "-")).isEqualTo(7);

    assertThat(err.text()).contains("cannot be sent twice").hasLineCount(1);
  }

  // ---- where the response goes

  @Test
  void aFileHasItsNameOnlyWhenItIsComplete() throws IOException {
    Files.writeString(folder.resolve("out"), "old");
    origin.script(
        visit -> {
          visit.request();
          visit.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
        },
        HttpCommandTest::mirror);

    assertThat(lariat("URL/", "-o", "DIR/out")).isEqualTo(7);
    assertThat(file("out")).isEqualTo("old");
    assertThat(folder.toFile().list()).hasSize(4);

    assertThat(lariat("URL/", "-o", "DIR/out")).isEqualTo(0);
    assertThat(file("out")).startsWith("GET /\n");
    assertThat(folder.toFile().list()).hasSize(4);
    assertThat(out.text()).isEmpty();
  }

  @Test
  void aFileThatCannotBeWrittenIsOneSentence() {
    assertThat(lariat("URL/", "-o", "DIR/no/such/file")).isEqualTo(11);

    assertThat(err.text()).contains("no/such/file: there is no such directory").hasLineCount(1);
    assertThat(lariat("URL/", "-o", "DIR")).isEqualTo(11);
    assertThat(err.text()).endsWith("written: " + folder + ": it is a directory.\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"URL/", "URL/a/", "URL/..", "URL/%2e%2e", "URL/a%2fb", "URL/.bashrc"})
  void aNameThatIsNotSafeIsRefused(String url) {
    assertThat(lariat("-O", url)).isEqualTo(2);

    assertThat(err.text()).contains("--remote-name", "--output").hasLineCount(1);
    assertThat(origin.visits()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-i", "-I"})
  void theHeadGoesWhereTheBodyGoes(String option) throws IOException {
    origin.script(redirect(302, "/next"));

    assertThat(lariat("URL/", option, "-L", "-o", "DIR/out")).as(err.text()).isEqualTo(0);

    assertThat(file("out")).startsWith("HTTP/1.1 302\n").contains("location: /next\n");
    assertThat(file("out")).contains("\n\nHTTP/1.1 200\ncontent-");
    assertThat(file("out").contains("GET /next")).isEqualTo(option.equals("-i"));
    assertThat(out.text()).isEmpty();
  }

  @Test
  void directoriesAreMadeIfWanted() throws IOException {
    assertThat(lariat("URL/", "-o", "DIR/a/b/out")).isEqualTo(11);
    assertThat(folder.resolve("a")).doesNotExist();

    assertThat(lariat("URL/", "--create-dirs", "-o", "DIR/a/b/out")).isEqualTo(0);

    assertThat(file("a/b/out")).startsWith("GET /\n");
  }

  @Test
  void aCookieJarThatCannotBeWrittenIsTold() {
    origin.script(
        visit -> {
          visit.request();
          visit.respond(200, Headers.of("set-cookie", "a=b"), Bytes.ofUtf8("body"));
        });

    assertThat(lariat("URL/", "-c", "DIR/none/jar")).isEqualTo(11);

    assertThat(out.text()).isEqualTo("body");
    assertThat(err.text())
        .isEqualTo(
            "lariat: The output cannot be written: "
                + folder.resolve("none/jar")
                + ": there is no such directory.\n");
  }

  private static Script typed(String type, byte[] body) {
    return visit -> {
      visit.request();
      visit.respond(200, Headers.of("content-type", type), Bytes.wrap(body));
    };
  }

  private int atTerminal(String... words) {
    InputStream in = new ByteArrayInputStream(new byte[0]);
    Io io = new Io(in, new Output(out), err.stream(), false, true, false);
    return Main.run(
        io, Arrays.stream(words).map(w -> w.replace("URL", url(""))).toArray(String[]::new));
  }

  @Test
  void jsonIsFoldedOnATerminalAndRawInAPipe() {
    byte[] json = "{\"a\":[1,{}],\"b\":\"x\"}".getBytes(StandardCharsets.UTF_8);
    origin.script(typed("application/json; charset=utf-8", json));

    assertThat(lariat("URL/")).isEqualTo(0);
    assertThat(out.text()).isEqualTo("{\"a\":[1,{}],\"b\":\"x\"}");

    assertThat(atTerminal("URL/")).isEqualTo(0);
    assertThat(out.text().replaceAll("\u001b\\[[0-9]*m", ""))
        .endsWith("}{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": \"x\"\n}\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Not found: there is no such thing, and no other.",
        "<p class=\"a\">no  JSON</p>\n",
        "true story, [honest]",
        "{oops, this  is: no JSON}",
      })
  void whatIsNotJsonIsNotFolded(String text) {
    origin.script(typed("application/json", text.getBytes(StandardCharsets.UTF_8)));

    assertThat(atTerminal("URL/")).isEqualTo(0);

    assertThat(out.text().replaceAll("\u001b\\[[0-9]*m|\n  (?=oops)", "")).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"image/png", "text/plain"})
  void binaryOnATerminalIsRefused(String type) {
    origin.script(typed(type, new byte[] {'a', 0, 'b'}));

    assertThat(atTerminal("URL/")).isEqualTo(2);
    assertThat(out.text()).isEmpty();
    assertThat(err.text()).contains("is binary", "-o FILE").hasLineCount(1);

    assertThat(atTerminal("URL/", "-o", "-")).isEqualTo(0);
    assertThat(out.text()).isEqualTo("a\0b");
  }

  @Test
  void aTextCannotCommandTheTerminal() {
    origin.script(typed("text/plain", "a\u001b]0;t\u0007\nb€".getBytes(StandardCharsets.UTF_8)));

    assertThat(atTerminal("URL/")).isEqualTo(0);

    assertThat(out.text()).isEqualTo("a␛]0;t␇\nb€");
  }

  @Test
  void theEndIsSummedUp() {
    assertThat(lariat("URL/a", "-o", "DIR/out", "-w", "%{http_code} %{url_effective} 100%%\\n"))
        .as(err.text())
        .isEqualTo(0);

    assertThat(out.text()).isEqualTo("200 " + url("/a") + " 100%\n");
  }

  // ---- what is shown

  @Test
  void verboseShowsHeadersWithoutSecrets() {
    origin.script(
        visit -> {
          visit.request();
          visit.respond(200, Headers.of("set-cookie", "sid=hidden; Path=/"), Bytes.ofUtf8("body"));
        });

    assertThat(lariat("URL/a", "-v", "-u", "me:hidden", "-b", "c=hidden")).isEqualTo(0);

    assertThat(out.text()).isEqualTo("body");
    assertThat(err.text())
        .containsSubsequence(
            "* Connected to 127.0.0.1:",
            "> GET /a HTTP/1.1\n",
            "> host: 127.0.0.1:",
            "> cookie: c=***\n",
            "> authorization: Basic ***\n",
            "< HTTP/1.1 200\n",
            "< set-cookie: sid=***; Path=/\n")
        .doesNotContain("hidden", "bWU6");
  }

  @Test
  void verboseShowsSecretsIfAsked() {
    assertThat(lariat("URL/a", "-v", "--show-secrets", "--bearer", "t0ken")).isEqualTo(0);

    assertThat(err.text()).contains("> authorization: Bearer t0ken\n");
  }

  @ParameterizedTest
  @CsvSource({"-s, false", "-q, false", "-sS, true"})
  void silenceIsWithoutErrors(String option, boolean told) {
    origin.refuse();

    assertThat(lariat("URL/", option)).isEqualTo(4);

    assertThat(err.text().isEmpty()).isEqualTo(!told);
  }

  @Test
  void aFailureHasNoBody() {
    origin.script(Script.status(404));

    assertThat(lariat("URL/", "-f")).isEqualTo(8);

    assertThat(out.text()).isEmpty();
    assertThat(err.text()).isEqualTo("lariat: The server answered with status 404.\n");
  }

  @Test
  void anErrorWhoseBodyNobodySeesIsTold() throws IOException {
    origin.script(Script.status(500), Script.status(404), typed("text/plain", new byte[0]));

    assertThat(lariat("URL/")).isEqualTo(8);
    assertThat(err.text()).isEqualTo("lariat: The server answered with status 500.\n");
    assertThat(lariat("URL/", "-s")).isEqualTo(8);
    assertThat(lariat("URL/")).isEqualTo(0);
    assertThat(err.text()).hasLineCount(1);
    origin.script(
        visit -> {
          visit.request();
          visit.respond(500, "a page");
        });
    assertThat(lariat("URL/", "-o", "DIR/out")).isEqualTo(8);
    assertThat(file("out")).isEqualTo("a page");
    assertThat(err.text()).hasLineCount(2);
  }

  @Test
  void anErrorBehindABodyHasALineOfItsOwn() {
    origin.script(
        visit -> {
          visit.request();
          visit.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
        });
    Io io = new Io(new ByteArrayInputStream(new byte[0]), new Output(out), err.stream(), true);

    assertThat(Main.run(io, url("/"))).isEqualTo(7);

    assertThat(out.text()).isEqualTo("half");
    assertThat(err.text()).startsWith("\nlariat: ").hasLineCount(2);
  }

  @Test
  void whatIsDroppedIsTold() {
    origin.script(
        visit -> {
          visit.request();
          visit.write("HTTP/1.1 200 OK\r\ncontent-length: 10000\r\n\r\n" + "x".repeat(2048));
        });

    assertThat(lariat("URL/", "-o", "DIR/out")).isEqualTo(7);

    assertThat(err.text()).startsWith("lariat: 2.0 KiB dropped; --resume keeps them.\n");
  }

  @Test
  void theEndOfAFailureIsSummedUp() {
    origin.script(Script.status(404));

    assertThat(lariat("URL/", "-f", "-w", "%{http_code}|")).isEqualTo(8);
    origin.refuse();
    assertThat(lariat("URL/", "-w", "%{http_code} %{http_version} %{method} %{url_effective}"))
        .isEqualTo(4);

    assertThat(out.text()).isEqualTo("404|000 0 GET " + url("/"));
  }

  // ---- repetitions

  @Test
  void aStatusThatMayPassIsTriedAgain() {
    origin.script(
        visit -> {
          visit.request();
          visit.respond(503, Headers.of("retry-after", "0"), Bytes.ofUtf8("busy"));
          mirror(visit);
        });

    assertThat(lariat("URL/a", "--retry", "1")).as(err.text()).isEqualTo(0);

    assertThat(out.text()).startsWith("GET /a\n");
  }

  @Test
  void aPostThatWasAnsweredIsNotRepeated() {
    origin.script(
        visit -> {
          visit.request();
          visit.respond(503, Headers.of("retry-after", "0"), Bytes.ofUtf8("busy"));
        });

    assertThat(lariat("post", "URL/a", "--retry", "1")).isEqualTo(8);

    assertThat(out.text()).isEqualTo("busy");
    assertThat(origin.visits()).isEqualTo(1);
  }

  @Test
  void anotherAttemptMustFitIntoTheTime() {
    origin.refuse();

    assertThat(lariat("URL/", "--retry", "5", "-m", "0.5")).isEqualTo(6);

    assertThat(err.text()).contains("no time for another attempt").hasLineCount(1);
  }

  // ---- the way

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--resolve=name.invalid:80:HOST:PORT",
        "--connect-to=name.invalid:80:HOST:PORT",
        "--connect-to=::HOST:PORT"
      })
  void aHostCanBeElsewhere(String option) {
    String there = option.replace("HOST", "127.0.0.1").replace("PORT", "" + origin.port());
    boolean resolve = option.startsWith("--resolve");
    String url = resolve ? "http://name.invalid:" + origin.port() + "/a" : "http://name.invalid/a";
    String its = resolve ? "--resolve=name.invalid:" + origin.port() + ":127.0.0.1" : there;

    assertThat(run("", url, its)).as(err.text()).isEqualTo(0);

    assertThat(out.text()).startsWith("GET /a\n").contains("host: name.invalid");
  }

  @Test
  void aWebSocketCanBeElsewhere() {
    origin.script(Script.echo());

    assertThat(run("a\n", "ws://name.invalid/", "--connect-to=::127.0.0.1:" + origin.port()))
        .as(err.text())
        .isEqualTo(0);

    assertThat(out.text()).isEqualTo("a\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:1", "user:password@127.0.0.1:1", "[::1]:1"})
  void aProxyWithoutASchemeIsOneOfHttp(String proxy) {
    assertThat(lariat("URL/a", "-x", proxy)).isEqualTo(4);

    assertThat(err.text()).startsWith("lariat: The proxy http://").doesNotContain("password");
  }

  @Test
  void aHostWithoutProxyIsReachedDirectly() {
    assertThat(lariat("URL/a", "-x", "http://127.0.0.1:1", "--noproxy", "a.example,127.0.0.1"))
        .as(err.text())
        .isEqualTo(0);
    assertThat(lariat("URL/a", "-x", "http://127.0.0.1:1", "--noproxy", "27.0.0.1")).isEqualTo(4);
  }

  @ParameterizedTest
  @CsvSource({
    "'', HTTP/2",
    "--http1.1, HTTP/1.1",
    "--http2, HTTP/2",
    "--http2-prior-knowledge, HTTP/2"
  })
  void theVersionOfHttpIsChosenByTls(String option, String version) {
    try (Origin tls = Origin.startTls(ServerCertificate.SELF_SIGNED, HttpCommandTest::mirror)) {
      List<String> words = new ArrayList<>(List.of("-k", "-i", tls.uri("https", "/").toString()));
      if (!option.isEmpty()) {
        words.add(option);
      }
      assertThat(run("", words.toArray(String[]::new))).as(err.text()).isEqualTo(0);
    }
    assertThat(out.text()).startsWith(version + " 200\n");
  }

  @Test
  void connectingCanBeLimited() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      String url = "https://127.0.0.1:" + silent.getLocalPort() + "/"; // whose handshake never ends

      assertThat(run("", url, "--connect-timeout=0.2")).isEqualTo(6);
    }
    assertThat(err.text()).contains("TLS").hasLineCount(1);
  }

  // ---- misuse

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "URL/ -d x -F a=b | Only one of",
        "URL/ --json {} -d x | --json does not go with --data",
        "URL/ -d x a=b | do not go with --data",
        "URL/ a:={ | not JSON: at character 2 is the end",
        "URL/ a:=01 | not JSON: at character 2 is '1'",
        "URL/ nothing | \"nothing\" is not an item",
        "URL/ http://other/ | http://other/ is a second URL",
        "URL/ WSS://other/ | WSS://other/ is a second URL",
        "URL/ a@DIR/text.txt | needs --form",
        "URL/ a:=nope | nope is not JSON: for text, write a=nope",
        "http://a/b^c | is not allowed in it, write %5E",
        "127.0.0.1:47080/json | did you mean http://127.0.0.1:47080/json?",
        ":8080/x | did you mean http://localhost:8080/x?",
        "ftp://x/ | the scheme ftp, allowed are http, https, ws and wss",
        "URL/ -x hello | --proxy: hello, allowed scheme://host:port",
        "gett URL/ | Unknown command gett: did you mean get?",
        "post URL/ -F a=b c=d | items go with --form",
        "URL/ -s a:={ | not JSON",
        "https://a/ --cacert DIR/none | --cacert: DIR/none does not exist",
        "report DIR/text.txt | is not a recording",
        "URL/ -d @DIR/none | is not a file that can be read",
        "URL/ -F nothing | is not NAME=CONTENT",
        "URL/ -T DIR | is not a file that can be read",
        "URL/ -G | --get needs --data",
        "URL/ -o a -O | --output does not go with --remote-name",
        "URL/ -J | --remote-header-name needs --remote-name",
        "URL/ -O -J --resume | --remote-header-name does not go with --resume",
        "URL/ -i -o a --resume | --resume does not go with --include",
        "URL/ -C 5 | --continue-at: \"5\", allowed is -",
        "URL/ --resume | --resume needs --output",
        "URL/ --pretty --raw | --pretty does not go with --raw",
        "URL/ --digest | --digest needs --user",
        "URL/ -u a:b --bearer c | --bearer does not go with --user",
        "URL/ -u a | the password is missing",
        "URL/ --http1.1 --http2 | Only one of --http1.1",
        "URL/ --resolve a | is not HOST:PORT:ADDRESS",
        "URL/ --resolve a:0:b | the port 0, allowed are 1 to 65535",
        "URL/ --connect-to a:b | is not HOST:PORT:OTHER-HOST:OTHER-PORT",
        "URL/ --retry x | a whole number from 0",
        "URL/ --max-redirs -1 | a whole number from 0",
        "URL/ -m 0 | 0.001 to 31536000 seconds",
        "URL/ -w %{nonsense} | allowed are the variables",
        "URL/ -b DIR/none | is not a file that can be read",
        "URL/ -X a@b | a token",
        "URL/ -H a | is not NAME:VALUE",
        "URL/ -x ftp://a | --proxy",
        "URL/ -x {} | -x is a proxy here: it sends a message in lariat ws",
        "https://a/ --key DIR/text.txt | --key needs --cert",
        "https://a/ --cert DIR/text.txt | --cert: the certificate",
        "http://me:secret@a/ | --user takes a name and a password",
        "http://me:sec/ret@a b/ | is not a URL",
      })
  void misuseIsOneSentence(String words, String sentence) {
    assertThat(lariat(words.split(" (?!b/)"))).as(err.text()).isEqualTo(2);

    assertThat(err.text())
        .startsWith("lariat: ")
        .contains(sentence.replace("DIR", folder.toString()))
        .hasLineCount(1)
        .doesNotContain("secret", "sec/ret", "Exception");
    assertThat(out.text()).isEmpty();
    assertThat(origin.visits()).isZero();
  }

  // ---- events

  @Test
  void eventsAreReadAndContinued() {
    origin.script(
        visit -> {
          visit.request();
          var events = visit.events();
          events.send("one");
          visit.reset();
        },
        visit -> {
          visit.request();
          visit.respond(204);
        });

    assertThat(lariat("sse", "URL/")).as(err.text()).isEqualTo(0);

    assertThat(out.text()).isEqualTo("one\n");
    assertThat(err.text()).containsSubsequence("Open", "Retrying");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void eventsAreReadForALimitedTime(boolean answered) {
    origin.script(
        visit -> {
          visit.request();
          if (answered) {
            visit.write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\n\n");
          }
          visit.awaitEnd();
        });

    assertThat(lariat("sse", "URL/", "-m", "0.3", "-q")).isEqualTo(6);

    assertThat(out.text()).isEqualTo(answered ? "1\n" : "");
    assertThat(err.text()).contains("It took longer than --max-time").hasLineCount(1);
  }

  @Test
  void theWaitForAnAnswerIsAnOption() {
    origin.script(Script.silent());

    assertThat(lariat("sse", "URL/", "--answer-timeout", "0.2", "--retries", "0", "-q"))
        .isEqualTo(6);

    assertThat(err.text()).contains("--answer-timeout").doesNotContain("events.answer");
  }

  @Test
  void eventsAreCountedAndWrittenAsJson() {
    origin.script(
        visit -> {
          visit.request();
          visit.write(
              "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
                  + "id: 7\nevent: tick\ndata: \"a\"\ndata: b\n\ndata: 2\n\n");
          visit.awaitEnd();
        });

    assertThat(lariat("sse", "URL/", "--json", "-n", "1", "-q")).as(err.text()).isEqualTo(0);

    assertThat(out.text())
        .isEqualTo("{\"event\":\"tick\",\"id\":\"7\",\"data\":\"\\\"a\\\"\\nb\"}\n");
    assertThat(err.text()).isEmpty();
  }
}
