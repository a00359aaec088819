package dev.lariat.it;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A server that an application runs in, with a JVM of its own: it says which threads the
 * application has left behind, and whether its classes are collected though a thread of the server
 * that ran it goes on.
 */
final class Container {
  private static final long PATIENCE = Duration.ofSeconds(90).toNanos();

  private Container() {}

  /** Runs the application with this URI, which waits at its end or does not. */
  public static void main(String[] args) throws Exception {
    try (ExecutorService server = Executors.newSingleThreadExecutor()) {
      ReferenceQueue<ClassLoader> queue = new ReferenceQueue<>();
      boolean waits = Boolean.parseBoolean(args[1]);
      WeakReference<ClassLoader> classes =
          server.submit(() -> run(URI.create(args[0]), waits, queue)).get();
      if (waits) {
        System.out.println("threads: " + threads(classes.get()));
      }
      long start = System.nanoTime();
      boolean collected = false;
      while (!collected && System.nanoTime() - start < PATIENCE) {
        System.gc();
        collected = queue.remove(200) != null;
      }
      System.out.println(server.submit(() -> "the server goes on").get());
      System.out.println(collected ? "collected" : "kept");
    }
  }

  private static WeakReference<ClassLoader> run(
      URI uri, boolean waits, ReferenceQueue<ClassLoader> collected) throws Exception {
    List<String> classPath = Deployment.classPath();
    URL[] jars = new URL[classPath.size()];
    for (int i = 0; i < jars.length; i++) {
      jars[i] = Path.of(classPath.get(i)).toUri().toURL();
    }
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    URLClassLoader loader =
        new URLClassLoader("application", jars, ClassLoader.getPlatformClassLoader());
    try {
      thread.setContextClassLoader(loader);
      Class<?> application = loader.loadClass(WebApplication.class.getName());
      ((Runnable) application.getConstructor(URI.class, boolean.class).newInstance(uri, waits))
          .run();
      if (waits) { // its threads need no class any more
        loader.close();
      }
      return new WeakReference<>(loader, collected);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** The threads whose code or context is of these classes. */
  private static List<Thread> threads(@Nullable ClassLoader loader) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(
            thread ->
                loader != null
                    && (thread.getContextClassLoader() == loader
                        || thread.getClass().getClassLoader() == loader))
        .toList();
  }
}
