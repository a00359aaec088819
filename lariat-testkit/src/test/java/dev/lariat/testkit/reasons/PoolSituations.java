package dev.lariat.testkit.reasons;

import static dev.lariat.testkit.reasons.Situation.of;

import dev.lariat.Exchange;
import dev.lariat.client.Client;
import dev.lariat.message.Reason.Bound;
import dev.lariat.message.Reason.Step;
import dev.lariat.option.PoolOptions;
import dev.lariat.option.Request;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import java.time.Duration;
import java.util.List;

/** What happens to requests that wait for a connection of a client. */
final class PoolSituations {
  private static final Request GET = Request.of("GET", "/");

  private PoolSituations() {}

  static List<Situation> all() {
    return List.of(
        of(
            Step.CHECKOUT,
            "all connections of a client are busy for too long",
            "The wait for a connection of the pool took longer than 5 s: The request was not"
                + " processed: no connection to http://server.example has room: 1 busy, 0 being"
                + " opened, 0 idle or ending (pool.connections); 1 waiting, the longest for 5000 ms"
                + " (pool.waiting).",
            stage -> {
              Origin origin = stage.origin(Script.silent());
              String url = origin.uri("http", "/").toString();
              try (Client client = Client.open(one(stage))) {
                Exchange first = client.request(url, GET);
                Duration five = Duration.ofSeconds(5);
                var reason = Stage.of(() -> client.get(url, five));
                first.cancel();
                return reason;
              }
            }),
        of(
            Bound.POOL_WAITING,
            "more requests wait for a connection of a client than may wait",
            "The number of requests that wait for a connection exceeded the limit of 0"
                + " (pool.waiting).",
            stage -> {
              Origin origin = stage.origin(Script.silent());
              String url = origin.uri("http", "/").toString();
              try (Client client = Client.open(one(stage).waiting(0))) {
                Exchange first = client.request(url, GET);
                var reason = Stage.of(() -> client.get(url));
                first.cancel();
                return reason;
              }
            }));
  }

  private static PoolOptions one(Stage stage) {
    return PoolOptions.DEFAULT.connection(stage.options).connections(1);
  }
}
