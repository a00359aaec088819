package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.lariat.Lariat;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A program of a user's, compiled and run with what such a user has: the oldest Java and the oldest
 * Netty that serve, the class path or modules, a run-time image; and a Netty that is too old.
 */
@Timeout(90)
@Needs({Peer.NGINX, Peer.PYTHON_WEBSOCKETS})
final class ConsumerTest {
  private static final String MAIN = "consumer/consumer.Main";
  private static final Path FOLDER = Path.of("target", "consumer");
  private static final Path CLASSES = FOLDER.resolve("classes");
  // put there by Maven
  private static final Path LOWEST = Path.of("target", "netty-lowest");
  private static final Path TOO_OLD = Path.of("target", "netty-too-old");

  @BeforeAll
  static void compile() throws Exception {
    Files.createDirectories(FOLDER);
    Path sources = Path.of("src", "test", "consumer");
    succeed(
        Java.ofTheTest()
            .tool(
                "javac",
                "--release=21",
                "-Xlint:all",
                "-Werror",
                "-d",
                CLASSES.toString(),
                "--module-path",
                path(lariat(), LOWEST),
                sources.resolve("module-info.java").toString(),
                sources.resolve("consumer/Main.java").toString()));
  }

  @Test
  void theLowestNettyServesOnTheClassPath() throws Exception {
    assertThat(printed(onTheClassPath(Java.ofTheTest(), LOWEST))).isEqualTo(well("class path"));
  }

  @Test
  void theLowestNettyServesAsModules() throws Exception {
    assertThat(printed(asModules(Java.ofTheTest(), LOWEST))).isEqualTo(well("modules"));
  }

  @Needs(Peer.JAVA_21)
  @Test
  void theLowestJavaServesOnTheClassPath() throws Exception {
    assertThat(printed(onTheClassPath(Java.lowest().get(), LOWEST)))
        .isEqualTo(well(21, "class path"));
  }

  @Needs(Peer.JAVA_21)
  @Test
  void theLowestJavaServesAsModules() throws Exception {
    assertThat(printed(asModules(Java.lowest().get(), LOWEST))).isEqualTo(well(21, "modules"));
  }

  @Test
  void aRunTimeImageHoldsTheLibraryAndNettyOnly() throws Exception {
    Path image = FOLDER.resolve("image-" + ProcessHandle.current().pid()); // jlink wants a new one
    succeed(
        Java.ofTheTest()
            .tool(
                "jlink",
                "--module-path",
                path(CLASSES, lariat(), LOWEST),
                "--add-modules=consumer",
                "--output",
                image.toString()));
    Java linked = new Java(image, Optional.empty());
    assertThat(printed(linked.tool("java", arguments(linked, "-m", MAIN))))
        .isEqualTo(well("modules"));
    assertThat(printed(linked.tool("java", "--list-modules")))
        .extracting(module -> module.replaceAll("@.*", ""))
        .filteredOn(module -> !module.matches("(java|jdk|io\\.netty)\\..*"))
        .containsExactlyInAnyOrder("consumer", "dev.lariat");
  }

  @Test
  void aNettyThatIsTooOldIsNamedOnTheClassPath() throws Exception {
    assertNamesBoth(onTheClassPath(Java.ofTheTest(), TOO_OLD));
  }

  @Test
  void aNettyThatIsTooOldIsNamedAsModules() throws Exception {
    assertNamesBoth(asModules(Java.ofTheTest(), TOO_OLD));
  }

  private static void assertNamesBoth(List<String> command) throws Exception {
    Output output = Output.of(command);
    assertThat(output.status).isOne();
    assertThat(output.errors)
        .filteredOn(line -> line.contains("Exception"))
        .first(STRING)
        .startsWith(
            "Exception in thread \"main\" java.lang.IllegalStateException: Lariat needs Netty"
                + " 4.2.1.Final or later, and found Netty 4.1.")
        .contains("netty-transport");
  }

  private static List<String> well(String how) {
    return well(Runtime.version().feature(), how);
  }

  /** What the program prints when all is well. */
  private static List<String> well(int java, String how) {
    return List.of(
        "a page",
        "Text[text=hello hello hello hello]",
        "a cookie for co.uk is dropped",
        "Java " + java + ", " + how);
  }

  // ---- how it is run

  private static List<String> onTheClassPath(Java java, Path netty) {
    String jars = java.seen(netty) + "/*";
    String path = path(java.seen(CLASSES), java.seen(lariat()), Path.of(jars));
    return java.tool("java", arguments(java, "-cp", path, "consumer.Main"));
  }

  private static List<String> asModules(Java java, Path netty) {
    String path = path(java.seen(CLASSES), java.seen(lariat()), java.seen(netty));
    return java.tool("java", arguments(java, "-p", path, "-m", MAIN));
  }

  /** These, and the program's own. */
  private static String[] arguments(Java java, String... options) {
    List<String> all = new ArrayList<>(List.of(options));
    all.add("https://127.0.0.1:" + Servers.nginx().port(1) + "/page.txt");
    all.add("wss://127.0.0.1:" + Servers.python().port(1) + "/echo");
    all.add(java.seen(Path.of(Certificates.files().get("ca").toString())).toString());
    return all.toArray(String[]::new);
  }

  /** The library: its jar, or its classes while there is none. */
  private static Path lariat() {
    try {
      return Path.of(Lariat.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String path(Path... parts) {
    return Arrays.stream(parts).map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  private static List<String> printed(List<String> command) throws Exception {
    return succeed(command).lines;
  }

  private static Output succeed(List<String> command) throws Exception {
    Output output = Output.of(command);
    assertThat(output.status)
        .as("%s said %s and %s", command, output.lines, output.errors)
        .isZero();
    return output;
  }

  /** What a command printed, and its exit status. */
  private record Output(int status, List<String> lines, List<String> errors) {
    static Output of(List<String> command) throws Exception {
      Path out = Files.createTempFile(FOLDER, "out", ".txt");
      Path err = Files.createTempFile(FOLDER, "err", ".txt");
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      return new Output(process.exitValue(), Files.readAllLines(out), Files.readAllLines(err));
    }
  }
}
