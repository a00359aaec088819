package dev.lariat.testkit.simulator;

import static dev.lariat.message.Protocol.HTTP_2;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Data;
import dev.lariat.message.Down;
import dev.lariat.message.Inform;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Protocol;
import dev.lariat.message.Push;
import dev.lariat.message.Reason;
import dev.lariat.message.Rejected;
import dev.lariat.message.Response;
import dev.lariat.message.Retrying;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.StreamRef;
import dev.lariat.message.Terminated;
import dev.lariat.message.Trailers;
import dev.lariat.message.Up;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketClosed;
import dev.lariat.message.WebSocketFrame;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads all that a connection tells, and holds it to the order that {@link Message} promises. */
final class ConnectionWitness {
  /** How far a stream is. */
  private enum At {
    BEGINNING,
    BODY,
    SOCKET,
    END
  }

  private enum State {
    AWAY,
    UP,
    DOWN, // and what becomes of it is not told yet
    TERMINATED
  }

  /** Why a request is refused before its connection is lost. */
  private static final Set<String> NOT_TAKEN =
      Set.of(
          "the connection is closing",
          "the connection ended before it was sent",
          "the connection became a WebSocket",
          "the server refused the stream");

  private final ConnectionRef connection;
  private final Protocol protocol;
  private final Map<StreamRef, At> streams = new LinkedHashMap<>();
  private final Map<StreamRef, Reason> failed = new LinkedHashMap<>();
  private final Set<StreamRef> failedSinceUp = new HashSet<>();
  private final Set<StreamRef> lost = new HashSet<>(); // was in a list of a Down
  private final Set<StreamRef> outlived = new HashSet<>(); // a Down, since something was kept
  private State state = State.AWAY;
  private int attempts;
  private @Nullable Reason terminated;

  ConnectionWitness(ConnectionRef connection, Protocol protocol) {
    this.connection = connection;
    this.protocol = protocol;
  }

  void begins(StreamRef stream) {
    streams.put(stream, At.BEGINNING);
  }

  /** Takes the next message. */
  void sees(Message message) {
    assertThat(terminated).as("nothing follows Terminated, but there is " + message).isNull();
    assertThat(message.connection()).isSameAs(connection);
    switch (message) {
      case Up up -> {
        assertThat(state).as("what stands before " + up).isEqualTo(State.AWAY);
        state = State.UP;
        failedSinceUp.clear();
      }
      case Retrying(var ref, var attempt, var delay, var reason) -> {
        assertThat(state).as("what stands before " + message).isIn(State.AWAY, State.DOWN);
        assertThat(attempt == 1 || attempt == attempts + 1).as(message + " counts").isTrue();
        assertThat(delay.isNegative()).isFalse();
        attempts = attempt;
        state = State.AWAY;
      }
      case Down down -> isDown(down);
      case Terminated(var ref, var reason) -> {
        terminated = reason;
        state = State.TERMINATED;
        assertThat(live()).as("streams without an end").isEmpty();
      }
      case Rejected(var stream, var operation, var reason) ->
          assertThat(streams).as("a stream of this connection").containsKey(stream);
      case Notice notice -> {}
      case Message.OfStream of -> isOf(of);
    }
  }

  /** Its lists are exact. */
  private void isDown(Down down) {
    assertThat(state).as("what stands before " + down).isEqualTo(State.UP);
    state = State.DOWN;
    for (StreamRef stream : down.killed()) {
      assertThat(failedSinceUp).as("killed on this connection").contains(stream);
      assertThat(failed.get(stream)).isNotInstanceOf(Reason.Unprocessed.class);
      assertThat(lost.add(stream)).as(stream + " is lost but once").isTrue();
    }
    for (StreamRef stream : down.unprocessed()) {
      assertThat(failedSinceUp).as("unprocessed on this connection").contains(stream);
      assertThat(failed.get(stream)).isInstanceOf(Reason.Unprocessed.class);
      assertThat(lost.add(stream)).as(stream + " is lost but once").isTrue();
    }
    for (StreamRef stream : failedSinceUp) {
      if (isOfTheLink(failed.get(stream))) {
        assertThat(lost)
            .as("the lists of %s, when %s has failed by %s", down, stream, failed.get(stream))
            .contains(stream);
      }
    }
    streams.forEach(
        (stream, at) -> {
          if (at == At.BODY || at == At.SOCKET) {
            assertThat(protocol).as("what has " + stream + " after its link").isEqualTo(HTTP_2);
            outlived.add(stream);
          }
        });
  }

  /** Whether a stream failed by its connection's end, and not for a reason of its own. */
  private boolean isOfTheLink(@Nullable Reason reason) {
    if (reason instanceof Reason.Unprocessed(var why, var last)) {
      return !NOT_TAKEN.contains(why);
    }
    boolean ended =
        reason instanceof Reason.Closed
            || reason instanceof Reason.Reset
            || reason instanceof Reason.Tunnel;
    return reason instanceof Reason.Unanswered
        || reason instanceof Reason.Incomplete
        || ended && protocol == Protocol.HTTP_1_1; // on HTTP/2 a stream may have an end of its own
  }

  private void isOf(Message.OfStream message) {
    StreamRef stream = message.stream();
    At at = streams.get(stream);
    assertThat(at).as("where " + stream + " is when " + message + " comes").isNotNull();
    assertThat(at).as("nothing follows a stream's end").isNotEqualTo(At.END);
    if (message instanceof StreamFailed(var its, var reason)) {
      failed.put(stream, reason);
      if (!outlived.contains(stream)) {
        failedSinceUp.add(stream);
      }
    } else {
      if (!outlived.contains(stream)) {
        assertThat(state).as("the connection when " + message + " comes").isEqualTo(State.UP);
      }
      assertThat(at)
          .as("where " + stream + " is when " + message + " comes")
          .isEqualTo(wants(message, at));
      if (message instanceof Push push) {
        assertThat(streams).as("a new stream").doesNotContainKey(push.promised());
      }
    }
    streams.put(stream, message.ends() ? At.END : behind(message, at));
  }

  private static At wants(Message.OfStream message, At at) {
    return switch (message) {
      case Inform m -> At.BEGINNING;
      case Push m -> at == At.BODY ? At.BODY : At.BEGINNING;
      case Response m -> At.BEGINNING;
      case Upgraded m -> At.BEGINNING;
      case Data m -> At.BODY;
      case Trailers m -> At.BODY;
      case WebSocketFrame m -> At.SOCKET;
      case WebSocketClosed m -> At.SOCKET;
      default -> throw new AssertionError(message + " was not asked for");
    };
  }

  private static At behind(Message.OfStream message, At at) {
    return switch (message) {
      case Response m -> At.BODY;
      case Upgraded m -> At.SOCKET;
      default -> at;
    };
  }

  boolean isUp() {
    return state == State.UP;
  }

  boolean isLive(StreamRef stream) {
    return streams.get(stream) != At.END;
  }

  /** The streams that have not ended. */
  Set<StreamRef> live() {
    Set<StreamRef> live = new HashSet<>();
    streams.forEach(
        (stream, at) -> {
          if (at != At.END) {
            live.add(stream);
          }
        });
    return live;
  }

  /** Those that failed, and why. */
  Map<StreamRef, Reason> failed() {
    return failed;
  }

  /** Why it ended; null while it lives. */
  @Nullable Reason terminated() {
    return terminated;
  }
}
