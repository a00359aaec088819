package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FootprintTest {
  private static String mapping(String permissions, String file, int anonymous, int swap) {
    return """
    7f0000001000-7f0000003000 %s 00001000 fe:00 42                   %s
    Size:                  8 kB
    Rss:                   8 kB
    Private_Dirty:         8 kB
    Anonymous:      %8d kB
    AnonHugePages:         0 kB
    Swap:           %8d kB
    VmFlags: rd mr mw me
    """
        .formatted(permissions, file, anonymous, swap);
  }

  private static final String OTHERS =
      """
      687400000-687500000 rw-p 00000000 00:00 0
      Rss:                1024 kB
      Anonymous:          1024 kB
      Swap:                  0 kB
      """;

  @ParameterizedTest
  @CsvSource({
    "r--p, /a folder/start.aot, 0, 0, true",
    "r-xp, /jdk/lib/server/libjvm.so, 0, 0, true",
    "r-xp, /lib/libc.so.6, 0, 0, true",
    "r--p, /jdk/lib/modules, 0, 0, true",
    "rw-p, /a folder/start.aot, 0, 0, false", // this process may change it
    "r--s, /jdk/lib/modules, 0, 0, false",
    "---p, /lib/libc.so.6, 0, 0, false",
    "r--p, /lib/libc.so.6, 4, 0, false", // it has changed it
    "r--p, /lib/libc.so.6, 0, 4, false", // and the change is on the disk
    "r--p, /home/film.mp4, 0, 0, false", // it may be gone in a moment
    "r-xp, [vdso], 0, 0, false",
  })
  void onlyPagesOfFilesThatNobodyChangesLeave(
      String permissions, String file, int anonymous, int swap, boolean leaves) throws IOException {
    String mappings = OTHERS + mapping(permissions, file, anonymous, swap) + OTHERS;

    var clean = Footprint.clean(new BufferedReader(new StringReader(mappings)));

    if (leaves) {
      assertThat(clean).containsExactly(new Footprint.Clean(0x7f0000001000L, 0x2000));
    } else {
      assertThat(clean).isEmpty();
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aProcessThatHasStartedLosesPagesAndGoesOn() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-opens",
                "java.base/java.nio=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Shrinking.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(printed).isEqualTo(0);
    String[] kilobytes = printed.strip().split(" ");
    assertThat(Integer.parseInt(kilobytes[1])).isLessThan(Integer.parseInt(kilobytes[0]) * 3 / 4);
  }

  /** Prints how many kilobytes of files it has in memory, before and after. */
  static final class Shrinking {
    public static void main(String[] args) throws IOException {
      String before = files();
      if (!Footprint.shrink()) {
        throw new IllegalStateException("This JVM has no way.");
      }
      System.out.println(before + " " + files());
    }

    private static String files() throws IOException {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("RssFile:"))
          .map(line -> line.replaceAll("\\D", ""))
          .findFirst()
          .orElseThrow();
    }
  }
}
