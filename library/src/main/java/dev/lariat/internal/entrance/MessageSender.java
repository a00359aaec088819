package dev.lariat.internal.entrance;

import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Outgoing;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Reason;
import dev.lariat.option.WebSocketOptions;
import java.io.IOException;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Sends one WebSocket message in fragments, from one thread at a time. The parts have a gate of
 * their own: other messages wait for the end of this one, and must not take its room.
 */
public final class MessageSender extends FollowedSender {
  private final Stream stream;
  private final Outgoing message;
  private final CharsetEncoder encoder =
      StandardCharsets.UTF_8.newEncoder(); // reports what it cannot
  private final Runnable ended = this::ended;
  private String surrogate = ""; // the first half of a pair, whose second comes with the next part

  /**
   * A sender of which nothing was sent yet.
   *
   * @param socket the gate of the whole WebSocket
   * @param text whether it is a text message
   */
  @SuppressWarnings("ThisEscape") // everything is made by then
  public MessageSender(
      Door door, Stream stream, SendGate socket, WebSocketOptions options, boolean text) {
    super(
        door,
        new SendGate(options.sendQueue(), options.sendTimeout(), socket.machine(), socket::why));
    this.stream = stream;
    this.message = new Outgoing(text, gate(), this);
    completion()
        .whenComplete(
            (done, failure) -> {
              socket.forget(ended);
              if (failure != null) {
                door.post(new Command.GiveUp(stream, message));
              }
            });
    socket.whenEnded(ended); // since the engine does not know of it before its first part
  }

  @Override
  public void send(ByteBuffer part, boolean fin) {
    Command.SendPart command = new Command.SendPart(stream, message, part, fin);
    gate().enter(command.bytes());
    follow(command, command.bytes());
  }

  @Override
  public void offer(ByteBuffer part, boolean fin) {
    Command.SendPart command = new Command.SendPart(stream, message, part, fin);
    gate().force(command.bytes());
    follow(command, command.bytes());
  }

  /** The UTF-8 form of what a reader gives, in parts of this many chars at the most. */
  public Source utf8(Reader in, int most) {
    char[] chunk = new char[most];
    return new Source() {
      @Override
      public @Nullable ByteBuffer next() throws IOException {
        int size = in.read(chunk);
        return size < 0 ? null : utf8(CharBuffer.wrap(chunk, 0, size), false);
      }

      @Override
      public ByteBuffer rest() {
        return utf8("", true);
      }
    };
  }

  /**
   * The UTF-8 form of a part of the text.
   *
   * @param last whether nothing follows it
   * @throws IllegalArgumentException if the text has an unpaired surrogate
   */
  public ByteBuffer utf8(CharSequence part, boolean last) {
    CharBuffer chars = CharBuffer.wrap(surrogate + part);
    ByteBuffer octets = ByteBuffer.allocate(3 * chars.remaining());
    encoder.reset();
    CoderResult result = encoder.encode(chars, octets, last);
    if (result.isError()) {
      throw new IllegalArgumentException(
          "text: an unpaired surrogate, allowed what UTF-8 can express (RFC 6455 section 5.6)");
    }
    surrogate = chars.toString();
    return octets.flip();
  }

  @Override
  void ceased() {
    gate().ended();
  }

  private void ended() {
    lost(new Reason.BadState("send", "the WebSocket has ended"));
  }
}
