package dev.lariat.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What the pages show is what is compiled and run: each block of Java or Kotlin in the README, the
 * guide, or anywhere in the docs, stands in one of the programs. Where lines are broken does not
 * matter, and a blank line of a block stands for whatever the program has there.
 */
class GuideTest {
  private static final Path ROOT = Path.of("..");
  private static final List<String> MODULES = // what they have for the pages, some as a test
      List.of(
          "examples",
          "examples-kotlin",
          "examples-spring-boot",
          "lariat-fleet-jdbc",
          "lariat-fleet-kafka");
  private static final Path GUIDE = ROOT.resolve("docs/guide");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("^#+ (.*)$", Pattern.MULTILINE);
  private static final Pattern BLOCK =
      Pattern.compile("```(?:java|kotlin)\n(.*?)```", Pattern.DOTALL);

  @Test
  void everyBlockOfThePagesIsInAProgram() throws IOException {
    List<String> programs = programs();
    List<Path> pages = pages();
    assertThat(pages)
        .contains(
            ROOT.resolve("README.md"),
            ROOT.resolve("docs/guide/observation.md"),
            ROOT.resolve("docs/messages/Up.md"));
    assertThat(pages)
        .allSatisfy(page -> assertThat(strange(Files.readString(page), programs)).isEmpty());
  }

  @Test
  void everyPageOfTheGuideShowsSomething() throws IOException {
    assertThat(guide())
        .isNotEmpty()
        .allSatisfy(page -> assertThat(Files.readString(page)).containsPattern(BLOCK));
  }

  @Test
  void aBlockThatIsInNoProgramIsFound() {
    List<String> programs =
        List.of(solid("void one() {\n  two();\n  three();\n}"), solid("four();"));
    assertThat(strange("```java\ntwo(); three();\n```", programs)).isEmpty();
    assertThat(strange("```java\nvoid one() {\n\nthree();\n```", programs)).isEmpty();
    assertThat(strange("```java\nfour();\n```\n```java\nfive();\n```", programs))
        .containsExactly("five();\n");
    assertThat(strange("```java\ntwo();\n\nfour();\n```", programs)).hasSize(1);
    assertThat(strange("```kotlin\nfour()\n```\n```kotlin\nfive()\n```", programs))
        .containsExactly("five()\n");
  }

  @Test
  void theIndexOfTheGuideNamesEveryPageOfIt() throws IOException {
    String index = Files.readString(GUIDE.resolve("README.md"));
    assertThat(guide())
        .allSatisfy(page -> assertThat(index).contains("](" + page.getFileName() + ")"));
  }

  @Test
  void everyLinkOfThePagesLeadsToAPageAndAHeading() throws IOException {
    assertThat(pages())
        .allSatisfy(page -> assertThat(broken(page, Files.readString(page))).isEmpty());
  }

  @Test
  void aBrokenLinkIsFound() {
    Path page = ROOT.resolve("docs/page.md");
    assertThat(
            broken(
                page,
                """
                # One `two`, three!
                [a](#one-two-three) [b](guide/README.md) [c](https://example.com/)
                """))
        .isEmpty();
    assertThat(broken(page, "# One\n[a](#two) [b](guide/none.md) [c](guide/README.md#none)\n"))
        .containsExactly("#two", "guide/none.md", "guide/README.md#none");
  }

  /** The blocks of a page that are in none of the programs. */
  private static List<String> strange(String page, List<String> programs) {
    return BLOCK
        .matcher(page)
        .results()
        .map(block -> block.group(1))
        .filter(block -> programs.stream().noneMatch(program -> has(program, block)))
        .toList();
  }

  /** The links of a page, of this text, that lead nowhere. */
  private static List<String> broken(Path page, String text) {
    return LINK.matcher(text)
        .results()
        .map(link -> link.group(1))
        .filter(link -> !link.contains("://") && !leads(page, text, link))
        .toList();
  }

  private static boolean leads(Path page, String text, String link) {
    String[] parts = link.split("#", 2);
    Path file = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]);
    if (!parts[0].isEmpty() && !Files.exists(file)) {
      return false;
    }
    return parts.length == 1 || headings(parts[0].isEmpty() ? text : text(file)).contains(parts[1]);
  }

  /** The anchors that GitHub makes of a page's headings. */
  private static Set<String> headings(String text) {
    return HEADING
        .matcher(text)
        .results()
        .map(heading -> heading.group(1).strip().toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^\\w\\- ]", "").replace(' ', '-'))
        .collect(Collectors.toSet());
  }

  private static boolean has(String program, String block) {
    return Stream.of(block.split("\n\n")).allMatch(part -> program.contains(solid(part)));
  }

  private static String solid(String code) {
    return code.replaceAll("\\s+", "");
  }

  private static List<String> programs() throws IOException {
    List<String> programs = new ArrayList<>();
    for (String module : MODULES) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src"))) {
        files
            .filter(file -> file.toString().matches(".*\\.(java|kt)"))
            .forEach(file -> programs.add(solid(text(file))));
      }
    }
    return programs;
  }

  /** The pages of the guide, without their index. */
  private static List<Path> guide() throws IOException {
    return pages().stream()
        .filter(page -> page.startsWith(GUIDE) && !page.endsWith("README.md"))
        .toList();
  }

  private static List<Path> pages() throws IOException {
    try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"));
        Stream<Path> root = Files.list(ROOT)) {
      return Stream.concat(docs, root).filter(file -> file.toString().endsWith(".md")).toList();
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(file + " cannot be read", e);
    }
  }
}
