package dev.lariat.examples;

import dev.lariat.LiveWebSocket;
import dev.lariat.Mailbox;
import dev.lariat.message.*;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Keepalive;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Outbox;
import dev.lariat.option.Silence;
import dev.lariat.option.WebSocketOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Keeps the last price of some symbols from a feed whose messages are {@code SYMBOL PRICE}. It
 * subscribes on every fresh connection, throws its prices away where there may be a gap, and gives
 * up a feed that is alive but says nothing. It bids for what it sees; its bids are conflated: of
 * each symbol only the newest waits while the feed is away or slow.
 */
public final class MarketData {
  private final Map<String, String> prices = new TreeMap<>();
  private boolean gap = true;

  public static void main(String[] args) {
    List<String> symbols = List.of(args).subList(1, args.length);
    new MarketData().run(Endpoint.of(args[0]), symbols, ConnectionOptions.DEFAULT);
  }

  /** The symbol of a message. */
  private static String symbol(String message) {
    return message.split(" ", 2)[0];
  }

  static LiveWebSocket.Plan plan(
      Endpoint endpoint, List<String> symbols, ConnectionOptions connection) {
    LiveOptions options =
        LiveOptions.DEFAULT
            .connection(connection)
            .webSocket(WebSocketOptions.compressed().keepalive(Keepalive.DEFAULT))
            .silence(Silence.of(Duration.ofSeconds(15))) // it ticks more often than that
            .outbox(Outbox.DEFAULT.conflate(frame -> symbol(((Text) frame).text())));
    return LiveWebSocket.to(endpoint)
        .options(options)
        .owner(Mailbox.bounded(10_000)) // a full one holds the feed back
        .onOpen(
            session -> {
              for (String symbol : symbols) {
                session.send(new Text("subscribe " + symbol));
              }
            });
  }

  /** Prints prices until the feed says {@code bye}. */
  void run(Endpoint endpoint, List<String> symbols, ConnectionOptions connection) {
    try (LiveWebSocket feed = plan(endpoint, symbols, connection).open()) {
      while (true) {
        switch (feed.mailbox().take()) {
          case Open(_, var session, _, _) -> {
            if (gap) { // false where this session took over from another without one
              prices.clear();
              IO.println("session " + session + " begins from nothing");
            }
            gap = false;
          }
          case Waiting(_, _, _, var reason, var open) when !open -> {
            gap = true;
            IO.println("gap: " + reason.sentence());
          }
          case WebSocketFrame(_, Text(var text)) when text.equals("bye") -> {
            return;
          }
          case WebSocketFrame(_, Text(var text)) -> {
            prices.put(symbol(text), text.substring(text.indexOf(' ') + 1));
            IO.println(prices);
            feed.send(new Text(symbol(text) + " bid")); // its own, at the price just seen
          }
          case Gone(_, var reason) -> throw new IllegalStateException(reason.sentence());
          default -> {}
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
