package dev.lariat.testkit.internal.simulation;

import dev.lariat.internal.transport.HalfClosableChannel;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.FileRegion;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.WritableByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * The client's end of a simulated connection, as Netty's NIO transport would have it: read while
 * reading is wanted, written as far as there is room, closed by the end of the input unless it may
 * be half closed.
 */
final class SimulatedChannel extends HalfClosableChannel implements End.User, Network.Caller {
  private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);
  private static final int COPIED = 64 << 10; // at once: as much as there is ever room for

  private enum State {
    NEW,
    CONNECTING,
    CONNECTED,
    CLOSED
  }

  private final Network network;
  private State state = State.NEW;

  /** The connection's end here; null until it is connected. */
  private @Nullable End end;

  /** Its address here; null until it begins to connect. */
  private @Nullable SocketAddress local;

  /** The address that it connects to; null until it begins to. */
  private @Nullable SocketAddress remote;

  /** What is told how connecting ended; null unless it is {@code CONNECTING}. */
  private @Nullable ChannelPromise connecting;

  /** Whether a read was asked for since something was last handed to the pipeline. */
  private boolean readPending;

  /** Whether a task is on the loop that reads, so that there need not be another. */
  private boolean reads;

  /** Whether a task is on the loop that flushes, so that there need not be another. */
  private boolean flushes;

  SimulatedChannel(Network network, SimulatedMachine machine) {
    this.network = network;
    config().setAllocator(machine.allocator());
    machine.made(this);
  }

  // ---- what Netty asks of a channel

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new Transport();
  }

  private Transport transport() {
    return (Transport) unsafe();
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return loop instanceof SimulatedLoop;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }

  @Override
  protected boolean ignores(ChannelOption<?> option) {
    return option == ChannelOption.TCP_NODELAY || option == ChannelOption.SO_KEEPALIVE;
  }

  @Override
  protected void autoReadCleared() {
    super.autoReadCleared();
    readPending = false;
  }

  @Override
  public boolean isOpen() {
    return state != State.CLOSED;
  }

  @Override
  public boolean isActive() {
    return state == State.CONNECTED;
  }

  @Override
  protected @Nullable SocketAddress localAddress0() {
    return local;
  }

  @Override
  protected @Nullable SocketAddress remoteAddress0() {
    return remote;
  }

  @Override
  protected void doBind(SocketAddress address) {
    throw new UnsupportedOperationException("a simulated channel is not bound");
  }

  @Override
  protected void doDisconnect() {
    doClose();
  }

  // ---- connecting

  @Override
  public void at(InetSocketAddress address) {
    local = address;
  }

  private final class Transport extends AbstractUnsafe {
    @Override
    public void connect(SocketAddress to, @Nullable SocketAddress from, ChannelPromise promise) {
      if (!promise.setUncancellable() || !ensureOpen(promise)) {
        return;
      }
      connecting = promise;
      remote = to;
      state = State.CONNECTING;
      network.connect(SimulatedChannel.this, (InetSocketAddress) to);
    }

    void flushAgain() {
      flush0();
    }
  }

  @Override
  public void connected(Cable cable) {
    if (state != State.CONNECTING) {
      cable.client().reset(); // there is nobody here
      return;
    }
    End its = cable.client();
    its.usedBy(this);
    cable.accepted();
    eventLoop()
        .execute(
            () -> {
              ChannelPromise promise = connecting;
              if (promise == null || state != State.CONNECTING) {
                its.reset();
                return;
              }
              connecting = null;
              end = its;
              state = State.CONNECTED;
              promise.trySuccess();
              pipeline().fireChannelActive();
              readable(); // it may have come meanwhile
            });
  }

  @Override
  public void failed(IOException cause) {
    eventLoop()
        .execute(
            () -> {
              ChannelPromise promise = connecting;
              if (promise != null) {
                connecting = null;
                promise.tryFailure(cause);
                transport().close(voidPromise());
              }
            });
  }

  // ---- reading

  @Override
  protected void doBeginRead() {
    readPending = true;
    interested = true;
    readable();
  }

  @Override
  public void readable() {
    if (interested && !reads && end != null && end.isReadable()) {
      reads = true;
      eventLoop().execute(this::read0);
    }
  }

  private void read0() {
    reads = false;
    End from = end;
    if (from == null || !interested || state != State.CONNECTED || inputShutdown) {
      return;
    }
    var handle = unsafe().recvBufAllocHandle();
    handle.reset(config());
    boolean over = false;
    IOException broken = null;
    do {
      if (from.isBroken()) {
        broken = new SocketException("Connection reset");
        break;
      }
      if (from.available() == 0) {
        over = from.hasEnded();
        break;
      }
      ByteBuf buffer = handle.allocate(alloc());
      byte[] bytes = new byte[Math.min(buffer.writableBytes(), from.available())];
      handle.attemptedBytesRead(buffer.writableBytes());
      handle.lastBytesRead(from.read(bytes, 0, bytes.length));
      buffer.writeBytes(bytes);
      handle.incMessagesRead(1);
      readPending = false;
      pipeline().fireChannelRead(buffer);
    } while (handle.continueReading());
    handle.readComplete();
    pipeline().fireChannelReadComplete();
    if (broken != null) {
      pipeline().fireExceptionCaught(broken);
    }
    if (over || broken != null) {
      closeOnRead();
    }
    if (!readPending && !config().isAutoRead()) {
      interested = false;
    }
    readable();
  }

  private void closeOnRead() {
    readPending = false;
    if (allowsHalfClosure()) {
      shutdownInput();
      interested = false;
      pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    } else {
      unsafe().close(voidPromise());
    }
  }

  // ---- writing

  @Override
  public void writable() {
    ChannelOutboundBuffer waiting = unsafe().outboundBuffer();
    if (!flushes && waiting != null && !waiting.isEmpty()) {
      flushes = true;
      eventLoop()
          .execute(
              () -> {
                flushes = false;
                transport().flushAgain();
              });
    }
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer waiting) throws IOException {
    End to = end;
    if (to == null) {
      throw new ClosedChannelException();
    }
    while (true) {
      Object message = waiting.current();
      if (message == null) {
        return;
      }
      if (to.isBroken()) {
        throw new SocketException("Broken pipe");
      }
      int room = to.room();
      if (message instanceof ByteBuf bytes) {
        int count = Math.min(room, bytes.readableBytes());
        if (count == 0 && bytes.isReadable()) {
          return; // until it is writable
        }
        if (count > 0) {
          byte[] copy = new byte[count];
          bytes.getBytes(bytes.readerIndex(), copy);
          to.send(copy);
        }
        waiting.removeBytes(count);
        if (count == 0) {
          waiting.remove(); // of nothing
        }
      } else {
        if (room == 0) {
          return;
        }
        FileRegion file = (FileRegion) message;
        waiting.progress(send(file, Math.min(room, COPIED), to));
        if (file.transferred() >= file.count()) {
          waiting.remove();
        }
      }
    }
  }

  private static long send(FileRegion file, int room, End to) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    WritableByteChannel sink = Channels.newChannel(bytes);
    long sent = file.transferTo(new Bounded(sink, room), file.transferred());
    to.send(bytes.toByteArray());
    return sent;
  }

  /** Takes so many bytes and no more. */
  private static final class Bounded implements WritableByteChannel {
    private final WritableByteChannel sink;
    private int room;

    Bounded(WritableByteChannel sink, int room) {
      this.sink = sink;
      this.room = room;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
      int count = Math.min(room, from.remaining());
      ByteBuffer part = from.slice(from.position(), count);
      int written = sink.write(part);
      from.position(from.position() + written);
      room -= written;
      return written;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  @Override
  protected Object filterOutboundMessage(Object message) {
    if (message instanceof ByteBuf || message instanceof FileRegion) {
      return message;
    }
    ReferenceCountUtil.touch(message);
    throw new UnsupportedOperationException("written: a " + message.getClass().getName());
  }

  // ---- closing

  @Override
  protected void doClose() {
    state = State.CLOSED;
    ChannelPromise promise = connecting;
    if (promise != null) {
      connecting = null;
      promise.tryFailure(new ClosedChannelException());
    }
    if (end != null) {
      end.close();
    }
  }

  @Override
  protected void doShutdownOutput() {
    outputShutdown = true;
    if (end != null) {
      end.endOutput();
    }
  }
}
