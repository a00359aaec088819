package dev.lariat.testkit;

import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Ping;
import dev.lariat.message.Pong;
import dev.lariat.message.Text;
import dev.lariat.testkit.internal.wire.Tunnel;
import dev.lariat.testkit.internal.wire.WebSocketFrames;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket that a script has accepted. It belongs to the script's thread, and throws as its
 * {@link Visit} does.
 */
public final class WebSocketVisit {
  private final Visit visit;
  private final Tunnel tunnel;
  private boolean automatic = true;
  private boolean closeReceived;
  private boolean closeSent;

  WebSocketVisit(Visit visit, Tunnel tunnel) {
    this.visit = visit;
    this.tunnel = tunnel;
  }

  /** {@return the connection that it is on} */
  public Visit visit() {
    return visit;
  }

  /**
   * Whether {@link #receive} answers pings and close frames automatically, which it does at the
   * beginning. Where it does not, it returns the pings too, and the script answers or does not.
   *
   * @param automatic whether they are answered
   */
  public void automatic(boolean automatic) {
    this.automatic = automatic;
  }

  /**
   * Waits for the next message, pong or close frame, and makes one message of its fragments. Pings
   * are answered on the way, and so is a close frame.
   *
   * @return null after the close frame, and when the client has ended its side without one
   * @throws IOException if the client is gone, or breaks a rule of RFC 6455
   */
  public @Nullable Frame receive() throws IOException {
    return receiveWhile(() -> true);
  }

  private @Nullable Frame receiveWhile(Visit.Step<Boolean> ready) throws IOException {
    while (!closeReceived && Visit.step(ready)) {
      Optional<Frame> next = Visit.step(tunnel::frame);
      if (next.isEmpty()) {
        return null;
      }
      if (!handled(next.get())) {
        return next.get();
      }
    }
    return null;
  }

  /**
   * Waits as {@link #receive()} does, for something to arrive within at most this time.
   *
   * @param timeout zero to 365 days, by the origin's time
   * @return null when the time is over, too: then {@link Visit#clientGone} is false
   * @throws IOException as {@link #receive()}
   */
  public @Nullable Frame receive(Duration timeout) throws IOException {
    Range.nanos("timeout", timeout);
    return receiveWhile(() -> tunnel.ready(timeout));
  }

  /** Whether this was a ping that is answered already; answers a close frame, too. */
  private boolean handled(Frame frame) throws IOException {
    if (frame instanceof Close close) {
      closeReceived = true;
      if (automatic && !closeSent) {
        send(close); // the same code (RFC 6455 section 5.5.1)
      }
    }
    if (frame instanceof Ping(var payload) && automatic) {
      if (!closeSent) {
        send(new Pong(payload));
      }
      return true;
    }
    return false;
  }

  private void write(byte[] bytes) throws IOException {
    Visit.done(() -> tunnel.write(bytes));
  }

  /**
   * Sends a frame.
   *
   * @param frame the frame
   * @throws IOException if the client is gone
   */
  public void send(Frame frame) throws IOException {
    closeSent |= frame instanceof Close;
    write(WebSocketFrames.encode(frame));
  }

  /**
   * Sends a message in fragments (RFC 6455 section 5.4).
   *
   * @param message a text or binary message
   * @param largest the largest number of bytes of each; 1 or more
   * @throws IOException if the client is gone
   */
  public void sendFragments(Frame message, int largest) throws IOException {
    if (!(message instanceof Text || message instanceof Binary)) {
      throw new IllegalArgumentException("message: " + message + ", allowed text and binary");
    }
    Range.atLeast("largest", largest, 1);
    for (byte[] fragment : WebSocketFrames.fragments(message, largest)) {
      write(fragment);
    }
  }

  /**
   * Sends one fragment, with these words in its header: for a script that puts something between
   * the fragments, or never sends the last one.
   *
   * @param opcode 0 to 15: 0 continues a message, 1 begins a text, 2 a binary message
   * @param fin whether it is the last of its message
   * @param payload the payload
   * @throws IOException if the client is gone
   */
  public void sendFragment(int opcode, boolean fin, Bytes payload) throws IOException {
    Range.within("opcode", opcode, 0, 15);
    write(WebSocketFrames.encode(opcode, fin, payload.toArray()));
  }

  /**
   * Sends a close frame, and reads until the client has answered it or ended its side; messages
   * that come before are thrown away.
   *
   * @param code see {@link Close}
   * @param text see {@link Close}
   * @throws IOException if the client is gone
   */
  public void close(int code, String text) throws IOException {
    send(new Close(code, text));
    while (receive() != null) {
      // what the client had sent before it knew
    }
  }

  /**
   * Ends this side of the WebSocket without a close frame: the connection's on HTTP/1.1, and on
   * HTTP/2 the stream's, so that the script can go on with other requests.
   *
   * @throws IOException if the client is gone
   */
  public void end() throws IOException {
    Visit.done(tunnel::end);
  }

  // ---- faults

  /**
   * Sends a frame twice. The client sees a message repeated, which it cannot know from two that are
   * the same.
   *
   * @param frame the frame
   * @throws IOException if the client is gone
   */
  public void sendTwice(Frame frame) throws IOException {
    send(frame);
    send(frame);
  }

  /**
   * Sends a frame with one of its bits turned over. What the client sees depends on the bit: 0 to
   * 15 are the header's first two bytes (RFC 6455 section 5.2): 0 is FIN, 1 to 3 are the reserved
   * bits, 4 to 7 the opcode, 8 is MASK, 9 to 15 the length; then a longer length, if there is one,
   * and the payload.
   *
   * @param frame the frame
   * @param bit 0 to one less than the frame's bits on the wire
   * @throws IOException if the client is gone
   */
  public void sendCorrupt(Frame frame, int bit) throws IOException {
    byte[] bytes = WebSocketFrames.encode(frame);
    if (bit < 0 || bit >= bytes.length * 8) {
      throw new IllegalArgumentException(
          "bit: " + bit + ", allowed 0 to " + (bytes.length * 8 - 1) + " of this frame");
    }
    bytes[bit / 8] ^= (byte) (0x80 >> bit % 8);
    write(bytes);
  }
}
