package dev.lariat.testkit.internal.simulation;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.FileRegion;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
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
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The client's end of a simulated connection, as Netty's NIO transport would have it: read while
 * reading is wanted, written as far as there is room, closed by the end of the input unless it may
 * be half closed.
 */
final class SimulatedChannel extends AbstractChannel
    implements DuplexChannel, End.User, Network.Caller {
  private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);
  private static final int COPIED = 64 << 10; // at once: as much as there is ever room for

  private enum State {
    NEW,
    CONNECTING,
    CONNECTED,
    CLOSED
  }

  private final Network network;
  private final Config config;
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

  /** Whether it reads what has come, as a selector's interest in reading would have it. */
  private boolean interested;

  /** Whether a task is on the loop that reads, so that there need not be another. */
  private boolean reads;

  /** Whether a task is on the loop that flushes, so that there need not be another. */
  private boolean flushes;

  /** Whether nothing more is read: the input has ended, or was ended here. */
  private boolean inputShutdown;

  /** Whether nothing more is written: a FIN was sent. */
  private boolean outputShutdown;

  SimulatedChannel(Network network, SimulatedMachine machine) {
    super(null);
    this.network = network;
    this.config = new Config(this);
    config.setAllocator(machine.allocator());
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
  public ChannelConfig config() {
    return config;
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
    handle.reset(config);
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
    if (!readPending && !config.isAutoRead()) {
      interested = false;
    }
    readable();
  }

  private void closeOnRead() {
    readPending = false;
    if (config.allowHalfClosure) {
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

  @Override
  public boolean isInputShutdown() {
    return inputShutdown || !isOpen();
  }

  @Override
  public boolean isOutputShutdown() {
    return outputShutdown || !isOpen();
  }

  @Override
  public boolean isShutdown() {
    return isInputShutdown() && isOutputShutdown();
  }

  @Override
  public ChannelFuture shutdownInput() {
    return shutdownInput(newPromise());
  }

  @Override
  public ChannelFuture shutdownInput(ChannelPromise promise) {
    inputShutdown = true;
    return promise.setSuccess();
  }

  @Override
  public ChannelFuture shutdownOutput() {
    return shutdownOutput(newPromise());
  }

  @Override
  public ChannelFuture shutdownOutput(ChannelPromise promise) {
    transport().shutdownOutput(promise);
    return promise;
  }

  @Override
  public ChannelFuture shutdown() {
    return shutdown(newPromise());
  }

  @Override
  public ChannelFuture shutdown(ChannelPromise promise) {
    shutdownInput();
    return shutdownOutput(promise);
  }

  /** Knows the options that a dialer sets on a socket. */
  private static final class Config extends DefaultChannelConfig {
    private boolean allowHalfClosure;

    Config(SimulatedChannel channel) {
      super(channel);
    }

    @Override
    public Map<ChannelOption<?>, Object> getOptions() {
      return getOptions(super.getOptions(), ChannelOption.ALLOW_HALF_CLOSURE);
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> option, T value) {
      if (option == ChannelOption.ALLOW_HALF_CLOSURE) {
        allowHalfClosure = (Boolean) value;
        return true;
      }
      return option == ChannelOption.TCP_NODELAY
          || option == ChannelOption.SO_KEEPALIVE
          || super.setOption(option, value);
    }

    @Override
    @SuppressWarnings("unchecked") // the option says which type it has
    public <T> T getOption(ChannelOption<T> option) {
      return option == ChannelOption.ALLOW_HALF_CLOSURE
          ? (T) Boolean.valueOf(allowHalfClosure)
          : super.getOption(option);
    }

    @Override
    protected void autoReadCleared() {
      SimulatedChannel its = (SimulatedChannel) channel;
      its.readPending = false;
      its.interested = false;
    }
  }
}
