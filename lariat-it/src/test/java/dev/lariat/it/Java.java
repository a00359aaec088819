package dev.lariat.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A Java that runs programs.
 *
 * @param home its folder, as it sees it itself
 * @param root the folder that is the whole system for it; empty if it is of this system
 */
record Java(Path home, Optional<Path> root) {
  private static final int LOWEST = 21;

  /** The one that runs this test. */
  static Java ofTheTest() {
    return new Java(Path.of(System.getProperty("java.home")), Optional.empty());
  }

  /**
   * The oldest that serves: of this system, or the newer Debian's that {@code .ci/run} puts into a
   * folder, which root alone can use.
   */
  static Optional<Java> lowest() {
    Optional<Java> installed =
        homes(Path.of("/usr/lib/jvm")).map(home -> new Java(home, Optional.empty())).findFirst();
    if (installed.isPresent() || !System.getProperty("user.name").equals("root")) {
      return installed;
    }
    String cache = System.getenv("XDG_CACHE_HOME");
    Path folder =
        (cache == null ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache))
            .resolve("lariat/java-" + LOWEST);
    return homes(folder.resolve("usr/lib/jvm"))
        .map(home -> new Java(Path.of("/").resolve(folder.relativize(home)), Optional.of(folder)))
        .findFirst();
  }

  private static Stream<Path> homes(Path folder) {
    return list(folder).stream()
        .filter(home -> home.getFileName().toString().matches(".*-" + LOWEST + "(-.*)?"))
        .filter(home -> Files.exists(home.resolve("bin/java")));
  }

  /** The command that runs one of its tools. */
  List<String> tool(String name, String... arguments) {
    List<String> command = new ArrayList<>();
    root.ifPresent(
        folder -> {
          command.addAll(List.of("chroot", folder.toString()));
          // it has no /proc, by which a program finds what lies beside it
          command.addAll(List.of("/usr/bin/env", "LD_LIBRARY_PATH=" + home.resolve("lib")));
        });
    command.add(home.resolve("bin").resolve(name).toString());
    command.addAll(List.of(arguments));
    return command;
  }

  /** A file or a folder, as this Java sees it: copied into its own folder, if it has one. */
  Path seen(Path path) {
    if (root.isEmpty()) {
      return path.toAbsolutePath();
    }
    Path name = Path.of("tmp", "lariat").resolve(path.toAbsolutePath().toString().substring(1));
    copy(path, root.get().resolve(name));
    return Path.of("/").resolve(name);
  }

  private static void copy(Path from, Path to) {
    try {
      if (Files.isDirectory(from)) {
        Files.createDirectories(to);
        list(from).forEach(file -> copy(file, to.resolve(file.getFileName())));
      } else {
        Files.createDirectories(to.getParent());
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> list(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
