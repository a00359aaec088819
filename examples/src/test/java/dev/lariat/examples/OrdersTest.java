package dev.lariat.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Text;
import dev.lariat.testkit.Asked;
import dev.lariat.testkit.EventStream;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.Visit;
import dev.lariat.testkit.WebSocketVisit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OrdersTest {
  private static final Headers JSON = Headers.of("content-type", "application/json");
  private static final Headers LINES = Headers.of("content-type", "application/x-ndjson");

  private final PrintStream before = System.out;

  @AfterEach
  void restore() {
    System.setOut(before);
  }

  /** Serves one connection, whatever comes on it. */
  private static void serve(Visit visit) throws Exception {
    for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
      if (visit.asksForWebSocket()) {
        feed(visit, visit.acceptWebSocket());
        return;
      }
      answer(visit, asked);
    }
  }

  private static void feed(Visit visit, WebSocketVisit socket) throws IOException {
    assertThat(socket.receive()).isEqualTo(new Text("{\"name\":\"rope\",\"price\":12.5}"));
    socket.send(new Text("{\"symbol\":\"ROPE\",\"price\":1.5}"));
    socket.send(new Text("welcome"));
    socket.send(new Text("{\"symbol\":\"LAST\",\"price\":2}"));
    visit.awaitEnd();
  }

  private static void answer(Visit visit, Asked asked) throws IOException {
    switch (asked.method() + " " + asked.target()) {
      case "POST /orders" -> visit.respond(201, JSON, asked.body());
      case "GET /orders" ->
          json(visit, 200, "[{\"id\":7,\"items\":[{\"name\":\"rope\",\"price\":12.5}]}]");
      case "GET /orders/8" -> json(visit, 404, "{\"title\":\"no such order\"}");
      case "GET /orders/broken" ->
          json(visit, 200, "{\"id\":9,\n\"items\":[{\"name\":\"rope\",\"price\":\"cheap\"}]}");
      case "GET /ticks" ->
          visit.respond(
              200,
              LINES,
              Bytes.ofUtf8(
                  "{\"symbol\":\"A\",\"price\":1}\n"
                      + "{\"symbol\":}\n"
                      + "{\"symbol\":\"B\",\"price\":2}\n"));
      case "GET /snake" -> json(visit, 200, "{\"last_price\":3.5}");
      case "GET /time" -> visit.respond(200, "2026-11-30T17:45:00Z\n");
      case "GET /events" -> {
        EventStream events = visit.events();
        events.send("41", "{\"symbol\":\"E\",\"price\":4}");
        visit.awaitEnd();
      }
      default -> visit.respond(500);
    }
  }

  private static void json(Visit visit, int status, String body) throws IOException {
    visit.respond(status, JSON, Bytes.ofUtf8(body));
  }

  @Test
  void theProgramSendsAndReadsValues() {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    List<Script> visits = Collections.nCopies(10, OrdersTest::serve);
    try (Origin server = Origin.start(visits.toArray(Script[]::new))) {
      String origin = "http://127.0.0.1:" + server.port();

      Orders.main(new String[] {origin});

      List<String> lines = printed.toString(StandardCharsets.UTF_8).lines().toList();
      assertThat(lines)
          .startsWith(
              "stored: Order[id=7, items=[Item[name=rope, price=12.5]]]",
              "order 7 of 1",
              "missing: no such order",
              "status 404: {\"title\":\"no such order\"}",
              "line 2, $.items[0].price of the response of "
                  + origin
                  + "/orders/broken (status 200, application/json)",
              "Tick[symbol=A, price=1.0]")
          .endsWith(
              "2 ticks",
              "Quote[lastPrice=3.5]",
              "2026-11-30T17:45:00Z",
              "ROPE 1.5",
              "skipped: welcome",
              "LAST 2.0",
              "E at 41");
      assertThat(lines.get(6))
          .startsWith(
              "Line 2 of the response to GET /ticks cannot be read as Orders$Tick: line 1,");
      assertThat(lines.get(7)).isEqualTo("line 2 of the response to GET /ticks");
      assertThat(lines).hasSize(15);
    }
  }
}
