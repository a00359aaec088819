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

/** A request that was written, and its response that is awaited or arriving. */
final class Exchange {
  final Stream stream;
  final @Nullable RequestUri uri; // for cookies, where there are any
  final boolean head; // a response to HEAD has no body, whatever its headers say

  /** Whether others may be outstanding with it (RFC 9112 section 9.3.2). */
  boolean idempotent = true;

  final long since; // octets that had come before it was sent

  /** When its response must have ended. */
  long deadline = Engine.NEVER;

  /** How many messages of its body may be told. */
  long credit = Request.UNLIMITED;

  /** Whether an octet of the response has come. */
  boolean heard;

  /** Whether an informational response has come. */
  boolean informed;

  /** What becomes of its body before it is told. */
  Content content = Content.PLAIN;

  /** The body that arrives, where something becomes of it. */
  @Nullable Body body;

  /** Whether its receiver has had its final message, and the response is thrown away. */
  boolean cancelled;

  long discardBy = Engine.NEVER; // when that must be over, once it is the next
  long discarded; // bytes of its body

  /** What it was begun with, for a request that may have to be sent once more. */
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
   * Whether the next that comes should be the answer to an upgrade. After an informational response
   * more of those may follow, without end.
   */
  boolean awaitsAnswer() {
    return upgrade != null && !informed;
  }

  /** Uses so much of the credit. */
  void spend(int messages) {
    if (credit != Request.UNLIMITED) {
      credit -= messages;
    }
  }

  /** Its receiver gets no more. */
  void cancel() {
    cancelled = true;
    release();
  }

  /** What it was begun with, with what was changed since. */
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

  /** Why it is given up at its deadline. */
  @Nullable Reason late;

  /** Another protocol that was asked for, and that the server has not answered yet. */
  abstract static sealed class PendingUpgrade {
    long deadline = Engine.NEVER; // counts once its answer is the next

    /** What an owner sends without waiting for the answer; the gates bound how much it is. */
    final Deque<Command.OfStream> early = new ArrayDeque<>(0);

    /** What was sent early, which is somebody else's from now on. */
    List<Command.OfStream> takeEarly() {
      List<Command.OfStream> taken = List.copyOf(early);
      early.clear();
      return taken;
    }

    /** Why what was sent early comes to nothing when it is refused. */
    abstract String notOpen();
  }

  /** A WebSocket. */
  static final class ToWebSocket extends PendingUpgrade {
    final Handshake handshake;
    WebSocketOptions options; // and what was asked for since, which needs no room

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

    /** Forgets a message whose further parts do not come. */
    void giveUp(Outgoing message, Reason reason, Out out) {
      message.lose(reason);
      Refusals.refuseAll(early, command -> command.isPartOf(message), reason, reason, out);
    }
  }

  /** A protocol that the user speaks. */
  static final class ToRaw extends PendingUpgrade {
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
