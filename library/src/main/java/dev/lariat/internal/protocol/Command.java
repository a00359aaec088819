package dev.lariat.internal.protocol;

import dev.lariat.internal.codec.FrameEncoder;
import dev.lariat.message.Frame;
import dev.lariat.message.Protocol;
import dev.lariat.option.Keepalive;
import dev.lariat.option.WebSocketOptions;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What an owner asks of its connection: immutable, made on the owner's thread, carried out on the
 * event loop.
 */
public sealed interface Command {

  /** What concerns one stream: for the engine. */
  sealed interface OfStream extends Command {
    /** The stream. */
    Stream stream();

    /** Whether it begins its stream. */
    default boolean begins() {
      return this instanceof Request || this instanceof Upgrade;
    }

    /** Whether it sends a part of this message. */
    default boolean isPartOf(Outgoing message) {
      return this instanceof SendPart part && part.message() == message;
    }

    /** What it asks, in the words of the API. */
    default String operation() {
      return switch (this) {
        case Request request -> "request";
        case Upgrade upgrade -> "webSocket";
        case Send send -> "send";
        case SendPart part -> "send";
        case GiveUp giveUp -> "send";
        case Credit credit -> "credit";
        case SetKeepalive keepalive -> "keepalive";
      };
    }
  }

  /**
   * Begins a stream with a request.
   *
   * @param stream the new stream
   * @param request what to send
   */
  record Request(Stream stream, dev.lariat.option.Request request) implements OfStream {}

  /**
   * Begins a stream with the upgrade to a WebSocket.
   *
   * @param stream the new stream
   * @param path the request's target
   * @param options how
   */
  record Upgrade(Stream stream, String path, WebSocketOptions options) implements OfStream {}

  /**
   * Sends one WebSocket frame.
   *
   * @param stream the WebSocket
   * @param frame the frame
   * @param payload what it carries, from position to limit
   * @param fate who wants to know what becomes of it; null where a {@code Rejected} tells that it
   *     was not sent
   */
  record Send(Stream stream, Frame frame, ByteBuffer payload, @Nullable Fate fate)
      implements OfStream {
    /** Sends a frame whose fate nobody follows. */
    public Send(Stream stream, Frame frame, ByteBuffer payload) {
      this(stream, frame, payload, null);
    }

    /** What it counts at the stream's gate: so much that empty ones count too. */
    public long bytes() {
      return FrameEncoder.size(payload.remaining());
    }
  }

  /**
   * Sends the next part of a WebSocket message.
   *
   * @param stream the WebSocket
   * @param message which message
   * @param payload the part
   * @param fin whether it is the last
   */
  record SendPart(Stream stream, Outgoing message, ByteBuffer payload, boolean fin)
      implements OfStream {
    /** What it counts at the message's gate. */
    public long bytes() {
      return FrameEncoder.size(payload.remaining());
    }
  }

  /**
   * Gives up a WebSocket message whose further parts do not come.
   *
   * @param stream the WebSocket
   * @param message which message
   */
  record GiveUp(Stream stream, Outgoing message) implements OfStream {}

  /**
   * Allows a WebSocket to tell more messages.
   *
   * @param stream the WebSocket
   * @param messages how many more
   */
  record Credit(Stream stream, long messages) implements OfStream {}

  /**
   * Changes how a WebSocket finds out that its peer is dead.
   *
   * @param stream the WebSocket
   * @param keepalive from now on
   */
  record SetKeepalive(Stream stream, Keepalive keepalive) implements OfStream {}

  /**
   * Makes another the owner.
   *
   * @param inbox where the connection's messages go from now on
   */
  record SetOwner(Inbox inbox) implements Command {}

  /**
   * Asks for the outcome of the current or next attempt to connect.
   *
   * @param outcome completed when that is known
   */
  record AwaitUp(CompletableFuture<Outcome> outcome) implements Command {}

  /** Says goodbye, then ends the connection. */
  record Shutdown() implements Command {}

  /** Ends the connection at once. */
  record Close() implements Command {}

  /** How an attempt to connect went. */
  sealed interface Outcome {}

  /**
   * The connection is established.
   *
   * @param protocol what it speaks
   */
  record Established(Protocol protocol) implements Outcome {}

  /**
   * The attempt failed.
   *
   * @param reason why
   */
  record NotEstablished(dev.lariat.message.Reason reason) implements Outcome {}
}
