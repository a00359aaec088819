package dev.lariat.examples;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.message.*;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Timeouts;
import java.net.URI;
import java.time.Duration;

/**
 * Prints the state of a connection, which gives up after two failed attempts in a row. Run it
 * against any server: {@code Connections http://localhost:8080}.
 */
public final class Connections {
  public static void main(String[] args) throws InterruptedException {
    watch(URI.create(args[0]));
  }

  static void watch(URI origin) throws InterruptedException {
    ConnectionOptions options =
        ConnectionOptions.DEFAULT
            .retry(Backoff.DEFAULT.attempts(2).delays(Duration.ofMillis(10), Duration.ofSeconds(5)))
            .timeouts(Timeouts.DEFAULT.connect(Duration.ofSeconds(5)));
    try (Connection connection = Lariat.open(origin, options)) {
      while (true) {
        switch (connection.mailbox().take()) {
          case Up up -> System.out.println("up, speaking " + up.protocol());
          case Down down -> System.out.println("down: " + down.reason().sentence());
          case Retrying retrying ->
              System.out.println(
                  "attempt " + retrying.attempt() + ": " + retrying.reason().sentence());
          case Terminated terminated -> {
            System.out.println("ended: " + terminated.reason().sentence());
            return;
          }
          case Message other -> {} // the messages of its streams
        }
      }
    }
  }

  /** The same with a callback, on the connection's event loop, where it must not block. */
  static Connection call(URI origin) {
    return Lariat.open(
        origin,
        message -> {
          if (message instanceof Down down) System.out.println("down: " + down.reason().sentence());
        });
  }
}
