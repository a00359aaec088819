package dev.lariat.live;

import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.SubprotocolMessage;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.message.WebSocketPart;
import dev.lariat.option.Outbox;
import dev.lariat.option.Silence;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the user's rules say of the messages that arrive on a live WebSocket: which of the sent ones
 * they acknowledge, and whether they count against silence. On the loop.
 */
final class Arrivals {
  private final LiveSocket live;
  private final Outbox.@Nullable Acknowledgement acknowledgement; // null if there is none
  private @Nullable Silence silence; // the rule that holds now; null if a silence may last

  Arrivals(
      LiveSocket live,
      Optional<Outbox.Acknowledgement> acknowledgement,
      Optional<Silence> silence) {
    this.live = live;
    this.acknowledgement = acknowledgement.orElse(null);
    this.silence = silence.orElse(null);
  }

  /** Changes the rule on silence. */
  void silence(Optional<Silence> rule) {
    silence = rule.orElse(null);
  }

  /**
   * Applies the rules to what a session has received.
   *
   * @param carries whether the session carries traffic, so that it may be too silent
   * @return why the user's code failed; null if it did not
   */
  @Nullable Reason apply(Message[] batch, int count, boolean carries) {
    try {
      if (acknowledgement != null) {
        acknowledge(acknowledgement, batch, count);
      }
      if (silence != null && carries) {
        hear(silence, batch, count);
      }
      return null;
    } catch (Throwable e) { // whatever a user's code throws
      return new Reason.HandlerThrew(e);
    }
  }

  private void acknowledge(Outbox.Acknowledgement rule, Message[] batch, int count) {
    for (int i = 0; i < count; i++) {
      if (batch[i] instanceof WebSocketFrame(var stream, var frame)) {
        Object identity = rule.received().apply(frame);
        if (identity != null) {
          live.acknowledged(identity);
        }
      }
    }
  }

  private void hear(Silence rule, Message[] batch, int count) {
    for (int i = 0; i < count; i++) {
      boolean counts =
          batch[i] instanceof WebSocketFrame(var stream, var frame)
              ? rule.counts().test(frame)
              : batch[i] instanceof WebSocketPart || batch[i] instanceof SubprotocolMessage;
      if (counts) {
        live.life.heard(live.now());
      }
    }
  }
}
