package dev.lariat.examples;

import dev.lariat.Mailbox;
import dev.lariat.live.LiveWebSocket;
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
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Shows the last prices of some symbols from a feed whose messages are {@code SYMBOL PRICE}. It
 * subscribes on every new connection, discards its prices if there is a gap, and replaces a
 * connection that is alive but silent.
 *
 * <p>Both directions are conflated. If the program is slower than the feed, it shows only the
 * newest price of each symbol. It reports {@code SYMBOL shown PRICE}, and only the newest report of
 * each symbol waits while the feed is away or slow.
 */
public final class MarketData {
  private final Map<String, String> prices = new TreeMap<>();
  private final Set<String> news = new TreeSet<>(); // symbols whose new price is not shown yet

  public static void main(String[] args) throws InterruptedException {
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
            .silence(Silence.of(Duration.ofSeconds(15))) // the feed ticks more often
            .outbox(Outbox.DEFAULT.conflate(frame -> symbol(((Text) frame).text())));
    return LiveWebSocket.to(endpoint)
        .options(options)
        .owner(Mailbox.bounded(10_000)) // a full mailbox slows the feed down
        .onOpen(
            session -> {
              for (String symbol : symbols) {
                session.send(new Text("subscribe " + symbol));
              }
            });
  }

  /** Prints prices until the feed says {@code bye}. */
  void run(Endpoint endpoint, List<String> symbols, ConnectionOptions connection)
      throws InterruptedException {
    try (LiveWebSocket feed = plan(endpoint, symbols, connection).open()) {
      while (true) {
        switch (feed.mailbox().take()) {
          case Open open -> System.out.println("session " + open.session());
          case Waiting waiting when !waiting.open() -> {
            prices.clear();
            news.clear();
            System.out.println("gap: " + waiting.reason().sentence());
          }
          case WebSocketFrame(var socket, Text(var text)) when text.equals("bye") -> {
            return;
          }
          case WebSocketFrame(var socket, Text(var text)) -> {
            prices.put(symbol(text), text.substring(text.indexOf(' ') + 1));
            news.add(symbol(text));
          }
          case Gone gone -> throw new IllegalStateException(gone.reason().sentence());
          default -> {}
        }
        if (feed.mailbox().size() == 0) { // otherwise newer prices are waiting
          show(feed);
        }
      }
    }
  }

  private void show(LiveWebSocket feed) {
    if (!news.isEmpty()) {
      System.out.println(prices);
      news.forEach(symbol -> feed.send(new Text(symbol + " shown " + prices.get(symbol))));
      news.clear();
    }
  }
}
