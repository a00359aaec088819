package dev.lariat.internal.http1;

import dev.lariat.cookie.RequestUri;
import dev.lariat.internal.content.Body;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.PendingUpgrade;
import dev.lariat.internal.protocol.Refusals;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Reason;
import dev.lariat.option.Content;
import dev.lariat.option.Request;
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

  /** When a cancelled response must have ended; set when it is the current one. */
  long discardBy = Engine.NEVER;

  /** How many bytes of a cancelled response's body were dropped. */
  long discarded;

  /** The command that it was begun with, in case the request must be sent again. */
  final Command.Begin begun;

  /** The upgrade that was asked for; null for a plain request, and once it is refused. */
  @Nullable PendingUpgrade upgrade;

  Exchange(
      Command.Begin begun,
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

  /** Frees what its body holds. */
  void release() {
    if (body != null) {
      body.release();
      body = null;
    }
  }

  /** Gives it its final message, and answers what was sent early on it. */
  void fail(Reason reason, Out out) {
    if (upgrade != null) {
      upgrade.refuseEarly(reason, out);
    }
    Refusals.fail(stream, reason, out);
  }

  /**
   * What the end of the connection means for this exchange. The server may have closed while the
   * request was on its way (RFC 9112 section 9.3.1), or before its response was complete. An end
   * that has its cause in another exchange, or in a response that nobody asked for, leaves this one
   * unanswered.
   *
   * @param current whether it is the one that is being answered
   */
  Reason meaning(Reason end, boolean current) {
    boolean race =
        end instanceof Reason.Closed || end instanceof Reason.Reset || end instanceof Reason.Tunnel;
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
}
