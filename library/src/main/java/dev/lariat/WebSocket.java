package dev.lariat;

import dev.lariat.event.StreamInfo;
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
 * keep their order, except that pings and pongs overtake data that waits.
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
    this.stream = new Stream(ref == null ? this : ref, inbox, gate, authorization);
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
   * @throws IllegalArgumentException if the message is of anything but a WebSocket of one
   *     connection
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
   * Sends frames, in this order and with nothing in between but control frames. Blocks while more
   * than {@code sendQueue} bytes of this WebSocket wait to be written, or more than {@code
   * limits.heldCommands} frames wait for {@code Upgraded}, for at most {@code sendTimeout}.
   *
   * @param frames the frames, in their order
   * @throws IllegalArgumentException if a text holds an unpaired surrogate
   * @throws IllegalStateException if it would have to block an event loop of Lariat's
   * @throws FailedException if there was no room in time, if the thread was interrupted while it
   *     waited, or if the connection has terminated; none of the frames is sent then
   */
  public void send(Frame... frames) {
    Command[] sends = commands(frames, null);
    long bytes = bytes(sends);
    gate.enter(bytes, frames.length);
    post(sends, bytes);
  }

  /**
   * Sends frames as {@link #send} does if that is possible without blocking.
   *
   * @param frames the frames, in their order
   * @return whether it was; if not, none is sent
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
   * Sends frames as {@link #send} does, and reports what becomes of them: the future completes when
   * the operating system has taken the last byte of them, which does not say that the server has
   * them. It fails with a {@link FailedException} when one of them cannot be written any more,
   * whose reason is that of the connection's end if it ended. No {@code Rejected} is delivered
   * then. The future completes on the event loop, so actions that depend on it must not block.
   * Cancelling it does not take the frames back.
   *
   * @param frames the frames, in their order
   * @return a future that completes when the server can have the bytes
   * @throws IllegalArgumentException as {@code send}, as are the others
   * @throws IllegalStateException as {@code send}
   * @throws FailedException as {@code send}
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
   * Connection#shutdown}. The server's answer arrives after the messages that it sent before, which
   * cost credit as ever; without any, {@code timeouts.closing} ends it.
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
   * Sends one binary message of any size: what the stream gives, in fragments, to its end. Blocks
   * until all of it is written, with at most {@code sendQueue} bytes of it waiting. Control frames
   * go out in between; other messages wait until this one is complete. A close frame does not: the
   * message ends with it. The stream is not closed.
   *
   * <p>If a message cannot be completed, the rest of it is not sent. If a part of it was sent, the
   * WebSocket closes with code 1011, so that nobody takes it for complete. Only one that has begun,
   * and whose last part waits already, goes out all the same.
   *
   * @param in what the message is read from
   * @throws IOException if the stream threw it; the message is abandoned
   * @throws IllegalStateException on an event loop of Lariat's
   * @throws FailedException if there was no room within {@code sendTimeout}, if the thread was
   *     interrupted while it waited, or if the WebSocket has ended; the message is abandoned
   */
  public void sendBinary(InputStream in) throws IOException {
    connection.machine().refuseToBlock("sendBinary", "use a publisher");
    sender(false).sendAll(PartSender.Source.of(in, FRAGMENT));
  }

  /**
   * Sends one text message of any size, as {@link #sendBinary(InputStream)} does a binary one.
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
   * Sends one binary message of any size: the publisher's items, each a fragment, until it
   * completes. An item is requested when fewer than {@code sendQueue} bytes of the message wait to
   * be written, one at a time and usually on the event loop, where the publisher must not block.
   *
   * @param parts a publisher of the parts of the message
   * @return completes when the whole message was written, on the event loop; fails with the
   *     publisher's error, or with what it did against the rules of Reactive Streams, and the
   *     message is abandoned as by {@link #sendBinary(InputStream)}; or with a {@link
   *     FailedException} when the WebSocket ended first. To cancel it gives the message up too.
   *     When it fails, the publisher's subscription is cancelled
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
   * Sends one text message of any size, as {@link #sendBinary(Flow.Publisher)} does a binary one.
   * An unpaired surrogate fails it; a pair may be cut between two items.
   *
   * @param parts a publisher of the parts of the message
   * @return a future that completes when the server can have the bytes
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
   * WebSocketOptions.credit}. It adds to what is left, up to 2^63 - 1. Does nothing when the
   * WebSocket has ended.
   *
   * <p>A reader that takes the next message when it has done with the last one:
   *
   * <pre>{@code
   * WebSocket socket = connection.webSocket("/feed", WebSocketOptions.DEFAULT.credit(1));
   * while (true) {
   *   switch (mailbox.take()) {
   *     case WebSocketFrame(var stream, Text(var text)) -> {
   *       store(text); // as long as it takes: the server is held back
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
   * Changes how a dead peer is found, from now on.
   *
   * @param keepalive when pings are sent
   * @throws FailedException if the connection has terminated
   */
  public void keepalive(Keepalive keepalive) {
    connection.door().post("keepalive", new Command.SetKeepalive(stream, keepalive));
  }

  /**
   * {@return how this WebSocket stands, also before its upgrade is answered, and when it or its
   * connection has ended} The future is completed as that of {@link Connection#info} is.
   */
  public CompletableFuture<StreamInfo> info() {
    return connection.info(stream.ref(), gate::waiting);
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
