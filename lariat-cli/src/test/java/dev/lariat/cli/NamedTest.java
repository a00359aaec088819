package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.message.Headers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NamedTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "attachment; filename=a.txt | a.txt",
        "attachment; filename=\"a b.txt\" | a b.txt",
        "attachment; FileName = \"a \\\"b\\\".txt\" | a \"b\".txt",
        "attachment; filename=\"a.txt\"; filename*=UTF-8''%e2%82%ac+.txt | €+.txt",
        "attachment; filename*=utf-8'en'b.txt; filename=a.txt | b.txt",
        "attachment; filename*=UTF-8''%zz; filename=a.txt | a.txt",
        "attachment; filename=\"/etc/passwd\" | passwd",
        "attachment; filename=\"..\\\\up.txt\" | up.txt",
        "inline; filename=a.txt | a.txt",
      })
  void theNameIsThatOfTheDisposition(String disposition, String name) {
    assertThat(Named.name(disposition)).contains(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"attachment", "attachment; name=a", "attachment; myfilename=a", ""})
  void aDispositionWithoutANameHasNone(String disposition) {
    assertThat(Named.name(disposition)).isEmpty();
  }

  private void receive(Headers headers) {
    Io io =
        new Io(
            InputStream.nullInputStream(),
            new Output(new Captured()),
            new Captured().stream(),
            false);
    try (Named named =
        new Named(
            folder, path -> new Saved(io, path, false, false), () -> folder.resolve("url.txt"))) {
      named.head("HTTP/1.1 200\n\n");
      named.begin(200, headers);
      named.write("body".getBytes(StandardCharsets.UTF_8));
      named.end();
    }
  }

  @Test
  void theFileHasTheHeadAndTheBody() throws IOException {
    receive(Headers.of("content-disposition", "attachment; filename=a.txt"));
    assertThat(folder.resolve("a.txt")).hasContent("HTTP/1.1 200\n\nbody");
  }

  @Test
  void withoutANameItHasThatOfTheUrl() {
    receive(Headers.EMPTY);
    assertThat(folder.resolve("url.txt")).hasContent("HTTP/1.1 200\n\nbody");
  }

  @Test
  void nothingIsReplaced() throws IOException {
    Files.writeString(folder.resolve("a.txt"), "mine");
    assertThatThrownBy(
            () -> receive(Headers.of("content-disposition", "attachment; filename=a.txt")))
        .isInstanceOf(OutputException.class)
        .hasMessageEndingWith("a.txt: the file exists.");
    assertThat(folder.resolve("a.txt")).hasContent("mine");
  }

  @ParameterizedTest
  @ValueSource(strings = {".bashrc", "..", "a:b", "a\tb"})
  void aNameThatIsNotSafeIsRefused(String name) {
    assertThatThrownBy(
            () ->
                receive(Headers.of("content-disposition", "attachment; filename=\"" + name + "\"")))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("is no safe name of a file");
    assertThat(folder).isEmptyDirectory();
  }
}
