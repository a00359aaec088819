package dev.lariat.it.conformance;

import static dev.lariat.it.conformance.RawServer.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.lariat.it.conformance.RawServer.Frame;
import dev.lariat.it.conformance.RawServer.Script;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The command for a public suite: what it tolerates, what it refuses, and how it says so. */
final class Http2GetTest {
  private static final int SOME_TYPE = 0xbb; // that nobody knows
  private static final byte[] OK = bytes(0x88); // :status 200, of the static table

  /** What the command did. */
  private record Run(int exit, String line) {}

  private static Run get(String... args) throws InterruptedException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int exit = Http2Get.run(new PrintStream(out, true, StandardCharsets.UTF_8), args);
    List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
    assertThat(lines).hasSize(1);
    return new Run(exit, lines.getFirst());
  }

  private static Run get(RawServer server) throws InterruptedException {
    return get("http://127.0.0.1:" + server.port() + "/page");
  }

  // ---- what is tolerated

  private static Arguments row(String name, Script script) {
    return arguments(name, script);
  }

  static List<Arguments> isTolerated() {
    return List.of(
        row("a plain response", RawServer::answer),
        row("a response without content", its -> its.head(END_STREAM, "200")),
        row(
            "a response whose length is 0",
            its -> its.head(END_STREAM, "200", "content-length", "0")),
        row(
            "a response of the length that it says",
            its -> {
              its.head(0, "200", "content-length", "7");
              its.data("a page\n", END_STREAM);
            }),
        row(
            "unknown frames on the connection",
            its -> {
              its.frame(SOME_TYPE, 0xff, 0, new byte[8]);
              its.frame(SOME_TYPE, 0, 0);
              its.answer();
            }),
        row(
            "unknown frames on the stream",
            its -> {
              its.frame(SOME_TYPE, 0, 1, new byte[16384]);
              its.head(0, "200");
              its.frame(SOME_TYPE, END_STREAM, 1, new byte[5]);
              its.data("a page\n", END_STREAM);
              its.frame(SOME_TYPE, 0, 1);
            }),
        row(
            "unknown frames on streams that have not begun",
            its -> {
              its.frame(SOME_TYPE, 0, 2, new byte[3]);
              its.frame(SOME_TYPE, 0, 99, new byte[3]);
              its.answer();
            }),
        row(
            "frames of extensions: ALTSVC, ORIGIN",
            its -> {
              its.frame(0xa, 0, 0, bytes(0, 0, 'x'));
              its.frame(0xc, 0, 0, new byte[0]);
              its.answer();
            }),
        row(
            "PRIORITY on the stream and on others",
            its -> {
              its.frame(PRIORITY, 0, 1, new byte[5]);
              its.frame(PRIORITY, 0, 7, bytes(0x80, 0, 0, 1, 255));
              its.frame(PRIORITY, 0, 2, new byte[5]);
              its.head(0, "200");
              its.frame(PRIORITY, 0xff, 1, new byte[5]);
              its.data("a page\n", END_STREAM);
              its.frame(PRIORITY, 0, 1, new byte[5]);
            }),
        row(
            "padding",
            its -> {
              byte[] padded = Arrays.copyOf(joined(bytes(255), OK), 257);
              its.frame(HEADERS, END_HEADERS | PADDED, 1, padded);
              its.frame(DATA, PADDED, 1, bytes(0, 'a'));
              its.frame(DATA, PADDED, 1, bytes(3, ' ', 0, 0, 0));
              its.frame(DATA, PADDED, 1, Arrays.copyOf(bytes(255), 256));
              its.frame(DATA, PADDED, 1, bytes(0));
              its.frame(DATA, PADDED | END_STREAM, 1, bytes(2, 'p', 1, 2));
            }),
        row(
            "a priority in HEADERS, padded too",
            its -> {
              int flags = END_HEADERS | WITH_PRIORITY | PADDED;
              byte[] priority = bytes(0, 0, 0, 0, 15);
              its.frame(HEADERS, flags, 1, joined(bytes(2), priority, OK, bytes(0, 0)));
              its.data("a page\n", END_STREAM);
            }),
        row(
            "a field block in many frames",
            its -> {
              byte[] block = block("200", "a", "b");
              its.frame(HEADERS, 0, 1);
              for (byte octet : block) {
                its.frame(CONTINUATION, 0, 1, octet);
              }
              its.frame(CONTINUATION, END_HEADERS, 1);
              its.data("a page\n", END_STREAM);
            }),
        row(
            "the end of the stream before a continuation",
            its -> {
              its.frame(HEADERS, END_STREAM, 1);
              its.frame(CONTINUATION, END_HEADERS, 1, OK);
            }),
        row(
            "empty DATA",
            its -> {
              its.head(0, "200");
              its.frame(DATA, 0, 1);
              its.data("a page\n", 0);
              its.frame(DATA, 0, 1);
              its.frame(DATA, END_STREAM, 1);
            }),
        row(
            "DATA of the largest size",
            its -> {
              its.head(0, "200");
              its.frame(DATA, END_STREAM, 1, new byte[16384]);
            }),
        row(
            "HEADERS of the largest size",
            its -> {
              byte[] block = joined(OK, block(null, "a", "x".repeat(16384 - 7)));
              its.frame(HEADERS, END_HEADERS | END_STREAM, 1, block);
            }),
        row(
            "unknown settings and extreme values",
            its -> {
              its.settings(0xffff, -1, 0x4242, 0, 0xf0f0, 7);
              its.settings(1, -1, 4, Integer.MAX_VALUE, 5, 0xffffff, 6, 0);
              its.settings(1, 0, 2, 0, 3, -1, 4, 0, 5, 16384, 6, -1, 8, 1, 9, 1);
              its.answer();
            }),
        row(
            "many SETTINGS, each of which is acknowledged",
            its -> {
              for (int i = 0; i < 100; i++) {
                its.settings(4, 65535 + i);
              }
              for (int i = 0; i < 100; i++) {
                its.until(SETTINGS, ACK);
              }
              its.answer();
            }),
        row(
            "a setting twice in a frame",
            its -> {
              its.settings(4, 1, 4, 65535);
              its.answer();
            }),
        row(
            "a PING, which is answered",
            its -> {
              its.frame(PING, 0, 0, bytes(1, 2, 3, 4, 5, 6, 7, 8));
              Frame pong = its.until(PING, ACK);
              if (!Arrays.equals(pong.payload(), bytes(1, 2, 3, 4, 5, 6, 7, 8))) {
                throw new AssertionError("another PING was answered");
              }
              its.answer();
            }),
        row(
            "flags that mean nothing",
            its -> {
              its.frame(SETTINGS, 0xfe, 0);
              its.frame(PING, 0xfe, 0, new byte[8]);
              its.frame(WINDOW_UPDATE, 0xff, 0, bytes(0, 0, 0, 1));
              its.frame(HEADERS, 0xd2 | END_HEADERS, 1, OK);
              its.frame(DATA, 0xf6 | END_STREAM, 1, bytes('x'));
            }),
        row(
            "reserved bits",
            its -> {
              its.frame(WINDOW_UPDATE, 0, 0, bytes(0x80, 0, 0, 1));
              its.frame(HEADERS, END_HEADERS, 0x80000001, OK);
              its.frame(DATA, END_STREAM, 0x80000001, bytes('x'));
            }),
        row(
            "frames that come octet by octet",
            its -> {
              its.cut = 1;
              its.frame(SOME_TYPE, 0, 0, new byte[40]);
              its.head(0, "200", "a", "b");
              its.frame(DATA, PADDED, 1, bytes(4, 'x', 'y', 0, 0, 0, 0));
              its.data("a page\n", END_STREAM);
            }),
        row(
            "windows that are opened, after the end too",
            its -> {
              its.number(WINDOW_UPDATE, 0, 1);
              its.number(WINDOW_UPDATE, 1, 1000);
              its.answer();
              its.number(WINDOW_UPDATE, 1, 1000);
              its.number(RST_STREAM, 1, 0);
            }),
        row(
            "interim responses",
            its -> {
              its.head(0, "100");
              its.head(0, "103", "link", "</style.css>");
              its.head(0, "199");
              its.answer();
            }),
        row(
            "trailers",
            its -> {
              its.head(0, "200");
              its.data("a page\n", 0);
              its.frame(HEADERS, END_HEADERS | END_STREAM, 1, block(null, "digest", "x"));
            }),
        row(
            "trailers without a field",
            its -> {
              its.head(0, "200");
              its.frame(HEADERS, END_HEADERS | END_STREAM, 1);
            }),
        row(
            "a GOAWAY before the response",
            its -> {
              its.goAway(1, 0);
              its.answer();
            }),
        row(
            "a GOAWAY in two steps",
            its -> {
              its.goAway(Integer.MAX_VALUE, 0);
              its.head(0, "200");
              its.goAway(1, 0);
              its.data("a page\n", END_STREAM);
            }),
        row(
            "a GOAWAY with an unknown code after the response",
            its -> {
              its.answer();
              its.goAway(1, 0xabcdef);
            }),
        row(
            "changes of the table's size",
            its -> {
              its.frame(HEADERS, END_HEADERS, 1, joined(bytes(0x20, 0x3f, 0xe1, 0x1f), OK));
              its.data("a page\n", END_STREAM);
            }),
        row(
            "fields of the dynamic table",
            its -> {
              byte[] added = bytes(0x40, 1, 'a', 1, 'b', 0xbe, 0xbe);
              its.frame(HEADERS, END_HEADERS | END_STREAM, 1, joined(OK, added));
            }),
        row(
            "a value in Huffman's code, and one that is never indexed",
            its -> {
              byte[] coded = bytes(0x0f, 0x2b, 0x83, 0xee, 0x3a, 0x2d, 0x10, 1, 'a', 1, 'b');
              its.frame(HEADERS, END_HEADERS | END_STREAM, 1, joined(OK, coded));
            }),
        row(
            "values that are empty, or beyond ASCII",
            its -> its.head(END_STREAM, "200", "a", "", "b", "gr\u00fc\u00df")),
        row(
            "a name with many values",
            its -> its.head(END_STREAM, "200", "set-cookie", "a=1", "set-cookie", "b=2")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void isTolerated(String name, Script script) throws Exception {
    Script whole =
        its -> {
          its.request();
          its.opens();
          script.play(its);
        };
    try (RawServer server = new RawServer(whole)) {
      assertThat(get(server)).isEqualTo(new Run(Http2Get.ANSWERED, "200"));
      for (Frame frame : server.seen()) {
        assertThat(frame.type()).isNotEqualTo(RST_STREAM);
        assertThat(frame.type() == GOAWAY && frame.number(4) != 0).isFalse();
      }
    }
  }

  @Test
  void theServersSettingsMayComeBeforeTheRequest() throws Exception {
    Script first =
        its -> {
          its.settings();
          its.request();
          its.frame(SETTINGS, ACK, 0);
          its.answer();
        };
    try (RawServer server = new RawServer(first)) {
      assertThat(get(server)).isEqualTo(new Run(Http2Get.ANSWERED, "200"));
    }
  }

  @Test
  void theAcknowledgementMayComeAfterTheResponse() throws Exception {
    Script late =
        its -> {
          its.request();
          its.settings();
          its.answer();
          its.frame(SETTINGS, ACK, 0);
        };
    try (RawServer server = new RawServer(late)) {
      assertThat(get(server)).isEqualTo(new Run(Http2Get.ANSWERED, "200"));
    }
  }

  @Test
  void anyStatusIsAResponse() throws Exception {
    Script gone =
        its -> {
          its.request();
          its.opens();
          its.head(END_STREAM, "599");
        };
    try (RawServer server = new RawServer(gone)) {
      assertThat(get(server)).isEqualTo(new Run(Http2Get.ANSWERED, "599"));
    }
  }

  // ---- what is refused

  private static Arguments refusal(String name, int code, Script script) {
    return arguments(name, code, script);
  }

  static List<Arguments> isRefused() {
    return List.of(
        refusal(
            "an answer of HTTP/1.1", 1, its -> its.octets("HTTP/1.1 400 Bad\r\n\r\n".getBytes())),
        refusal("a first frame that is not SETTINGS", 1, RawServer::answer),
        refusal(
            "PRIORITY_UPDATE (RFC 9218 section 7.1)",
            1,
            its -> {
              its.opens();
              its.frame(0x10, 0, 0, bytes(0, 0, 0, 1, 'u', '=', '1'));
            }),
        refusal(
            "a frame that is too large",
            6,
            its -> {
              its.opens();
              its.frame(DATA, 0, 1, new byte[16385]);
            }),
        refusal(
            "an index of no table",
            9,
            its -> {
              its.opens();
              its.frame(HEADERS, END_HEADERS, 1, bytes(0xff, 0xff, 0x03));
            }),
        refusal(
            "a frame within a field block",
            1,
            its -> {
              its.opens();
              its.frame(HEADERS, 0, 1, OK);
              its.frame(SOME_TYPE, 0, 1);
            }),
        refusal(
            "a promise",
            1,
            its -> {
              its.opens();
              its.frame(PUSH_PROMISE, END_HEADERS, 1, joined(bytes(0, 0, 0, 2), OK));
            }),
        refusal(
            "a window that is opened too far",
            3,
            its -> {
              its.opens();
              its.number(WINDOW_UPDATE, 0, Integer.MAX_VALUE);
            }),
        refusal(
            "upper case in a name",
            1,
            its -> {
              its.opens();
              its.head(0, "200", "Server", "x");
            }),
        refusal(
            "less content than said",
            1,
            its -> {
              its.opens();
              its.head(0, "200", "content-length", "8");
              its.data("a page\n", END_STREAM);
            }),
        refusal(
            "a flood of PINGs",
            11,
            its -> {
              its.opens();
              its.flood(2000, PING, 0, 0, new byte[8]);
            }),
        refusal(
            "interim responses without end",
            8,
            its -> {
              its.opens();
              its.flood(2000, HEADERS, END_HEADERS, 1, block("103"));
            }));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void isRefused(String name, int code, Script script) throws Exception {
    Script whole =
        its -> {
          its.request();
          script.play(its);
        };
    try (RawServer server = new RawServer(whole)) {
      Run run = get(server);
      assertThat(run.exit()).as(run.line()).isEqualTo(Http2Get.REFUSED);
      assertThat(run.line()).endsWith(".");
      Set<Integer> codes =
          server.seen().stream()
              .filter(frame -> frame.type() == RST_STREAM || frame.type() == GOAWAY)
              .map(frame -> frame.number(frame.type() == GOAWAY ? 4 : 0))
              .collect(Collectors.toSet());
      assertThat(codes).contains(code);
    }
  }

  @Test
  void aServerThatAccusesThisSideIsARefusalToo() throws Exception {
    for (boolean stream : new boolean[] {false, true}) {
      Script accusing =
          its -> {
            its.request();
            its.opens();
            if (stream) {
              its.number(RST_STREAM, 1, 1);
            } else {
              its.goAway(1, 3);
              its.finish();
            }
          };
      try (RawServer server = new RawServer(accusing)) {
        Run run = get(server);
        assertThat(run.exit()).as(run.line()).isEqualTo(Http2Get.REFUSED);
      }
    }
  }

  // ---- anything else

  @Test
  void whatBreaksNoRuleIsAnotherFailure() throws Exception {
    for (int code : new int[] {2, 7, 8}) {
      Script resetting =
          its -> {
            its.request();
            its.opens();
            its.number(RST_STREAM, 1, code);
          };
      try (RawServer server = new RawServer(resetting)) {
        assertThat(get(server).exit()).isEqualTo(Http2Get.FAILED);
      }
    }
    Script ending =
        its -> {
          its.request();
          its.opens();
          its.head(0, "200");
          its.finish();
        };
    try (RawServer server = new RawServer(ending)) {
      assertThat(get(server).exit()).isEqualTo(Http2Get.FAILED);
    }
  }

  @Test
  void noServerIsAnotherFailure() throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    Run run = get("http://127.0.0.1:" + free + "/");
    assertThat(run.exit()).isEqualTo(Http2Get.FAILED);
    assertThat(run.line()).contains("refused the connection");
  }

  @Test
  void wrongUsageIsAnotherFailure() throws Exception {
    assertThat(get()).isEqualTo(new Run(2, "usage: http2-get [--insecure] URL"));
    assertThat(get("ftp://127.0.0.1/").exit()).isEqualTo(2);
    assertThat(get("--other", "http://127.0.0.1/").exit()).isEqualTo(2);
  }
}
