package dev.lariat.internal.http1;

import dev.lariat.cookie.RequestUri;
import dev.lariat.internal.codec.Handshake;
import dev.lariat.internal.codec.Violation;
import dev.lariat.internal.content.Body;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.Outgoing;
import dev.lariat.internal.protocol.Refusals;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.option.Content;
import dev.lariat.option.Keepalive;
import dev.lariat.option.Request;
import dev.lariat.option.WebSocketOptions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request that was written, with what is known of its response. It has no logic of the protocol:
 * {@link Requests} makes it, {@link Responses} reads the response into it, and {@link Http1Engine}
 * ends it when the response has ended.
 *
 * <p>A response goes through these states: nothing has come; {@code heard}; {@code informed} by an
 * informational response; answered. If its receiver gives it up it is {@code cancelled}, which may
 * happen in each of them: the receiver has its final message then, and the rest of the response is
 * read and dropped, up to a limit of bytes and of time.
 */
final class Exchange {
  final Stream stream;

  /** The request's URI, by which cookies are stored; null if the connection keeps no cookies. */
  final @Nullable RequestUri uri;

  /** Whether the request is HEAD: its response has no body, whatever its headers say. */
  final boolean head;

  /** Whether other requests may be sent before its response has come (RFC 9112 section 9.3.2). */
  boolean idempotent = true;

  /** How many octets had come when it was sent. A response that began before answers nothing. */
  final long since;

  /** When its response must have ended; {@link Engine#NEVER} if it has no deadline. */
  long deadline = Engine.NEVER;

  /** How many more messages of its body may be told. */
  long credit = Request.UNLIMITED;

  /** Whether an octet of the response has come. */
  boolean heard;

  /** Whether an informational response has come. */
  boolean informed;

  /** How its body is treated before it is told: plain, decompressed, as events. */
  Content content = Content.PLAIN;

  /** The body that arrives; null if it is told as it comes. */
  @Nullable Body body;

  /** Whether its receiver has had its final message, and the response is thrown away. */
  boolean cancelled;

  /** When a cancelled response must have ended; set when it is the first of the live ones. */
  long discardBy = Engine.NEVER;

  /** How many bytes of a cancelled response's body were dropped. */
  long discarded;

  /** The command that it was begun with, in case the request must be sent again. */
  final Command.OfStream begun;

  /** The upgrade that was asked for; null for a plain request, and once it is refused. */
  @Nullable PendingUpgrade upgrade;

  Exchange(
      Command.OfStream begun,
      @Nullable RequestUri uri,
      boolean head,
      @Nullable PendingUpgrade upgrade,
      long since) {
    this.begun = begun;
    this.stream = begun.stream();
    this.uri = uri;
    this.head = head;
    this.upgrade = upgrade;
    this.since = since;
  }

  /**
   * Whether the answer to an upgrade is due. It is not any more after an informational response,
   * since any number of those may follow.
   */
  boolean awaitsAnswer() {
    return upgrade != null && !informed;
  }

  /** Uses credit for this many messages. */
  void spend(int messages) {
    if (credit != Request.UNLIMITED) {
      credit -= messages;
    }
  }

  /** Tells its receiver nothing more, and frees its body. */
  void cancel() {
    cancelled = true;
    release();
  }

  /** The command that sends it again, with the credit and options that were changed since. */
  Command.OfStream again() {
    if (begun instanceof Command.Upgrade(var its, var path, var options, var names)
        && upgrade instanceof ToWebSocket socket) {
      return new Command.Upgrade(its, path, socket.options, names);
    }
    if (begun instanceof Command.Request request) {
      return new Command.Request(
          stream,
          request.request().credit(credit),
          request.whole(),
          request.deadline(),
          request.protocols(),
          request.names());
    }
    return begun;
  }

  /** Frees what its body holds. */
  void release() {
    if (body != null) {
      body.release();
      body = null;
    }
  }

  /** Gives it its final message, and answers what was sent early on it. */
  void fail(Reason reason, Out out) {
    PendingUpgrade asked = upgrade;
    if (asked != null) {
      asked
          .takeEarly()
          .forEach(
              command ->
                  Refusals.refuse(
                      command, Requests.refusal(command, asked.notOpen()), reason, out));
    }
    Refusals.fail(stream, reason, out);
  }

  /**
   * What the end of the connection means for this exchange. It may have met its request on the way
   * (RFC 9112 section 9.3.1), or cut its response short. If the server or this side could not go on
   * with an exchange, those behind it have no part in that, nor has one that something unasked
   * stands before.
   *
   * @param current whether it is the one that is being answered
   */
  Reason meaning(Reason end, boolean current) {
    boolean race = end instanceof Reason.Closed || end instanceof Reason.Reset;
    boolean behind =
        end.equals(Responses.UNASKED) || !current && !(end instanceof Reason.OwnerClosed);
    boolean late = end instanceof Reason.Timeout timeout && timeout.step() == Reason.Step.CLOSE;
    if (upgrade != null || !race && !behind && !late) {
      return end;
    }
    if (heard && (race || late)) {
      return new Reason.Incomplete(end);
    }
    return heard || late ? end : new Reason.Unanswered(end);
  }

  /** Why it is given up at its deadline; null if it has none. */
  @Nullable Reason late;

  /** Another protocol that was asked for, and that the server has not answered yet. */
  abstract static sealed class PendingUpgrade {
    /** When the answer must have come; set when its exchange is the first of the live ones. */
    long deadline = Engine.NEVER;

    /** Commands that were posted before the answer came. The stream's gate bounds them. */
    final Deque<Command.OfStream> early = new ArrayDeque<>(0);

    /** Takes the early commands, for the engine of the new protocol. */
    List<Command.OfStream> takeEarly() {
      List<Command.OfStream> taken = List.copyOf(early);
      early.clear();
      return taken;
    }

    /** The reason for refusing the early commands when the server refuses the upgrade. */
    abstract String notOpen();
  }

  /** A WebSocket. */
  static final class ToWebSocket extends PendingUpgrade {
    final Handshake handshake;

    /** The WebSocket's options, with the credit and keepalive that were asked for since. */
    WebSocketOptions options;

    ToWebSocket(Handshake handshake, WebSocketOptions options) {
      this.handshake = handshake;
      this.options = options;
    }

    @Override
    String notOpen() {
      return "the WebSocket is not open";
    }

    void credit(long more) {
      long sum = options.credit() + more;
      options = options.credit(sum < 0 ? WebSocketOptions.UNLIMITED : sum);
    }

    void keepalive(Keepalive keepalive) {
      options = options.keepalive(keepalive);
    }

    /** Forgets a message that gets no further parts. */
    void giveUp(Outgoing message, Reason reason, Out out) {
      message.lose(reason);
      Refusals.refuseAll(early, command -> command.isPartOf(message), reason, reason, out);
    }
  }

  /** A protocol that the user speaks. */
  static final class ToRaw extends PendingUpgrade {
    /** The protocols that the request offered. */
    final List<String> protocols;

    ToRaw(List<String> protocols) {
      this.protocols = protocols;
    }

    @Override
    String notOpen() {
      return "the server did not switch protocols";
    }

    /**
     * The protocol that the server switched to.
     *
     * @throws Violation if it is not one of those that were asked for
     */
    String accepted(Headers headers) throws Violation {
      String chosen = String.join(", ", headers.all("upgrade"));
      if (!Handshake.hasToken(headers, "connection", "upgrade")) {
        throw Violation.protocol(
            "the 101 response has no Connection header with Upgrade", "RFC 9110 section 7.8");
      }
      if (protocols.stream().noneMatch(chosen.strip()::equalsIgnoreCase)) {
        throw Violation.protocol(
            "the server switched to \""
                + chosen
                + "\", asked for was "
                + String.join(", ", protocols),
            "RFC 9110 section 7.8");
      }
      return chosen.strip();
    }
  }
}
