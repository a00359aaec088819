package dev.lariat.internal.transport;

import dev.lariat.internal.protocol.Observer;
import dev.lariat.message.Reason;
import io.netty.channel.Channel;

/** Makes channels to one place. */
public interface Dialer {

  /**
   * Begins an attempt. Its outcome is told on the loop, once, and never from within this call.
   *
   * @return what to cancel it by
   */
  Attempt dial(Loop loop, Outcome outcome);

  /** An attempt that has begun. */
  interface Attempt {

    /** Ends it, at once and without an outcome; does nothing when that was told. */
    void cancel();
  }

  /** Who waits for an attempt. */
  interface Outcome {

    /** The channel is open, TLS included, and is the waiter's from now on. */
    void connected(Channel channel);

    /** The attempt failed. */
    void failed(Reason reason);

    /** Who is told of the attempt's steps. */
    default Observer observer() {
      return Observer.NOBODY;
    }
  }
}
