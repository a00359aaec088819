package dev.lariat.internal.transport;

import dev.lariat.internal.codec.Shared;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.protocol.Stalls;
import dev.lariat.message.Message;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * An event loop and what its connections share, since only one of them runs at a time: a buffer to
 * read into, one to write into, a batch of messages, the codec's room. An idle connection holds
 * none of these.
 */
public final class Loop implements Stalls {
  /** Large enough that a flood is read in few calls: 64 KiB was measured a quarter slower. */
  static final int READ_BUFFER = 256 << 10;

  private static final int WRITE_BUFFER = 64 << 10;
  private static final int BATCH = 1024;

  /** What runs a loop. */
  interface Runner {

    /** The event loop that does so now. */
    EventLoop netty();

    boolean isCurrent();

    void execute(Runnable task);

    void retain();

    void release();
  }

  /** Netty's loop, which others begin and end. */
  private record Lent(EventLoop netty) implements Runner {
    @Override
    public boolean isCurrent() {
      return netty.inEventLoop();
    }

    @Override
    public void execute(Runnable task) {
      netty.execute(task);
    }

    @Override
    public void retain() {}

    @Override
    public void release() {}
  }

  private final Runner runner;
  private final Ticker ticker;
  private final Busy busy = new Busy();
  private final List<Stalls.Listener> whenStalled = new ArrayList<>(0);
  private final Shared shared;
  private final Message[] batch = new Message[BATCH];
  private final List<Inbox> sleepers = new ArrayList<>(); // whose readers are woken soon
  private final Runnable wakeSleepers = this::wakeSleepers;
  private @Nullable ByteBuf readBuffer;
  private @Nullable ByteBuf writeBuffer; // null while it is lent

  /**
   * Wraps Netty's loop.
   *
   * @param secrets gives numbers that no server can foresee
   */
  public Loop(EventLoop netty, RandomGenerator secrets) {
    this(new Lent(netty), netty.ticker(), secrets);
  }

  Loop(Runner runner, Ticker ticker, RandomGenerator secrets) {
    this.shared = new Shared(secrets);
    this.runner = runner;
    this.ticker = ticker;
  }

  /** Netty's own; on this loop. */
  public EventLoop netty() {
    return runner.netty();
  }

  /** Counts one more user: as long as there is one, the loop has its thread. */
  public void retain() {
    runner.retain();
  }

  /** Takes back a {@link #retain}, once; nothing may be scheduled any more. */
  public void release() {
    runner.release();
  }

  /**
   * Nanoseconds since some moment in the past, which is the same for all loops of a machine: never
   * below zero, which may stand for long ago.
   */
  public long now() {
    busy.note();
    return ticker.nanoTime(); // counted from Netty's own beginning
  }

  /** Whether it has had something to do since the last call; of its watch. */
  boolean wasBusy() {
    return busy.take();
  }

  @Override
  public void add(Stalls.Listener listener) {
    whenStalled.add(listener);
  }

  @Override
  public void remove(Stalls.Listener listener) {
    whenStalled.remove(listener);
  }

  /** It was kept from its work for so long; on the loop. */
  void stalled(Duration took, List<StackTraceElement> stack) {
    List.copyOf(whenStalled).forEach(listener -> listener.stalled(took, stack));
  }

  /** Whether the caller is on this loop's thread. */
  public boolean isCurrent() {
    return runner.isCurrent();
  }

  /** Runs the task on this loop, soon; also when nobody uses it any more. */
  public void execute(Runnable task) {
    runner.execute(task);
  }

  /** What will run later, unless it is cancelled. */
  public interface Timer {

    /** Keeps it from running; does nothing when it has run. */
    void cancel();
  }

  /** Runs the task on this loop, later. */
  public Timer schedule(Runnable task, long delayNanos) {
    Future<?> scheduled = later(task, delayNanos);
    return () -> scheduled.cancel(false);
  }

  /** The same for this floor: every idle connection has some. */
  Future<?> later(Runnable task, long delayNanos) {
    return netty().schedule(task, delayNanos, TimeUnit.NANOSECONDS);
  }

  /**
   * Wakes the reader of this inbox when all connections that have something to read were read: once
   * for all of them, since to wake a thread costs more than most messages.
   */
  public void wakeSoon(Inbox inbox) {
    if (sleepers.isEmpty()) {
      execute(wakeSleepers);
    }
    if (sleepers.isEmpty() || sleepers.getLast() != inbox) {
      sleepers.add(inbox);
    }
  }

  private void wakeSleepers() {
    List<Inbox> all = List.copyOf(sleepers);
    sleepers.clear(); // first: whatever happens, the next one is noted
    all.forEach(Inbox::wake);
  }

  /** What this loop's codecs share. */
  public Shared shared() {
    return shared;
  }

  /** Room for the messages of the connection that runs. */
  public Message[] batch() {
    return batch;
  }

  /**
   * The buffer that all connections of this loop read into, empty; whoever takes it releases it
   * once.
   */
  ByteBuf readBuffer() {
    ByteBuf buffer = readBuffer;
    if (buffer == null
        || buffer.refCnt() != 1) { // somebody kept it, against the rule: it is theirs then
      if (buffer != null) {
        buffer.release();
      }
      buffer = readBuffer = Unpooled.directBuffer(READ_BUFFER, READ_BUFFER);
    }
    return buffer.clear().retain();
  }

  /**
   * Room for at least {@code bytes} to write into; give it back by {@link #giveBack} or pass it to
   * a channel.
   */
  public ByteBuf writeBuffer(ByteBufAllocator allocator, int bytes) {
    if (bytes > WRITE_BUFFER / 4) {
      return allocator.directBuffer(
          bytes, bytes); // a large message is masked into its own buffer, once
    }
    ByteBuf buffer = writeBuffer;
    writeBuffer = null;
    return buffer == null ? Unpooled.directBuffer(WRITE_BUFFER, WRITE_BUFFER) : buffer;
  }

  /** Takes a write buffer back that nobody else refers to any more. */
  public void giveBack(ByteBuf buffer) {
    if (writeBuffer == null && buffer.capacity() == WRITE_BUFFER) {
      writeBuffer = buffer.clear();
    } else {
      buffer.release();
    }
  }

  /** Releases what it keeps; of a loop that ends before the program does. */
  public void end() {
    if (readBuffer != null) {
      readBuffer.release();
      readBuffer = null;
    }
    if (writeBuffer != null) {
      writeBuffer.release();
      writeBuffer = null;
    }
  }
}
