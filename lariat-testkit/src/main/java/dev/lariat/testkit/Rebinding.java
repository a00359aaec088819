package dev.lariat.testkit;

import dev.lariat.internal.transport.ThisMachine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.time.Duration;

/** How a server takes a port, and takes it again. */
final class Rebinding {
  private static final int TRIES = 100;
  private static final Duration PAUSE = Duration.ofMillis(10);

  private Rebinding() {}

  /** One attempt to listen. */
  interface Attempt<T> {
    T bind() throws IOException;
  }

  /**
   * Takes the port. One that this server had before it tries for a second while it is taken: a
   * socket that was closed listens on until its selector has looked again, and another program may
   * have the port for a moment as that of a connection of its own.
   *
   * @param server for the message
   * @param again whether this server had it before
   * @throws UncheckedIOException if it is taken
   */
  static <T> T take(String server, int port, boolean again, Attempt<T> attempt) {
    for (int left = again ? TRIES : 0; ; left--) {
      try {
        return attempt.bind();
      } catch (BindException e) {
        if (left == 0) {
          throw refused(server, port, e);
        }
      } catch (IOException e) {
        throw refused(server, port, e);
      }
      try {
        ThisMachine.THIS.pause(PAUSE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw refused(server, port, new IOException("interrupted", e));
      }
    }
  }

  private static UncheckedIOException refused(String server, int port, IOException cause) {
    return new UncheckedIOException(
        server + " cannot listen on port " + port + ": " + cause.getMessage() + ".", cause);
  }
}
