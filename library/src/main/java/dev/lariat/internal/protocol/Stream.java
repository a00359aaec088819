package dev.lariat.internal.protocol;

import dev.lariat.message.StreamRef;
import org.jspecify.annotations.Nullable;

/**
 * A stream as the inside sees it. Each is equal to itself only: a live connection has one handle
 * for the streams of all its sessions.
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

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
