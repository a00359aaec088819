package dev.lariat.internal.protocol;

import java.io.IOException;
import java.nio.channels.FileChannel;

/**
 * A file that is sent. It stays open as long as its sender holds it, or a piece of it that the
 * transport has and has not sent. For one thread at a time: its sender's, then the event loop.
 */
public final class SentFile {
  private final FileChannel channel;
  private int holders = 1;

  /** A file that its sender holds. */
  public SentFile(FileChannel channel) {
    this.channel = channel;
  }

  /** Where it is read. */
  public FileChannel channel() {
    return channel;
  }

  /** One more holds it. */
  public void hold() {
    holders++;
  }

  /** One of those does not hold it any more; the last one closes it. */
  public void letGo() {
    if (--holders == 0) {
      try {
        channel.close();
      } catch (IOException e) {
        // it was only read
      }
    }
  }
}
