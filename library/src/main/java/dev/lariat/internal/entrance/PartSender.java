package dev.lariat.internal.entrance;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Sends something in parts, from one thread at a time. */
public interface PartSender {

  /** Gives what is sent, part by part. */
  interface Source {
    /** The next part, which may be empty; null if there is none. */
    @Nullable ByteBuffer next() throws IOException;

    /** What ends the whole, after {@link #next} had no more; mostly empty. */
    default ByteBuffer rest() {
      return ByteBuffer.allocate(0);
    }

    /** What a stream gives, in parts of at most this many bytes. */
    static Source of(InputStream in, int most) {
      byte[] chunk = new byte[most];
      return () -> {
        int size = in.read(chunk);
        return size < 0 ? null : ByteBuffer.wrap(Arrays.copyOf(chunk, size));
      };
    }
  }

  /**
   * Sends all that the source gives, and returns when the last byte is written; blocks while there
   * is no room. If it throws, the rest is given up.
   *
   * @throws IOException if the source throws it
   */
  default void sendAll(Source source) throws IOException {
    try {
      for (ByteBuffer part = source.next(); part != null; part = source.next()) {
        if (part.hasRemaining()) {
          send(part, false);
        }
      }
      send(source.rest(), true);
      join();
    } finally {
      giveUp(); // does nothing if all is written
    }
  }

  /** Sends a part when there is room for it; blocks until then. */
  void send(ByteBuffer part, boolean last);

  /** Waits until all of it is written. */
  void join();

  /** Gives up, unless all is written or lost. */
  void giveUp();

  /** Gives up for this reason, unless all is written or lost. */
  void fail(Throwable cause);

  /**
   * Completes when all parts are written, and fails when they cannot be any more. If a caller makes
   * it fail, the rest is given up.
   */
  CompletableFuture<Void> completion();

  /** Sends a part, room or not; {@link #whenRoom} tells when there is. */
  void offer(ByteBuffer part, boolean last);

  /** Runs the action when there is room, on any thread. */
  void whenRoom(Runnable action);
}
