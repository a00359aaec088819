package dev.lariat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Message;
import dev.lariat.message.StreamRef;
import dev.lariat.message.Up;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.WebSocketOptions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** From a message to the handle that it names. */
@Timeout(30)
class HandleTest {

  @Test
  void aMessageLeadsToItsConnection() throws Exception {
    try (Origin origin = new Origin()) {
      Message first = origin.connection.mailbox().take(Duration.ofSeconds(20));
      assertThat(first).isInstanceOf(Up.class);
      assertThat(Connection.of(first.connection())).isSameAs(origin.connection);
    }
  }

  @Test
  void aStreamLeadsToItsExchangeOrItsWebSocket() {
    try (Origin origin = new Origin()) {
      StreamRef get = origin.connection.get("/");
      StreamRef socket = origin.connection.webSocket("/", WebSocketOptions.DEFAULT);
      assertThat(Exchange.of(get)).isSameAs(get);
      assertThat(WebSocket.of(socket)).isSameAs(socket);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> WebSocket.of(get))
          .withMessage("a WebSocket was expected, and the message names a Exchange");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Exchange.of(socket))
          .withMessage("a Exchange was expected, and the message names a WebSocket");
    }
  }

  @Test
  void aLiveConnectionIsNoneOfItsConnections() {
    World world = new World();
    try (LiveWebSocket live =
        LiveWebSocket.to("ws://feed.example/")
            .options(LiveOptions.DEFAULT.connection(world.options()))
            .open()) {
      StreamRef stream = live;
      assertThat(LiveWebSocket.of(stream)).isSameAs(live);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> WebSocket.of(stream))
          .withMessage("a WebSocket was expected, and the message names a LiveWebSocket");
      assertThatIllegalArgumentException().isThrownBy(() -> Connection.of(live));
      assertThatIllegalArgumentException().isThrownBy(() -> LiveEvents.of(stream));
    }
  }
}
