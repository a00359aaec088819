package dev.lariat.internal.http2;

import dev.lariat.message.Reason;
import java.io.IOException;

/** What a stream has to send, in DATA frames: the body of a request, or another engine's bytes. */
interface Sender {

  /** Whether it has something to send now, be it the end only. */
  boolean ready();

  /**
   * Sends one DATA frame, or tells that there is room for one.
   *
   * @param most octets that the windows and the size of a frame allow, at least one
   * @throws IOException if a file cannot be read
   */
  void send(int most) throws IOException;

  /** The stream has ended: nothing more of it is sent. */
  void drop(Reason reason);
}
