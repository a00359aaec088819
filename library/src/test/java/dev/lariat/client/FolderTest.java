package dev.lariat.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.lariat.internal.cache.Stored;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Responses in the files of a folder. */
@Timeout(60)
class FolderTest {
  private static final int TOTAL = 10_000;
  private static final String KEY = "http://a.example/";

  @TempDir Path path;

  private static Stored stored(String key, String body) {
    return new Stored(
        key,
        new Stored.Variant("", false, new TreeMap<>()),
        200,
        Headers.of("x", body),
        Duration.ZERO,
        Instant.ofEpochMilli(1),
        Bytes.ofUtf8(body));
  }

  private List<Path> files() throws IOException {
    return files(path).stream().filter(file -> file.toString().endsWith(".response")).toList();
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.toList();
    }
  }

  private static Optional<Bytes> body(Folder folder) {
    List<Stored> found = folder.find(KEY);
    return found.isEmpty() ? Optional.empty() : folder.body(found.getFirst());
  }

  @Test
  void whatIsStoredIsThereTheNextTime() throws IOException {
    try (Folder folder = Folder.open(path.resolve("new/one"), TOTAL)) {
      assertThat(folder.put(stored(KEY, "1"), () -> true)).isTrue();
      assertThat(folder.put(stored(KEY, "2"), () -> true)).isTrue();
      assertThat(folder.fill().entries()).isEqualTo(1);
    }
    try (Folder folder = Folder.open(path.resolve("new/one"), TOTAL)) {
      assertThat(body(folder)).contains(Bytes.ofUtf8("2"));
      folder.remove(KEY);
      assertThat(folder.find(KEY)).isEmpty();
      assertThat(folder.fill().bytes()).isZero();
    }
  }

  @Test
  void aSecondCacheInTheSameProcessIsRefusedAndTheFirstKeepsItsLock() throws Exception {
    try (Folder folder = Folder.open(path, TOTAL)) {
      assertThatExceptionOfType(FolderInUseException.class)
          .isThrownBy(() -> Folder.open(path.resolve("."), TOTAL))
          .withMessageContaining("another HttpCache uses this folder");
      assertThat(lockedElsewhere()).isTrue();
      folder.put(stored(KEY, "1"), () -> true);
    }
    assertThat(lockedElsewhere()).isFalse();
    Folder.open(path, TOTAL).close();
  }

  /** Whether a cache of another process is refused. */
  private boolean lockedElsewhere() throws Exception {
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Opener.class.getName(),
                path.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(said).containsAnyOf("refused", "opened");
    return said.contains("refused");
  }

  /** Another process that opens the folder. */
  static final class Opener {
    public static void main(String[] folder) throws IOException {
      try {
        HttpCache.inFolder(Path.of(folder[0]), 1 << 20).close();
        System.out.println("opened");
      } catch (FolderInUseException e) {
        System.out.println("refused");
      }
    }
  }

  @Test
  void whatIsDamagedIsAbsentAndIsRemoved() throws IOException {
    try (Folder folder = Folder.open(path, TOTAL)) {
      folder.put(stored(KEY, "12345"), () -> true);
      byte[] whole = Files.readAllBytes(files().getFirst());
      for (int length = 0; length < whole.length; length++) {
        folder.put(stored(KEY, "12345"), () -> true);
        try (var channel = Files.newByteChannel(files().getFirst(), StandardOpenOption.WRITE)) {
          channel.truncate(length);
        }
        assertThat(body(folder)).as("%d", length).isEmpty();
        assertThat(files()).isEmpty();
        assertThat(folder.fill().entries()).isZero();
      }
    }
  }

  @Test
  void anInterruptedThreadReadsAndStoresLikeAnyOther() throws IOException {
    try (Folder folder = Folder.open(path, TOTAL)) {
      Thread.currentThread().interrupt();
      assertThat(folder.put(stored(KEY, "whole"), () -> true)).isTrue();
      assertThat(body(folder)).contains(Bytes.ofUtf8("whole"));
      assertThat(Thread.interrupted()).as("it stays interrupted").isTrue();
      assertThat(files()).hasSize(1);
    }
  }

  @Test
  void whatCannotBeReadNowIsNotRemoved() throws IOException {
    try (Folder folder = Folder.open(path, TOTAL)) {
      folder.put(stored(KEY, "whole"), () -> true);
      Path file = files().getFirst();
      Path aside = Files.move(file, path.resolve("aside"));
      Files.createDirectory(file); // reading it fails, although it is there
      assertThat(folder.find(KEY)).isEmpty();
      Files.delete(file);
      Files.move(aside, file);
      assertThat(body(folder)).contains(Bytes.ofUtf8("whole"));
    }
  }

  @Test
  void whatWasNotWrittenToItsEndIsRemovedAndOtherFilesStay() throws IOException {
    Files.writeString(path.resolve("7.new"), "half");
    Files.writeString(path.resolve("mine.new"), "mine");
    Files.writeString(path.resolve("mine.txt"), "mine");
    try (Folder folder = Folder.open(path, TOTAL)) {
      folder.put(stored(KEY, "1"), () -> true);
      folder.clear();
      assertThat(folder.fill().entries()).isZero();
    }
    try (Stream<Path> all = Files.list(path)) {
      assertThat(all.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("mine.new", "mine.txt", "lariat-cache.lock");
    }
  }

  @Test
  void whatHasTheNameOfAResponseAndIsNoFileIsAbsentAndIsRemoved() throws IOException {
    String name = "0".repeat(32) + "-" + "1".repeat(32) + ".response";
    Path link = Files.createSymbolicLink(path.resolve(name), path.resolve("nowhere"));
    Path folderOfIt = Files.createDirectory(path.resolve(name.replace('0', '2')));
    try (Folder folder = Folder.open(path, TOTAL)) {
      assertThat(folder.fill().entries()).isZero();
      folder.put(stored(KEY, "1"), () -> true);
      assertThat(body(folder)).contains(Bytes.ofUtf8("1"));
    }
    assertThat(link).doesNotExist();
    assertThat(Files.isSymbolicLink(link)).isFalse();
    assertThat(folderOfIt).doesNotExist();
  }

  @Test
  void whatIsOldMakesRoomAlsoWhenTheFolderIsOpened() throws IOException {
    try (Folder folder = Folder.open(path, TOTAL)) {
      for (int i = 0; i < 20; i++) {
        folder.put(stored(KEY + i, "x".repeat(500)), () -> true);
      }
      assertThat(folder.fill().bytes()).isLessThanOrEqualTo(TOTAL);
      assertThat(folder.fill().evicted()).isPositive();
      assertThat(files()).hasSize((int) folder.fill().entries());
    }
    try (Folder folder = Folder.open(path, 3_000)) {
      assertThat(folder.fill().entries()).isBetween(1L, 3L);
      assertThat(files()).hasSize((int) folder.fill().entries());
    }
  }

  @Test
  void whatIsNoLongerWantedIsNotStored() throws IOException {
    Folder folder = Folder.open(path, TOTAL);
    assertThat(folder.put(stored(KEY, "1"), () -> false)).isFalse();
    assertThat(files()).isEmpty();
    folder.close();
    assertThat(folder.put(stored(KEY, "1"), () -> true)).isFalse();
  }

  private static void remove(Path folder) throws IOException {
    for (Path file : files(folder)) {
      Files.delete(file);
    }
    Files.delete(folder);
  }

  @Test
  void aFolderThatWasRemovedIsMadeAgainWithItsLock() throws IOException {
    Path own = path.resolve("own");
    try (Folder folder = Folder.open(own, TOTAL)) {
      folder.put(stored(KEY, "1"), () -> true);
      remove(own);
      assertThat(body(folder)).isEmpty();
      assertThat(folder.put(stored(KEY, "2"), () -> true)).isTrue();
      assertThat(body(folder)).contains(Bytes.ofUtf8("2"));
      assertThat(own.resolve("lariat-cache.lock")).exists();
    }
  }

  @Test
  void whyNothingCanBeStoredIsLoggedOnce() throws IOException {
    Path own = path.resolve("own");
    List<LogRecord> logged = new ArrayList<>();
    Logger log = Logger.getLogger("dev.lariat");
    log.setFilter(
        entry -> {
          logged.add(entry);
          return false;
        });
    try (Folder folder = Folder.open(own, TOTAL)) {
      remove(own);
      Files.writeString(own, "a file is in its place");
      for (int i = 0; i < 3; i++) {
        assertThat(folder.put(stored(KEY, "1"), () -> true)).isFalse();
      }
    } finally {
      log.setFilter(null);
    }
    assertThat(logged).extracting(LogRecord::getLevel).containsOnlyOnce(Level.WARNING);
  }

  @Test
  void aFolderThatIsAFileIsRefused() throws IOException {
    Path file = Files.writeString(path.resolve("file"), "x");
    assertThatExceptionOfType(FileSystemException.class).isThrownBy(() -> Folder.open(file, TOTAL));
  }

  @Test
  void aBodyAlwaysBelongsToItsHeadThoughManyThreadsStoreAndRemove() throws Exception {
    try (Folder folder = Folder.open(path, TOTAL);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all =
          Stream.iterate(0, i -> i + 1)
              .limit(8)
              .<Future<?>>map(number -> threads.submit(() -> storeAndRead(folder, number)))
              .toList();
      for (Future<?> each : all) {
        each.get();
      }
    }
  }

  private static Object storeAndRead(Folder folder, int number) {
    for (int i = 0; i < 50; i++) {
      folder.put(stored(KEY, number + "-" + i), () -> true);
      for (Stored found : folder.find(KEY)) {
        folder
            .body(found)
            .ifPresent(body -> assertThat(found.headers().first("x")).contains(body.utf8()));
      }
      if (i % 10 == number) {
        folder.remove(KEY);
      }
    }
    return number;
  }
}
