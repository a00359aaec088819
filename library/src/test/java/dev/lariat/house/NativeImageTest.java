package dev.lariat.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/**
 * What the code reaches by name stands in the metadata for native images: there, nothing else is
 * found at run time.
 */
final class NativeImageTest {
  private static final Path CLASSES = Path.of("target", "classes");
  private static final Path METADATA = CLASSES.resolve("META-INF/native-image/dev.lariat/lariat");
  private static final Pattern RESOURCE = Pattern.compile("getResource.*|getSystemResource.*");
  private static final Pattern REFLECTION =
      Pattern.compile(
          "forName|newInstance|(get|getDeclared)(Field|Method|Constructor)s?"
              + "|find(Getter|Setter|VarHandle|Virtual|Static|StaticVarHandle|Constructor|Special)");
  private static final Set<String> OWNERS =
      Set.of(
          "java/lang/Class",
          "java/lang/ClassLoader",
          "java/lang/Module",
          "java/lang/reflect/Constructor",
          "java/lang/invoke/MethodHandles$Lookup");

  @Test
  void everyResourceOfTheJarIsListedAndNothingElse() throws IOException {
    List<String> resources;
    try (Stream<Path> files = Files.walk(CLASSES)) {
      resources =
          files
              .filter(Files::isRegularFile)
              .map(file -> CLASSES.relativize(file).toString().replace('\\', '/'))
              .filter(file -> !file.endsWith(".class") && !file.startsWith("META-INF/"))
              .toList();
    }
    List<Pattern> listed =
        found("\"pattern\": \"([^\"]*)\"", "resource-config.json").stream()
            .map(pattern -> Pattern.compile(pattern.replace("\\\\", "\\")))
            .toList();
    assertThat(resources)
        .isNotEmpty()
        .allMatch(file -> listed.stream().anyMatch(one -> one.matcher(file).matches()));
    assertThat(listed)
        .allMatch(one -> resources.stream().anyMatch(file -> one.matcher(file).matches()));
  }

  /**
   * Another class must open what is listed, too; then it is added here. The last one looks for the
   * native libraries of Netty, whose jars list them for native images themselves.
   */
  @Test
  void resourcesAreOpenedInKnownPlaces() throws IOException {
    assertThat(callers(RESOURCE))
        .containsExactly(
            "dev.lariat.internal.codec.PublicSuffixes",
            "dev.lariat.internal.entrance.Product",
            "dev.lariat.internal.transport.NativeLibrary");
  }

  @Test
  void whoeverReachesMembersByNameIsListed() throws IOException {
    assertThat(callers(REFLECTION))
        .isEqualTo(new TreeSet<>(found("\"name\": \"(dev\\.[^\"]*)\"", "reflect-config.json")));
  }

  @Test
  void everyListedFieldIsThere() throws Exception {
    Pattern entry = Pattern.compile("\"name\": \"(dev\\.[^\"]*)\", \"fields\": \\[([^\\]]*)\\]");
    List<MatchResult> entries =
        entry.matcher(Files.readString(METADATA.resolve("reflect-config.json"))).results().toList();
    assertThat(entries).isNotEmpty();
    for (MatchResult one : entries) {
      Class<?> type = Class.forName(one.group(1));
      for (String field : all("\"name\": \"([^\"]*)\"", one.group(2))) {
        assertThat(type.getDeclaredField(field)).isNotNull();
      }
    }
  }

  private static List<String> found(String pattern, String file) throws IOException {
    return all(pattern, Files.readString(METADATA.resolve(file)));
  }

  private static List<String> all(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().map(found -> found.group(1)).toList();
  }

  /** The classes that call a method of such a name, of a class by which one reaches by name. */
  private static Set<String> callers(Pattern name) throws IOException {
    List<Path> classes;
    try (Stream<Path> files = Files.walk(CLASSES)) {
      classes = files.filter(file -> file.toString().endsWith(".class")).toList();
    }
    Set<String> callers = new TreeSet<>();
    for (Path file : classes) {
      ClassModel read = ClassFile.of().parse(file);
      if (StreamSupport.stream(read.constantPool().spliterator(), false)
          .anyMatch(entry -> isCall(entry, name))) {
        callers.add(read.thisClass().asInternalName().replace('/', '.'));
      }
    }
    return callers;
  }

  private static boolean isCall(PoolEntry entry, Pattern name) {
    return entry instanceof MemberRefEntry member
        && OWNERS.contains(member.owner().asInternalName())
        && name.matcher(member.name().stringValue()).matches();
  }
}
