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
 * A WebSocket that a script has accepted. Use it on the script's thread only. It throws like its
 * {@link Visit}.
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

  /** {@return its connection} */
  public Visit visit() {
    return visit;
  }

  /**
   * Sets whether {@link #receive} answers pings and close frames automatically; true at first. If
   * false, it also returns pings, and the script decides whether to answer.
   *
   * @param automatic whether to answer them
   */
  public void automatic(boolean automatic) {
    this.automatic = automatic;
  }

  /**
   * Waits for the next message, pong or close frame. Joins the fragments of a message, and answers
   * pings and a close frame.
   *
   * @return the frame; null after the close frame, or if the client has ended its side without one
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
   * Waits like {@link #receive()}, but for at most this long.
   *
   * @param timeout zero to 365 days, by the origin's clock
   * @return as for {@link #receive()}; also null if the wait times out, and then {@link
   *     Visit#clientGone} is false
   * @throws IOException as for {@link #receive()}
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
   * @param largest the largest size of a fragment, in bytes; 1 or more
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
   * Sends one fragment with this header, for a script that sends something between the fragments,
   * or never sends the last one.
   *
   * @param opcode 0 to 15: 0 continues a message, 1 begins a text, 2 a binary message
   * @param fin whether it is the last fragment of its message
   * @param payload the payload
   * @throws IOException if the client is gone
   */
  public void sendFragment(int opcode, boolean fin, Bytes payload) throws IOException {
    Range.within("opcode", opcode, 0, 15);
    write(WebSocketFrames.encode(opcode, fin, payload.toArray()));
  }

  /**
   * Sends a close frame, and reads until the client has answered it or ended its side. Discards
   * messages that arrive before that.
   *
   * @param code the code; see {@link Close}
   * @param text the text; see {@link Close}
   * @throws IOException if the client is gone
   */
  public void close(int code, String text) throws IOException {
    send(new Close(code, text));
    while (receive() != null) {
      // what the client had sent before it knew
    }
  }

  /**
   * Ends this side of the WebSocket without a close frame: over HTTP/1.1 this side of the
   * connection, and over HTTP/2 this side of the stream, so that the script can continue with other
   * requests.
   *
   * @throws IOException if the client is gone
   */
  public void end() throws IOException {
    Visit.done(tunnel::end);
  }

  // ---- faults

  /**
   * Sends a frame twice. The client cannot distinguish this from two equal messages.
   *
   * @param frame the frame
   * @throws IOException if the client is gone
   */
  public void sendTwice(Frame frame) throws IOException {
    send(frame);
    send(frame);
  }

  /**
   * Sends a frame with one flipped bit. What the client sees depends on the bit. Bits 0 to 15 are
   * the first two bytes of the header (RFC 6455 section 5.2): 0 is FIN, 1 to 3 are the reserved
   * bits, 4 to 7 the opcode, 8 is MASK, 9 to 15 the length. Then follow a longer length, if there
   * is one, and the payload.
   *
   * @param frame the frame
   * @param bit the index of the bit: 0 to one less than the number of bits of the frame
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
