package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Close;
import dev.lariat.message.Text;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReportTest extends CommandTest {
  @TempDir private Path folder;

  private static Duration at(int millis) {
    return Duration.ofMillis(millis);
  }

  private Path file(Entry... entries) throws IOException {
    List<String> lines = new ArrayList<>(List.of(RecordingTest.HEAD.strip()));
    lines.addAll(Arrays.stream(entries).map(EntryFormat::line).toList());
    return Files.write(folder.resolve("session.jsonl"), lines);
  }

  private Path healed() throws IOException {
    return file(
        new Entry.Connecting(at(0), 0),
        new Entry.Step(at(10), "connect", at(10), Optional.of("a"), Optional.empty()),
        new Entry.Open(at(1000), 1, Optional.empty(), Optional.empty()),
        new Entry.Sent(at(1100), new Text("ask")),
        new Entry.Received(at(1150), new Text("answer")),
        new Entry.Received(at(1160), new Text("more")),
        new Entry.RoundTrip(at(2000), at(7)),
        new Entry.RoundTrip(at(2500), at(9)),
        new Entry.Waiting(at(3000), 1, at(100), "The server closed the connection."),
        new Entry.Connecting(at(3100), 1),
        new Entry.Step(at(3110), "connect", at(10), Optional.empty(), Optional.of("Refused.")),
        new Entry.Waiting(at(3110), 2, at(500), "Refused."),
        new Entry.Connecting(at(3900), 2),
        new Entry.Step(at(3920), "connect", at(20), Optional.of("a"), Optional.empty()),
        new Entry.Open(at(4000), 2, Optional.empty(), Optional.empty()),
        new Entry.Received(at(8000), new Text("héllo")),
        new Entry.Received(at(9000), new Close(1000, "")),
        new Entry.Gone(at(10000), "The server closed the WebSocket with code 1000."));
  }

  @Test
  void aHealedSessionIsReportedWithItsGap() throws Exception {
    assertThat(run("", "report", healed().toString())).isEqualTo(0);
    assertThat(out.text())
        .isEqualTo(
            """
            lariat report ws://a.example/

            Sessions
              ok         2 sessions in 10.0 s, open for 8.00 s (80.0 %).
              note       Session 1: 2.00 s, 2 received, 1 sent. The server closed the connection.
                         It was tried again. If it came back, the gap is listed.
              ok         Session 2: 6.00 s, 1 received, 0 sent. The server closed the WebSocket with code 1000.

            Gaps
              note       1.00 s without a session at 3.00 s, 2 attempts: The server closed the connection.
                         Session 2 ended it.
              ok         The longest silence of the server in an open session was 4.00 s.

            Latency
              ok         The step connect took 10.0 ms to 20.0 ms, median 20.0 ms (2 times).
              ok         The next message after one that was sent took 50.0 ms (1 time).
              ok         A ping's round trip took 7.00 ms to 9.00 ms, median 9.00 ms (2 times).
              note       1 step of attempts failed.
                         The gaps say when and why.

            Messages
              ok         3 messages received, 16 bytes, the largest of 6; 0.3 per second in the mean, at most 2 in one second.
              ok         1 message sent, 3 bytes, the largest of 3; 0.1 per second in the mean, at most 1 in one second.

            0 problems, 3 notes, 0 not tried.
            """);
  }

  @Test
  void anErrorOfTheServerIsAProblem() throws Exception {
    Path file =
        file(
            new Entry.Open(at(0), 1, Optional.empty(), Optional.empty()),
            new Entry.Received(at(1), new Close(4001, "no")),
            new Entry.Gone(at(2), "The server closed the WebSocket with code 4001: no."));
    assertThat(run("", "report", file.toString())).isEqualTo(12);
    assertThat(out.text()).contains("problem    Session 1: 2.00 ms, 0 received, 0 sent.");
  }

  @Test
  void aRecordingWithoutASessionIsAProblem() throws Exception {
    Path file = file(new Entry.Connecting(at(0), 0), new Entry.Gone(at(5), "Refused."));
    assertThat(run("", "report", file.toString())).isEqualTo(12);
    assertThat(out.text())
        .contains("problem    No session was open in 5.00 ms.")
        .contains("not tried  Round trips: no ping was answered.");
  }

  @Test
  void whatWasNotDeliveredIsAProblem() throws Exception {
    Path file =
        file(
            new Entry.Open(at(0), 1, Optional.empty(), Optional.empty()),
            new Entry.Undelivered(at(1), "unknown", new Text("a")));
    assertThat(run("", "report", file.toString())).isEqualTo(12);
    assertThat(out.text()).contains("problem    1 message was not delivered, or possibly not.");
  }

  @Test
  void aTruncatedRecordingSaysSo() throws Exception {
    Path file = file(new Entry.Open(at(0), 1, Optional.empty(), Optional.empty()));
    Files.writeString(file, Files.readString(file) + "{\"at\":0.");
    assertThat(run("", "report", file.toString())).isEqualTo(0);
    assertThat(out.text())
        .contains("note       The last line is incomplete and left out.")
        .contains("It was open at the end of the recording.");
  }

  @Test
  void aMalformedRecordingIsWrongUsage() throws Exception {
    Path file = file();
    Files.writeString(file, Files.readString(file) + "{}\n");
    assertThat(run("", "report", file.toString())).isEqualTo(2);
    assertThat(err.text()).isEqualTo("lariat: " + file + ", line 2: it has no number \"at\".\n");
  }

  @Test
  void jsonHasTheStates() throws Exception {
    assertThat(run("", "report", "--json", healed().toString())).isEqualTo(0);
    assertThat(out.text())
        .contains("\"problems\":0", "\"area\":\"gaps\"")
        .contains(
            "{\"from\":1.000000,\"took\":2.000000,\"kind\":\"open\",\"detail\":\"open, session"
                + " 1\"}")
        .hasLineCount(1);
  }

  @Test
  void thePictureHasStatesRatesAndRoundTrips() throws Exception {
    Path page = folder.resolve("page.html");
    assertThat(run("", "report", "--html=" + page, healed().toString())).isEqualTo(0);
    assertThat(Files.readString(page))
        .contains("States: connecting, open, waiting", "Received: 3, at most 2", "Sent: 1")
        .contains("Round trips: at most 9.00 ms", "<title>open, session 2</title>")
        .contains("class=\"bar-waiting\"", "class=\"bar-open\"", "class=\"bar-step\"")
        .doesNotContain("<script");
  }
}
