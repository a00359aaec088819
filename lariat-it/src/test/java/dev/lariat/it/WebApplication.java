package dev.lariat.it;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.live.LiveEvents;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.EventOptions;
import dev.lariat.option.Tls;
import java.net.URI;
import java.time.Duration;
import java.util.Set;

/**
 * What an application does with Lariat between its deployment and its end. The tests load it, and
 * Lariat with it, by a class loader that nothing else has, or run it in a JVM of its own.
 */
public final class WebApplication implements Runnable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final URI uri;
  private final boolean waits;

  /**
   * An application that is not running.
   *
   * @param waits whether it waits at its end for what it has used
   */
  public WebApplication(URI uri, boolean waits) {
    this.uri = uri;
    this.waits = waits;
  }

  /** Runs one in this JVM. */
  public static void main(String[] args) {
    new WebApplication(URI.create(args[0]), false).run();
    System.out.println("served");
  }

  @Override
  public void run() {
    ConnectionOptions options =
        Set.of("https", "wss").contains(uri.getScheme())
            ? ConnectionOptions.DEFAULT.tls(Tls.INSECURE)
            : ConnectionOptions.DEFAULT;
    Connection connection = Lariat.open(uri, options);
    LiveEvents events =
        LiveEvents.to(uri.resolve("/events"))
            .options(EventOptions.DEFAULT.connection(options))
            .open();
    try {
      String text = connection.get("/").text(PATIENCE);
      if (!text.equals("page")) {
        throw new IllegalStateException(text);
      }
      events.iterator().next();
    } finally {
      events.close();
      connection.close();
    }
    if (waits) {
      awaitEnd(connection, events);
    }
  }

  private static void awaitEnd(Connection connection, LiveEvents events) {
    try {
      boolean ended =
          events.awaitTermination(PATIENCE)
              && connection.awaitTermination(PATIENCE)
              && Lariat.awaitTermination(PATIENCE);
      if (!ended) {
        throw new IllegalStateException("something goes on");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    events.close(); // as a container may do once more: begins no thread
    connection.close();
  }
}
