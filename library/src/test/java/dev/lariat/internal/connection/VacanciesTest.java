package dev.lariat.internal.connection;

import static dev.lariat.internal.codec.Http2Frames.GOAWAY;
import static dev.lariat.internal.codec.Http2Frames.MAX_CONCURRENT_STREAMS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Request;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a connection tells of the streams that it takes, and when. */
class VacanciesTest {
  private static final ConnectionOptions ONCE = ConnectionOptions.DEFAULT.retry(Backoff.NEVER);

  private final List<String> told = new ArrayList<>();

  private void listen(Scene scene) {
    scene.command(
        new Command.SetSlots(
            (protocol, ended, credit, last, idle) ->
                told.add(ended + " of " + credit + (last ? " last" : ""))));
  }

  private List<String> told() {
    List<String> all = List.copyOf(told);
    told.clear();
    return all;
  }

  @Test
  void nothingIsToldBeforeTheConnectionIsEstablished() {
    Scene scene = new Scene(ONCE);
    listen(scene);
    assertThat(told()).isEmpty();
    scene.up();
    assertThat(told()).containsExactly("0 of 1");
  }

  @Test
  void whoListensLateIsToldAtOnce() {
    Scene scene = new Scene(ONCE);
    scene.up();
    listen(scene);
    assertThat(told()).containsExactly("0 of 1");
  }

  @Test
  void aRequestThatBeginsChangesNothingAndItsEndDoes() {
    Scene scene = new Scene(ONCE);
    listen(scene);
    Scene.Socket channel = scene.up();
    told();
    scene.get("/");
    assertThat(told()).isEmpty();
    scene.receive(channel, "HTTP/1.1 204 No\r\n\r\n");
    assertThat(told()).containsExactly("1 of 2");
  }

  @Test
  void theEndIsToldBeforeAnybodyCanReadIt() {
    Scene scene = new Scene(ONCE);
    listen(scene);
    Scene.Socket channel = scene.up();
    Inbox reader =
        new Inbox() {
          @Override
          public void put(Message[] batch, int count) {
            told.add("read " + batch[count - 1].getClass().getSimpleName());
          }

          @Override
          public boolean full() {
            return false;
          }

          @Override
          public void whenRoom(Runnable action) {}
        };
    Stream get = scene.stream("GET /", reader);
    scene.command(new Command.Request(get, Request.of("GET", "/")));
    told();
    scene.receive(channel, "HTTP/1.1 204 No\r\n\r\n");
    assertThat(told()).containsExactly("1 of 2", "read Response");
  }

  @Test
  void theEndOfTheConnectionIsToldBeforeThatOfItsStreams() {
    Scene scene = new Scene(ONCE);
    listen(scene);
    Scene.Socket channel = scene.up();
    scene.get("/");
    told();
    channel.close();
    scene.run();
    assertThat(told()).containsExactly("1 of 1 last");
  }

  @Test
  void anAttemptThatFailsIsNoConnection() {
    Scene scene = new Scene(ONCE);
    listen(scene);
    scene.attempt().fails(new Reason.Refused("origin:80"));
    scene.run();
    assertThat(told()).isEmpty();
  }

  @Test
  void overHttp2TheServersLimitIsTold() {
    Http2Scene http2 = new Http2Scene(Http2Scene.OPTIONS.retry(Backoff.NEVER));
    listen(http2.scene);
    http2.settings(MAX_CONCURRENT_STREAMS, 5);
    assertThat(told()).containsExactly("0 of 1000", "0 of 5");
    http2.scene.get("/a");
    http2.scene.get("/b");
    assertThat(told()).isEmpty();
    http2.answers(1, true, "204");
    assertThat(told()).containsExactly("1 of 6");
    http2.frame(GOAWAY, 0, 0, new byte[] {0, 0, 0, 3, 0, 0, 0, 0});
    assertThat(told()).containsExactly("1 of 2 last");
    http2.answers(3, true, "204");
    assertThat(told()).containsExactly("2 of 2 last");
  }
}
