package dev.lariat.internal.transport;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Whether a native library of Netty's is there at all. Netty finds out by loading it, which makes
 * newer JVMs warn, and Netty log a page of exceptions, also where nobody has such a jar.
 */
final class NativeLibrary {
  private static final String FOLDER = "META-INF/native/"; // of Netty's jars

  private NativeLibrary() {}

  /** Whether a jar has it for this kind of processor, or {@code java.library.path} leads to it. */
  static boolean isPresent(String library) {
    ClassLoader loader = NativeLibrary.class.getClassLoader();
    String[] folders =
        System.getProperty("java.library.path", "").split(System.getProperty("path.separator"), -1);
    for (String name : names(library)) {
      for (String file : List.of("lib" + name + ".so", "lib" + name + ".jnilib", name + ".dll")) {
        if (loader.getResource(FOLDER + file) != null) {
          return true;
        }
      }
      for (String folder : folders) {
        if (Files.exists(Path.of(folder, System.mapLibraryName(name)))) {
          return true;
        }
      }
    }
    return false;
  }

  /** What Netty may call it, by system and processor. */
  private static List<String> names(String library) {
    String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String os =
        system.startsWith("mac") ? "osx" : system.startsWith("windows") ? "windows" : "linux";
    String given = System.getProperty("os.arch", "");
    String arch =
        switch (given) {
          case "amd64", "x86_64" -> "x86_64";
          case "aarch64", "arm64" -> "aarch_64";
          default -> given;
        };
    return List.of(
        library + "_" + os + "_" + arch,
        library + "_" + os + "_" + arch + "_fedora", // linked against another OpenSSL
        library + "_" + arch,
        library);
  }
}
