package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The script {@code ./lariat} in a folder with nothing but sources. Its Maven and its JDK are
 * scripts that note what they are asked for, so that each start takes milliseconds.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it is a script of bash")
final class LauncherTest {
  private static final String NOBODY = "65534";

  @TempDir Path folder;

  private Path root;
  private Path state;
  private Path log;

  @BeforeEach
  void copiesTheSources() throws IOException {
    root = Files.createDirectory(folder.resolve("lariat"));
    state = root.resolve("lariat-cli/target/launcher");
    log = Files.createFile(folder.resolve("log"));
    program(root.resolve("lariat"), Files.readString(repository().resolve("lariat")));
    Files.createFile(root.resolve("pom.xml"));
    for (String module : List.of("library", "lariat-testkit", "lariat-cli")) {
      Files.createDirectories(root.resolve(module + "/src/main"));
      Files.createFile(root.resolve(module + "/pom.xml"));
    }
    Files.createDirectories(root.resolve("lariat-cli/src/launcher"));
    program(
        folder.resolve("tools/mvn"),
        """
        #!/bin/sh
        echo built >>'%1$s/log'
        [ ! -p '%1$s/held' ] || read -r _ <'%1$s/held'
        mkdir -p '%1$s/lariat/lariat-cli/target'
        : >'%1$s/lariat/lariat-cli/target/lariat-cli-1.0.jar'
        """
            .formatted(folder));
    program(
        folder.resolve("jdk/bin/java"),
        """
        #!/bin/sh
        for argument; do
          case $argument in
            -XX:AOTCacheOutput=*) echo trained >>'%1$s/log'; : >"${argument#*=}"; exit ;;
            -XX:AOTCache=*) cached=', with the cache' ;;
            -jar) echo started >>'%1$s/log' ;;
          esac
          last=$argument
        done
        [ "$last" = --version ] && echo 'lariat 1.0' || echo "$last$cached"
        """
            .formatted(folder));
    program(folder.resolve("jdk/bin/javac"), "#!/bin/sh\n");
    program(folder.resolve("jdk/bin/keytool"), "#!/bin/sh\n");
    Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"25\"\n");
  }

  private static Path repository() {
    Path here = Path.of("").toAbsolutePath();
    return Files.exists(here.resolve("lariat")) ? here : here.resolve("..").normalize();
  }

  private static void program(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Process begin(String... arguments) throws IOException {
    return begin(List.of(), arguments);
  }

  private Process begin(List<String> prefix, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.add(root.resolve("lariat").toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
    builder.environment().merge("PATH", "", (path, none) -> folder.resolve("tools") + ":" + path);
    return builder.start();
  }

  private String lariat(String... arguments) throws Exception {
    return output(begin(arguments), 0);
  }

  private static String output(Process process, int exit) throws Exception {
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(err).isEqualTo(exit);
    return exit == 0 ? out : err;
  }

  private List<String> done() throws IOException {
    List<String> lines = Files.readAllLines(log);
    Files.writeString(log, "");
    return lines;
  }

  @Test
  void aFreshFolderIsBuiltAndTrainedOnce() throws Exception {
    assertThat(lariat("first")).isEqualTo("first, with the cache\n");
    assertThat(done()).containsExactly("built", "started", "trained", "started");
    assertThat(lariat("second")).isEqualTo("second, with the cache\n");
    assertThat(done()).containsExactly("started");
  }

  @Test
  void aSourceThatIsNewerIsBuilt() throws Exception {
    lariat("first");
    done();
    Path source = Files.createFile(root.resolve("library/src/main/New.java"));
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(1)));
    assertThat(lariat("second")).isEqualTo("second, with the cache\n");
    assertThat(done()).containsExactly("built", "started", "trained", "started");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--version", "-V"})
  void theVersionTakesNoJvm(String option) throws Exception {
    assertThat(lariat(option)).isEqualTo("lariat 1.0\n");
    assertThat(done()).containsExactly("built", "started"); // the build asks for it once
    assertThat(lariat(option)).isEqualTo("lariat 1.0\n");
    assertThat(done()).isEmpty();
  }

  @Test
  void anotherCommandAsksTheJvm() throws Exception {
    lariat("--version");
    done();
    assertThat(lariat("get", "--version")).isEqualTo("lariat 1.0\n");
    assertThat(done()).containsExactly("trained", "started");
  }

  @Test
  void aCacheThatIsGoneIsDoneWithout() throws Exception {
    lariat("first");
    Files.delete(state.resolve("start.aot"));
    done();
    assertThat(lariat("second")).isEqualTo("second\n");
    assertThat(done()).containsExactly("started");
  }

  @Test
  void ofTwoStartsAtOnceOneBuilds() throws Exception {
    Path held = folder.resolve("held");
    assertThat(new ProcessBuilder("mkfifo", held.toString()).start().waitFor()).isZero();
    Process one = begin("one");
    BufferedReader says = one.errorReader();
    assertThat(says.readLine()).contains("Building");
    Process two = begin("two");
    BufferedReader waits = two.errorReader();
    assertThat(waits.readLine()).contains("Waiting for another start");
    Files.writeString(held, "\n"); // lets the build go on
    // Both wait for the build. One of them trains, and the other one may start without the cache.
    List<String> said = List.of(one.inputReader().readLine(), two.inputReader().readLine());
    assertThat(said.get(0)).startsWith("one");
    assertThat(said.get(1)).startsWith("two");
    assertThat(said).anyMatch(line -> line.endsWith(", with the cache"));
    assertThat(one.waitFor()).isZero();
    assertThat(two.waitFor()).isZero();
    assertThat(done().stream().filter(line -> !line.equals("started")))
        .containsExactly("built", "trained");
  }

  @Test
  void aReadOnlyFolderWithABuildIsEnough() throws Exception {
    lariat("--version"); // builds, and does not train
    done();
    List<String> user = user();
    readOnly();
    assertThat(output(begin(user, "--version"), 0)).isEqualTo("lariat 1.0\n");
    assertThat(output(begin(user, "first"), 0)).isEqualTo("first\n");
    assertThat(done()).containsExactly("started");
  }

  @Test
  void aReadOnlyFolderWithACacheUsesIt() throws Exception {
    lariat("first");
    List<String> user = user();
    readOnly();
    assertThat(output(begin(user, "second"), 0)).isEqualTo("second, with the cache\n");
  }

  @Test
  void aReadOnlyFolderWithoutABuildIsRefused() throws Exception {
    List<String> user = user();
    readOnly();
    assertThat(output(begin(user, "first"), 1))
        .isEqualTo("lariat: The folder " + state + " cannot be written.\n");
    assertThat(done()).isEmpty();
  }

  /** What a command begins with, so that permissions count: the superuser may write everywhere. */
  private List<String> user() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setPosixFilePermissions(log, PosixFilePermissions.fromString("rw-rw-rw-"));
    if (!System.getProperty("user.name").equals("root")) {
      return List.of();
    }
    List<String> prefix =
        List.of("setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--");
    assumeTrue(Files.exists(Path.of("/usr/bin/setpriv")), "another user cannot be had");
    return prefix;
  }

  private void readOnly() throws Exception {
    Process process = new ProcessBuilder("chmod", "-R", "a-w", root.toString()).start();
    assertThat(process.waitFor()).isZero();
  }
}
