package dev.lariat.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Connecting;
import dev.lariat.message.Gone;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Open;
import dev.lariat.message.Reason;
import dev.lariat.message.Rejected;
import dev.lariat.message.Waiting;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads all that a live connection tells, and holds it to its order. */
final class LiveWitness {
  private final LiveRef live;
  private final List<Reason> rejections = new ArrayList<>();
  private long sessions;
  private boolean open;
  private @Nullable Open newest;
  private @Nullable Reason gone;
  private int gaps;

  LiveWitness(LiveRef live) {
    this.live = live;
  }

  /**
   * Takes the next message.
   *
   * @return whether it belongs to the session, and says nothing of the connection itself
   */
  boolean sees(Message message) {
    assertThat(gone).as("nothing follows Gone, but there is " + message).isNull();
    assertThat(message.connection()).isSameAs(live);
    switch (message) {
      case Connecting(var stream, var attempt, var still) -> {
        assertThat(still).as(message + " tells whether a session is open").isEqualTo(open);
        assertThat(attempt).isNotNegative();
      }
      case Waiting(var stream, var attempt, var delay, var reason, var still) -> {
        assertThat(!still || open).as(message + " tells whether a session is open").isTrue();
        assertThat(delay.isNegative()).isFalse();
        gaps += open && !still ? 1 : 0;
        open = still;
      }
      case Open next -> {
        assertThat(next.session()).isEqualTo(++sessions);
        open = true;
        newest = next;
      }
      case Gone(var stream, var reason) -> {
        gone = reason;
        open = false;
      }
      case Rejected(var stream, var operation, var reason) -> rejections.add(reason);
      case Notice notice -> {}
      default -> {
        assertThat(open).as("a session is open when " + message + " is told").isTrue();
        return true;
      }
    }
    return false;
  }

  boolean isOpen() {
    return open;
  }

  long sessions() {
    return sessions;
  }

  /** How often a session ended before the next was open. */
  int gaps() {
    return gaps;
  }

  /** The newest session's response. */
  Open newest() {
    return Objects.requireNonNull(newest);
  }

  List<Reason> rejections() {
    return rejections;
  }

  /** Why it ended; null while it lives. */
  @Nullable Reason gone() {
    return gone;
  }
}
