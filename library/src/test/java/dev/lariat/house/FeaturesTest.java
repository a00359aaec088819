package dev.lariat.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The pages of features and guarantees name the tests that show their rows: each of them is there.
 * Every rule is also held against a small planted row, which shows that it can fail.
 */
class FeaturesTest {
  private static final Path PAGE = Path.of("../docs/FEATURES.md");
  private static final Path GUARANTEES = Path.of("../docs/guide/guarantees.md");
  private static final Path MODULES = Path.of("..");
  private static final Pattern NAMED = Pattern.compile("\\b([A-Z]\\w*Test)\\b(?:\\.(\\w+))?");
  private static final Pattern MARK =
      Pattern.compile("@(?:Test|ParameterizedTest|RepeatedTest|Property|FuzzTest)\\b.*");
  private static final Pattern METHOD = // of Java, or of Kotlin
      Pattern.compile("(?:public )?(?:void|fun) (\\w+)\\(.*");
  private static final Map<String, Integer> ROWS =
      Map.of("L", 31, "F", 20, "H", 9, "A", 18, "R", 3, "W", 22, "X", 14, "C", 4, "U", 26);

  @Test
  void everyTestThatIsNamedIsThere() throws IOException {
    assertThat(missing(Files.readString(PAGE), tests())).isEmpty();
    assertThat(missing(Files.readString(GUARANTEES), tests())).isEmpty();
  }

  @Test
  void whatIsGuaranteedNamesATest() throws IOException {
    assertThat(unheld(Files.readString(GUARANTEES))).isEmpty();
  }

  @Test
  void aPromiseWithoutATestIsFound() {
    String table = "| promise | held by |\n|---|---|\n";
    assertThat(unheld(table + "| It holds. | ThisTest.shows |\n\n| other | |\n")).isEmpty();
    assertThat(unheld(table + "| It holds. | nobody |\n\n"))
        .containsExactly("| It holds. | nobody |");
    assertThat(unheld("nothing")).containsExactly("no promise");
  }

  @Test
  void whatIsHadNamesATest() throws IOException {
    assertThat(unshown(Files.readString(PAGE))).isEmpty();
  }

  @Test
  void everyRowIsThere() throws IOException {
    String page = Files.readString(PAGE);
    List<String> absent = new ArrayList<>();
    ROWS.forEach(
        (letter, count) -> {
          for (int n = 1; n <= count; n++) {
            if (!page.contains("\n| " + letter + n + " |")) {
              absent.add(letter + n);
            }
          }
        });
    assertThat(absent).isEmpty();
  }

  @Test
  void aTestThatIsNotThereIsFound() {
    Map<String, List<Set<String>>> tests =
        Map.of("ThisTest", List.of(Set.of("shows", "both"), Set.of("other", "both")));
    assertThat(missing("ThisTest, `ThisTest.shows`, ThisTest.other", tests)).isEmpty();
    assertThat(missing("ThisTest.both NoTest ThisTest.gone", tests))
        .containsExactly("ThisTest.both", "NoTest", "ThisTest.gone");
  }

  @Test
  void aRowWithoutATestIsFound() {
    assertThat(unshown("| F1 | it | had | so | ThisTest.shows |\n| F2 | it | not yet | | - |"))
        .isEmpty();
    assertThat(unshown("| F1 | it | had | so | - |\n| `it` | bettered | more | |"))
        .containsExactly("| F1 | it | had | so | - |", "| `it` | bettered | more | |");
  }

  @Test
  void testsAreFoundHoweverTheyAreMarked() {
    assertThat(
            methods(
                """
                  @Test
                  void one() {}
                  @ParameterizedTest(name = "{0}")
                  @CsvSource({
                    "void no("
                  })
                  void two(String text) {
                  void helper() {}
                  @Property(tries = 3) // as many as it takes
                  void three(@ForAll int n) {
                  @Test
                  fun four() = soon {
                """))
        .containsExactlyInAnyOrder("one", "two", "three", "four");
  }

  /** The tests that a page names and that are not there, or are two of the same name. */
  private static List<String> missing(String page, Map<String, List<Set<String>>> tests) {
    return NAMED
        .matcher(page)
        .results()
        .filter(
            named -> {
              List<Set<String>> classes = tests.getOrDefault(named.group(1), List.of());
              return named.group(2) == null
                  ? classes.isEmpty()
                  : classes.stream().filter(its -> its.contains(named.group(2))).count() != 1;
            })
        .map(named -> named.group())
        .toList();
  }

  /** The promises that name no test. */
  private static List<String> unheld(String page) {
    List<String> rows =
        page.lines()
            .dropWhile(line -> !line.startsWith("| promise |"))
            .skip(2)
            .takeWhile(line -> line.startsWith("|"))
            .toList();
    return rows.isEmpty()
        ? List.of("no promise")
        : rows.stream().filter(row -> !NAMED.matcher(row).find()).toList();
  }

  /** The rows of what there is that name no test. */
  private static List<String> unshown(String page) {
    return page.lines()
        .filter(line -> line.contains("| had |") || line.contains("| bettered |"))
        .filter(line -> !NAMED.matcher(line).find())
        .toList();
  }

  /** Each class of tests by its name: the tests of each that has this name, in all modules. */
  private static Map<String, List<Set<String>>> tests() throws IOException {
    Map<String, List<Set<String>>> tests = new TreeMap<>();
    for (Path module : list(MODULES)) {
      Path folder = module.resolve("src/test");
      if (Files.isDirectory(folder)) {
        try (Stream<Path> files = Files.walk(folder)) {
          for (Path file : (Iterable<Path>) files::iterator) {
            String name = file.getFileName().toString();
            if (name.endsWith("Test.java") || name.endsWith("Test.kt")) {
              tests
                  .computeIfAbsent(name.replaceAll("\\..*", ""), it -> new ArrayList<>())
                  .add(methods(Files.readString(file)));
            }
          }
        }
      }
    }
    return tests;
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  private static Set<String> methods(String source) {
    Set<String> methods = new HashSet<>();
    boolean marked = false;
    for (String line : source.lines().map(String::strip).toList()) {
      Matcher method = METHOD.matcher(line);
      if (MARK.matcher(line).matches()) {
        marked = true;
      } else if (marked && method.matches()) {
        methods.add(method.group(1));
        marked = false;
      }
    }
    return methods;
  }
}
