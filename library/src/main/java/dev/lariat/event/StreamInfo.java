package dev.lariat.event;

import dev.lariat.message.StreamRef;

/**
 * The state of a request or a WebSocket at the moment at which the event loop of its connection
 * answered.
 *
 * @param stream the stream
 * @param state its state
 * @param ahead how many responses of other streams come before its own; 0 after a WebSocket is open
 * @param received how many frames of the open WebSocket, including control frames, were delivered
 *     or passed to its handler. A fragmented message counts as one frame, and each delivered part
 *     of a message as one; 0 for a request
 * @param sent how many frames of the open WebSocket were written, including those that Lariat sends
 *     by itself; 0 for a request
 * @param bytesWaiting how many bytes that you sent on the stream wait to be written. A WebSocket
 *     includes the headers of frames; a body or a raw stream adds 16 for each part; 0 for a request
 *     that you sent with its whole body
 */
public record StreamInfo(
    StreamRef stream, State state, int ahead, long received, long sent, long bytesWaiting) {

  /** The states of a stream. */
  public enum State {
    /** Not sent yet: it waits for the connection, or for its turn. */
    WAITING,
    /** An upgrade was sent, and the server has not answered it yet. */
    OPENING,
    /** The request was sent, or the WebSocket is open. */
    RUNNING,
    /**
     * It is ending: the last response of its connection, a WebSocket that closes, or a raw stream
     * of which one side has ended.
     */
    STOPPING,
    /** Its final message was delivered. */
    ENDED
  }
}
