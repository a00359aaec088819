package dev.lariat.internal.connection;

import static dev.lariat.internal.codec.Http2Frames.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.internal.text.Priority;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Rejected;
import dev.lariat.message.Response;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Limits;
import org.junit.jupiter.api.Test;

/** A priority that changes, in each state of its request. */
class SetPriorityTest {
  private static final Priority URGENT = new Priority(0, true);

  private static Scene scene(Protocol protocol) {
    return new Scene(ConnectionOptions.DEFAULT.protocols(protocol));
  }

  @Test
  void aRequestThatWaitsForTheConnectionIsSentWithIt() {
    Scene scene = scene(Protocol.HTTP_1_1);
    Stream get = scene.get("/");
    scene.command(new Command.SetPriority(get, new Priority(7, false)));
    scene.command(new Command.SetPriority(get, URGENT));
    assertThat(Scene.sent(scene.up())).containsOnlyOnce("priority: u=0, i\r\n");
  }

  @Test
  void oneThatWaitsNeedsNoRoom() {
    Scene scene = new Scene(ConnectionOptions.DEFAULT.limits(Limits.DEFAULT.heldCommands(1)));
    Stream get = scene.get("/");
    scene.command(new Command.SetPriority(get, URGENT));
    assertThat(Scene.sent(scene.up())).contains("priority: u=0, i\r\n");
  }

  @Test
  void onHttp1ItIsRejectedOnceTheRequestIsSent() {
    Scene scene = scene(Protocol.HTTP_1_1);
    Scene.Socket channel = scene.up();
    Stream get = scene.get("/");
    scene.owner.told();
    scene.command(new Command.SetPriority(get, URGENT));
    assertThat(scene.owner.told())
        .containsExactly(
            new Rejected(
                get.ref(),
                "priority",
                new Reason.BadState(
                    "priority", "the request was sent, and the connection speaks HTTP/1.1")));
    scene.receive(channel, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"); // nothing has ended
    assertThat(scene.owner.told()).hasAtLeastOneElementOfType(Response.class);
    scene.command(new Command.SetPriority(get, URGENT)); // it has ended
    assertThat(scene.owner.told()).isEmpty();
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void aRawConnectionHasNone() {
    Scene scene = scene(Protocol.RAW);
    Scene.Socket channel = scene.up();
    Stream raw = scene.stream("raw");
    scene.command(new Command.Raw(raw, 1));
    scene.owner.told();
    scene.command(new Command.SetPriority(raw, URGENT));
    assertThat(scene.owner.told())
        .satisfiesExactly(
            told -> {
              assertThat(((Rejected) told).operation()).isEqualTo("priority");
              assertThat(((Rejected) told).reason()).isInstanceOf(Reason.BadState.class);
            });
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void onHttp2TheServerIsTold() {
    Http2Scene http2 = new Http2Scene(Http2Scene.OPTIONS, NO_RFC7540_PRIORITIES, 1);
    Stream get = http2.scene.get("/");
    http2.frames();
    http2.scene.command(new Command.SetPriority(get, URGENT));
    assertThat(http2.frames()).extracting(frame -> frame.type()).containsExactly(PRIORITY_UPDATE);
    http2.answers(1, true, "200");
    http2.told();
    http2.scene.command(new Command.SetPriority(get, URGENT));
    assertThat(http2.told()).isEmpty();
    assertThat(http2.frames()).isEmpty();
  }
}
