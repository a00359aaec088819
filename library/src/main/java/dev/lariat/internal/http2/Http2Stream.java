package dev.lariat.internal.http2;

import dev.lariat.cookie.RequestUri;
import dev.lariat.internal.codec.Gathered;
import dev.lariat.internal.content.Body;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.PendingUpgrade;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.internal.text.Priority;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamRef;
import dev.lariat.option.Content;
import dev.lariat.option.Request;
import org.jspecify.annotations.Nullable;

/**
 * A stream of HTTP/2, from its HEADERS frame, or its promise, until both sides have ended it (RFC
 * 9113 section 5.1). It has no logic: {@link Incoming} reads the response into it, {@link Sending}
 * writes its body, and {@link Http2Engine} ends it.
 */
final class Http2Stream {
  /** Where something that is to be sent waits. */
  enum Waits {
    NOWHERE,
    /** For its turn, and while the connection's window is used up, for that. */
    QUEUED,
    /** For the stream's window. */
    SHUT,
    /** For nothing but the lane: it is an end without bytes. */
    TO_END
  }

  final int id;

  /** The command that it was begun with, or as if; in case the request must be sent again. */
  final Command.Begin begun;

  final Stream stream;

  /** The request's URI, by which cookies are stored; null if the connection keeps no cookies. */
  final @Nullable RequestUri uri;

  /** The user's stream that it was promised with; null if it is not pushed. */
  @Nullable StreamRef promisedWith;

  /** Whether the request is HEAD: its response has no content, whatever its headers say. */
  boolean head;

  /** When its response must have ended; {@link Engine#NEVER} if it has no deadline. */
  long deadline = Engine.NEVER;

  /** Why it is given up at its deadline; null if it has none. */
  @Nullable Reason late;

  // ---- what is sent

  /** How far the window for its DATA is from the one that the server's streams begin with. */
  int sendWindow;

  /** How many DATA frames were sent on it, each of which the server may acknowledge. */
  int sentFrames;

  /** What it has to send; null before there was anything. */
  @Nullable Sender sender;

  /** Where what it has to send waits. */
  Waits waits = Waits.NOWHERE;

  /** Where in the order it is sent; null if the user has not said. */
  @Nullable Priority priority;

  /** When a byte of it must have been let out by its own window. */
  long stuckAt = Engine.NEVER;

  /** Whether this side has ended it. */
  boolean sentEnd;

  // ---- what is received

  /** Its window, from which the DATA that comes is taken. */
  final ReceiveWindow window;

  /** Whether anything of the response has come. */
  boolean heard;

  /** How many informational responses have come. */
  int informs;

  /** Whether the head of the response has come. */
  boolean responded;

  /** Whether the server has ended it. */
  boolean gotEnd;

  /** How much content the response said that it has; -1 if it did not say. */
  long expected = -1;

  /** How much content has come. */
  long arrived;

  /** How its content is treated before it is told: plain, decompressed, as events. */
  Content content = Content.PLAIN;

  /** The content that arrives; null if it is told as it comes. */
  @Nullable Body body;

  /** How many more messages of its content may be told. */
  long credit = Request.UNLIMITED;

  /** Content that waits for credit, or for room in its inbox; null if none ever did. */
  @Nullable Gathered kept;

  /** The message that ends it, after {@code kept}; null if that has not come. */
  Message.@Nullable OfStream end;

  /** Why it was cut off, to be told after {@code kept}; null if it was not. */
  @Nullable Reason cut;

  /** Bytes that wait, in {@code kept}, {@code body} or {@code lane}; for {@link Incoming}. */
  int keptBytes;

  /** Whether its receiver has had its final message. */
  boolean over;

  /** The upgrade that was asked for; null for a plain request, and once it is answered. */
  @Nullable PendingUpgrade upgrade;

  /** The lane that another engine has of it; null if it carries messages of HTTP. */
  @Nullable StreamLane lane;

  Http2Stream(int id, Command.Begin begun, @Nullable RequestUri uri, ReceiveWindow window) {
    this.id = id;
    this.begun = begun;
    this.stream = begun.stream();
    this.uri = uri;
    this.window = window;
  }

  /** Whether the server began it, to push a response. */
  boolean isPushed() {
    return id % 2 == 0;
  }

  /** Whether an informational response has come. */
  boolean informed() {
    return informs > 0;
  }

  /** Whether both sides have ended it. */
  boolean isClosed() {
    return sentEnd && gotEnd;
  }

  /** Uses credit for a message. */
  void spend() {
    if (credit != Request.UNLIMITED) {
      credit--;
    }
  }

  /** What the end of the connection means for it (RFC 9113 section 8.7). */
  Reason meaning(Reason end) {
    boolean race =
        end instanceof Reason.Closed || end instanceof Reason.Reset || end instanceof Reason.Tunnel;
    boolean timeout = end instanceof Reason.Timeout its && its.step() == Reason.Step.CLOSE;
    if (upgrade != null || !race && !timeout) {
      return end;
    }
    return heard ? new Reason.Incomplete(end) : new Reason.Unanswered(end);
  }

  /** Frees what its content holds. */
  void release() {
    if (body != null) {
      body.release();
      body = null;
    }
    kept = null;
    end = null;
  }
}
