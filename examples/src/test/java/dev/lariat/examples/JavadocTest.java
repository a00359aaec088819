package dev.lariat.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.client.Answer;
import dev.lariat.client.Caller;
import dev.lariat.client.Client;
import dev.lariat.cookie.store.CookieJar;
import dev.lariat.event.Event;
import dev.lariat.flight.JfrListener;
import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.live.SharedConnections;
import dev.lariat.live.TopicReader;
import dev.lariat.live.Topics;
import dev.lariat.message.Bytes;
import dev.lariat.message.Down;
import dev.lariat.message.Frame;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.Retrying;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.Terminated;
import dev.lariat.message.Text;
import dev.lariat.message.Up;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Proxies;
import dev.lariat.option.Proxy;
import dev.lariat.option.Timeouts;
import dev.lariat.option.TopicRule;
import dev.lariat.supervision.Child;
import dev.lariat.supervision.Supervisor;
import dev.lariat.testkit.EventStream;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.Simulation;
import dev.lariat.testkit.WebSocketVisit;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The examples of the Javadoc, which shows the regions of this file by its snippets. */
@Timeout(30)
class JavadocTest {
  private static final Script HELLO =
      visit -> {
        visit.request();
        visit.respond(200, "Hello");
      };

  private final BlockingQueue<String> printed = new LinkedBlockingQueue<>();
  private final PrintStream before = System.out;

  @BeforeEach
  void keepWhatIsPrinted() {
    System.setOut(
        new PrintStream(before, true, StandardCharsets.UTF_8) {
          @Override
          public void println(String line) {
            printed.add(line);
          }
        });
  }

  @AfterEach
  void printAsBefore() {
    System.setOut(before);
  }

  private List<String> printed() {
    return List.copyOf(printed);
  }

  private String awaitPrinted() throws InterruptedException {
    return printed.poll(10, TimeUnit.SECONDS);
  }

  @Test
  void aCallWaitsForTheWholeResponse() throws Exception {
    try (Origin origin = Origin.start(HELLO)) {
      URI uri = origin.uri("http", "/");
      // @start region="call"
      try (Connection connection = Lariat.open(uri)) {
        Answer answer = Caller.on(connection).get("/", Duration.ofSeconds(5));
        System.out.println(answer.status() + ": " + answer.text());
      } catch (FailedException e) {
        System.out.println(e.reason().sentence());
      }
      // @end
    }
    assertThat(printed()).containsExactly("200: Hello");
  }

  @Test
  void aClientGetsAPage() {
    try (Origin origin = Origin.start(HELLO)) {
      String url = origin.uri("http", "/").toString();
      // @start region="client"
      try (Client client = Client.open()) {
        Answer answer = client.get(url);
        System.out.println(answer.status() + ": " + answer.text());
      } catch (FailedException e) {
        System.out.println(e.reason().sentence());
      }
      // @end
    }
    assertThat(printed()).containsExactly("200: Hello");
  }

  @Test
  void aMailboxHasTheMessagesOfAConnection() throws Exception {
    try (Origin origin = Origin.start(HELLO)) {
      URI uri = origin.uri("http", "/");
      // @start region="messages"
      try (Mailbox mailbox = Mailbox.create();
          Connection connection = Lariat.open(uri, mailbox)) {
        connection.get("/"); // returns immediately, and waits for the connection
        while (true) {
          switch (mailbox.take()) {
            case Response response -> {
              System.out.println("status " + response.status());
              connection.shutdown();
            }
            case Down down -> System.out.println("lost: " + down.reason().sentence());
            case Retrying retrying -> System.out.println("next attempt in " + retrying.delay());
            case Terminated end -> {
              return;
            }
            case Message other -> {} // Up, Data and others
          }
        }
      }
      // @end
    } finally {
      assertThat(printed()).first().isEqualTo("status 200");
    }
  }

  @Test
  void aWebSocketIsOpenWhenUpgradedArrives() throws Exception {
    try (Origin origin = Origin.start(Script.echo());
        Connection connection = Lariat.open(origin.uri("ws", "/"))) {
      // @start region="webSocket"
      WebSocket socket = connection.webSocket("/feed");
      Mailbox mailbox = connection.mailbox();
      for (boolean open = true; open; ) {
        switch (mailbox.take()) {
          case Upgraded upgraded -> socket.send(new Text("hello"));
          case WebSocketFrame(var stream, Text(var text)) -> {
            System.out.println(text);
            socket.close();
          }
          case Message.OfStream message -> open = !message.ends(); // such as WebSocketClosed
          case Message other -> {} // such as Up
        }
      }
      // @end
    }
    assertThat(printed()).containsExactly("hello");
  }

  @Test
  void topicsAreSubscribedOnceForAllReaders() throws Exception {
    try (Origin origin = Origin.start(Script.echo())) {
      URI uri = origin.uri("ws", "/feed");
      TopicRule rule = new Echoed();
      // @start region="topics"
      try (Topics topics = Topics.over(LiveWebSocket.to(uri), rule).open();
          TopicReader prices = topics.open("BTC-USD")) {
        for (Frame frame : prices) { // until the reader is closed, or its socket has ended
          if (frame instanceof Text(var text)) {
            System.out.println(text);
            break;
          }
        }
      }
      // @end
    }
    assertThat(printed()).containsExactly("subscribe BTC-USD");
  }

  /** A server that sends back how a topic was subscribed. */
  private static final class Echoed implements TopicRule {
    @Override
    public List<Frame> subscribe(List<String> topics) {
      return List.of(new Text("subscribe " + topics.getFirst()));
    }

    @Override
    public List<Frame> unsubscribe(List<Subscription> topics) {
      return List.of();
    }

    @Override
    public Meaning read(Frame frame) {
      return Meaning.of(((Text) frame).text().split(" ")[1]);
    }
  }

  @Test
  void aLiveWebSocketSubscribesInEachSession() throws Exception {
    try (Origin origin = Origin.start(Script.echo())) {
      URI uri = origin.uri("ws", "/feed");
      // @start region="feed"
      try (LiveWebSocket feed =
          LiveWebSocket.to(uri)
              .onOpen(session -> session.send(new Text("subscribe"))) // in each new session
              .open()) {
        for (Frame frame : feed) { // until the feed is closed, or cannot reconnect
          if (frame instanceof Text(var text)) {
            System.out.println(text);
            break;
          }
        }
      }
      // @end
    }
    assertThat(printed()).containsExactly("subscribe");
  }

  @Test
  void liveWebSocketsShareAConnection() throws Exception {
    Script prices =
        visit -> {
          for (int i = 0; i < 2; i++) {
            String path = visit.request().target();
            visit.acceptWebSocket().send(new Text(path));
          }
          visit.awaitEnd();
        };
    try (Origin origin = Origin.start(prices)) {
      String server = origin.uri("ws", "/").toString();
      // @start region="shared"
      SharedConnections shared = SharedConnections.create();
      LiveOptions options =
          LiveOptions.DEFAULT.connection(
              ConnectionOptions.DEFAULT.protocols(Protocol.HTTP_2, Protocol.HTTP_1_1));
      try (LiveWebSocket gold =
              LiveWebSocket.to(server + "gold").options(options).connections(shared).open();
          LiveWebSocket iron =
              LiveWebSocket.to(server + "iron").options(options).connections(shared).open()) {
        System.out.println("gold: " + gold.iterator().next());
        System.out.println("iron: " + iron.iterator().next());
      }
      // @end
      assertThat(origin.visits()).isEqualTo(1);
    }
    assertThat(printed()).containsExactly("gold: Text[text=/gold]", "iron: Text[text=/iron]");
  }

  @Test
  void liveEventsArriveAsAnIterable() throws Exception {
    Script stories =
        visit -> {
          visit.request();
          EventStream events = visit.events();
          events.send("1", "first");
          visit.awaitEnd();
        };
    try (Origin origin = Origin.start(stories)) {
      URI uri = origin.uri("http", "/news");
      // @start region="events"
      try (LiveEvents news = LiveEvents.to(uri).open()) {
        for (ServerSentEvent event : news) {
          System.out.println(event.id() + ": " + event.data());
          break;
        }
      }
      // @end
    }
    assertThat(printed()).containsExactly("1: first");
  }

  @Test
  void aSupervisorRestartsATaskThatThrows() throws Exception {
    // @start region="supervisor"
    try (Supervisor supervisor = Supervisor.open()) {
      supervisor.start(
          Child.of(
              "prices",
              scope -> {
                System.out.println("run " + scope.restarts());
                if (scope.restarts() == 0) {
                  throw new IllegalStateException("the first run fails");
                }
                new CountDownLatch(1).await(); // interrupted when the supervisor closes
              }));
      // @end
      assertThat(awaitPrinted()).isEqualTo("run 0");
      assertThat(awaitPrinted()).isEqualTo("run 1");
      // @start region="supervisor"
    } // ends its children, and closes what they have opened
    // @end
  }

  @Test
  void optionsAreValues() throws Exception {
    try (Origin origin = Origin.start(HELLO)) {
      URI uri = origin.uri("http", "/");
      // @start region="options"
      ConnectionOptions options =
          ConnectionOptions.DEFAULT
              .timeouts(Timeouts.DEFAULT.connect(Duration.ofSeconds(5)))
              .retry(Backoff.DEFAULT.attempts(3));
      try (Connection connection = Lariat.open(uri, options)) {
        connection.awaitUp(Duration.ofSeconds(10));
      }
      // @end
    }
  }

  @Test
  void aConnectionGoesThroughAProxy() throws Exception {
    try (Origin origin =
        Origin.start(
            visit -> {
              visit.request();
              visit.write("HTTP/1.1 200 OK\r\n\r\n");
              visit.request();
              visit.respond(200, "Hello");
            })) {
      String uri = "http://user:password@" + origin.host() + ":" + origin.port();
      // @start region="proxy"
      Proxy proxy = Proxy.of(uri).timeout(Duration.ofSeconds(5));
      ConnectionOptions options = ConnectionOptions.DEFAULT.via(proxy);
      try (Connection connection = Lariat.open("server.example", 80, options)) {
        System.out.println(connection.get("/").text(Duration.ofSeconds(10)));
      }
      // @end
    }
    assertThat(printed()).containsExactly("Hello");
  }

  @Test
  void anAuthenticatorAnswersTheChallengesOfAProxy() throws Exception {
    try (Origin origin =
        Origin.start(
            visit -> {
              visit.request();
              visit.respond(407, Headers.of("proxy-authenticate", "Ticket"), Bytes.EMPTY);
              Headers headers = visit.request().headers();
              visit.write("HTTP/1.1 200 OK\r\n\r\n");
              visit.request();
              visit.respond(200, headers.first("proxy-authorization").orElse(""));
            })) {
      String uri = "http://" + origin.host() + ":" + origin.port();
      Supplier<String> tickets = () -> "4711";
      // @start region="authenticator"
      Proxy proxy =
          Proxy.of(uri)
              .authenticator(
                  (host, port) ->
                      challenges ->
                          challenges.contains("Ticket")
                              ? Optional.of("Ticket " + tickets.get()) // may block
                              : Optional.empty());
      // @end
      ConnectionOptions options = ConnectionOptions.DEFAULT.via(proxy);
      try (Connection connection = Lariat.open("server.example", 80, options)) {
        assertThat(connection.get("/").text(Duration.ofSeconds(10))).isEqualTo("Ticket 4711");
      }
    }
  }

  @Test
  void theEnvironmentChoosesByChoice() throws Exception {
    try (Origin origin = Origin.start(HELLO)) {
      URI uri = origin.uri("http", "/");
      // @start region="proxies"
      ConnectionOptions options = ConnectionOptions.DEFAULT.via(Proxies.ofEnvironment().to(uri));
      // @end
      assertThat(options.via()).as("of a loopback address").isEmpty();
    }
  }

  @Test
  void aReasonIsAValue() throws Exception {
    URI uri = URI.create("http://127.0.0.1:1");
    // @start region="reason"
    try (Connection connection = Lariat.open(uri)) {
      connection.awaitUp(Duration.ofSeconds(5));
    } catch (FailedException e) {
      switch (e.reason()) {
        case Reason.Refused refused -> System.out.println("is it running? " + refused.addresses());
        case Reason.Timeout late -> System.out.println("late: " + late.step());
        case Reason other -> System.out.println(other.sentence());
      }
    }
    // @end
    assertThat(printed()).containsExactly("is it running? [127.0.0.1:1]");
  }

  @Test
  void aListenerReceivesEvents() throws Exception {
    try (Origin origin = Origin.start(HELLO)) {
      URI uri = origin.uri("http", "/");
      // @start region="listener"
      ConnectionOptions options =
          ConnectionOptions.DEFAULT.listener(
              event -> { // on the event loop: it must not block
                if (event instanceof Event.ConnectEnd end) {
                  System.out.println("connect took " + end.took().toMillis() + " ms");
                }
              });
      try (Connection connection = Lariat.open(uri, options)) {
        connection.awaitUp(Duration.ofSeconds(5));
      }
      // @end
    }
    assertThat(printed()).first().asString().startsWith("connect took ");
  }

  @Test
  void aJarSendsCookiesBack() throws Exception {
    Script asks =
        visit -> {
          visit.request();
          visit.respond(204, Headers.of("set-cookie", "id=7"), Bytes.EMPTY);
          String cookie = visit.request().headers().first("cookie").orElse("none");
          visit.respond(200, cookie);
        };
    try (Origin origin = Origin.start(asks)) {
      URI uri = origin.uri("http", "/");
      // @start region="cookies"
      CookieJar jar = CookieJar.create(); // any number of connections can share it
      try (Connection connection = Lariat.open(uri, ConnectionOptions.DEFAULT.cookies(jar))) {
        Caller caller = Caller.on(connection);
        caller.get("/login", Duration.ofSeconds(5)); // answered with Set-Cookie: id=7
        System.out.println(caller.get("/", Duration.ofSeconds(5)).text()); // sent with id=7
      }
      // @end
    }
    assertThat(printed()).containsExactly("id=7");
  }

  @Test
  void aRecordingHasTheEventsOfConnections() throws Exception {
    try (Origin origin = Origin.start(HELLO)) {
      URI uri = origin.uri("http", "/");
      // @start region="flight"
      ConnectionOptions options = ConnectionOptions.DEFAULT.listener(JfrListener.INSTANCE);
      try (Connection connection = Lariat.open(uri, options)) {
        Caller.on(connection).get("/", Duration.ofSeconds(5)); // recorded as dev.lariat.Request
      }
      // @end
    }
  }

  @Test
  void anOriginPlaysScripts() throws Exception {
    // @start region="origin"
    Script vanishes =
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          socket.send(new Text("hello"));
          socket.receive(); // "subscribe"
          socket.receive(); // "goodbye"
        }; // its connection ends without a close frame
    try (Origin origin = Origin.start(vanishes, Script.echo());
        LiveWebSocket feed =
            LiveWebSocket.to(origin.uri("ws", "/feed"))
                .onOpen(session -> session.send(new Text("subscribe")))
                .open()) {
      var frames = feed.iterator();
      assertThat(frames.next()).isEqualTo(new Text("hello"));
      feed.send(new Text("goodbye"));
      assertThat(frames.next()).isEqualTo(new Text("subscribe")); // from the echo
    }
    // @end
  }

  @Test
  void aSimulationNeedsNoTime() throws Exception {
    // @start region="simulation"
    try (Simulation simulation = Simulation.seeded(42)) {
      Origin origin = simulation.origin("feed.example", 80, Script.silent());
      ConnectionOptions options = ConnectionOptions.DEFAULT.platform(simulation.platform());
      try (Connection connection = Lariat.open(origin.uri("http", "/"), options)) {
        assertThat(connection.mailbox().take(Duration.ofSeconds(1))).isInstanceOf(Up.class);
        origin.drop(); // the network connection breaks
        assertThat(connection.mailbox().take(Duration.ofSeconds(1))).isInstanceOf(Down.class);
        simulation.advance(Duration.ofDays(1)); // takes some milliseconds
      }
    }
    // @end
  }
}
