package dev.lariat.internal.connection;

import dev.lariat.internal.protocol.Fate;
import dev.lariat.internal.transport.Failures;
import dev.lariat.internal.transport.Loop;
import dev.lariat.internal.transport.Pieces;
import dev.lariat.message.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The sending side of one channel: it gathers what a turn writes, hands it to the channel together,
 * and tells those who follow their bytes what became of them. On the connection's loop.
 */
final class Outlet {
  private final Channel channel;
  private final Loop loop;
  private final WriteWatch watch;
  private final Consumer<Throwable> onBroken;

  private @Nullable ByteBuf writing;
  private boolean unflushed;
  private List<Fate> followed = new ArrayList<>(0); // of what was put into the write buffer
  private @Nullable Reason closed; // why, once it is

  /**
   * The sending side of an open channel.
   *
   * @param writeTimeout how long the socket may take nothing of what waits
   * @param onBroken told of a followed write that failed, unless this side closed the channel
   */
  Outlet(Channel channel, Loop loop, Duration writeTimeout, Consumer<Throwable> onBroken) {
    this.channel = channel;
    this.loop = loop;
    this.watch = new WriteWatch(channel, writeTimeout);
    this.onBroken = onBroken;
  }

  /** Whether the socket takes what is written in time. */
  WriteWatch watch() {
    return watch;
  }

  boolean writable() {
    return channel.isWritable();
  }

  /** Room for as many bytes, behind what was written before. */
  ByteBuf room(int bytes) {
    ByteBuf buffer = writing;
    if (buffer != null && buffer.writableBytes() < bytes) {
      spill();
      buffer = null;
    }
    if (buffer == null) {
      buffer = writing = loop.writeBuffer(channel.alloc(), bytes);
    }
    return buffer;
  }

  /** Writes a buffer, or a piece of a file. */
  void write(Object message) {
    spill();
    channel.write(message, channel.voidPromise());
    unflushed = true;
  }

  /** Writes a piece of a file. */
  void write(FileChannel file, long position, long size) throws IOException {
    write(Pieces.of(file, position, size, channel));
  }

  /** Tells this one what becomes of all that was written so far. */
  void follow(Fate fate) {
    followed.add(fate);
    unflushed = true;
  }

  /** Whether there is anything that the channel has not been given. */
  boolean pending() {
    return writing != null || unflushed;
  }

  /** Gives the channel all of it, and takes the buffer back where the socket took all of that. */
  void flush(long now) {
    ByteBuf last = writing;
    writing = null;
    unflushed = false;
    if (last != null) {
      channel.write(last.retain(), promise());
    } else if (!followed.isEmpty()) {
      channel.write(Unpooled.EMPTY_BUFFER, promise()); // behind what was spilled
    }
    channel.flush();
    watch.flushed(now);
    if (last == null) {
      return;
    }
    if (last.refCnt() == 1) {
      loop.giveBack(last);
    } else {
      last.release();
    }
  }

  private void spill() {
    ByteBuf full = writing;
    if (full != null) {
      writing = null;
      channel.write(full, promise());
      unflushed = true;
    }
  }

  /** What tells those who follow the bytes of the next write what became of them. */
  private ChannelPromise promise() {
    if (followed.isEmpty()) {
      return channel.voidPromise();
    }
    List<Fate> fates = followed;
    followed = new ArrayList<>(0);
    return channel
        .newPromise()
        .addListener(
            write -> {
              Throwable cause = write.cause();
              if (cause == null) {
                fates.forEach(Fate::written);
                return;
              }
              Reason why = closed;
              Reason reason = why == null ? Failures.broken(cause) : why;
              fates.forEach(fate -> fate.lost(reason));
              if (why == null) {
                onBroken.accept(cause);
              }
            });
  }

  /** This side closes the channel, behind a flush: what is still on its way is lost so. */
  void closes(Reason reason) {
    closed = reason;
  }
}
