package dev.lariat.fleet.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.fleet.Feed;
import dev.lariat.fleet.Pair;
import dev.lariat.fleet.PositionFinder;
import dev.lariat.fleet.Resume;
import dev.lariat.message.Close;
import dev.lariat.message.Text;
import dev.lariat.option.Backoff;
import dev.lariat.option.Endpoint;
import dev.lariat.option.EventOptions;
import dev.lariat.option.Healing;
import dev.lariat.option.LiveOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FeedFileTest {
  private static final Source SOURCE =
      new Source(Path.of("feeds.yaml"), Map.of("TOKEN", "s3cret", "N", "0")::get);

  @TempDir Path folder;

  private static FeedFile parse(String text) {
    return FeedFile.parse(SOURCE, text);
  }

  private static Feed only(String text) {
    return parse("feeds:\n" + text.indent(2)).feeds().getFirst();
  }

  @Test
  void aFeedIsWhatTheCodeWouldMake() {
    Feed feed =
        only(
            """
            - id: btc
              kind: webSocket
              uri: wss://stream.example.com/btc
              headers: {Authorization: "Bearer ${TOKEN}", X-Cost: "$5 $${N}"}
              position: /data/seq
              resume: {query: after}
              healing: {attempts: 7, first: 500ms, cap: 1m, factor: 1.5, stable: 10s, spread: 0s}
            """);
    Endpoint endpoint =
        Endpoint.of("wss://stream.example.com/btc")
            .header("Authorization", "Bearer s3cret")
            .header("X-Cost", "$5 ${N}");
    Backoff retry =
        Backoff.DEFAULT
            .attempts(7)
            .delays(Duration.ofMillis(500), Duration.ofMinutes(1))
            .factor(1.5)
            .stable(Duration.ofSeconds(10));
    assertThat(feed)
        .isEqualTo(
            Feed.webSocket("btc", endpoint)
                .position(PositionFinder.json("/data/seq"))
                .resume(Resume.query("after"))
                .options(
                    LiveOptions.DEFAULT.healing(
                        Healing.DEFAULT.retry(retry).spread(Duration.ZERO))));
  }

  @Test
  void aFeedCanBeCollectedTwiceAndHaveItsFirstPositionInAHeader() {
    Endpoint endpoint = Endpoint.of("wss://a.example/").header("X-Key", "s3cret");
    Feed plain = Feed.webSocket("a", endpoint).position(PositionFinder.json("/seq"));
    String text = "- {id: a, uri: 'wss://a.example/', headers: {X-Key: '${TOKEN}'}, position: /seq";
    assertThat(only(text + ", pair: true}")).isEqualTo(plain.pair(Pair.DEFAULT));
    assertThat(only(text + ", pair: false}")).isEqualTo(plain);
    assertThat(
            only(
                text
                    + ", pair: {second: 'wss://b.example/', identity: /id, window: 9, patience:"
                    + " 2s}}"))
        .isEqualTo(
            plain.pair(
                Pair.DEFAULT
                    .second(Endpoint.of("wss://b.example/").header("X-Key", "s3cret"))
                    .identity(PositionFinder.json("/id"))
                    .window(9)
                    .patience(Duration.ofSeconds(2))));
    assertThat(only("- {id: e, uri: 'https://a.example/', pair: true}"))
        .isEqualTo(Feed.events("e", "https://a.example/").pair(Pair.DEFAULT));
    assertThat(only(text + ", positionHeader: X-Seq, resume: {query: after}}"))
        .isEqualTo(plain.resume(Resume.query("after")).positionHeader("X-Seq"));
  }

  @Test
  void aFeedCanOverlapAsItMoves() {
    Feed plain = Feed.webSocket("a", "wss://a.example/").position(PositionFinder.json("/seq"));
    String text = "- {id: a, uri: 'wss://a.example/', position: /seq";
    assertThat(only(text + ", overlap: true}")).isEqualTo(plain.overlap(true));
    assertThat(only(text + ", overlap: false}")).isEqualTo(plain);
    assertThat(only(text + ", goodbye: 4000}")).isEqualTo(plain.goodbye(new Close(4000, "")));
    assertThat(only(text + ", goodbye: 1005}")).isEqualTo(plain.goodbye(Close.EMPTY));
    assertThat(only("- {id: e, uri: 'https://a.example/', overlap: true}"))
        .isEqualTo(Feed.events("e", "https://a.example/").overlap(true));
  }

  @Test
  void aFeedOfServerSentEventsNeedsNoPosition() {
    assertThat(only("- {id: e, uri: 'https://example.com/events', silence: 30s}"))
        .isEqualTo(
            Feed.events("e", "https://example.com/events")
                .options(EventOptions.DEFAULT.between(Duration.ofSeconds(30)).comments(true)));
  }

  @Test
  void equalDescriptionsMakeEqualFeeds() {
    String text =
        """
        - id: a
          uri: ws://example.com/
          onOpen: ['{"op":"login"}', hello]
          position: /seq
          resume: {frame: '{"after":"{position}"}', start: "0"}
          silence: 1m
        """;
    assertThat(only(text)).isEqualTo(only(text)).hasSameHashCodeAs(only(text));
    assertThat(only(text)).isNotEqualTo(only(text.replace("hello", "hi")));
    assertThat(only(text)).isNotEqualTo(only(text.replace("1m", "2m")));
  }

  @Test
  void defaultsAreForTheFeedsThatDoNotSayOtherwise() {
    FeedFile file =
        parse(
            """
            defaults:
              position: /seq
              resume: {header: X-After}
            feeds:
            - {id: a, uri: "ws://a.example/"}
            - {id: b, uri: "ws://b.example/", resume: {query: from}}
            """);
    Feed a = Feed.webSocket("a", "ws://a.example/").position(PositionFinder.json("/seq"));
    Feed b = Feed.webSocket("b", "ws://b.example/").position(PositionFinder.json("/seq"));
    assertThat(file.feeds())
        .containsExactly(a.resume(Resume.header("X-After")), b.resume(Resume.query("from")));
    assertThat(file.budget()).isEmpty();
  }

  @Test
  void theBudgetIsThatOfTheWholeFleet() {
    var budget = parse("{budget: {perSecond: 2.5, burst: 3}, feeds: []}").budget().orElseThrow();
    assertThat(budget.perSecond()).isEqualTo(2.5);
    assertThat(budget.burst()).isEqualTo(3);
    assertThat(parse("{budget: {perSecond: 9}, feeds: []}").budget().orElseThrow().burst()).isOne();
  }

  @Test
  void theFirstFramesAskForWhatComesAfterThePosition() {
    FirstFrames frames = FirstFrames.NONE.texts(List.of("login"));
    assertThat(frames.frames(Optional.of("7"))).containsExactly(new Text("login"));
    frames = frames.resuming("{\"after\":\"{position}\"}", null);
    assertThat(frames.frames(Optional.empty())).containsExactly(new Text("login"));
    assertThat(frames.frames(Optional.of("7")))
        .containsExactly(new Text("login"), new Text("{\"after\":\"7\"}"));
    assertThat(frames.frames(Optional.of("\",\"op\":\"x\\\n")).getLast())
        .isEqualTo(new Text("{\"after\":\"\\\",\\\"op\\\":\\\"x\\\\\\u000a\"}"));
    frames = FirstFrames.NONE.resuming("after {position}", "0");
    assertThat(frames.frames(Optional.empty())).containsExactly(new Text("after 0"));
    assertThat(frames.frames(Optional.of("\""))).containsExactly(new Text("after \""));
  }

  @Test
  void aFeedCanHaveAStandBy() {
    Feed plain = Feed.webSocket("a", "wss://a.example/").position(PositionFinder.json("/seq"));
    String text = "- {id: a, uri: 'wss://a.example/', position: /seq";
    assertThat(only(text + ", standBy: true}")).isEqualTo(plain.standBy(true));
    assertThat(only(text + ", standBy: false}")).isEqualTo(plain);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{id: a, uri: 'ws://h/', postion: /x}| 3: feeds[0].postion: unknown; did you mean position?"
            + " allowed id, kind, uri, headers, onOpen, position, positionHeader, resume, pair,"
            + " overlap, standBy, goodbye, healing, silence",
        "{id: a, uri: 'ws://h/', id: b} | 3: feeds[0].id: twice, allowed once",
        "{uri: 'ws://h/'} | 3: feeds[0].id: missing, allowed a value",
        "{id: a, uri: } | 3: feeds[0].uri: missing, allowed a value",
        "{id: '', uri: 'ws://h/'} | 3: feeds[0].id: , allowed 1 to 200",
        "{id: [a], uri: 'ws://h/'} | 3: feeds[0].id: sequence, allowed a text",
        "{id: a, uri: 'ftp://h/'}"
            + "| 3: feeds[0].uri: ftp://h/, allowed the schemes http, https, ws and wss",
        "{id: a, uri: 'http://h/', kind: webSocket}"
            + "| 3: feeds[0].kind: webSocket, allowed events for a URI of http or https",
        "{id: a, uri: 'http://h/', kind: socket}"
            + "| 3: feeds[0].kind: socket, allowed webSocket or events",
        "{id: a, uri: 'http://h/', onOpen: x}"
            + "| 3: feeds[0].onOpen: x, allowed only for a WebSocket",
        "{id: a, uri: 'ws://h/', position: seq}"
            + "| 3: feeds[0].position: seq, allowed a JSON pointer (RFC 6901) such as /data/seq",
        "{id: a, uri: 'ws://h/', resume: {}}"
            + "| 3: feeds[0].resume: mapping, allowed exactly one of query, header and frame",
        "{id: a, uri: 'ws://h/', resume: {query: x, start: y}}"
            + "| 3: feeds[0].resume.start: y, allowed only with frame",
        "{id: a, uri: 'ws://h/', position: /x, resume: {frame: x}}"
            + "| 3: feeds[0].resume.frame: x, allowed a text with {position}",
        "{id: a, uri: 'ws://h/', resume: {frame: '{position}'}}"
            + "| 3: feeds[0].resume.frame: {position}, allowed only with a position",
        "{id: a, uri: 'ws://h/', resume: {header: 'a b'}}"
            + "| 3: feeds[0].resume.header: a b, allowed a token (RFC 9110 section 5.6.2)",
        "{id: a, uri: 'ws://h/', healing: {repeats: 0}}"
            + "| 3: feeds[0].healing.repeats: 0, allowed 1 to 1000000",
        "{id: a, uri: 'ws://h/', healing: {repeats: '${N}'}}"
            + "| 3: feeds[0].healing.repeats: ${N}, allowed 1 to 1000000",
        "{id: a, uri: 'ws://h/', healing: {attempts: many}}"
            + "| 3: feeds[0].healing.attempts: many, allowed a whole number up to 2147483647",
        "{id: a, uri: 'ws://h/', healing: {first: 5}}"
            + "| 3: feeds[0].healing.first: 5, allowed a whole number with a unit, as in 500ms,"
            + " 30s, 5m, 2h or 1d",
        "{id: a, uri: 'ws://h/', headers: {Authorization: '${TOKNE}'}}"
            + "| 3: feeds[0].headers.Authorization: ${TOKNE}, allowed a variable of the environment"
            + " that is set; ${TOKNE} is not",
        "{id: a, uri: 'ws://h/', pair: true}"
            + "| 3: feeds[0].pair: true, allowed only with a position or an identity",
        "{id: a, uri: 'ws://h/', position: /x, pair: both}"
            + "| 3: feeds[0].pair: both, allowed true or false",
        "{id: a, uri: 'ws://h/', position: /x, pair: {second: 'http://i/'}}"
            + "| 3: feeds[0].pair.second: http://i/, allowed the schemes ws and wss",
        "{id: a, uri: 'ws://h/', position: /x, pair: {window: 0}}"
            + "| 3: feeds[0].pair.window: 0, allowed 1 to 1000000",
        "{id: a, uri: 'ws://h/', position: /x, pair: {patience: 2m}}"
            + "| 3: feeds[0].pair.patience: 2m, allowed 0 ms to 60 s",
        "{id: a, uri: 'ws://h/', position: /x, pair: {identity: id}}| 3: feeds[0].pair.identity:"
            + " id, allowed a JSON pointer (RFC 6901) such as /data/seq",
        "{id: a, uri: 'ws://h/', position: /x, pair: {sceond: x}}"
            + "| 3: feeds[0].pair.sceond: unknown; did you mean second? allowed second, identity,"
            + " window, patience",
        "{id: a, uri: 'ws://h/', goodbye: 1006}"
            + "| 3: feeds[0].goodbye: 1006, allowed 1000 to 1003, 1007 to 1014 and 3000 to 4999"
            + " (RFC 6455 section 7.4)",
        "{id: a, uri: 'http://h/', goodbye: 4000}"
            + "| 3: feeds[0].goodbye: 4000, allowed only for a WebSocket",
        "{id: a, uri: 'ws://h/', overlap: true}"
            + "| 3: feeds[0].overlap: true, allowed only with a position",
        "{id: a, uri: 'ws://h/', position: /x, overlap: 1}"
            + "| 3: feeds[0].overlap: 1, allowed true or false",
        "{id: a, uri: 'ws://h/', standBy: true}"
            + "| 3: feeds[0].standBy: true, allowed only with a position",
        "{id: a, uri: 'ws://h/', positionHeader: X-Seq}"
            + "| 3: feeds[0].positionHeader: X-Seq, allowed only with resume",
        "{id: a, uri: 'ws://h/', positionHeader: 'a b', resume: {query: x}}"
            + "| 3: feeds[0].positionHeader: a b, allowed a token (RFC 9110 section 5.6.2)",
        "{id: a, uri: 'ws://${TOKEN} /'}"
            + "| 3: feeds[0].uri: ws://${TOKEN} /, allowed one by RFC 3986 (Illegal character in"
            + " authority at index 11)",
      })
  void whatIsNotAllowedIsRefusedWithItsPlaceItsKeyItsValueAndWhatIs(String feed, String error) {
    assertThatThrownBy(() -> parse("# feeds\nfeeds:\n- " + feed))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching("feeds.yaml, line 3, column \\d+: .*")
        .extracting(e -> e.getMessage().replaceFirst("^feeds.yaml, line (\\d+), column \\d+", "$1"))
        .isEqualTo(error)
        .asString()
        .doesNotContain("s3cret");
  }

  @Test
  void thePlaceIsThatOfTheValue() {
    assertThatThrownBy(
            () ->
                parse(
                    """
                    budget: {perSecond: 0}
                    feeds: []
                    """))
        .hasMessage("feeds.yaml, line 1, column 21: budget.perSecond: 0, allowed 0.001 to 1000000");
    assertThatThrownBy(
            () -> parse("feeds:\n  - id: a\n    uri: ws://h/\n  - id: a\n    uri: ws://h/"))
        .hasMessage(
            "feeds.yaml, line 4, column 9: feeds[1].id: a, allowed an id that no other feed has, as"
                + " that in line 2");
  }

  @Test
  void whatIsNoYamlIsRefusedWithItsPlace() {
    assertThatThrownBy(() -> parse("feeds: [\n- x: {"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("feeds.yaml, line 2, column ");
    assertThatThrownBy(() -> parse("feeds: []\n---\nfeeds: []"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("feeds.yaml, line 2, column 1: ");
    assertThatThrownBy(() -> parse("feeds: [\u0000]"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("feeds.yaml: ");
    assertThatThrownBy(() -> parse("feeds: &a [*a]"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("feeds[0]: sequence, allowed keys with values");
  }

  @ParameterizedTest
  @CsvSource(value = {"''", "'# nothing\n'", "'null'"})
  void anEmptyFileIsRefusedSinceItWouldRemoveAllFeeds(String text) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("feeds.yaml: empty, allowed the key feeds");
  }

  @Test
  void aFileMustBeInUtf8() throws Exception {
    Path file = folder.resolve("feeds.yaml");
    Files.write(file, "feeds: [] # ä".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> FeedFile.read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(file + ": other bytes, allowed UTF-8");
  }

  @Test
  void manyThousandFeedsAreRead() {
    StringBuilder text = new StringBuilder("feeds:\n");
    for (int i = 0; i < 22_000; i++) {
      text.append("  - id: feed-").append(i).append("\n    uri: wss://stream.example.com/streams/");
      text.append(i).append("\n    position: /data/seq\n    headers: {X-Key: \"${TOKEN}\"}\n");
      text.append("    resume: {query: after}\n");
    }
    assertThat(text.length()).isGreaterThan(3 << 20); // the parser's own limit
    assertThat(parse(text.toString()).feeds()).hasSize(22_000);
  }
}
