package dev.lariat.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.live.LiveEvents;
import dev.lariat.message.Message;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.Text;
import dev.lariat.option.Endpoint;
import dev.lariat.testkit.Origin;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class FleetStatusTest {
  private Origin origin;
  private Fleet fleet;
  private FleetStatus status;

  @BeforeEach
  void begin() throws IOException {
    origin =
        Origin.start(
            visit -> {
              var head = visit.head();
              if (head != null && head.target().equals("/gone")) {
                visit.respond(403);
              } else if (head != null) {
                var socket = visit.acceptWebSocket();
                socket.send(new Text("{\"seq\":7}"));
                socket.receive();
              }
            });
    fleet = Fleet.open(PositionStore.inMemory(), batch -> {}, FleetOptions.DEFAULT.slots(4));
    status = FleetStatus.serve(fleet, 0);
  }

  @AfterEach
  void end() throws Exception {
    status.close();
    fleet.close();
    origin.close();
  }

  /** Puts a feed, and waits for its first event. */
  private void put(String id) throws InterruptedException {
    fleet.put(
        Feed.webSocket(id, origin.uri("ws", "/").toString()).position(PositionFinder.json("/seq")));
    while (fleet.info().feeds().stream().noneMatch(its -> has(its, id))) {
      Thread.onSpinWait();
    }
  }

  private static boolean has(FeedInfo feed, String id) {
    return feed.id().equals(id) && feed.position().isPresent();
  }

  private String ask(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), status.uri().getPort())) {
      socket.getOutputStream().write((request + "\r\n").getBytes(StandardCharsets.UTF_8));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private String get(String path) throws IOException {
    return ask("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n");
  }

  @Test
  void theJsonShowsHowTheFleetStands() throws Exception {
    put("btc");
    assertThat(get("/status.json"))
        .startsWith("HTTP/1.1 200 OK\r\n")
        .containsIgnoringCase("content-type: application/json; charset=utf-8\r\n")
        .containsIgnoringCase("cache-control: no-store\r\n")
        .contains("{\"node\":\"alone\",\"members\":1,\"at\":\"2")
        .contains("\"slots\":4,\"owned\":4,\"written\":1,")
        .contains("\"silent\":{\"feed\":\"btc\",\"at\":\"2")
        .contains("\"states\":{\"ELSEWHERE\":0,\"CONNECTING\":0,\"OPEN\":1,\"WAITING\":0,")
        .contains("\"feeds\":[{\"id\":\"btc\",\"state\":\"OPEN\",\"slot\":")
        .contains("\"owner\":\"alone\",\"position\":\"7\",\"lastEvent\":\"2")
        .endsWith("\"gaps\":0}],\"removed\":[]}\n");
  }

  @Test
  void theJsonShowsBothConnectionsOfAPair() throws Exception {
    fleet.put(
        Feed.webSocket("btc", origin.uri("ws", "/").toString())
            .position(PositionFinder.json("/seq"))
            .pair(Pair.DEFAULT.second(Endpoint.of(origin.uri("ws", "/gone")))));
    while (fleet.info().feeds().stream().noneMatch(FleetStatusTest::hasOneOfTwo)) {
      Thread.onSpinWait();
    }
    assertThat(get("/status.json"))
        .contains(
            "\"pair\":{\"open\":1,\"duplicates\":0,\"first\":{\"state\":\"OPEN\",\"ahead\":1}")
        .contains("\"second\":{\"state\":\"GONE\",\"ahead\":0,\"reason\":\"");
  }

  private static boolean hasOneOfTwo(FeedInfo feed) {
    return feed.pair()
        .filter(pair -> pair.first().ahead() == 1)
        .filter(pair -> pair.second().state() == FeedInfo.State.GONE)
        .isPresent();
  }

  @Test
  void textsFromOutsideAreEscaped() throws Exception {
    put("</script><img src=x>\"\n\u2028");
    assertThat(get("/status.json"))
        .contains("{\"id\":\"</script><img src=x>\\\"\\n\\u2028\",\"state\"");
    assertThat(get("/")).doesNotContain("img src=x");
  }

  @Test
  void thePageHasEverythingInItAndRunsItsOwnScriptOnly() throws Exception {
    String answer = get("/");
    Matcher nonce = Pattern.compile("script-src 'nonce-([^']+)'").matcher(answer);
    assertThat(nonce.find()).isTrue();
    assertThat(answer)
        .containsIgnoringCase("content-security-policy: default-src 'none'; connect-src 'self';")
        .containsIgnoringCase("x-content-type-options: nosniff")
        .contains("<script nonce=\"" + nonce.group(1) + "\">")
        .contains("<style nonce=\"" + nonce.group(1) + "\">")
        .doesNotContain("{nonce}")
        .doesNotContain("src=\"")
        .doesNotContain("http://")
        .doesNotContain("https://");
    assertThat(get("/")).doesNotContain(nonce.group(1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "attacker.example",
        "attacker.example:80",
        "",
        "localhost.attacker.example",
        "127.0.0.1.attacker.example",
        "127.0.0.1\r\nHost: attacker.example",
        "[::1].example",
      })
  void aNameThatIsNotAllowedIsRefused(String host) throws Exception {
    put("secret");
    for (String path : List.of("/", "/status.json", "/events")) {
      assertThat(ask("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n"))
          .matches("(?s)HTTP/1.1 40[03] .*")
          .doesNotContain("secret");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"localhost", "LocalHost:8080", "127.0.0.1:1", "192.0.2.7", "[::1]:80", "[::1]"})
  void anAddressAndLocalhostAreAnswered(String host) throws Exception {
    assertThat(ask("GET /status.json HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n"))
        .startsWith("HTTP/1.1 200 ");
  }

  @Test
  void aNameThatYouAllowIsAnswered() throws Exception {
    status.close();
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    status = FleetStatus.serve(fleet, address, "Fleet.example");
    assertThat(ask("GET / HTTP/1.1\r\nHost: fleet.example\r\nConnection: close\r\n"))
        .startsWith("HTTP/1.1 200 ");
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /, 405", "DELETE, /status.json, 405", "OPTIONS, /events, 405",
    "HEAD, /, 200", "HEAD, /status.json, 200", "HEAD, /events, 200",
    "GET, /other, 404", "GET, /../status.json, 404",
  })
  void itOnlyReads(String method, String path, int code) throws Exception {
    String answer =
        ask(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    assertThat(answer).startsWith("HTTP/1.1 " + code + " ");
    if (method.equals("HEAD")) {
      assertThat(answer).endsWith("\r\n\r\n");
    }
  }

  // ---- those who follow

  private static ServerSentEvent next(LiveEvents events, String type, String text)
      throws InterruptedException {
    while (true) {
      Message message = events.mailbox().take(Duration.ofSeconds(20));
      assertThat(message).as(text).isNotNull();
      if (message instanceof ServerSentEvent event
          && event.type().equals(type)
          && event.data().contains(text)) {
        return event;
      }
    }
  }

  @Test
  void whoFollowsLearnsWhatHappensAndWhatHasChanged() throws Exception {
    put("btc");
    try (LiveEvents events = LiveEvents.to(status.uri() + "events").open()) {
      next(events, "status", "{\"id\":\"btc\",\"state\":\"OPEN\"");
      next(events, "happened", "\"text\":\"btc is open, session 1.\"}"); // before it came
      fleet.put(Feed.webSocket("gone", origin.uri("ws", "/gone").toString()));
      next(events, "happened", "\"text\":\"gone has ended for good: ");
      String changed = next(events, "status", "{\"id\":\"gone\",\"state\":\"GONE\"").data();
      assertThat(changed).contains("\"reason\":\"").doesNotContain("{\"id\":\"btc\"");
      fleet.remove("gone");
      next(events, "status", "\"removed\":[\"gone\"]");
    }
  }

  @Test
  void theNumberOfThoseWhoFollowIsLimitedAndCloseEndsThem() throws Exception {
    List<Socket> viewers = new ArrayList<>();
    try {
      for (int i = 0; i < 32; i++) {
        Socket viewer = new Socket(InetAddress.getLoopbackAddress(), status.uri().getPort());
        viewers.add(viewer);
        viewer
            .getOutputStream()
            .write("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes());
        assertThat(reader(viewer).readLine()).isEqualTo("HTTP/1.1 200 OK");
      }
      assertThat(get("/events")).startsWith("HTTP/1.1 503 ");
      status.close();
      for (Socket viewer : viewers) {
        assertThat(ends(viewer)).isTrue();
      }
    } finally {
      for (Socket viewer : viewers) {
        viewer.close();
      }
    }
  }

  private static BufferedReader reader(Socket socket) throws IOException {
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
  }

  private static boolean ends(Socket socket) {
    try {
      while (socket.getInputStream().read() >= 0) {
        Thread.onSpinWait();
      }
    } catch (IOException e) {
      // a reset ends it as well
    }
    return true;
  }

  @Test
  void aTakenPortAndAWrongOneAreRefused() {
    assertThatThrownBy(() -> FleetStatus.serve(fleet, status.uri().getPort()))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> FleetStatus.serve(fleet, 65536))
        .hasMessage("status.port: 65536, allowed 0 to 65535");
  }
}
