package dev.lariat.cli;

import dev.lariat.fleet.FleetProvider;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The modules by which several nodes share a fleet, with the drivers of databases. They are no part
 * of the class path: their jars are in a folder beside that of the program, and are opened only if
 * a URI needs one of them. So the start of every other command is as short, and its cache as small,
 * as without them.
 */
final class FleetModules implements AutoCloseable {
  /** The folder, beside the program's jar. */
  private static final String FOLDER = "fleet";

  private static final String JAR = ".jar";

  private final List<Path> further;
  private final Thread thread = Thread.currentThread();
  private final ClassLoader before = thread.getContextClassLoader();
  private @Nullable ServiceLoader<FleetProvider> providers;

  /**
   * Those of the program, and further ones.
   *
   * @param further jars, and folders with jars, which come before those of the program
   */
  FleetModules(List<Path> further) {
    this.further = further;
  }

  /**
   * The provider of a scheme. From then on, this thread and those that it starts find the drivers
   * of the modules.
   *
   * @param option which names the scheme
   */
  FleetProvider provider(String option, String scheme) {
    List<String> known = new ArrayList<>();
    try {
      for (FleetProvider provider : providers()) {
        if (provider.scheme().equals(scheme)) {
          return provider;
        }
        known.add(provider.scheme());
      }
    } catch (ServiceConfigurationError | LinkageError e) {
      throw new UsageException(
          "The modules for " + option + " cannot be loaded: " + Line.plain(e.toString()) + ".");
    }
    throw new UsageException(
        option
            + ": there is no module for "
            + scheme
            + (known.isEmpty()
                ? ""
                : ", only for " + String.join(", ", known.stream().sorted().toList()))
            + ". --jar adds one.");
  }

  private ServiceLoader<FleetProvider> providers() {
    ServiceLoader<FleetProvider> found = providers;
    if (found == null) {
      // Open until the process ends, since its threads load classes until then.
      ClassLoader loader = new URLClassLoader("fleet", urls(), FleetModules.class.getClassLoader());
      thread.setContextClassLoader(loader); // by which java.sql and Pekko look
      found = ServiceLoader.load(FleetProvider.class, loader);
      providers = found;
    }
    return found;
  }

  private URL[] urls() {
    List<Path> jars = new ArrayList<>();
    for (Path jar : further) {
      if (Files.isDirectory(jar)) {
        jars.addAll(jarsIn(jar));
      } else if (Files.isReadable(jar)) {
        jars.add(jar);
      } else {
        throw new UsageException(
            "--jar: " + Line.plain(jar.toString()) + " is not a file that can be read.");
      }
    }
    Path own = folder();
    if (own != null && Files.isDirectory(own)) {
      jars.addAll(jarsIn(own));
    }
    return jars.stream().map(FleetModules::url).toArray(URL[]::new);
  }

  private static List<Path> jarsIn(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(JAR)).sorted().toList();
    } catch (IOException e) {
      throw new UsageException(
          "The folder " + Line.plain(folder.toString()) + " cannot be read: " + e.getMessage());
    }
  }

  private static URL url(Path jar) {
    try {
      return jar.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new AssertionError(e); // every file has a URL
    }
  }

  /** Where the program has them; null if it does not come from a file. */
  private static @Nullable Path folder() {
    CodeSource source = FleetModules.class.getProtectionDomain().getCodeSource();
    try {
      return source == null ? null : Path.of(source.getLocation().toURI()).resolveSibling(FOLDER);
    } catch (URISyntaxException e) {
      throw new AssertionError(e); // the JVM has made it
    }
  }

  /** This thread looks where it did before. */
  @Override
  public void close() {
    thread.setContextClassLoader(before);
  }
}
