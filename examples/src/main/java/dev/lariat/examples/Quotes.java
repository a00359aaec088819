package dev.lariat.examples;

import dev.lariat.Mailbox;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.live.TopicReader;
import dev.lariat.live.Topics;
import dev.lariat.message.*;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.TopicOptions;
import dev.lariat.option.TopicRule;
import java.time.Duration;
import java.util.List;

/**
 * Two readers of market data share the sockets of one {@code Topics}: a chart that wants each price
 * of one symbol, and a ticker of several symbols that shows what it can. The server acknowledges
 * each subscription with a channel, and allows 50 symbols on a connection.
 */
public final class Quotes {

  /** How the server is spoken to: it takes lists, and names a symbol by the channel it gave it. */
  static final class Rule implements TopicRule {
    @Override
    public List<Frame> subscribe(List<String> topics) {
      return List.of(new Text("subscribe " + String.join(" ", topics)));
    }

    @Override
    public List<Frame> unsubscribe(List<Subscription> topics) {
      return topics.stream()
          .<Frame>map(topic -> new Text("unsubscribe " + topic.channel().orElseThrow()))
          .toList();
    }

    @Override
    public Meaning read(Frame frame) {
      if (!(frame instanceof Text(var text))) {
        return Meaning.CONTROL;
      }
      String[] words = text.split(" ", 3);
      return switch (words[0]) {
        case "subscribed" -> Meaning.subscribed(words[1], words[2]); // subscribed BTC-USD 7
        case "error" -> Meaning.refused(words[1], words[2]); // error BTC-USX no such symbol
        case "price" -> Meaning.of(words[1]); // price 7 64000.5
        default -> Meaning.CONTROL;
      };
    }
  }

  static Topics open(Endpoint endpoint, ConnectionOptions connection) {
    TopicOptions options =
        TopicOptions.DEFAULT
            .perSocket(50) // another socket opens for the next 50
            .batch(20)
            .acknowledgement(Duration.ofSeconds(10));
    LiveWebSocket.Plan sockets =
        LiveWebSocket.to(endpoint).options(LiveOptions.DEFAULT.connection(connection));
    return Topics.over(sockets, new Rule()).options(options).open();
  }

  /** Prints each price of a symbol, and where prices may be missing, until the reader is closed. */
  static void chart(TopicReader reader) {
    for (Message message : reader.messages()) {
      switch (message) {
        case Open open -> System.out.println(reader.topic() + " is subscribed");
        case WebSocketFrame(var stream, Text(var text)) -> System.out.println("chart " + text);
        case Waiting waiting -> System.out.println("a gap: " + waiting.reason().sentence());
        case Gone gone -> System.out.println("chart ends: " + gone.reason().sentence());
        default -> {}
      }
    }
  }

  /** Prints prices of several symbols until it has so many. If it is slow, it misses some. */
  static void ticker(Topics topics, List<String> symbols, int prices) throws InterruptedException {
    try (Mailbox mailbox = Mailbox.bounded(100)) {
      for (String symbol : symbols) {
        topics.open(symbol, mailbox, TopicOptions.Overflow.DROP);
      }
      for (int shown = 0; shown < prices; ) {
        switch (mailbox.take()) {
          case WebSocketFrame(var reader, Text(var text)) -> {
            System.out.println(TopicReader.of(reader).topic() + ": " + text);
            shown++;
          }
          case Notice(var reader, Notice.Dropped(var stream, var messages)) ->
              System.out.println(messages + " prices are missing");
          case Gone gone -> System.out.println("ticker: " + gone.reason().sentence());
          default -> {}
        }
      }
    } // closes its readers
  }

  public static void main(String[] args) throws InterruptedException {
    List<String> symbols = List.of(args).subList(1, args.length);
    try (Topics topics = open(Endpoint.of(args[0]), ConnectionOptions.DEFAULT);
        TopicReader chart = topics.open(symbols.getFirst())) {
      Thread.ofVirtual().start(() -> chart(chart));
      ticker(topics, symbols, 100);
    }
  }
}
