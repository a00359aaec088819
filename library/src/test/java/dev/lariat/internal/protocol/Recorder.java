package dev.lariat.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.event.Trace;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.StreamRef;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An engine's effects, to be taken one by one; nothing may be left at the end of a test. It also
 * holds what is true of every engine: a stream has one final message and nothing after it, no bytes
 * of it wait at the end, and one change ends the engine.
 */
public final class Recorder implements Out {
  /** Whether the transport takes data. */
  public boolean writable = true;

  /** How often the transport still says so, before it takes no more. */
  public int writableTimes = Integer.MAX_VALUE;

  private long now; // of the turn that runs

  /** Whether the transport is read. */
  public boolean reading = true;

  /** When it was last read again. */
  public long unreadUntil;

  /** Whether the inboxes have no room. */
  public boolean full;

  /** Who is told of what no message tells. */
  public Observer observer = Observer.NOBODY;

  /** Whether the engine asked to go on after other connections' turn. */
  public boolean again;

  private final ByteBuf written;
  private final boolean asked; // what is written is expected like every other effect
  private final Deque<Object> effects = new ArrayDeque<>();
  private final Map<StreamRef, Boolean> ended = new HashMap<>();
  private final List<TestGate> gates = new ArrayList<>();
  private @Nullable Change change;

  /** A recorder whose written bytes are an effect. */
  public Recorder() {
    this(Unpooled.buffer(), true);
  }

  /** A recorder that puts what is written into this buffer, whose reader may leave it there. */
  public Recorder(ByteBuf written) {
    this(written, false);
  }

  private Recorder(ByteBuf written, boolean asked) {
    this.written = written;
    this.asked = asked;
  }

  // ---- streams

  /** A new stream, named for its failure messages. */
  public Stream stream(String name) {
    return stream(name, Promises.NONE);
  }

  /** The same, and who takes what is promised with it. */
  public Stream stream(String name, Promises promises) {
    TestGate gate = new TestGate(name);
    gates.add(gate);
    return new Stream(
        new StreamRef() {
          @Override
          public ConnectionRef connection() {
            return () -> "test";
          }

          @Override
          public String toString() {
            return name;
          }
        },
        new Nowhere(),
        gate,
        Authorization.NONE,
        Trace.NONE,
        promises);
  }

  /** The gate of a stream made here. */
  public static TestGate gate(Stream stream) {
    return (TestGate) stream.gate();
  }

  /** A new message that is sent in parts; its gate is its sender's to end. */
  public Outgoing message(boolean text, Fate fate) {
    TestGate gate = new TestGate("message");
    gates.add(gate);
    return new Outgoing(text, gate, fate);
  }

  /** The gate of a message made here. */
  public static TestGate gate(Outgoing message) {
    return (TestGate) message.gate();
  }

  /** Counts what a sender counts. */
  public static final class TestGate implements Gate {
    private final String name;
    private boolean ended;

    /** The bytes that wait. */
    public long waiting;

    /** Whether nobody may enter. */
    public boolean full;

    private TestGate(String name) {
      this.name = name;
    }

    @Override
    public boolean tryEnter(long bytes) {
      waiting += full ? 0 : bytes;
      return !full;
    }

    @Override
    public void left(long bytes) {
      waiting -= bytes;
      assertThat(waiting).as("bytes waiting on " + name).isNotNegative();
    }

    @Override
    public void ended() {
      ended = true;
    }

    /** Whether nobody waits any more. */
    public boolean hasEnded() {
      return ended;
    }
  }

  private static final class Nowhere implements Inbox {
    @Override
    public void put(Message[] batch, int count) {
      throw new AssertionError("an engine tells by its door");
    }

    @Override
    public boolean full() {
      return false;
    }

    @Override
    public void whenRoom(Runnable action) {
      action.run();
    }
  }

  /** It is this late now. */
  public Recorder at(long now) {
    this.now = now;
    return this;
  }

  // ---- the door

  @Override
  public ByteBuf room(int bytes) {
    written.discardReadBytes();
    return written.ensureWritable(bytes);
  }

  @Override
  public void write(ByteBuf bytes) {
    written.writeBytes(bytes);
    bytes.release();
  }

  @Override
  public void write(SentFile file, long position, long size) throws IOException {
    ByteBuf piece = Unpooled.buffer((int) size);
    while (piece.isWritable()) {
      if (piece.writeBytes(file.channel(), position + piece.writerIndex(), piece.writableBytes())
          < 0) {
        throw new EOFException("it has become shorter");
      }
    }
    write(piece);
  }

  @Override
  public void follow(Fate fate) {
    fate.written();
  }

  @Override
  public void allowHalfClose() {}

  @Override
  public Host host(Change.Speak start, Lane lane) {
    throw new AssertionError("no engine of this test hosts another");
  }

  @Override
  public long now() {
    return now;
  }

  @Override
  public void endOutput() {
    effects.add("end of output");
  }

  @Override
  public boolean writable() {
    if (writableTimes < Integer.MAX_VALUE) {
      return writableTimes-- > 0;
    }
    return writable;
  }

  @Override
  public long unreadUntil() {
    return reading ? unreadUntil : Engine.NEVER;
  }

  @Override
  public void wanted(boolean wanted) {
    reading = wanted;
  }

  @Override
  public void again() {
    again = true;
  }

  /** Lets the engine go on as often as it asks for it. */
  public void goOn(Engine engine, long now) {
    while (again) {
      again = false;
      engine.goOn(at(now));
    }
  }

  @Override
  public void tell(Inbox inbox, Message message) {
    if (message instanceof Message.OfStream of) {
      assertThat(ended.getOrDefault(of.stream(), false)).as("ended before " + message).isFalse();
      ended.put(of.stream(), of.ends());
    }
    effects.add(message);
  }

  @Override
  public void notice(Notice.Detail detail) {
    effects.add(detail);
  }

  @Override
  public boolean full(Inbox inbox) {
    return full;
  }

  @Override
  public Observer observer() {
    return observer;
  }

  @Override
  public void become(Change next) {
    assertThat(change).as("a change before " + next).isNull();
    change = next;
    effects.add(next);
  }

  // ---- what was recorded

  /** Whether there is another. */
  public boolean hasNext() {
    return !effects.isEmpty();
  }

  /** The next effect but the written bytes. */
  public Object next() {
    assertThat(effects).as("effects").isNotEmpty();
    return effects.remove();
  }

  /** The next effect, of this kind. */
  public <T> T next(Class<T> kind) {
    Object effect = next();
    assertThat(effect).isInstanceOf(kind);
    return kind.cast(effect);
  }

  /** These are the next effects. */
  public void expect(Object... expected) {
    for (Object each : expected) {
      assertThat(next()).isEqualTo(each);
    }
  }

  /** The bytes written since the last time. */
  public byte[] written() {
    byte[] octets = ByteBufUtil.getBytes(written);
    written.clear();
    return octets;
  }

  /** Takes whatever is left. */
  public void discard() {
    effects.clear();
    written.clear();
  }

  /** Nothing is left to take. */
  public void expectNothing() {
    assertThat(effects).as("effects").isEmpty();
    if (asked) {
      assertThat(written()).as("written").isEmpty();
    }
  }

  /** Nothing is left, every stream that began to be told of has ended, and no bytes wait. */
  public void expectEnd() {
    expectNothing();
    assertThat(ended).as("streams and whether they ended").doesNotContainValue(false);
    for (TestGate gate : gates) {
      assertThat(gate.waiting).as("bytes waiting on " + gate.name).isZero();
      assertThat(gate.ended || gate.name.startsWith("request") || gate.name.equals("message"))
          .as(gate.name + " has ended")
          .isTrue();
    }
  }

  /** What the connection was asked to become, if anything. */
  public @Nullable Change change() {
    return change;
  }

  /** Another engine takes over: what was asked is done. */
  public void changed() {
    change = null;
  }
}
