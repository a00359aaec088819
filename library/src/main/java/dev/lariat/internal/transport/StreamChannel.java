package dev.lariat.internal.transport;

import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Explanation;
import dev.lariat.internal.protocol.Fate;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Gate;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.TunnelUp;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A Netty channel whose bytes travel through another connection, on the stream of a tunnel. TLS and
 * everything above stand on it as on a socket.
 *
 * <p>To the other connection, which is on the same event loop, it is a user like any other: it
 * posts commands, and messages come to it as an {@link Inbox}. Commands and messages are carried
 * out in tasks of the loop, so that no turn of one connection runs within a turn of the other.
 *
 * <ul>
 *   <li><b>To connect</b> is to ask for the tunnel. The channel is active when the proxy has
 *       accepted.
 *   <li><b>What is written</b> is posted. It stays in the channel's outbound buffer, and counts for
 *       {@code isWritable}, until the other connection has written it.
 *   <li><b>What comes</b> waits in {@code arrived} until it is read. While much waits, the inbox is
 *       full, so the other connection reads no more of the stream.
 *   <li><b>Each side ends by itself</b>, as that of a socket does.
 * </ul>
 */
final class StreamChannel extends AbstractChannel implements DuplexChannel, Inbox {
  private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

  /** Bytes that may wait to be read before the other connection stops reading. */
  private static final int FULL = 256 << 10;

  /** What is handed to the pipeline before other channels of the loop have their turn. */
  private static final int MOST_READS = 64;

  /** For the rest of a refusal, and for the peer's end when this side has closed the channel. */
  private static final Duration LINGER = Duration.ofSeconds(1);

  private enum State {
    NEW,
    CONNECTING,
    CONNECTED,
    CLOSED
  }

  private final Outer outer;
  private final StreamConfig config;
  private State state = State.NEW;
  private @Nullable SocketAddress remote;

  /** The tunnel's stream; null before it is asked for. */
  private @Nullable Stream stream;

  /** What is told how connecting ended; null unless it is {@code CONNECTING}. */
  private @Nullable ChannelPromise connecting;

  /** That the proxy has accepted; null before that. */
  private @Nullable TunnelUp opened;

  /** The head of the proxy's refusal; null if it has not refused. */
  private @Nullable Response refusal;

  private Explanation explanation = new Explanation();

  /** The challenge because of which the proxy is asked once more; null if it is not. */
  private @Nullable Reason challenge;

  /** Ends the wait for the rest of a refusal; null if there is none. */
  private @Nullable Future<?> refusedBy;

  /** Messages that have come and are not dealt with, the first one first. */
  private final Deque<Message> arrived = new ArrayDeque<>(4);

  /** The bytes in them. */
  private long unread;

  /** Why what was written goes nowhere; null if it arrives. */
  private @Nullable Reason outputLost;

  /** Who is told that there is room again; null if nobody waits for that. */
  private @Nullable Runnable whenRoom;

  /** Whether the pipeline wants what comes. */
  boolean interested;

  /** Whether a task is on the loop that reads. */
  private boolean reads;

  private boolean inputShutdown;
  private boolean outputShutdown;

  /** Whether the stream has had its final message. */
  private boolean streamEnded;

  /** How many of the flushed messages, the first ones, are posted and not written yet. */
  private int posted;

  /** Why it has failed; null if it has not. */
  private @Nullable Reason failure;

  /** Gives the stream up that this side has ended; null unless it is closed and waits for that. */
  private @Nullable Future<?> leaving;

  /** A channel that asks this connection for a tunnel when it connects. */
  StreamChannel(Outer outer) {
    super(null);
    this.outer = outer;
    this.config = new StreamConfig(this);
  }

  /** The connection that carries the tunnel. */
  Outer outer() {
    return outer;
  }

  /** That the proxy has accepted. */
  TunnelUp opened() {
    return Objects.requireNonNull(opened);
  }

  /** Why it has failed; empty if it has not. */
  Optional<Reason> failure() {
    return Optional.ofNullable(failure);
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
    return true; // it needs the loop's tasks only
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
    return null;
  }

  @Override
  protected @Nullable SocketAddress remoteAddress0() {
    return remote;
  }

  @Override
  protected void doBind(SocketAddress address) {
    throw new UnsupportedOperationException("a tunnel is not bound");
  }

  @Override
  protected void doDisconnect() {
    doClose();
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
      stream = outer.asked(StreamChannel.this).orElse(null);
      if (stream == null) {
        ask(outer.request(StreamChannel.this));
      }
    }
  }

  // ---- what the other connection tells

  @Override
  public void put(Message[] batch, int count) {
    for (int i = 0; i < count; i++) {
      if (state == State.CLOSED) {
        drop(batch[i]);
      } else if (batch[i] instanceof StreamFailed(var its, Reason.OwnerClosed closed)) {
        eventLoop().execute(() -> endsWith(closed));
      } else {
        arrived.add(batch[i]);
        unread += size(batch[i]);
      }
    }
    readSoon();
  }

  private void ask(Command.Connect request) {
    stream = request.stream();
    streamEnded = false;
    refusal = null;
    if (!outer.post(request)) {
      outerEnded();
    }
  }

  /** The other connection takes no request more. */
  private void outerEnded() {
    Reason before = challenge;
    endsWith(before == null ? whyOuterEnded() : before);
  }

  private Reason whyOuterEnded() {
    return outer.ended().orElseGet(Reason.Closed::new);
  }

  @Override
  public void goodbye() {
    if (state == State.CONNECTED) {
      outer.goodbye();
    }
  }

  /** The other connection is closed by its owner: nobody reads what came before. */
  private void endsWith(Reason closed) {
    streamEnded = true;
    failed(closed);
  }

  private static int size(Message message) {
    return message instanceof Data data ? data.bytes().size() : 0;
  }

  @Override
  public boolean leaves() {
    return outer.leaves();
  }

  @Override
  public boolean full() {
    return unread >= FULL;
  }

  @Override
  public void whenRoom(Runnable action) {
    if (full()) {
      whenRoom = action;
    } else {
      action.run();
    }
  }

  private void readSoon() {
    if (!reads && !arrived.isEmpty() && (interested || state != State.CONNECTED)) {
      reads = true;
      eventLoop().execute(this::read0);
    }
  }

  private void read0() {
    reads = false;
    boolean any = false;
    for (int i = 0; i < MOST_READS && !arrived.isEmpty() && takesMore(); i++) {
      Message next = arrived.remove();
      unread -= size(next);
      any |= take(next);
    }
    if (any && isActive()) {
      pipeline().fireChannelReadComplete();
    }
    makeRoom();
    endIfLost();
    readSoon();
  }

  private boolean takesMore() {
    return state == State.CONNECTING || interested;
  }

  private void makeRoom() {
    Runnable waiting = whenRoom;
    if (waiting != null && unread < FULL / 2) {
      whenRoom = null;
      waiting.run();
    }
  }

  /** Deals with a message, and says whether the pipeline was given bytes. */
  private boolean take(Message message) {
    streamEnded |= message instanceof Message.OfStream of && of.ends();
    if (message instanceof Data(var its, var fin, var bytes) && state == State.CONNECTED) {
      return received(bytes, fin);
    }
    if (message instanceof TunnelUp up) {
      connected(up);
    } else if (message instanceof StreamFailed(var its, var reason)) {
      askedInVain(reason);
    } else if (message instanceof Response response) {
      refusal = response;
      refusedBy = eventLoop().schedule(this::refused, LINGER.toNanos(), TimeUnit.NANOSECONDS);
    }
    if (refusal != null && explanation.isCompleteWith(message)) {
      refused();
    }
    return false;
  }

  private void connected(TunnelUp up) {
    opened = up;
    ChannelPromise promise = connecting;
    if (promise == null) {
      return; // it was closed meanwhile
    }
    connecting = null;
    state = State.CONNECTED;
    promise.trySuccess();
    pipeline().fireChannelActive();
  }

  /** The proxy's refusal, as far as it has come; empty if there is none. */
  Optional<Reason> refusal() {
    return Optional.ofNullable(refusal)
        .map(
            head ->
                new Reason.Status(
                    head.status(), Optional.empty(), head.headers(), explanation.bytes()));
  }

  /** The proxy refuses the tunnel, and has explained that, or has had time to. */
  private void refused() {
    refusal().ifPresent(this::askedInVain);
  }

  /**
   * The stream has ended, or is refused. A proxy may have ended its connection after a challenge,
   * or before the answer to it. Then it is asked on the next one.
   */
  private void askedInVain(Reason reason) {
    boolean ended =
        reason instanceof Reason.Status
            || reason instanceof Reason.Closed
            || reason instanceof Reason.Reset
            || reason instanceof Reason.Unprocessed;
    boolean again = connecting != null && ended && streamEnded;
    Reason asked = again ? outer.takeChallenge().orElse(null) : null;
    if (asked == null) {
      Reason before = challenge;
      failed(before != null && reason instanceof Reason.Unprocessed ? before : reason);
      return;
    }
    challenge = reason instanceof Reason.Status ? reason : asked; // that one has its body
    if (refusedBy != null) {
      refusedBy.cancel(false);
    }
    explanation = new Explanation();
    ask(outer.again(this));
  }

  private boolean received(Bytes bytes, boolean last) {
    if (!bytes.isEmpty()) {
      pipeline().fireChannelRead(Unpooled.wrappedBuffer(bytes.asByteBuffer()));
    }
    if (last) {
      pipeline().fireChannelReadComplete();
      endInput();
    }
    return !bytes.isEmpty() && !last;
  }

  private void endInput() {
    if (config.allowHalfClosure) {
      inputShutdown = true;
      pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    } else {
      unsafe().close(voidPromise());
    }
  }

  /** The stream has failed, or will not begin. */
  private void failed(Reason reason) {
    if (failure != null || state == State.CLOSED) {
      return;
    }
    Reason meaning = // of a request that was not sent, since its connection has ended
        connecting != null && reason instanceof Reason.Unprocessed(var unsent, var last)
            ? last.orElse(reason)
            : reason;
    Reason why = new Reason.Tunnel(outer.name(), meaning);
    failure = why;
    TunnelFailure cause = new TunnelFailure(why);
    ChannelPromise promise = connecting;
    if (promise != null) {
      connecting = null;
      promise.tryFailure(cause);
    } else {
      ChannelOutboundBuffer waiting = unsafe().outboundBuffer();
      while (waiting != null && waiting.remove(cause)) {}
      pipeline().fireExceptionCaught(cause);
    }
    unsafe().close(voidPromise());
  }

  // ---- reading

  @Override
  protected void doBeginRead() {
    interested = true;
    readSoon();
  }

  // ---- writing

  /** The bytes outlive the channel's buffers, since they may be written when it is closed. */
  @Override
  protected Object filterOutboundMessage(Object message) {
    ByteBuf bytes = (ByteBuf) message;
    ByteBuf copy = Unpooled.wrappedBuffer(ByteBufUtil.getBytes(bytes));
    bytes.release();
    return copy;
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer waiting) throws Exception {
    Stream its = stream;
    if (failure != null) {
      return; // what waits fails with it
    }
    if (its == null || state != State.CONNECTED) {
      throw new ClosedChannelException();
    }
    List<ByteBuffer> flushed = new ArrayList<>(2);
    waiting.forEachFlushedMessage(message -> flushed.add(((ByteBuf) message).nioBuffer()));
    List<ByteBuffer> parts = flushed.subList(posted, flushed.size());
    if (parts.isEmpty()) {
      return;
    }
    posted = flushed.size();
    Command[] commands = new Command[parts.size()];
    for (int i = 0; i < commands.length; i++) {
      Fate fate = i == commands.length - 1 ? new Batch(commands.length) : Fate.IGNORED;
      commands[i] = data(its, parts.get(i), false, fate);
    }
    if (!outer.post(commands)) {
      eventLoop().execute(() -> lost(whyOuterEnded())); // not while the buffer is being flushed
    }
  }

  private static Command.Data data(Stream stream, ByteBuffer bytes, boolean last, Fate fate) {
    return new Command.Data(stream, bytes, last, Headers.EMPTY, FieldNames.PLAIN, fate, Gate.NONE);
  }

  /** What becomes of so many messages that were posted together. */
  private final class Batch implements Fate {
    private final int messages;

    Batch(int messages) {
      this.messages = messages;
    }

    @Override
    public boolean ofEachPart() {
      return true;
    }

    @Override
    public void written() {
      eventLoop().execute(() -> StreamChannel.this.written(messages));
    }

    @Override
    public void lost(Reason reason) {
      eventLoop().execute(() -> StreamChannel.this.lost(reason));
    }
  }

  /**
   * What is written goes nowhere any more. What came before that is read first. The stream may be
   * unknown by now: a proxy that has ended its side may reset it (RFC 9113 section 8.1).
   */
  private void lost(Reason reason) {
    outputLost = reason instanceof Reason.BadState ? new Reason.Closed() : reason;
    endIfLost();
  }

  private void endIfLost() {
    Reason lost = outputLost;
    if (lost != null && arrived.isEmpty()) {
      failed(lost);
    }
  }

  private void written(int messages) {
    ChannelOutboundBuffer waiting = unsafe().outboundBuffer();
    if (waiting == null) {
      return; // it is closed
    }
    for (int i = 0; i < messages; i++) {
      posted--; // before the next flush, which may happen within the call
      waiting.remove();
    }
  }

  // ---- closing

  /** As with a socket, what was written goes out, and then the end of this side. */
  @Override
  protected void doClose() {
    boolean whole = state == State.CONNECTED && failure == null;
    state = State.CLOSED;
    ChannelPromise promise = connecting;
    if (promise != null) {
      connecting = null;
      promise.tryFailure(new ClosedChannelException());
    }
    Stream its = stream;
    if (its != null && !whole && !streamEnded) {
      cancel(its);
    } else if (its != null && whole) {
      leave(its);
    }
    if (refusedBy != null) {
      refusedBy.cancel(false);
    }
    arrived.forEach(this::drop);
    arrived.clear();
    unread = 0;
    makeRoom();
  }

  /** Ends this side, and waits a while for the end of the peer's. */
  private void leave(Stream its) {
    if (!outputShutdown) {
      outer.post(data(its, ByteBuffer.allocate(0), true, Fate.IGNORED));
    }
    if (!streamEnded) {
      leaving = eventLoop().schedule(() -> cancel(its), LINGER.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private void cancel(Stream its) {
    outer.post(new Command.Cancel(its, new Reason.Cancelled()));
  }

  /** What comes for a channel that is closed is nobody's, but for the end. */
  private void drop(Message message) {
    Future<?> waiting = leaving;
    if (waiting != null && message instanceof Message.OfStream of && of.ends()) {
      waiting.cancel(false);
    }
  }

  @Override
  protected void doShutdownOutput() {
    outputShutdown = true;
    Stream its = stream;
    if (its != null) {
      outer.post(data(its, ByteBuffer.allocate(0), true, Fate.IGNORED));
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
}
