package dev.lariat.internal.transport;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.Version;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whether the Netty that is there is new enough. An older one would fail somewhere deep inside,
 * with the name of a class that nobody has heard of.
 */
final class NettyVersion {
  static final String LOWEST = "4.2.1.Final";

  /** What is looked at: see {@link New}. */
  private static final List<String> JARS =
      List.of("netty-common", "netty-transport", "netty-transport-classes-epoll");

  // looked for once; a constant for the compiler from then on
  private static final @Nullable String MISFIT = serves() ? null : sentence(found());

  private NettyVersion() {}

  /**
   * Refuses a Netty that is too old.
   *
   * @throws IllegalStateException that says which was found
   */
  static void require() {
    if (MISFIT != null) {
      throw new IllegalStateException(MISFIT);
    }
  }

  /**
   * Uses what the oldest Netty that serves has new, from each jar that could be older than the
   * others. That costs nothing, while to ask for versions opens every jar of the class path.
   */
  private static boolean serves() {
    try {
      return !New.inside().isEmpty();
    } catch (LinkageError e) {
      return false;
    }
  }

  /** Apart, so that it is linked only within the {@code try} above. */
  private static final class New {
    static List<Object> inside() {
      return List.of(
          ImmediateEventExecutor.INSTANCE.ticker(), // netty-common 4.2.1
          IoHandlerFactory.class, // netty-transport 4.2.0
          EpollIoHandler.class); // netty-transport-classes-epoll 4.2.0
    }
  }

  /** The versions of Netty's jars, by their names. */
  private static Map<String, String> found() {
    try {
      return Version.identify(Version.class.getClassLoader()).values().stream()
          .collect(Collectors.toMap(Version::artifactId, Version::artifactVersion));
    } catch (LinkageError e) {
      return Map.of();
    }
  }

  /** What is said of these. */
  static String sentence(Map<String, String> found) {
    Map<String, TreeSet<String>> byVersion = new TreeMap<>();
    found.forEach(
        (artifact, version) ->
            byVersion.computeIfAbsent(version, key -> new TreeSet<>()).add(artifact));
    String words =
        byVersion.entrySet().stream()
            .map(entry -> entry.getKey() + " (" + String.join(", ", entry.getValue()) + ")")
            .collect(Collectors.joining(" and "));
    String absent =
        JARS.stream().filter(jar -> !found.containsKey(jar)).collect(Collectors.joining(", "));
    boolean missing = !words.isEmpty() && !absent.isEmpty();
    return "Lariat needs Netty "
        + LOWEST
        + " or later, and found "
        + (words.isEmpty() ? "none, or one that does not report its version" : "Netty " + words)
        + (missing
            ? " without " + absent + ". Let your build add what is missing and"
            : ". Let your build")
        + " choose a later one, as by the property netty.version in Spring Boot, or"
        + " by importing io.netty:netty-bom; see docs/guide/compatibility.md.";
  }
}
