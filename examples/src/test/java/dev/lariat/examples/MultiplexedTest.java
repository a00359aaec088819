package dev.lariat.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Gone;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Text;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.testkit.Asked;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.ServerCertificate;
import dev.lariat.testkit.Visit;
import dev.lariat.testkit.WebSocketVisit;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The program of the guide's page on HTTP/2. */
@Timeout(60)
class MultiplexedTest {
  private static final Script PAGES =
      visit -> {
        for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
          visit.respond(200, "page " + asked.target());
        }
      };

  private static List<String> hundredPages(String protocol) {
    return Stream.concat(
            Stream.of("speaking " + protocol), IntStream.range(0, 100).mapToObj(i -> "page /" + i))
        .toList();
  }

  @Test
  void aHundredRequestsAreAnsweredOnOneConnection() throws Exception {
    Scene.play(
        scene -> {
          Origin origin = scene.origin(PAGES);
          Multiplexed.get(origin.uri("http", "/"), scene.options());
          assertThat(scene.printed()).isEqualTo(hundredPages("h2"));
          assertThat(origin.visits()).isEqualTo(1);
        });
  }

  @Test
  void aServerOfHttp1AnswersThemOneAfterTheOther() throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try (Origin origin = Origin.startTls(ServerCertificate.TRUSTED, PAGES)) {
      origin.protocols(Protocol.HTTP_1_1);
      Multiplexed.get(origin.uri("https", "/"), ConnectionOptions.DEFAULT.tls(origin.tls()));
    } finally {
      System.setOut(before);
    }
    assertThat(printed.toString(StandardCharsets.UTF_8).lines())
        .containsExactlyElementsOf(hundredPages("http/1.1"));
  }

  @Test
  void theRoomsOfAChatAreStreamsOfOneConnection() throws Exception {
    Scene.play(
        scene -> {
          Origin origin =
              scene.origin(
                  visit -> {
                    for (int i = 0; i < 3; i++) {
                      visit.request();
                      WebSocketVisit room = visit.acceptWebSocket();
                      Scene.say(room, Scene.next(room));
                    }
                    visit.request(); // refused, so that the program tells that
                    visit.http2().reset(2);
                    visit.awaitEnd();
                  });
          ConnectionOptions options = scene.options().protocols(Protocol.HTTP_2);
          try (Connection connection = Lariat.open(origin.uri("http", "/"), options)) {
            Multiplexed.chat(connection, 4);
          }
          assertThat(scene.printed())
              .hasSize(4)
              .contains("hello, room 0", "hello, room 1", "hello, room 2");
          assertThat(origin.visits()).isEqualTo(1);
        });
  }

  private static void welcomes(Visit visit) throws Exception {
    for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
      Scene.say(visit.acceptWebSocket(), asked.target());
    }
  }

  private static Set<String> heard(Mailbox mailbox, int rooms) throws InterruptedException {
    Set<String> heard = new HashSet<>();
    while (heard.size() < rooms) {
      Message message = mailbox.take(Duration.ofMinutes(1));
      assertThat(message).isNotNull().isNotInstanceOf(Gone.class);
      if (message instanceof WebSocketFrame(var stream, Text(var text))) {
        heard.add(text);
      }
    }
    return heard;
  }

  @Test
  void theRoomsThatAreFollowedHealOverOneConnection() throws Exception {
    Scene.play(
        scene -> {
          Origin origin = scene.origin(MultiplexedTest::welcomes);
          List<LiveWebSocket> feeds = new ArrayList<>();
          try (Mailbox mailbox = Mailbox.create()) {
            feeds.addAll(Multiplexed.follow("ws://" + Scene.HOST, 20, scene.options(), mailbox));
            Set<String> first = heard(mailbox, 20);
            origin.drop();
            assertThat(heard(mailbox, 20)).isEqualTo(first);
            assertThat(origin.visits()).isEqualTo(2);
          } finally {
            feeds.forEach(LiveWebSocket::close);
          }
        });
  }
}
