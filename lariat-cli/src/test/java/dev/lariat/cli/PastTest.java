package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the prompt keeps: what was typed in a file, and the session in memory. */
final class PastTest {
  @TempDir private Path folder;

  @Test
  void theFileIsWhereTheXdgSpecificationSays() {
    assertThat(Past.file(Map.of(), "/home/me"))
        .isEqualTo(Path.of("/home/me/.local/state/lariat/history"));
    assertThat(Past.file(Map.of("XDG_STATE_HOME", "/state"), "/home/me"))
        .isEqualTo(Path.of("/state/lariat/history"));
    assertThat(Past.file(Map.of("XDG_STATE_HOME", "relative"), "/home/me"))
        .isEqualTo(Path.of("/home/me/.local/state/lariat/history"));
  }

  @Test
  void onlyItsOwnerReadsIt() throws Exception {
    Path file = folder.resolve("lariat/history");
    Past.prepare(file);
    assertThat(modes(file)).isEqualTo("rw-------");
    assertThat(modes(file.getParent())).isEqualTo("rwx------");

    Files.writeString(file, "words\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    Past.prepare(file);
    assertThat(modes(file)).isEqualTo("rw-------");
    assertThat(file).hasContent("words");
  }

  private static String modes(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void aFolderThatCannotBeMadeIsAFailure() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> Past.prepare(file.resolve("lariat/history")));
  }

  private static byte[] line(String text) {
    return (text + "\n").getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aReelKeepsTheFirstLineAndTheNewest() throws Exception {
    Reel reel = new Reel();
    String megabyte = "x".repeat((1 << 20) - 2);
    reel.write(line("head"));
    for (int i = 0; i < 10; i++) {
      reel.write(line(i + megabyte));
    }
    Path file = folder.resolve("file");

    assertThat(reel.save(file)).isEqualTo(8);
    assertThat(reel.dropped()).isEqualTo(2);
    assertThat(Files.readAllLines(file)).hasSize(9).startsWith("head", "2" + megabyte);
    assertThatExceptionOfType(FileAlreadyExistsException.class).isThrownBy(() -> reel.save(file));
  }

  @Test
  void aLineThatIsLargerThanTheReelIsNotKept() throws Exception {
    Reel reel = new Reel();
    reel.write(line("head"));
    reel.write(line("x".repeat(9 << 20)));
    reel.write(line("last"));
    Path file = folder.resolve("file");

    assertThat(reel.save(file)).isEqualTo(1);
    assertThat(file).hasContent("head\nlast");
  }
}
