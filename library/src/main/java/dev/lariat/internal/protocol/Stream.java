package dev.lariat.internal.protocol;

import dev.lariat.event.Trace;
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
 * @param trace of its request
 * @param promises who takes what the server promises with it
 */
public record Stream(
    StreamRef ref,
    Inbox inbox,
    Gate gate,
    Authorization authorization,
    Trace trace,
    Promises promises) {

  /** One with which nothing can be promised. */
  public Stream(StreamRef ref, Inbox inbox, Gate gate, Authorization authorization, Trace trace) {
    this(ref, inbox, gate, authorization, trace, Promises.NONE);
  }

  /** One that nobody traces. */
  public Stream(StreamRef ref, Inbox inbox, Gate gate, Authorization authorization) {
    this(ref, inbox, gate, authorization, Trace.NONE);
  }

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
