package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An application that brings Lariat along is taken out of a server that goes on: nothing of Lariat
 * or Netty may hold its classes, neither a thread of theirs nor one of the server's that ran it.
 */
@Timeout(180)
class UndeployTest {
  private static final long PATIENCE = Duration.ofSeconds(50).toNanos();

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anApplicationThatWaitsAtItsEndLeavesNoThread(boolean tls) throws Exception {
    try (Deployment deployment = new Deployment(tls);
        ExecutorService server = Executors.newSingleThreadExecutor()) {
      WeakReference<ClassLoader> classes =
          server.submit(() -> run(deployment.uri(), true, new ReferenceQueue<>())).get();
      assertThat(threads(classes.get())).isEmpty();
    }
  }

  @Test
  void anApplicationThatDoesNotWaitIsCollectedWhenItsLoopsHaveEnded() throws Exception {
    try (Deployment deployment = new Deployment(false);
        ExecutorService server = Executors.newSingleThreadExecutor()) {
      ReferenceQueue<ClassLoader> collected = new ReferenceQueue<>();
      server.submit(() -> run(deployment.uri(), false, collected)).get();
      long start = System.nanoTime();
      while (collected.remove(200) == null) {
        assertThat(System.nanoTime() - start).as("time to let it go").isLessThan(PATIENCE);
        System.gc();
      }
    }
  }

  private static WeakReference<ClassLoader> run(
      URI uri, boolean waits, ReferenceQueue<ClassLoader> collected) throws Exception {
    URL[] jars = new URL[Deployment.classPath().size()];
    for (int i = 0; i < jars.length; i++) {
      jars[i] = Path.of(Deployment.classPath().get(i)).toUri().toURL();
    }
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader =
        new URLClassLoader("application", jars, ClassLoader.getPlatformClassLoader())) {
      thread.setContextClassLoader(loader);
      Class<?> application = loader.loadClass(WebApplication.class.getName());
      assertThat(application).isNotSameAs(WebApplication.class);
      ((Runnable) application.getConstructor(URI.class, boolean.class).newInstance(uri, waits))
          .run();
      return new WeakReference<>(loader, collected);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** The threads whose code or context is of these classes. */
  private static List<Thread> threads(@Nullable ClassLoader loader) {
    if (loader == null) {
      return List.of();
    }
    return Thread.getAllStackTraces().keySet().stream()
        .filter(
            thread ->
                thread.getContextClassLoader() == loader
                    || thread.getClass().getClassLoader() == loader)
        .toList();
  }
}
