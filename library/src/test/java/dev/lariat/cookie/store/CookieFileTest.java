package dev.lariat.cookie.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.lariat.cookie.Cookie;
import dev.lariat.cookie.RequestUri;
import dev.lariat.option.CookieLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CookieFileTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2027-01-01T00:00:00Z"));
  private static final RequestUri URI = new RequestUri(true, "www.example.com", "/");
  private static final String TITLE = "# Netscape HTTP Cookie File\n";

  @TempDir Path folder;
  private final Deque<Runnable> soon = new ArrayDeque<>();

  private Path path() {
    return folder.resolve("cookies.txt");
  }

  private CookieFile open() throws IOException {
    return CookieFile.open(path(), CookieLimits.DEFAULT, CLOCK, soon::add);
  }

  private static List<String> sent(CookieFile file) {
    return file.cookies(URI).stream().map(Cookie::pair).toList();
  }

  @Test
  void cookiesOutliveTheProgram() throws Exception {
    try (CookieFile file = open()) {
      file.jar().set("b=1", URI);
      file.jar().set("a=2; Max-Age=60; Domain=example.com; Secure; HttpOnly", URI);
    }
    assertThat(path())
        .hasContent(
            TITLE
                + "www.example.com\tFALSE\t/\tFALSE\t0\tb\t1\n"
                + "#HttpOnly_.example.com\tTRUE\t/\tTRUE\t1798761660\ta\t2\n");
    try (CookieFile file = open()) {
      assertThat(sent(file)).containsExactly("b=1", "a=2");
      assertThat(file.now()).isEqualTo(CLOCK.instant());
      file.jar().endSession();
    }
    assertThat(sent(open())).containsExactly("a=2");
  }

  @Test
  void aFileThatIsNotThereIsEmptyAndIsNotMadeWithoutNeed() throws Exception {
    open().close();
    assertThat(path()).doesNotExist();
  }

  @Test
  void changesAreWrittenSoonAndTogether() throws Exception {
    CookieFile file = open();
    file.jar().set("a=1", URI);
    file.jar().set("b=2", URI);
    assertThat(path()).doesNotExist();
    assertThat(soon).hasSize(1);
    soon.remove().run();
    assertThat(sent(open())).containsExactly("a=1", "b=2");
    file.jar().remove(cookie -> cookie.name().equals("a"));
    assertThat(soon).hasSize(1);
    soon.remove().run();
    assertThat(sent(open())).containsExactly("b=2");
  }

  @Test
  void askingForCookiesIsNoChange() throws Exception {
    Files.writeString(path(), "www.example.com\tFALSE\t/\tFALSE\t0\ta\t1\n");
    try (CookieFile file = open()) {
      assertThat(sent(file)).containsExactly("a=1");
      file.jar().remove(cookie -> false);
    }
    assertThat(soon).isEmpty();
    assertThat(path()).content().doesNotStartWith(TITLE);
  }

  @Test
  void whatHasExpiredIsNotWritten() throws Exception {
    Files.writeString(path(), "www.example.com\tFALSE\t/\tFALSE\t1000\told\t1\n");
    try (CookieFile file = open()) {
      file.jar().set("new=1", URI);
    }
    assertThat(path()).content().contains("new").doesNotContain("old");
  }

  @Test
  void theFileIsReplacedWholeAndNothingIsLeftBesideIt() throws Exception {
    Path real = folder.resolve("real.txt");
    Files.writeString(real, "");
    Files.createSymbolicLink(path(), real);
    try (CookieFile file = open()) {
      file.jar().set("secret=1", URI);
    }
    assertThat(Files.isSymbolicLink(path())).isTrue();
    assertThat(real).content().contains("secret");
    assertThat(Files.getPosixFilePermissions(real))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactlyInAnyOrder(path(), real);
    }
  }

  @Test
  void aFileThatCannotBeWrittenIsTriedAgain() throws Exception {
    Path deep = folder.resolve("later").resolve("cookies.txt");
    CookieFile file = CookieFile.open(deep, CookieLimits.DEFAULT, CLOCK, soon::add);
    file.jar().set("a=1", URI);
    assertThatIOException().isThrownBy(file::save);
    Files.createDirectory(deep.getParent());
    file.close();
    assertThat(deep).content().contains("a\t1");
  }

  @Test
  void aFileThatCannotBeReadIsToldAtOnce() {
    assertThatIOException().isThrownBy(() -> CookieFile.open(folder));
  }

  @Test
  void aFolderAPipeOrADeviceIsRefusedByItsName() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    for (Path odd : List.of(folder, pipe, Path.of("/dev/null"))) {
      assertThatIOException()
          .isThrownBy(() -> CookieFile.open(odd))
          .withMessage(odd + ": is not a regular file");
    }
  }

  @Test
  void aLinkToAFileThatIsNotThereYetIsFollowed() throws Exception {
    Path real = folder.resolve("deep").resolve("real.txt");
    Files.createDirectory(real.getParent());
    Files.createSymbolicLink(folder.resolve("between"), Path.of("deep", "real.txt"));
    Files.createSymbolicLink(path(), folder.resolve("between"));
    try (CookieFile file = open()) {
      file.jar().set("a=1", URI);
    }
    assertThat(Files.isSymbolicLink(path())).isTrue();
    assertThat(real).content().contains("a\t1");
  }

  @Test
  void aCircleOfLinksIsRefused() throws Exception {
    Files.createSymbolicLink(path(), folder.resolve("other"));
    Files.createSymbolicLink(folder.resolve("other"), path());
    assertThatIOException().isThrownBy(this::open);
  }

  @Test
  void whatAKillLeavesBesideTheFileIsGoneAfterTheNextSave() throws Exception {
    Files.writeString(folder.resolve("cookies.txt.new"), "half of");
    try (CookieFile file = open()) {
      file.jar().set("a=1", URI);
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(path());
    }
    assertThat(path()).content().contains("a\t1").doesNotContain("half of");
  }

  @Test
  void whatComesAfterTheCloseIsStillWritten() throws Exception {
    CookieFile file = open();
    file.close();
    file.jar().set("a=1", URI);
    soon.remove().run();
    assertThat(path()).content().contains("a\t1");
  }
}
