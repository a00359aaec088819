package dev.lariat.internal.connection;

import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Fate;
import dev.lariat.internal.protocol.Host;
import dev.lariat.internal.protocol.Lane;
import dev.lariat.internal.protocol.SentFile;
import dev.lariat.internal.transport.Failures;
import dev.lariat.internal.transport.Loop;
import dev.lariat.internal.transport.Pieces;
import dev.lariat.internal.transport.Wire;
import dev.lariat.message.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A channel as a lane. It gathers what a turn writes, hands it to the channel together, and tells
 * those who follow their bytes what became of them. On the connection's loop.
 */
final class Outlet implements Lane {
  /** Octets before a piece, such as a frame's header, that do not cost the loop its buffer. */
  private static final int SMALL = 1024;

  private final Channel channel;
  private final Loop loop;
  private final WriteWatch watch;

  /** Whom the channel tells what happens on it; nobody before {@link #open}. */
  private @Nullable Host host;

  /** What was written and not handed to the channel yet; its room is the loop's. */
  private @Nullable ByteBuf writing;

  /** Whether something was handed to the channel, or is followed, that the next flush takes. */
  private boolean unflushed;

  /** Fates that follow what was written up to the end of the write buffer. */
  private List<Fate> followed = List.of();

  /** Whether the channel is read. */
  private boolean wanted = true;

  /** When it was last read again; what came before may have waited in the socket. */
  private long unreadUntil;

  /** Why this side closed the channel, once it has. */
  private @Nullable Reason closed;

  /**
   * A lane on an open channel that is not read yet.
   *
   * @param writeTimeout how long the socket may take nothing of what waits
   */
  Outlet(Channel channel, Loop loop, Duration writeTimeout) {
    this.channel = channel;
    this.loop = loop;
    this.watch = new WriteWatch(channel, writeTimeout);
  }

  /** Tells this host what happens on the channel, from now on. */
  void open(Host host) {
    this.host = host;
    this.unreadUntil = loop.now();
    Wire.host(channel, host);
    Wire.lendReadBuffer(channel, loop);
  }

  /** Whether the socket takes what is written in time. */
  WriteWatch watch() {
    return watch;
  }

  @Override
  public boolean writable() {
    return channel.isWritable();
  }

  @Override
  public void wanted(boolean wanted) {
    if (wanted && !this.wanted) {
      unreadUntil = loop.now();
    }
    this.wanted = wanted;
    channel.config().setAutoRead(wanted);
  }

  @Override
  public long unreadUntil() {
    return wanted ? unreadUntil : Engine.NEVER;
  }

  @Override
  public void allowHalfClose() {
    Wire.allowHalfClose(channel);
  }

  @Override
  public ByteBuf room(int bytes) {
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

  @Override
  public void write(ByteBuf bytes) {
    writePiece(bytes);
  }

  @Override
  public void write(SentFile file, long position, long size) throws IOException {
    writePiece(Pieces.of(file, position, size, channel));
  }

  private void writePiece(Object message) {
    spill();
    channel.write(message, channel.voidPromise());
    unflushed = true;
  }

  @Override
  public void follow(Fate fate) {
    if (followed.isEmpty()) {
      followed = new ArrayList<>(1); // an idle lane shares a constant
    }
    followed.add(fate);
    unflushed = true;
  }

  /** Whether there is anything that the channel has not been given. */
  boolean pending() {
    return writing != null || unflushed;
  }

  /** Gives the channel all that is pending. The loop gets the buffer back if it is free by then. */
  void flush(long now) {
    ByteBuf last = writing;
    writing = null;
    unflushed = false;
    if (last != null) {
      channel.write(last.retain(), promise());
    } else if (!followed.isEmpty()) {
      channel.write(Unpooled.EMPTY_BUFFER, promise()); // after what was spilled
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

  /** Gives what was written to the channel, without a flush. */
  private void spill() {
    ByteBuf written = writing;
    if (written == null) {
      return;
    }
    writing = null;
    unflushed = true;
    if (written.readableBytes() > SMALL) {
      channel.write(written, promise());
      return;
    }
    channel.write(channel.alloc().directBuffer(SMALL).writeBytes(written), promise());
    loop.giveBack(written);
  }

  /** What tells those who follow the bytes of the next write what became of them. */
  private ChannelPromise promise() {
    if (followed.isEmpty()) {
      return channel.voidPromise();
    }
    List<Fate> fates = followed;
    followed = List.of();
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
                Wire.broke(channel, cause);
              }
            });
  }

  @Override
  public void endOutput() {
    follow(
        new Fate() {
          @Override
          public void written() {
            Wire.endOutput(channel);
            loop.execute(Outlet.this::outputEnded);
          }

          @Override
          public void lost(Reason reason) {} // the link ends, and with it this side
        });
  }

  private void outputEnded() {
    if (closed == null && host != null) {
      host.outputEnded();
    }
  }

  @Override
  public void end(Reason reason) {
    closed = reason; // of all that is not written, and of what the last flush cannot write
    flush(loop.now());
    Wire.letGo(channel);
    Wire.abort(channel);
  }
}
