package dev.lariat.examples;

import static dev.lariat.jackson.Jackson.json;

import dev.lariat.FailedException;
import dev.lariat.client.Answer;
import dev.lariat.client.Client;
import dev.lariat.jackson.Jackson;
import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.BodyCodec;
import dev.lariat.message.Bytes;
import dev.lariat.message.Reason;
import dev.lariat.message.UnreadableException;
import dev.lariat.option.Request;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** Orders and prices as values: the programs of docs/guide/json.md. */
public final class Orders {

  record Item(String name, double price) {}

  record Order(long id, List<Item> items) {}

  record Problem(String title) {}

  record Tick(String symbol, double price) {}

  public static void main(String[] args) {
    String origin = args[0];
    try (Client client = Client.open()) {
      order(client, origin);
      missing(client, origin);
      unreadable(client, origin);
      lines(client, origin);
      mapper(client, origin);
      time(client, origin);
    }
    feed(origin.replaceFirst("http", "ws"));
    events(origin);
  }

  private static void order(Client client, String origin) {
    Order order = new Order(7, List.of(new Item("rope", 12.5)));
    Request request = Request.of("POST", "/").body(json(Order.class), order);
    Order stored = client.send(origin + "/orders", request).as(json(Order.class));
    System.out.println("stored: " + stored);

    BodyCodec<List<Order>> orders = json(new TypeReference<>() {});
    for (Order each : client.get(origin + "/orders").as(orders)) {
      System.out.println("order " + each.id() + " of " + each.items().size());
    }
  }

  private static void missing(Client client, String origin) {
    Answer answer = client.get(origin + "/orders/8");
    if (answer.status() == 404) {
      Problem problem = json(Problem.class).read(answer.body());
      System.out.println("missing: " + problem.title());
    }
    try {
      answer.as(json(Order.class));
    } catch (FailedException e) {
      if (e.reason() instanceof Reason.Status status) {
        System.out.println("status " + status.status() + ": " + status.body().utf8());
      }
    }
  }

  private static void unreadable(Client client, String origin) {
    try {
      client.get(origin + "/orders/broken").as(json(Order.class));
    } catch (FailedException e) {
      if (e.reason() instanceof Reason.Unreadable unreadable) {
        UnreadableException cause = unreadable.cause();
        System.out.println(
            "line " + cause.line() + ", " + cause.path() + " of " + unreadable.what());
      }
    }
  }

  private static void lines(Client client, String origin) {
    BodyCodec<Tick> ticks = json(Tick.class);
    Request get = Request.of("GET", "/");
    try (Stream<Tick> lines =
        client.request(origin + "/ticks", get).lines(ticks, Duration.ofSeconds(10))) {
      lines.forEach(System.out::println);
    } catch (FailedException e) {
      System.out.println(e.getMessage());
    }

    try (Stream<Tick> lines =
        client
            .request(origin + "/ticks", get)
            .lines(ticks, Duration.ofSeconds(10), why -> System.out.println(why.what()))) {
      System.out.println(lines.count() + " ticks");
    }
  }

  private static void mapper(Client client, String origin) {
    JsonMapper mapper =
        JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();
    Jackson snake = Jackson.with(mapper);
    System.out.println(client.get(origin + "/snake").as(snake.of(Quote.class)));
  }

  record Quote(double lastPrice) {}

  private static void feed(String origin) {
    BodyCodec<Tick> ticks = json(Tick.class);
    try (LiveWebSocket feed = LiveWebSocket.to(origin + "/feed").open()) {
      feed.send(json(Item.class).text(new Item("rope", 12.5)));
      for (Tick tick :
          feed.texts(ticks, why -> System.out.println("skipped: " + why.content().utf8()))) {
        System.out.println(tick.symbol() + " " + tick.price());
        if (tick.symbol().equals("LAST")) {
          break;
        }
      }
    }
  }

  private static void events(String origin) {
    try (LiveEvents events = LiveEvents.to(origin + "/events").open()) {
      for (Tick tick : events.events(json(Tick.class))) {
        System.out.println(tick.symbol() + " at " + events.lastEventId());
        break;
      }
    }
  }

  /** Times as a text, such as {@code 2026-11-30T17:45:00Z}. */
  static final class Times implements BodyCodec<Instant> {

    @Override
    public Type type() {
      return Instant.class;
    }

    @Override
    public String mediaType() {
      return "text/plain";
    }

    @Override
    public Bytes write(Instant time) {
      return Bytes.ofUtf8(time.toString());
    }

    @Override
    public Instant read(Bytes bytes) {
      try {
        return Instant.parse(bytes.utf8().strip());
      } catch (DateTimeParseException e) {
        throw new UnreadableException(Instant.class, "no instant of ISO 8601", e);
      }
    }
  }

  private static void time(Client client, String origin) {
    System.out.println(client.get(origin + "/time").as(new Times()));
  }

  private Orders() {}
}
