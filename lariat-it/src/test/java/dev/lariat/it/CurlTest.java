package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Headers;
import dev.lariat.testkit.Asked;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Visit;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same words to {@code curl} and to {@code lariat}: a server sees the same. */
@Needs({Peer.CURL, Peer.NGINX, Peer.SQUID, Peer.PYTHON_WEBSOCKETS})
final class CurlTest {
  private static final Pattern BOUNDARY = Pattern.compile("boundary=(\\S+)");

  /** What says who asks, and when curl waits before it sends a body. */
  private static final Set<String> THEIR_OWN = Set.of("user-agent", "expect");

  @TempDir private Path folder;
  private final Origin origin = Origin.start(CurlTest::mirror);

  @BeforeEach
  void write() throws IOException {
    Files.writeString(folder.resolve("text.txt"), "one\r\ntwo\n");
    Files.writeString(folder.resolve("headers"), "X-One: 1\nX-Two: 2\n");
  }

  @AfterEach
  void stop() {
    origin.close();
  }

  private static void mirror(Visit visit) throws IOException {
    for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
      if (asked.target().startsWith("/to/")) {
        String[] parts = asked.target().split("/", 4); // the status, and where to
        visit.respond(
            Integer.parseInt(parts[2]), Headers.of("location", "/" + parts[3]), asked.body());
      } else {
        visit.respond(200, seen(asked));
      }
    }
  }

  /** The request in an order of its own, with a boundary of its own. */
  private static String seen(Asked asked) {
    TreeMap<String, String> headers = new TreeMap<>();
    asked
        .headers()
        .forEach(field -> headers.merge(field.name(), field.value(), (a, b) -> a + ", " + b));
    headers.keySet().removeAll(THEIR_OWN);
    Matcher boundary = BOUNDARY.matcher(headers.getOrDefault("content-type", ""));
    if (boundary.find()) {
      headers.remove("content-length"); // which depends on it
    }
    String all =
        asked.method() + " " + asked.target() + "\n" + headers + "\n" + asked.body().utf8();
    return boundary.reset().find() ? all.replace(boundary.group(1), "BOUNDARY") : all;
  }

  private record Run(int exit, String out, String err) {}

  private Run run(List<String> program, List<String> words)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(program);
    command.addAll(words);
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try (OutputStream in = process.getOutputStream()) {
      in.write("typed".getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // it reads nothing
    }
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("%s ends", command).isTrue();
    return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  private Run lariat(String... words) throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return run(
        List.of(
            java,
            "--enable-native-access=ALL-UNNAMED",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.lariat.cli.Main"),
        List.of(words));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "URL/a?b=c -H X-A:b -H X-Empty; -H @headers -A me -e http://r/ -b c=d",
        "-X PURGE URL/a -H Accept:",
        "URL/ -d a=b -d @text.txt --data-urlencode c=d/ä --data-urlencode e@text.txt",
        "URL/ --data-binary @text.txt -H Content-Type:text/plain",
        "URL/ -d @-",
        "URL/ --json {\"a\":1} --json [2]",
        "URL/?x -G -d a=b --data-urlencode c=d",
        "URL/ -F a=b -F f=@text.txt -F g=<text.txt;type=x/y -F h=@text.txt;filename=i.gif"
            + " --form-string j=@;k",
        "-T text.txt URL/up/",
        "-T - URL/up",
        "-u me:secret URL/",
        "-L URL/to/302/b -d a=b",
        "-L URL/to/303/b -d a=b -u me:secret",
        "-L URL/to/307/b -d a=b -H X-A:b",
        "-L -X PUT URL/to/308/b -d a=b",
        "--connect-to name.invalid:80:127.0.0.1:PORT http://name.invalid/a",
        "--resolve name.invalid:PORT:127.0.0.1 http://name.invalid:PORT/a",
      })
  void aServerSeesTheSame(String line) throws Exception {
    String port = String.valueOf(origin.port());
    String[] words = line.replace("URL", "http://127.0.0.1:PORT").replace("PORT", port).split(" ");

    Run curl = run(List.of("curl", "-sS"), List.of(words));
    Run lariat = lariat(words);

    assertThat(curl.exit()).as(curl.err()).isZero();
    assertThat(lariat.exit()).as(lariat.err()).isZero();
    assertThat(lariat.out()).isEqualTo(curl.out());
  }

  private static String nginx(String path) {
    return "http://127.0.0.1:" + Servers.nginx().port(0) + path;
  }

  @Test
  void nginxSendsTheRestOfAFile() throws Exception {
    Files.writeString(folder.resolve("page.txt"), "a p");

    Run run = lariat(nginx("/page.txt"), "-O", "-C", "-", "-w", "%{http_code} %{size_download}");

    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out()).isEqualTo("206 4");
    assertThat(Files.readString(folder.resolve("page.txt"))).isEqualTo("a page\n");
  }

  @Test
  void nginxCompressesAndItIsDecompressed() throws Exception {
    Run run = lariat(nginx("/gzip/page.txt"), "--compressed", "-v");

    assertThat(run.out()).isEqualTo("a page\n");
    assertThat(run.err())
        .containsSubsequence("> accept-encoding: ", "gzip", "< etag: W/"); // as nginx marks those
  }

  @Test
  void nginxIsReachedOverItsUnixSocket() throws Exception {
    Servers.nginx();
    String socket = Server.FOLDER.resolve("nginx.sock").toAbsolutePath().toString();

    Run run =
        lariat("http://name.example/", "--unix-socket", socket, "X-Method:GET", "X-Body:none");

    assertThat(run.out()).isEqualTo("GET  none name.example");
  }

  @Test
  void nginxGetsTheClientsCertificate() throws Exception {
    String url = "https://localhost:" + Servers.nginx().port(4) + "/";
    String ca = Certificates.files().get("ca").toString();
    String cert = Certificates.files().get("client").toString();
    String key = Certificates.files().get("clientKey").toString();

    Run run = lariat(url, "--cacert", ca, "--cert", cert, "--key", key);

    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out()).isEqualTo("CN=Client");
  }

  @Test
  void squidIsPassedWithAName() throws Exception {
    try (Server squid = Forward.squid("curl-squid")) {
      String proxy = "http://user:secret@127.0.0.1:" + squid.port(0);

      Run run = lariat("-v", "-x", proxy, nginx("/page.txt"));

      assertThat(run.exit()).as(run.err()).isZero();
      assertThat(run.out()).isEqualTo("a page\n");
      assertThat(run.err()).contains("* Proxy 1: ").doesNotContain("secret");
    }
  }
}
