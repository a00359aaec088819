package dev.lariat.examples;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.Lariat;
import dev.lariat.event.ConnectionInfo;
import dev.lariat.event.Event;
import dev.lariat.event.Event.*;
import dev.lariat.event.StreamInfo;
import dev.lariat.message.Message;
import dev.lariat.option.ConnectionOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Observes every step of a request: how long each took, and the state of the connection after it.
 * Run it against any server: {@code Observed localhost 8080 /}.
 */
public final class Observed {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  public static void main(String[] args) throws InterruptedException {
    ConnectionOptions options = ConnectionOptions.DEFAULT.listener(Observed::print);
    try (Connection connection = Lariat.open(args[0], Integer.parseInt(args[1]), options)) {
      Exchange page = connection.get(args[2]);
      Message.@Nullable OfStream message;
      do {
        message = connection.mailbox().await(page, PATIENCE);
      } while (message != null && !message.ends());

      StreamInfo stream = page.info().join(); // WAITING, RUNNING or ENDED; what is before it
      ConnectionInfo info = connection.info().join(); // state, addresses, TLS, bytes that wait
      System.out.println("the page is " + stream.state());
      System.out.println(
          "the connection is " + info.state() + " and has " + info.streams() + " streams");
    }
  }

  /** On the connection's event loop: it must not block. */
  private static void print(Event event) {
    switch (event) {
      case LookupEnd end -> System.out.println("found " + end.addresses() + " in " + end.took());
      case ConnectEnd end when end.established() ->
          System.out.println("connected to " + end.remote() + " in " + end.took());
      case TlsEnd end -> System.out.println("agreed on " + end.session() + " in " + end.took());
      case ResponseStart start -> System.out.println("first byte after " + start.waited());
      case ResponseEnd end ->
          System.out.println(
              end.stream() + ": " + end.status() + ", " + end.bytes() + " B, " + end.took());
      case Cancel cancel -> System.out.println(cancel.stream() + ": " + cancel.reason().sentence());
      case RetryScheduled retry -> System.out.println("again in " + retry.delay());
      default -> {} // later versions add events
    }
  }
}
