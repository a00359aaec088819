package dev.lariat.internal.protocol;

import dev.lariat.event.StreamInfo;

/**
 * How a stream stands.
 *
 * @param state its state
 * @param ahead how many answers of others come before its own
 * @param received frames of a WebSocket that were told or handled
 * @param sent frames of a WebSocket that were written
 */
public record Standing(StreamInfo.State state, int ahead, long received, long sent) {

  /** How a stream stands that is no WebSocket, so no frames are counted. */
  public Standing(StreamInfo.State state, int ahead) {
    this(state, ahead, 0, 0);
  }
}
