package dev.lariat.it.fuzzing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The stand-in tells a bad client from a good one. */
final class FuzzingServerTest {
  private static final int ROUNDS = 3;
  private static final String OFFER = "permessage-deflate; client_max_window_bits";
  private static final Terms NO_TERMS = new Terms(false, 0, false, 0);

  private static FuzzingServer patient;
  private static FuzzingServer hasty; // for what a server learns by waiting in vain

  @BeforeAll
  static void start() throws IOException {
    Duration quiet = Duration.ofMillis(20);
    patient = FuzzingServer.start(new Pace(quiet, Duration.ofSeconds(10), ROUNDS));
    hasty = FuzzingServer.start(new Pace(quiet, Duration.ofSeconds(1), ROUNDS));
  }

  @AfterAll
  static void stop() throws IOException {
    patient.close();
    hasty.close();
  }

  /** What a client does. */
  private interface Deed {
    void by(RawClient client) throws IOException;
  }

  private static Arguments row(String id, String deed, Mark behavior, Mark close, Deed by) {
    return Arguments.of(id, deed, behavior, close, by);
  }

  @ParameterizedTest(name = "{0}: {1}: {2}, {3}")
  @MethodSource
  void deedsAreJudged(String id, String name, Mark behavior, Mark close, Deed deed)
      throws IOException {
    assertVerdict(patient, id, "", behavior, close, deed);
  }

  static Stream<Arguments> deedsAreJudged() {
    return Stream.of(
        row("1.1.2", "an echo", Mark.OK, Mark.OK, closing(RawClient::echo)),
        row("1.1.2", "another text", Mark.FAILED, Mark.FAILED, say(Frame.text("?"), 1000)),
        row("1.1.2", "an echo as binary", Mark.FAILED, Mark.FAILED, FuzzingServerTest::asBinary),
        row("1.1.2", "a dropped connection", Mark.FAILED, Mark.FAILED, RawClient::drop),
        row("1.2.2", "an echo", Mark.OK, Mark.OK, closing(RawClient::echo)),
        row("2.2", "a pong", Mark.OK, Mark.OK, closing(RawClient::pong)),
        row("2.2", "an empty pong", Mark.FAILED, Mark.FAILED, say(Frame.pong(""), 1000)),
        row("2.5", "a failure", Mark.OK, Mark.OK, client -> client.close(1002)),
        row("2.5", "a pong as long", Mark.FAILED, Mark.FAILED, sent(Frame.pong("*".repeat(126)))),
        row("2.7", "silence", Mark.OK, Mark.OK, closing(RawClient::take)),
        row("2.7", "an answer to a pong", Mark.FAILED, Mark.FAILED, say(Frame.pong(""), 1000)),
        row("3.1", "a failure", Mark.OK, Mark.OK, client -> client.close(1002)),
        row("3.1", "a dropped connection", Mark.OK, Mark.OK, RawClient::drop),
        row("3.1", "a failure by another code", Mark.OK, Mark.WRONG_CODE, say(1000)),
        row("3.1", "an echo", Mark.FAILED, Mark.OK, say(Frame.text("Hello, world!"), 1002)),
        row("3.2", "an echo, a failure", Mark.OK, Mark.OK, say(Frame.text("Hello, world!"), 1002)),
        row("3.2", "a failure alone", Mark.NON_STRICT, Mark.OK, say(1002)),
        row("3.2", "two echoes", Mark.FAILED, Mark.OK, FuzzingServerTest::twoEchoes),
        row("4.1.3", "a failure alone", Mark.NON_STRICT, Mark.OK, say(1002)),
        row("5.6", "a pong, an echo", Mark.OK, Mark.OK, closing(pongAndEcho(true))),
        row("5.6", "an echo, a pong", Mark.FAILED, Mark.FAILED, pongAndEcho(false)),
        row("5.19", "early pongs", Mark.OK, Mark.OK, closing(FuzzingServerTest::earlyPongs)),
        row("6.4.1", "a failure in time", Mark.OK, Mark.OK, behind(2, say(1007))),
        row("6.4.1", "a failure too early", Mark.FAILED, Mark.OK, behind(1, say(1007))),
        row("6.4.4", "a failure by another code", Mark.OK, Mark.WRONG_CODE, pieces(say(1002))),
        row("6.8.1", "a failure", Mark.OK, Mark.OK, say(1007)),
        row("6.8.1", "a text", Mark.FAILED, Mark.OK, say(Frame.text("\ufffd"), 1007)),
        row("7.1.3", "an answer", Mark.OK, Mark.OK, RawClient::echo),
        row("7.1.3", "a pong", Mark.FAILED, Mark.OK, say(Frame.pong(""), 1000)),
        row("7.1.4", "an echo", Mark.FAILED, Mark.OK, say(Frame.text("Hello World!"), 1000)),
        row("7.3.1", "an empty answer", Mark.OK, Mark.OK, RawClient::echo),
        row("7.3.1", "a dropped connection", Mark.OK, Mark.UNCLEAN, RawClient::drop),
        row("7.3.2", "a failure", Mark.OK, Mark.OK, say(1002)),
        row("7.3.2", "a dropped connection", Mark.OK, Mark.OK, RawClient::drop),
        row("7.7.2", "the same code", Mark.OK, Mark.OK, say(1001)),
        row("7.7.2", "another code", Mark.FAILED, Mark.WRONG_CODE, say(3000)),
        row("7.9.1", "a failure", Mark.OK, Mark.OK, say(1002)),
        row("7.9.1", "an answer", Mark.FAILED, Mark.WRONG_CODE, say(1000)),
        row("7.13.1", "anything", Mark.INFORMATIONAL, Mark.INFORMATIONAL, say(4321)),
        row("9.1.1", "an echo", Mark.OK, Mark.OK, closing(RawClient::echo)),
        row("9.1.1", "an echo with a slip", Mark.FAILED, Mark.FAILED, FuzzingServerTest::slip),
        row("9.7.2", "echoes", Mark.OK, Mark.OK, closing(FuzzingServerTest::echoes)),
        row(
            "9.7.2",
            "one echo too few",
            Mark.FAILED,
            Mark.FAILED,
            client -> {
              client.echo();
              client.close(1000);
            }),
        row("12.1.1", "no compression", Mark.UNIMPLEMENTED, Mark.OK, RawClient::echo),
        row("13.4.1", "no compression", Mark.UNIMPLEMENTED, Mark.OK, RawClient::echo));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void brokenRulesFail(String name, Deed deed) throws IOException {
    assertVerdict(patient, "1.1.1", "", Mark.FAILED, Mark.FAILED, deed);
  }

  static Stream<Arguments> brokenRulesFail() {
    return Stream.of(
        Arguments.of("an unmasked frame", octets(0x81, 0)),
        Arguments.of("reserved bits", sent(Frame.text("").rsv(4))),
        Arguments.of("reserved bits of a control frame", sent(Frame.pong("").rsv(4))),
        Arguments.of("a reserved opcode", sent(Frame.of(3, ""))),
        Arguments.of("a reserved control opcode", sent(Frame.of(11, ""))),
        Arguments.of("a fragmented pong", sent(Frame.pong("").unfinished())),
        Arguments.of("a continuation of nothing", sent(Frame.continuation(""))),
        Arguments.of("a text between fragments", sent(Frame.text("").unfinished(), Frame.text(""))),
        Arguments.of("a length in too many octets", octets(0x81, 0xfe, 0, 0, 0, 0, 0, 0)),
        Arguments.of("text that is not UTF-8", sent(Frame.of(Frame.TEXT, new byte[] {-1}))),
        Arguments.of("half a close code", sent(Frame.of(Frame.CLOSE, "a"))),
        Arguments.of("a close code that is none", sent(Frame.close(1005, ""))),
        Arguments.of("a reason that is not UTF-8", sent(Frame.close(1000, new byte[] {-1}))));
  }

  @Test
  void aSilentClientFails() throws IOException {
    assertVerdict(hasty, "1.1.2", "", Mark.FAILED, Mark.OK, behind(2, say(1000)));
  }

  @Test
  void invalidTextThatIsNotNoticedFails() throws IOException {
    assertVerdict(hasty, "6.8.1", "", Mark.FAILED, Mark.FAILED, behind(1, RawClient::take));
  }

  @Test
  void invalidTextThatIsNoticedAtTheEndIsNotStrict() throws IOException {
    assertVerdict(hasty, "6.4.1", "", Mark.NON_STRICT, Mark.OK, behind(3, say(1007)));
  }

  @Test
  void aSmallWindowThatIsHonouredIsOk() throws IOException {
    SmallWindow small = new SmallWindow(1 << 9, false);
    assertVerdict(
        patient,
        "13.3.5",
        OFFER,
        Mark.OK,
        Mark.OK,
        closing(client -> client.echoCompressed(ROUNDS, small::squeeze)));
  }

  @Test
  void aSmallWindowThatIsNotHonouredFails() throws IOException {
    Squeezer large = new Squeezer(NO_TERMS);
    assertVerdict(
        patient,
        "13.3.5",
        OFFER,
        Mark.FAILED,
        Mark.FAILED,
        client -> client.echoCompressed(1, large::squeeze));
  }

  @Test
  void aContextThatIsNotTakenOverIsOk() throws IOException {
    Squeezer anew = new Squeezer(new Terms(true, 0, false, 0));
    assertVerdict(
        patient,
        "13.2.5",
        OFFER,
        Mark.OK,
        Mark.OK,
        closing(client -> client.echoCompressed(ROUNDS, anew::squeeze)));
  }

  @Test
  void aContextThatIsTakenOverAllTheSameFails() throws IOException {
    Squeezer takingOver = new Squeezer(NO_TERMS);
    assertVerdict(
        patient,
        "13.2.5",
        OFFER,
        Mark.FAILED,
        Mark.FAILED,
        client -> client.echoCompressed(2, takingOver::squeeze));
  }

  @Test
  void aMessageThatIsNotCompressedIsOk() throws IOException {
    assertVerdict(
        patient,
        "12.1.3",
        OFFER,
        Mark.OK,
        Mark.OK,
        client -> {
          TrackingInflater inflater = new TrackingInflater(NO_TERMS);
          for (int i = 0; i < ROUNDS; i++) {
            client.send(Frame.of(Frame.TEXT, inflater.inflate(client.take().payload())));
          }
          client.echo();
        });
  }

  @Test
  void theCatalogueIsTheSuitesAndAGroupOfItsOwn() {
    List<String> ids = Catalogue.cases().stream().map(Case::id).toList();
    assertThat(new HashSet<>(ids)).hasSameSizeAs(ids);
    assertThat(ids).filteredOn(id -> !id.startsWith("14.")).hasSize(517);
    assertThat(ids).contains("1.2.8", "2.11", "3.7", "4.2.5", "5.20", "6.22.34", "6.23.7");
    assertThat(ids).contains("7.13.2", "9.8.6", "10.1.1", "12.5.18", "13.7.18", "14.15.2");
    assertThat(ids).isSortedAccordingTo(Comparator.comparing(FuzzingServerTest::ordered));
  }

  private static String ordered(String id) {
    return Stream.of(id.split("\\."))
        .reduce("", (a, b) -> a + "%03d".formatted(Integer.parseInt(b)));
  }

  // ---- deeds

  private static void assertVerdict(
      FuzzingServer server, String id, String offer, Mark behavior, Mark close, Deed deed)
      throws IOException {
    try (RawClient client = new RawClient(server, id, offer)) {
      deed.by(client);
      client.end();
    }
    Verdict verdict = server.verdict(server.number(id), "raw");
    assertThat(verdict.behavior()).as(verdict.why()).isEqualTo(behavior);
    assertThat(verdict.behaviorClose()).as(verdict.why()).isEqualTo(close);
  }

  /** Answers the server's close frame behind what was done. */
  private static Deed closing(Deed deed) {
    return client -> {
      deed.by(client);
      client.echo();
    };
  }

  /** Does it when so many frames have come. */
  private static Deed behind(int frames, Deed deed) {
    return client -> {
      for (int i = 0; i < frames; i++) {
        client.take();
      }
      deed.by(client);
    };
  }

  /** Does it when 13 octets of a frame's payload have come. */
  private static Deed pieces(Deed deed) {
    return client -> {
      client.skip(2 + 13);
      deed.by(client);
    };
  }

  private static Deed say(int code) {
    return client -> client.close(code);
  }

  private static Deed say(Frame frame, int code) {
    return client -> {
      client.send(frame);
      client.close(code);
    };
  }

  private static Deed sent(Frame... frames) {
    return client -> {
      for (Frame frame : frames) {
        client.send(frame);
      }
    };
  }

  private static Deed octets(int... octets) {
    byte[] whole = new byte[octets.length]; // in one piece: the server may go away within it
    for (int i = 0; i < whole.length; i++) {
      whole[i] = (byte) octets[i];
    }
    return client -> client.octets(whole);
  }

  private static void asBinary(RawClient client) throws IOException {
    client.send(Frame.of(Frame.BINARY, client.take().payload()));
    client.close(1000);
  }

  private static void twoEchoes(RawClient client) throws IOException {
    client.echo();
    client.send(Frame.text("Hello, world!"));
    client.close(1002);
  }

  private static void echoes(RawClient client) throws IOException {
    for (int i = 0; i < ROUNDS; i++) {
      client.echo();
    }
  }

  private static void slip(RawClient client) throws IOException {
    byte[] payload = client.take().payload();
    payload[payload.length / 2] ^= 1;
    client.send(Frame.of(Frame.TEXT, payload));
    client.close(1000);
  }

  private static void earlyPongs(RawClient client) throws IOException {
    behind(2, RawClient::pong).by(client);
    behind(2, RawClient::pong).by(client);
    client.take();
    client.send(Frame.text("fragment1fragment2fragment3fragment4fragment5"));
  }

  private static Deed pongAndEcho(boolean inOrder) {
    Frame pong = Frame.pong("ping payload");
    Frame echo = Frame.text("fragment1fragment2");
    return client -> {
      behind(3, sent(inOrder ? pong : echo, inOrder ? echo : pong)).by(client);
      if (!inOrder) {
        client.close(1000);
      }
    };
  }
}
