package dev.lariat.internal.protocol;

import dev.lariat.message.StreamRef;

/**
 * A stream as the inside sees it.
 *
 * @param ref the user's handle, for messages
 * @param inbox where its messages go
 * @param gate what waits to be written on it
 * @param authorization what its request shows
 */
public record Stream(StreamRef ref, Inbox inbox, Gate gate, Authorization authorization) {

  /** One without credentials. */
  public Stream(StreamRef ref, Inbox inbox, Gate gate) {
    this(ref, inbox, gate, Authorization.NONE);
  }
}
