package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Ping;
import dev.lariat.message.Pong;
import dev.lariat.message.Text;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RecordingTest {
  static final String HEAD =
      "{\"lariat\":\"recording\",\"version\":1,\"kind\":\"websocket\",\"url\":\"ws://a.example/\","
          + "\"started\":\"2026-11-30T07:38:19.123Z\"}\n";
  private static final Bytes BYTES = Bytes.copyOf(new byte[] {1, 2, (byte) 255});

  @TempDir private Path folder;

  private Recording read(String text) throws IOException {
    return Recording.read(Files.writeString(folder.resolve("it"), text));
  }

  private static List<Entry> entries() {
    List<Frame> frames =
        List.of(
            new Text("a\"\\\n\t\u0001\u2028 é 𝄞"),
            new Text(""),
            new Binary(BYTES),
            new Ping(BYTES),
            new Pong(Bytes.EMPTY),
            new Close(1000, "bye"),
            Close.EMPTY);
    List<Entry> entries = new ArrayList<>();
    Duration at = Duration.ofNanos(1_234_567_000);
    entries.add(new Entry.Connecting(at, 0));
    entries.add(new Entry.Step(at, "tls", at, Optional.of("TLSv1.3"), Optional.empty()));
    entries.add(new Entry.Step(at, "connect", at, Optional.empty(), Optional.of("Refused.")));
    entries.add(new Entry.Open(at, 1, Optional.of("chat"), Optional.of("permessage-deflate")));
    entries.add(new Entry.Open(at, 2, Optional.empty(), Optional.empty()));
    for (Frame frame : frames) {
      entries.add(new Entry.Sent(at, frame));
      entries.add(new Entry.Received(at, frame));
    }
    entries.add(new Entry.Event(at, "7", "price", "one\ntwo"));
    entries.add(new Entry.Undelivered(at, "dropped", new Text("lost")));
    entries.add(new Entry.RoundTrip(at, Duration.ofMillis(3)));
    entries.add(new Entry.Waiting(at, 1, Duration.ofMillis(500), "Lost."));
    entries.add(new Entry.Gone(at, "The end."));
    return entries;
  }

  @Test
  void everyEntryIsReadAsItWasWritten() throws Exception {
    for (Entry entry : entries()) {
      String line = EntryFormat.line(entry);
      assertThat(line).doesNotContain("\n");
      assertThat(EntryFormat.entry(line)).as(line).isEqualTo(entry);
    }
  }

  @Test
  void aRecordingIsReadWhole() throws IOException {
    String lines = String.join("\n", entries().stream().map(EntryFormat::line).toList());
    Recording recording = read(HEAD + lines + "\n");
    assertThat(recording.entries()).isEqualTo(entries());
    assertThat(recording.head().url()).isEqualTo("ws://a.example/");
    assertThat(recording.truncated()).isFalse();
    assertThat(recording.head() + "\n").isEqualTo(HEAD);
  }

  @Test
  void aLastLineIsCutAnywhereByAKilledRecorder() throws IOException {
    String first = EntryFormat.line(new Entry.Connecting(Duration.ZERO, 0)) + "\n";
    String last = EntryFormat.line(new Entry.Received(Duration.ZERO, new Text("héllo")));
    for (int length = 1; length < last.length(); length++) {
      Recording recording = read(HEAD + first + last.substring(0, length));
      assertThat(recording.truncated()).as(last.substring(0, length)).isTrue();
      assertThat(recording.entries()).hasSize(1);
    }
    assertThat(read(HEAD + first + last).entries()).hasSize(2);
    assertThat(read(HEAD + first).truncated()).isFalse();
  }

  @Test
  void aCutWithinACharacterIsACutLine() throws IOException {
    String last = EntryFormat.line(new Entry.Received(Duration.ZERO, new Text("é")));
    byte[] all = (HEAD + last).getBytes(StandardCharsets.UTF_8);
    int inside = new String(all, StandardCharsets.ISO_8859_1).indexOf('Ã') + 1;
    Path file = Files.write(folder.resolve("it"), Arrays.copyOf(all, inside));
    assertThat(Recording.read(file).truncated()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "{} | it has no number \"at\"",
        "[] | it lacks { at character 1",
        "{\"at\":0 | it lacks } at character 8",
        "{\"at\":0}x | something follows the object, at character 9",
        "{\"at\":0,\"at\":1} | the field \"at\" is there twice",
        "{\"at\":-1,\"event\":\"gone\",\"reason\":\"\"} | \"at\" is -1, allowed are 0 to 315360000"
            + " seconds",
        "{\"at\":1e9,\"event\":\"gone\"} | at character 7 there is neither a string nor a decimal"
            + " number",
        "{\"at\":0,\"event\":\"gone\"} | it has no text \"reason\"",
        "{\"at\":0,\"event\":\"gone\",\"reason\":\"\",\"x\":1} | the field \"x\" does not belong to"
            + " it",
        "{\"at\":0,\"event\":\"fly\"} | the event \"fly\" is unknown",
        "{\"at\":0,\"event\":\"sent\",\"type\":\"fly\"} | the type \"fly\" is unknown",
        "{\"at\":0,\"event\":\"sent\",\"type\":\"text\",\"size\":2,\"text\":\"a\"} | \"size\" is 2,"
            + " but there are 1 bytes",
        "{\"at\":0,\"event\":\"sent\",\"type\":\"text\",\"size\":1,\"text\":\"\\ud800\"} | \"text\""
            + " has half of a surrogate pair",
        "{\"at\":0,\"event\":\"sent\",\"type\":\"binary\",\"size\":1,\"base64\":\"????\"} |"
            + " \"base64\" is not base64: Illegal base64 character 3f",
        "{\"at\":0,\"event\":\"sent\",\"type\":\"close\",\"size\":2,\"code\":1006,\"text\":\"\"} |"
            + " the close frame is not allowed: ",
        "{\"at\":0,\"event\":\"step\",\"name\":\"fly\",\"took\":1} | \"name\" is \"fly\", allowed"
            + " are [connect, lookup, proxy, tls, upgrade]",
        "{\"at\":0,\"event\":\"connecting\",\"attempt\":1.5} | \"attempt\" is 1.5, allowed are"
            + " whole numbers from 0 to 2147483647",
        "{\"at\":0,\"event\":\"gone\",\"reason\":\"\\x\"} | a string has an unknown escape at"
            + " character 35",
      })
  void aMalformedLineIsNamed(String line, String why) {
    assertThatThrownBy(() -> read(HEAD + line + "\n"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("it, line 2: " + why.stripLeading());
  }

  @Test
  void linesStandInTheOrderOfTime() {
    String one = EntryFormat.line(new Entry.Gone(Duration.ofSeconds(1), "")) + "\n";
    String two = EntryFormat.line(new Entry.Gone(Duration.ZERO, "")) + "\n";
    assertThatThrownBy(() -> read(HEAD + one + two))
        .hasMessageEndingWith(
            "line 3: \"at\" is 0.000000, which is before the line above it, 1.000000.");
  }

  @Test
  void whatIsNoRecordingIsRefused() {
    assertThatThrownBy(() -> read("")).hasMessageEndingWith(" is empty: it is not a recording.");
    assertThatThrownBy(() -> read("{\"a\":1}\n"))
        .hasMessageEndingWith("line 1: this is not a recording.");
    assertThatThrownBy(() -> read(HEAD.replace(":1,", ":2,")))
        .hasMessageEndingWith("line 1: the recording has the version 2, allowed is 1.");
    assertThatThrownBy(() -> read(HEAD.replace("websocket", "smoke")))
        .hasMessageEndingWith("line 1: \"kind\" is \"smoke\", allowed are events and websocket.");
    assertThatThrownBy(() -> read(HEAD.replace("2026", "soon")))
        .hasMessageEndingWith("line 1: \"started\" is not a time of ISO 8601 in UTC.");
    assertThatThrownBy(() -> Recording.read(folder.resolve("none")))
        .hasMessage("There is no file " + folder.resolve("none") + ".");
  }

  @Test
  void aSessionIsWhatPassedFromItsOpeningToItsEnd() throws IOException {
    Duration second = Duration.ofSeconds(1);
    List<Entry> entries =
        List.of(
            new Entry.Connecting(Duration.ZERO, 0),
            new Entry.Open(second, 1, Optional.empty(), Optional.empty()),
            new Entry.Received(second.multipliedBy(2), new Text("a")),
            new Entry.Waiting(second.multipliedBy(3), 1, second, "Lost."),
            new Entry.Connecting(second.multipliedBy(4), 1),
            new Entry.Waiting(second.multipliedBy(4), 2, second, "Refused."),
            new Entry.Open(second.multipliedBy(5), 2, Optional.empty(), Optional.empty()),
            new Entry.Sent(second.multipliedBy(7), new Text("b")));
    String lines = String.join("\n", entries.stream().map(EntryFormat::line).toList());
    List<Recording.Session> sessions = read(HEAD + lines + "\n").sessions();
    assertThat(sessions).hasSize(2);
    assertThat(sessions.getFirst().passed()).containsExactly(entries.get(2));
    assertThat(sessions.getFirst().length()).isEqualTo(second.multipliedBy(2));
    assertThat(sessions.getFirst().end()).isEqualTo(entries.get(3));
    assertThat(sessions.getLast().passed()).containsExactly(entries.get(7));
    assertThat(sessions.getLast().end()).isNull();
    assertThat(sessions.getLast().length()).isEqualTo(second.multipliedBy(2));
  }
}
