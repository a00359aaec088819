package dev.lariat.internal.http2;

import dev.lariat.message.Reason;
import java.io.IOException;

/** What a stream has to send, in DATA frames: the body of a request, or another engine's bytes. */
interface Sender {

  /** Whether it has something to send now, be it the end only. */
  boolean ready();

  /** Whether that takes from the windows: all does, but an end without bytes. */
  boolean needsWindow();

  /**
   * Sends one DATA frame, or tells that there is room for one.
   *
   * @param most octets that the windows and the size of a frame allow, at least one if that matters
   * @throws IOException if a file cannot be read
   */
  void send(int most) throws IOException;

  /** Nothing more of it is sent: what waits is answered with this reason. */
  void drop(Reason reason);
}
