package dev.lariat.event;

import dev.lariat.message.StreamRef;

/**
 * How a request or a WebSocket stood when its connection's event loop was asked.
 *
 * @param stream the stream
 * @param state its state
 * @param ahead how many answers of other streams come before its own; 0 once a WebSocket is open
 * @param received frames of the open WebSocket, control frames included, that were delivered or
 *     passed to its handler. A fragmented message counts as one, a message delivered in parts as
 *     that many; 0 for a request
 * @param sent frames of the open WebSocket that were written, those of Lariat's own included; 0 for
 *     a request
 * @param bytesWaiting bytes that the owner has sent on the stream and that wait to be written: of a
 *     WebSocket headers of frames included, of a body or a raw stream 16 more for each part; 0 for
 *     a request that was sent with its whole body
 */
public record StreamInfo(
    StreamRef stream, State state, int ahead, long received, long sent, long bytesWaiting) {

  /** The states of a stream. */
  public enum State {
    /** Not sent yet: for the connection, or for room. */
    WAITING,
    /** An upgrade was sent and is not answered yet. */
    OPENING,
    /** The request was sent, or the WebSocket is open. */
    RUNNING,
    /**
     * It comes to its end: the last answer of its connection, a WebSocket that closes, or a raw
     * stream of which one side has ended.
     */
    STOPPING,
    /** Its final message was delivered. */
    ENDED
  }
}
