package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the published modules reach by name, of which a native image knows only what metadata lists.
 * The library's {@code NativeImageTest} holds its own list; this holds the modules that stand on
 * it.
 */
final class NativeMetadataTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern BY_NAME = // the methods, each with its class
      Pattern.compile(
          "java/lang/Class\\.(forName|newInstance|getResource.*|(get|getDeclared)(Field|Method|Constructor)s?)"
              + "|java/lang/(ClassLoader|Module)\\.(loadClass|getResource.*|getSystemResource.*)"
              + "|java/lang/reflect/(Constructor|Method|Field|Proxy)\\.(newInstance|invoke|newProxyInstance|get|set)"
              + "|java/lang/invoke/MethodHandles\\$Lookup\\.(find.*|unreflect.*)"
              + "|java/util/ServiceLoader\\.load|java/util/ResourceBundle\\.getBundle"
              + "|java/lang/(System|Runtime)\\.load(Library)?"
              + "|java/io/Object(In|Out)putStream\\.<init>");

  /** Why each of these is right without more metadata than there is. */
  private static final Map<String, String> KNOWN =
      new TreeMap<>(
          Map.of(
              "dev.lariat.fleet.FleetStatus", "status.html is listed",
              "dev.lariat.cli.Factory", "the command line is no native image",
              "dev.lariat.cli.Footprint", "the command line is no native image",
              "dev.lariat.cli.FleetModules", "the command line is no native image",
              "dev.lariat.spring.FeedMethod", "the guide says that it is not known"));

  @Test
  void whatReachesByNameIsKnown() throws IOException {
    assertThat(callers("lariat-kotlin")).isEmpty();
    assertThat(
            Stream.of(
                    "lariat-testkit",
                    "lariat-micrometer",
                    "lariat-fleet",
                    "lariat-fleet-jdbc",
                    "lariat-fleet-kafka",
                    "lariat-fleet-pekko",
                    "lariat-fleet-yaml",
                    "lariat-opentelemetry",
                    "lariat-jackson",
                    "lariat-jackson2",
                    "lariat-spring-boot-starter",
                    "lariat-cli")
                .flatMap(module -> callers(module).stream())
                .sorted())
        .containsExactlyElementsOf(KNOWN.keySet());
  }

  @Test
  void whatReachesByNameIsFound() throws IOException {
    Path library = ROOT.resolve("library/target/classes/dev/lariat/Mailbox.class");
    assertThat(reachesByName(library)).isTrue();
    assertThat(reachesByName(library.resolveSibling("FailedException.class"))).isFalse();
  }

  /** Service files need no list: a native image reads them itself. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "lariat-testkit",
        "lariat-micrometer",
        "lariat-fleet",
        "lariat-fleet-jdbc",
        "lariat-fleet-kafka",
        "lariat-fleet-pekko",
        "lariat-fleet-yaml",
        "lariat-opentelemetry",
        "lariat-jackson",
        "lariat-jackson2",
        "lariat-kotlin"
      })
  void everyResourceIsListed(String module) throws IOException {
    Path classes = ROOT.resolve(module).resolve("target/classes");
    List<Pattern> listed = listed(classes.resolve("META-INF/native-image/dev.lariat/" + module));
    List<String> resources =
        files(classes).stream()
            .map(file -> classes.relativize(file).toString().replace('\\', '/'))
            .filter(file -> !file.endsWith(".class") && !file.startsWith("META-INF/"))
            .toList();
    assertThat(resources)
        .allMatch(file -> listed.stream().anyMatch(one -> one.matcher(file).matches()));
    assertThat(listed)
        .allMatch(one -> resources.stream().anyMatch(file -> one.matcher(file).matches()));
  }

  private static List<Pattern> listed(Path metadata) throws IOException {
    Path file = metadata.resolve("resource-config.json");
    if (!Files.exists(file)) {
      return List.of();
    }
    return Pattern.compile("\"pattern\": \"([^\"]*)\"")
        .matcher(Files.readString(file))
        .results()
        .map(found -> Pattern.compile(found.group(1).replace("\\\\", "\\")))
        .toList();
  }

  /** The classes of a module that reach something by name. */
  private static List<String> callers(String module) {
    try {
      Path classes = ROOT.resolve(module).resolve("target/classes");
      List<Path> all =
          files(classes).stream().filter(file -> file.toString().endsWith(".class")).toList();
      assertThat(all).as("classes of %s", module).isNotEmpty();
      return all.stream()
          .filter(NativeMetadataTest::reachesByName)
          .map(file -> classes.relativize(file).toString())
          .map(name -> name.replaceAll("(\\$.*)?\\.class$", "").replaceAll("[/\\\\]", "."))
          .distinct()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean reachesByName(Path file) {
    try {
      ClassModel read = ClassFile.of().parse(file);
      return StreamSupport.stream(read.constantPool().spliterator(), false)
          .anyMatch(NativeMetadataTest::isByName);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isByName(PoolEntry entry) {
    return entry instanceof MemberRefEntry member
        && BY_NAME
            .matcher(member.owner().asInternalName() + "." + member.name().stringValue())
            .matches();
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }
}
