package dev.lariat.internal.protocol;

import dev.lariat.internal.codec.Handshake;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.option.WebSocketOptions;
import java.util.List;

/** What an engine asks its connection to become. */
public sealed interface Change {

  /**
   * Ends the connection now.
   *
   * @param reason why
   */
  record Close(Reason reason) implements Change {}

  /**
   * Ends the connection when the peer does, whose bytes no longer matter, or when the time for
   * closing is over. What was written goes out.
   *
   * @param reason why
   */
  record Closing(Reason reason) implements Change {}

  /** Lets another engine have the lane from the next byte on. */
  sealed interface Speak extends Change {
    /** The stream that it serves. */
    Stream stream();
  }

  /**
   * Lets the connection speak WebSocket from the next byte on.
   *
   * @param stream the WebSocket
   * @param agreement what the handshake agreed on
   * @param headers of the response to the upgrade
   * @param options the user's
   * @param early what was sent on it before the handshake was over, in order
   * @param inputClosed why it ends if the server ends its side without a close frame
   */
  record SpeakWebSocket(
      Stream stream,
      Handshake.Agreement agreement,
      Headers headers,
      WebSocketOptions options,
      List<Command.OfStream> early,
      Reason inputClosed)
      implements Speak {}

  /**
   * Lets the connection carry bytes as they are from the next one on.
   *
   * @param stream whose they are
   * @param credit how many parts of them may be told
   * @param early what was asked of it before the upgrade was accepted, in order
   * @param tunnel whether it is a tunnel, after whose end the peer serves others
   */
  record SpeakRaw(Stream stream, long credit, List<Command.OfStream> early, boolean tunnel)
      implements Speak {
    /** Bytes of a protocol that the user speaks. */
    public SpeakRaw(Stream stream, long credit, List<Command.OfStream> early) {
      this(stream, credit, early, false);
    }

    /** The bytes of a tunnel, which has no credit: its channel is read or not. */
    public static SpeakRaw tunnel(Stream stream, PendingUpgrade.ToTunnel asked) {
      return new SpeakRaw(stream, Long.MAX_VALUE, asked.takeEarly(), true);
    }
  }
}
