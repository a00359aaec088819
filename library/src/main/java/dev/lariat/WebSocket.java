package dev.lariat;

import dev.lariat.event.StreamInfo;
import dev.lariat.event.Trace;
import dev.lariat.internal.codec.Payload;
import dev.lariat.internal.entrance.Handle;
import dev.lariat.internal.entrance.MessageSender;
import dev.lariat.internal.entrance.MessageSubscriber;
import dev.lariat.internal.entrance.PartSender;
import dev.lariat.internal.entrance.SendGate;
import dev.lariat.internal.protocol.Authorization;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Fate;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamRef;
import dev.lariat.option.Keepalive;
import dev.lariat.option.WebSocketOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket (RFC 6455). You hold this handle as soon as you request the upgrade. Its frames
 * arrive as messages.
 *
 * {@snippet file="dev/lariat/examples/JavadocTest.java" region="webSocket"}
 *
 * <p>You can send frames immediately. Frames that you send before {@code Upgraded} wait for it. If
 * a frame cannot be sent because the WebSocket has ended or has sent its close frame, a {@code
 * Rejected} message answers it. You can call all methods from any thread. The frames of one thread
 * keep their order, except that pings and pongs overtake queued data.
 */
public final class WebSocket implements StreamRef {
  /** Bytes; large enough that a fragment's header does not count, small beside the send queue. */
  private static final int FRAGMENT = 32 << 10;

  private final Connection connection;
  private final String path;
  private final WebSocketOptions options;
  private final SendGate gate;
  private final Stream stream;

  /** One whose messages are of this stream, where one is given, and not of itself. */
  WebSocket(
      Connection connection,
      String path,
      WebSocketOptions options,
      Authorization authorization,
      Trace trace,
      @Nullable StreamRef ref,
      Inbox inbox) {
    this.connection = connection;
    this.path = path;
    this.options = options;
    this.gate =
        new SendGate(
            options.sendQueue(),
            connection.options().limits().heldCommands(),
            options.sendTimeout(),
            connection.machine(),
            this::whyNotSent);
    this.stream = new Stream(ref == null ? this : ref, inbox, gate, authorization, trace);
  }

  Command.Upgrade upgrade() {
    return new Command.Upgrade(stream, path, options, connection.names().with(options.headers()));
  }

  Stream stream() {
    return stream;
  }

  SendGate gate() {
    return gate;
  }

  /** What keeps the bytes that wait, if that is known. */
  Optional<Reason> whyNotSent() {
    return connection.whyNotSent(stream.ref());
  }

  /**
   * {@return the WebSocket that a message names: {@code WebSocket.of(upgraded.stream())}}
   *
   * @param stream the stream, as a message names it
   * @throws IllegalArgumentException if the stream is not a WebSocket of a connection
   */
  public static WebSocket of(StreamRef stream) {
    return Handle.of(WebSocket.class, stream);
  }

  @Override
  public Connection connection() {
    return connection;
  }

  // ---- frames

  /**
   * Sends frames, in this order. Only control frames can come between them. Blocks while more than
   * {@code sendQueue} bytes of this WebSocket wait to be written, or more than {@code
   * limits.heldCommands} frames wait for {@code Upgraded}, for at most {@code sendTimeout}.
   *
   * @param frames the frames, in their order
   * @throws IllegalArgumentException if a text holds an unpaired surrogate
   * @throws IllegalStateException if it would have to block an event loop of Lariat's
   * @throws FailedException if the wait for room timed out, if the thread was interrupted while it
   *     waited, or if the connection has terminated; then none of the frames is sent
   */
  public void send(Frame... frames) {
    Command[] sends = commands(frames, null);
    long bytes = bytes(sends);
    gate.enter(bytes, frames.length);
    post(sends, bytes);
  }

  /**
   * Sends frames like {@link #send}, but only if it can do so without blocking.
   *
   * @param frames the frames, in their order
   * @return whether the frames were sent; if not, none of them was
   * @throws IllegalArgumentException if a text holds an unpaired surrogate
   * @throws FailedException if the connection has terminated
   */
  public boolean trySend(Frame... frames) {
    Command[] sends = commands(frames, null);
    long bytes = bytes(sends);
    if (!gate.tryEnter(bytes, frames.length)) {
      return false;
    }
    post(sends, bytes);
    return true;
  }

  /**
   * Sends frames like {@link #send}, and reports their result. The future completes when the
   * operating system has accepted their last byte, which does not mean that the server has received
   * them. It fails with a {@link FailedException} if one of them can no longer be written. If the
   * connection ended, the exception has the reason of that end. No {@code Rejected} is delivered
   * then. The future completes on the event loop, so actions that depend on it must not block. If
   * you cancel the future, the frames are still sent.
   *
   * @param frames the frames, in their order
   * @return a future that completes when the operating system has accepted all bytes
   * @throws IllegalArgumentException as for {@code send}
   * @throws IllegalStateException as for {@code send}
   * @throws FailedException as for {@code send}
   */
  public CompletableFuture<Void> written(Frame... frames) {
    CompletableFuture<Void> written = new CompletableFuture<>();
    Command[] sends = commands(frames, new LastWritten(frames.length, written));
    long bytes = bytes(sends);
    gate.enter(bytes, frames.length);
    post(sends, bytes);
    return written;
  }

  private void post(Command[] sends, long bytes) {
    if (!connection.door().post(sends)) {
      gate.left(bytes, sends.length);
      throw connection.door().terminated("send");
    }
  }

  private Command[] commands(Frame[] frames, @Nullable Fate fate) {
    Command[] sends = new Command[frames.length];
    for (int i = 0; i < frames.length; i++) {
      sends[i] = new Command.Send(stream, frames[i], Payload.of(frames[i]), fate);
    }
    return sends;
  }

  private static long bytes(Command[] sends) {
    long bytes = 0;
    for (Command send : sends) {
      bytes += ((Command.Send) send).bytes();
    }
    return bytes;
  }

  /**
   * Closes the WebSocket with code 1000; the same as sending {@link Close#NORMAL}, except that it
   * never blocks. It ends this WebSocket and not the connection. To end both, use {@link
   * Connection#shutdown}. The server's answer arrives after the messages that it sent before. These
   * still cost credit; if there is none, the wait ends after {@code timeouts.closing}.
   *
   * @throws FailedException if the connection has terminated
   */
  public void close() {
    Command[] sends = commands(new Frame[] {Close.NORMAL}, null);
    long bytes = bytes(sends);
    gate.force(bytes);
    post(sends, bytes);
  }

  // ---- messages in parts

  /**
   * Sends one binary message of any size, in fragments. It reads the stream to its end, and does
   * not close it. Blocks until the whole message is written; at most {@code sendQueue} bytes of it
   * wait at a time. Control frames can be sent between the fragments, and other messages wait until
   * this one is complete. A close frame does not wait: it ends the message.
   *
   * <p>If a message cannot be completed, the rest of it is not sent. If a part of it was sent, the
   * WebSocket closes with code 1011, so that the server does not treat it as complete. Exception:
   * if the last part is already queued, the message is still sent.
   *
   * @param in the content of the message
   * @throws IOException if the stream cannot be read; the message is abandoned
   * @throws IllegalStateException on an event loop of Lariat
   * @throws FailedException if there is no room within {@code sendTimeout}, if the thread was
   *     interrupted while it waited, or if the WebSocket has ended; the message is abandoned
   */
  public void sendBinary(InputStream in) throws IOException {
    connection.machine().refuseToBlock("sendBinary", "use a publisher");
    sender(false).sendAll(PartSender.Source.of(in, FRAGMENT));
  }

  /**
   * Sends one text message of any size, like {@link #sendBinary(InputStream)}.
   *
   * @param in what the message is read from
   * @throws IllegalArgumentException if the text has an unpaired surrogate; the message is
   *     abandoned
   * @throws IOException if the stream cannot be read
   */
  public void sendText(Reader in) throws IOException {
    connection.machine().refuseToBlock("sendText", "use a publisher");
    MessageSender sender = sender(true);
    sender.sendAll(sender.utf8(in, FRAGMENT / 2));
  }

  /**
   * Sends one binary message of any size. Each item of the publisher becomes a fragment, until the
   * publisher completes. Lariat requests one item at a time, when fewer than {@code sendQueue}
   * bytes of the message wait to be written. It usually does so on the event loop, where the
   * publisher must not block.
   *
   * @param parts a publisher of the parts of the message
   * @return a future that completes on the event loop when the whole message is written. It fails
   *     with the publisher's error, or with an exception if the publisher breaks a rule of Reactive
   *     Streams; the message is then abandoned as by {@link #sendBinary(InputStream)}. It fails
   *     with a {@link FailedException} if the WebSocket ends first. If you cancel the future, the
   *     message is abandoned too. If the future fails, Lariat cancels the publisher's subscription
   */
  public CompletableFuture<Void> sendBinary(Flow.Publisher<Bytes> parts) {
    Objects.requireNonNull(parts, "parts");
    MessageSender sender = sender(false);
    return subscribe(
        parts,
        sender,
        new MessageSubscriber<>(sender, Bytes::asByteBuffer, () -> ByteBuffer.allocate(0)));
  }

  /**
   * Sends one text message of any size, like {@link #sendBinary(Flow.Publisher)}. An unpaired
   * surrogate makes it fail, but two items can split a pair.
   *
   * @param parts a publisher of the parts of the message
   * @return a future like that of {@link #sendBinary(Flow.Publisher)}
   */
  public CompletableFuture<Void> sendText(Flow.Publisher<String> parts) {
    Objects.requireNonNull(parts, "parts");
    MessageSender sender = sender(true);
    return subscribe(
        parts,
        sender,
        new MessageSubscriber<>(
            sender, part -> sender.utf8(part, false), () -> sender.utf8("", true)));
  }

  private MessageSender sender(boolean text) {
    return new MessageSender(connection.door(), stream, gate, options, text);
  }

  private static <T> CompletableFuture<Void> subscribe(
      Flow.Publisher<T> parts, MessageSender sender, MessageSubscriber<T> subscriber) {
    try {
      parts.subscribe(subscriber);
    } catch (RuntimeException e) { // it may have begun all the same
      sender.fail(e);
    }
    return sender.completion();
  }

  // ---- receiving

  /**
   * Allows this many more messages to arrive, or parts if messages arrive in parts; see {@code
   * WebSocketOptions.credit}. Adds to the remaining credit, up to 2^63 - 1. Does nothing if the
   * WebSocket has ended.
   *
   * <p>This reader takes the next message after it has handled the previous one:
   *
   * <pre>{@code
   * WebSocket socket = connection.webSocket("/feed", WebSocketOptions.DEFAULT.credit(1));
   * while (true) {
   *   switch (mailbox.take()) {
   *     case WebSocketFrame(var stream, Text(var text)) -> {
   *       store(text); // while this takes time, reading stops
   *       socket.credit(1);
   *     }
   *     case WebSocketClosed closed -> { return; }
   *     case Message other -> {}
   *   }
   * }
   * }</pre>
   *
   * @param messages 1 to 2^63 - 1
   * @throws IllegalArgumentException if it is out of range
   */
  public void credit(long messages) {
    if (messages < 1) {
      throw new IllegalArgumentException(
          "credit: " + messages + ", allowed 1 to " + Long.MAX_VALUE);
    }
    connection.door().post(new Command.Credit(stream, messages));
  }

  /**
   * Changes how a dead peer is detected, from now on.
   *
   * @param keepalive when pings are sent
   * @throws FailedException if the connection has terminated
   */
  public void keepalive(Keepalive keepalive) {
    connection.door().post("keepalive", new Command.SetKeepalive(stream, keepalive));
  }

  /**
   * {@return the current state of this WebSocket, even before its upgrade is answered, and after it
   * or its connection has ended} The future completes like that of {@link Connection#info}.
   */
  public CompletableFuture<StreamInfo> info() {
    return connection.info(stream, gate::waiting);
  }

  /** The path, for logs. */
  @Override
  public String toString() {
    return "WebSocket " + connection.shown(path);
  }

  /** Waits for the last of some frames: none is written after one that was lost. */
  private static final class LastWritten implements Fate {
    private final CompletableFuture<Void> written;
    private int missing;

    LastWritten(int frames, CompletableFuture<Void> written) {
      this.missing = frames;
      this.written = written;
      if (frames == 0) {
        written.complete(null);
      }
    }

    @Override
    public void written() {
      if (--missing == 0) {
        written.complete(null);
      }
    }

    @Override
    public void lost(Reason reason) {
      written.completeExceptionally(new FailedException(reason));
    }
  }
}
