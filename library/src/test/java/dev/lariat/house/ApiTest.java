package dev.lariat.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The exported API is {@code docs/api.txt}: nobody changes it without seeing so. */
public class ApiTest { // or nobody would see the types within
  private static final Path CLASSES = Path.of("target/classes");
  private static final Path TEXT = Path.of("../docs/api.txt");
  private static final String COMMAND = "mvn -q -pl :lariat test -Dtest=ApiTest -Dapi.update=true";

  @Test
  void theExportedApiIsTheOneInTheRepository() throws Exception {
    List<String> actual = Api.of(exportedClasses());
    if (Boolean.getBoolean("api.update")) {
      Files.write(TEXT, actual);
    }
    compare(Files.exists(TEXT) ? Files.readAllLines(TEXT) : List.of(), actual);
  }

  @Test
  void aChangeIsShownWithTheCommandThatTakesIt() {
    assertThatThrownBy(
            () ->
                compare(
                    List.of("class A", "  method a()", "  method b()", "", "class B"),
                    List.of("class A", "  method b()", "  method c()", "", "class B")))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("\n  class A\n-   method a()\n+   method c()\n")
        .hasMessageContaining(COMMAND)
        .hasMessageNotContaining("class B");
  }

  @Test
  void everythingThatUsersSeeOfATypeIsInTheText() {
    assertThat(Api.of(List.of(Shown.class, Shown.Part.class, Shown.Kind.class, Shown.Hidden.class)))
        .containsExactly(
            "abstract sealed class dev.lariat.house.ApiTest.Shown<T> extends Thread implements"
                + " Runnable",
            "  permits dev.lariat.house.ApiTest.Shown.Below",
            "  constructor (int)",
            "  field static final LIMIT: int = 7",
            "  method protected abstract find(@Nullable String, Object...): @Nullable T throws"
                + " java.io.IOException",
            "  method run()",
            "",
            "enum dev.lariat.house.ApiTest.Shown.Kind",
            "  constant SECOND",
            "  constant FIRST",
            "",
            "record dev.lariat.house.ApiTest.Shown.Part",
            "  component names: java.util.List<String>",
            "  component size: int",
            "  constructor (java.util.List<String>, int)");
  }

  /** A type with something of everything. */
  public abstract static sealed class Shown<T> extends Thread implements Runnable
      permits Shown.Below {
    public static final int LIMIT = 7;
    private static final int SECRET = 8;

    protected Shown(int value) {}

    protected abstract @Nullable T find(@Nullable String name, Object... more) throws IOException;

    void hidden() {}

    @Override
    public void run() {}

    @Override
    public String toString() {
      return "";
    }

    /** Not in alphabetical order. */
    public record Part(List<String> names, int size) {}

    /** Nor these. */
    public enum Kind {
      SECOND,
      FIRST
    }

    record Hidden() {}

    abstract static non-sealed class Below extends Shown<String> {
      Below() {
        super(SECRET);
      }
    }
  }

  private static List<Class<?>> exportedClasses() throws IOException, ClassNotFoundException {
    Set<String> exports;
    try (InputStream module = Files.newInputStream(CLASSES.resolve("module-info.class"))) {
      exports = Api.exports(ModuleDescriptor.read(module));
    }
    List<Class<?>> classes = new ArrayList<>();
    try (Stream<Path> files = Files.walk(CLASSES)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        String name = CLASSES.relativize(file).toString().replace('/', '.');
        if (name.endsWith(".class")
            && !name.endsWith("-info.class")
            && exports.contains(House.packageOf(name.substring(0, name.length() - 6)))) {
          classes.add(
              Class.forName(
                  name.substring(0, name.length() - 6), false, ApiTest.class.getClassLoader()));
        }
      }
    }
    return classes;
  }

  /** Fails with the lines that differ, each type's under its name. */
  private static void compare(List<String> expected, List<String> actual) {
    if (expected.equals(actual)) {
      return;
    }
    StringBuilder diff = new StringBuilder();
    Optional<String> shown = Optional.empty();
    int[][] common = common(expected, actual);
    Optional<String> type = Optional.empty();
    int i = 0;
    int j = 0;
    while (i < expected.size() || j < actual.size()) {
      boolean same =
          i < expected.size() && j < actual.size() && expected.get(i).equals(actual.get(j));
      boolean gone =
          !same
              && i < expected.size()
              && (j == actual.size() || common[i + 1][j] >= common[i][j + 1]);
      String line = gone || same ? expected.get(i) : actual.get(j);
      if (!line.startsWith(" ") && !line.isEmpty()) {
        type = Optional.of(line);
      }
      if (!same) {
        if (!type.equals(shown) && !type.equals(Optional.of(line))) {
          diff.append("\n  ").append(type.orElse(""));
        }
        shown = type;
        diff.append(gone ? "\n- " : "\n+ ").append(line);
      }
      i += gone || same ? 1 : 0;
      j += gone ? 0 : 1;
    }
    throw new AssertionError(
        "The exported API is not the one in docs/api.txt:"
            + diff
            + "\n\nIf that is meant, run\n  "
            + COMMAND
            + "\nand say so in the changelog.");
  }

  /** The length of the longest common rest of lines, for every pair of beginnings. */
  private static int[][] common(List<String> one, List<String> other) {
    int[][] length = new int[one.size() + 1][other.size() + 1];
    for (int i = one.size() - 1; i >= 0; i--) {
      for (int j = other.size() - 1; j >= 0; j--) {
        length[i][j] =
            one.get(i).equals(other.get(j))
                ? length[i + 1][j + 1] + 1
                : Math.max(length[i + 1][j], length[i][j + 1]);
      }
    }
    return length;
  }
}
