package dev.lariat.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.message.Binary;
import dev.lariat.message.Frame;
import dev.lariat.message.Text;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SinksTest {
  private static final Instant AT = Instant.parse("2026-11-30T10:15:30Z");

  @TempDir Path folder;

  @Test
  void anEventIsALineOfJson() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Sink sink = Sink.jsonLines(out)) {
      sink.write(
          batch(new Text("{\"seq\":41}\n\u2028\ud83d\ude00\ud83d"), new Binary(new byte[] {1, 2})));
    }
    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"feed\":\"btc\",\"position\":\"41\",\"at\":\"2026-11-30T10:15:30Z\",\"type\":\"message\",\"data\":\"{\\\"seq\\\":41}\\n"
                + "\\u2028\ud83d\ude00\\ud83d\"}\n"
                + "{\"feed\":\"btc\",\"position\":\"41\",\"at\":\"2026-11-30T10:15:30Z\",\"type\":\"message\",\"base64\":\"AQI=\"}\n");
  }

  @Test
  void aFileIsFollowedByAnotherWhenItIsFullAndTheOldestAreDeleted() throws Exception {
    FileOptions options = FileOptions.DEFAULT.bytes(200).keep(3);
    try (Sink sink = Sink.files(folder.resolve("events"), options)) {
      for (int i = 0; i < 20; i++) {
        sink.write(batch(new Text("event " + i)));
      }
    }
    List<String> lines = new ArrayList<>();
    assertThat(files()).hasSize(3);
    for (Path file : files()) {
      lines.addAll(Files.readAllLines(file));
    }
    assertThat(lines).hasSize(8);
    assertThat(lines.getFirst()).contains("event 12");
    assertThat(lines.getLast()).contains("event 19");
  }

  @Test
  void everyStartBeginsAnotherFile() throws Exception {
    for (int i = 0; i < 2; i++) {
      try (Sink sink = Sink.files(folder.resolve("events"))) {
        sink.write(batch(new Text("event " + i)));
      }
    }
    assertThat(files()).hasSize(2);
    assertThat(Files.readString(files().get(1))).contains("event 1");
  }

  @Test
  void aClosedSinkWritesNothing() throws Exception {
    Sink sink = Sink.files(folder.resolve("events"));
    sink.close();
    assertThatThrownBy(() -> sink.write(batch(new Text("x")))).isInstanceOf(IOException.class);
  }

  @Test
  void optionsOfFilesOutOfRangeAreRefused() {
    assertThatThrownBy(() -> FileOptions.DEFAULT.bytes(0))
        .hasMessage("files.bytes: 0, allowed 1 to 1125899906842624");
    assertThatThrownBy(() -> FileOptions.DEFAULT.keep(0))
        .hasMessage("files.keep: 0, allowed 1 to 1000000");
    assertThatThrownBy(() -> FileOptions.DEFAULT.age(Duration.ofMillis(999)))
        .hasMessage("files.age: 999 ms, allowed 1 s to 31536000 s");
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(folder.resolve("events"))) {
      return all.sorted().toList();
    }
  }

  private static Batch batch(Frame... contents) {
    return new Batch(
        0,
        1,
        Stream.of(contents)
            .map(data -> new FeedEvent("btc", Optional.of("41"), AT, "message", data))
            .toList());
  }
}
