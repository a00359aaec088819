package dev.lariat.internal.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.connection.Scene;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Followed;
import dev.lariat.internal.protocol.Outgoing;
import dev.lariat.internal.protocol.Recorder;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import dev.lariat.message.Upgraded;
import dev.lariat.option.Keepalive;
import dev.lariat.option.WebSocketOptions;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What an owner asks of a WebSocket before the server has answered the upgrade. */
class EarlyTest {
  private static final Reason NOT_OPEN = new Reason.BadState("send", "the WebSocket is not open");

  private final Server server = new Server();
  private final Recorder out = server.out;
  private Stream socket;

  private void upgrade(long credit) {
    socket = server.upgrade(WebSocketOptions.DEFAULT.credit(credit));
  }

  private void command(Command.OfStream command) {
    server.engine.command(command, out.at(server.now));
  }

  private Command.SendPart part(Outgoing message, String octets) {
    Command.SendPart part =
        new Command.SendPart(socket, message, Bytes.ofUtf8(octets).asByteBuffer(), false);
    Recorder.gate(message).waiting += part.bytes();
    command(part);
    return part;
  }

  private Change.SpeakWebSocket accepted() {
    server.says(Scene.accepting(server.reads()));
    out.next(Upgraded.class);
    Change.SpeakWebSocket start = out.next(Change.SpeakWebSocket.class);
    out.expectNothing();
    return start;
  }

  @Test
  void creditAddsUpAndIsNotKept() {
    upgrade(1);
    for (int i = 0; i < 100_000; i++) {
      command(new Command.Credit(socket, 2));
    }
    Command.Send send = server.send(socket, new Text("early"), "early");
    Change.SpeakWebSocket start = accepted();
    assertThat(start.options().credit()).isEqualTo(200_001);
    assertThat(start.early()).containsExactly(send);
  }

  @Test
  void creditAddsUpToNoLimitAtTheMost() {
    upgrade(0);
    command(new Command.Credit(socket, Long.MAX_VALUE));
    command(new Command.Credit(socket, Long.MAX_VALUE));
    command(new Command.Credit(socket, 1));
    assertThat(accepted().options().credit()).isEqualTo(WebSocketOptions.UNLIMITED);
  }

  @Test
  void theLastKeepaliveCounts() {
    upgrade(0);
    command(new Command.SetKeepalive(socket, Keepalive.OFF));
    command(new Command.SetKeepalive(socket, Keepalive.every(Duration.ofSeconds(7))));
    Change.SpeakWebSocket start = accepted();
    assertThat(start.options().keepalive()).isEqualTo(Keepalive.every(Duration.ofSeconds(7)));
    assertThat(start.early()).isEmpty();
  }

  @Test
  void nothingIsKeptOfAMessageThatIsGivenUp() {
    upgrade(0);
    Followed given = new Followed();
    Outgoing message = out.message(true, given);
    Outgoing other = out.message(true, new Followed());
    part(message, "a");
    Command.SendPart kept = part(other, "b");
    part(message, "c");
    command(new Command.GiveUp(socket, message));
    assertThat(given.lost()).isEqualTo(NOT_OPEN);
    assertThat(Recorder.gate(message).waiting).isZero();
    assertThat(accepted().early()).containsExactly(kept);
  }
}
