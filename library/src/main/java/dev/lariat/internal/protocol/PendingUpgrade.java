package dev.lariat.internal.protocol;

import dev.lariat.internal.codec.Handshake;
import dev.lariat.internal.codec.Violation;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.option.Keepalive;
import dev.lariat.option.WebSocketOptions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Another protocol that was asked for, and that the server has not answered yet. */
public abstract sealed class PendingUpgrade {
  /** When the answer must have come; NEVER before its time has begun. */
  private long deadline = Engine.NEVER;

  /** Commands that were posted before the answer came. The stream's gate bounds them. */
  final Deque<Command.OfStream> early = new ArrayDeque<>(0);

  /** The answer must have come by then. */
  public void awaitUntil(long deadline) {
    this.deadline = deadline;
  }

  /** When the answer must have come. */
  public long deadline() {
    return deadline;
  }

  /**
   * Carries out what is asked of the stream before the answer has come. What is sent on it is kept
   * until then.
   *
   * @return whether that can be asked of such a stream
   */
  public final boolean early(Command.OfStream command, Out out) {
    return switch (command) {
      case Command.OfBody part -> early.add(part);
      case Command.Send send -> early.add(send);
      case Command.SendPart part -> early.add(part);
      case Command.GiveUp(var stream, var message) -> giveUp(message, refusal(command), out);
      case Command.Credit(var stream, var messages) -> credit(messages);
      case Command.SetKeepalive(var stream, var keepalive) -> keepalive(keepalive);
      case Command.Begin begin -> false; // it has begun
      case Command.Cancel cancel -> false; // its engine's own
      case Command.SetPriority priority -> false; // its engine's own
    };
  }

  /** Forgets a message that gets no further parts; false if there are no messages. */
  boolean giveUp(Outgoing message, Reason reason, Out out) {
    return false;
  }

  /** Allows so many more messages; false if they are not counted here. */
  boolean credit(long more) {
    return false;
  }

  /** Changes when pings are sent; false if there are none. */
  boolean keepalive(Keepalive keepalive) {
    return false;
  }

  /** Takes the early commands, for the engine of the new protocol. */
  public List<Command.OfStream> takeEarly() {
    List<Command.OfStream> taken = List.copyOf(early);
    early.clear();
    return taken;
  }

  /** Answers the early commands: the server has refused the upgrade. */
  public final void refuseEarly(Out out) {
    takeEarly().forEach(command -> Refusals.refuse(command, refusal(command), out));
  }

  /** Answers the early commands: the stream has ended for this reason, which fates are told. */
  public final void refuseEarly(Reason why, Out out) {
    takeEarly().forEach(command -> Refusals.refuse(command, refusal(command), why, out));
  }

  private Reason refusal(Command.OfStream command) {
    return new Reason.BadState(command.operation(), notOpen());
  }

  /** The reason for refusing the early commands when the server refuses the upgrade. */
  public abstract String notOpen();

  /** A WebSocket. */
  public static final class ToWebSocket extends PendingUpgrade {
    private final Handshake handshake;
    private WebSocketOptions options;

    public ToWebSocket(Handshake handshake, WebSocketOptions options) {
      this.handshake = handshake;
      this.options = options;
    }

    @Override
    public String notOpen() {
      return "the WebSocket is not open";
    }

    /** What the answer is held against. */
    public Handshake handshake() {
      return handshake;
    }

    /** The WebSocket's options, with the credit and keepalive that were asked for since. */
    public WebSocketOptions options() {
      return options;
    }

    @Override
    boolean giveUp(Outgoing message, Reason reason, Out out) {
      message.lose(reason);
      Refusals.refuseAll(early, command -> command.isPartOf(message), reason, reason, out);
      return true;
    }

    @Override
    boolean credit(long more) {
      long sum = options.credit() + more;
      options = options.credit(sum < 0 ? WebSocketOptions.UNLIMITED : sum);
      return true;
    }

    @Override
    boolean keepalive(Keepalive keepalive) {
      options = options.keepalive(keepalive);
      return true;
    }
  }

  /** A tunnel through a proxy. */
  public static final class ToTunnel extends PendingUpgrade {
    @Override
    public String notOpen() {
      return "the tunnel is not open";
    }
  }

  /** A protocol that the user speaks. */
  public static final class ToRaw extends PendingUpgrade {
    private final List<String> protocols;

    public ToRaw(List<String> protocols) {
      this.protocols = protocols;
    }

    @Override
    public String notOpen() {
      return "the server did not switch protocols";
    }

    /** The protocols that the request offered. */
    public List<String> protocols() {
      return protocols;
    }

    /**
     * The protocol that the server switched to.
     *
     * @throws Violation if it is not one of those that were asked for
     */
    public String accepted(Headers headers) throws Violation {
      String chosen = String.join(", ", headers.all("upgrade"));
      if (!Handshake.hasToken(headers, "connection", "upgrade")) {
        throw Violation.protocol(
            "the 101 response has no Connection header with Upgrade", "RFC 9110 section 7.8");
      }
      if (protocols.stream().noneMatch(chosen.strip()::equalsIgnoreCase)) {
        throw Violation.protocol(
            "the server switched to \""
                + chosen
                + "\", but the request offered "
                + String.join(", ", protocols),
            "RFC 9110 section 7.8");
      }
      return chosen.strip();
    }
  }
}
