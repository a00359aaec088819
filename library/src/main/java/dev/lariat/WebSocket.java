package dev.lariat;

import dev.lariat.internal.codec.Payload;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.StreamRef;
import dev.lariat.option.Keepalive;
import dev.lariat.option.WebSocketOptions;

/**
 * A WebSocket (RFC 6455): a handle, held from the moment that the upgrade is asked for. What
 * arrives comes as messages.
 *
 * <p>Frames may be sent at once; those sent before {@code Upgraded} wait for it. A frame that can
 * no longer be sent, because the WebSocket has ended or has sent its close frame, is answered by a
 * {@code Rejected} message. All methods may be called from any thread; the frames of one thread
 * keep their order.
 */
public final class WebSocket implements StreamRef {
  private final Connection connection;
  private final String path;
  private final SendGate gate;
  private final Stream stream;

  WebSocket(Connection connection, String path, WebSocketOptions options, Inbox inbox) {
    this.connection = connection;
    this.path = path;
    this.gate = new SendGate(options.highWater(), options.sendTimeout());
    this.stream = new Stream(this, inbox, gate);
  }

  Stream stream() {
    return stream;
  }

  @Override
  public Connection connection() {
    return connection;
  }

  /**
   * Sends frames, in this order and with nothing in between. Blocks while more than {@code
   * highWater} bytes of this WebSocket wait to be written, for {@code sendTimeout} at the most.
   *
   * @throws IllegalArgumentException if a text holds an unpaired surrogate
   * @throws IllegalStateException if it would have to block an event loop of Lariat's
   * @throws FailedException if there was no room in time, if the thread was interrupted while it
   *     waited, or if the connection has terminated; none of the frames is sent then
   */
  public void send(Frame... frames) {
    Command[] sends = commands(frames);
    long bytes = bytes(sends);
    gate.enter(bytes);
    post(sends, bytes);
  }

  /**
   * Sends frames as {@link #send} does if that is possible without blocking.
   *
   * @return whether it was; if not, none is sent
   * @throws IllegalArgumentException if a text holds an unpaired surrogate
   * @throws FailedException if the connection has terminated
   */
  public boolean trySend(Frame... frames) {
    Command[] sends = commands(frames);
    long bytes = bytes(sends);
    if (!gate.tryEnter(bytes)) {
      return false;
    }
    post(sends, bytes);
    return true;
  }

  private void post(Command[] sends, long bytes) {
    if (!connection.door().post(sends)) {
      gate.left(bytes);
      throw Connection.terminated("send");
    }
  }

  private Command[] commands(Frame[] frames) {
    Command[] sends = new Command[frames.length];
    for (int i = 0; i < frames.length; i++) {
      sends[i] = new Command.Send(stream, frames[i], Payload.of(frames[i]));
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
   * Says goodbye with code 1000; the same as sending {@link Close#NORMAL}. It ends this WebSocket
   * and not the connection, which comes back without it: to end both, use {@link
   * Connection#shutdown}.
   */
  public void close() {
    send(Close.NORMAL);
  }

  /**
   * Changes how a dead peer is found, from now on.
   *
   * @throws FailedException if the connection has terminated
   */
  public void keepalive(Keepalive keepalive) {
    connection.post("keepalive", new Command.SetKeepalive(stream, keepalive));
  }

  /** The path, for logs. */
  @Override
  public String toString() {
    return "WebSocket " + path;
  }
}
