package dev.lariat.testkit.internal.wire;

import dev.lariat.internal.transport.Machine;
import dev.lariat.message.Protocol;
import dev.lariat.testkit.internal.Guard;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The client as a script sees it: what comes from it and what goes to it. The script's thread reads
 * and writes; {@link #freeze}, {@link #reset} and {@link #close} may come from any thread.
 */
public final class Peer {
  private final Wire wire;
  private final Machine machine;
  private final Input in;
  private final Output out;
  private final List<Protocol> protocols;
  private @Nullable Talk talk; // null until it is known
  private boolean raw; // whether the script's own bytes came before it

  private final Guard guard = new Guard(); // of all that follows

  /** Whether nothing is read or written any more. */
  private boolean frozen;

  /** Whether the connection was ended here. */
  private boolean closed;

  /** The threads that wait for the end of a frozen connection. */
  private final Set<Thread> waiting = new LinkedHashSet<>(1);

  /**
   * The client at the other end of this wire.
   *
   * @param protocols what is spoken with it, by preference
   */
  public Peer(Wire wire, List<Protocol> protocols, Machine machine) {
    this(wire, protocols, machine, new Input(wire), new Output(wire, machine));
    wire.offer(protocols.stream().map(Protocol::token).toList());
  }

  private Peer(Wire wire, List<Protocol> protocols, Machine machine, Input in, Output out) {
    this.wire = wire;
    this.machine = machine;
    this.in = in;
    this.out = out;
    this.protocols = protocols;
  }

  /** The client at the other end of a tunnel, which all that follows on this wire belongs to. */
  Peer within() {
    return new Peer(wire, protocols, machine, in, out);
  }

  /** The client at the other end of a tunnel, which is this wire. */
  Peer within(Wire tunnel) {
    return new Peer(tunnel, protocols, machine);
  }

  // ---- the protocol

  /** What the client speaks; waits until that is known. */
  public Talk talk() throws IOException {
    Talk known = talk;
    return known != null ? known : speak(thawed(this::speaksHttp2));
  }

  /** What the client speaks; HTTP/1.1 if nothing of that is known yet. */
  public Talk talkAtOnce() throws IOException {
    Talk known = talk;
    if (known != null) {
      return known;
    }
    return wire.hasArrived() || in.isBuffered() ? talk() : speak(false);
  }

  private Talk speak(boolean http2) {
    Talk chosen = http2 ? new Http2Talk(this, in, machine) : new Http1Talk(this, in);
    talk = chosen;
    return chosen;
  }

  private boolean speaksHttp2() throws IOException {
    if (!protocols.contains(Protocol.HTTP_2)) {
      return false;
    }
    Optional<String> chosen = wire.chosen();
    return chosen.isPresent()
        ? chosen.get().equals(Protocol.HTTP_2.token())
        : in.startsWith(Http2Reader.PREFACE);
  }

  // ---- what comes

  /** Something that is read. */
  interface Reading<T extends @Nullable Object> {
    T read() throws IOException;
  }

  <T extends @Nullable Object> T thawed(Reading<T> reading) throws IOException {
    thaw();
    T read = reading.read();
    thaw(); // what was read meanwhile was not
    return read;
  }

  /** Whether the client has ended the connection or its side, and nothing is left to read. */
  public boolean gone() {
    try {
      Talk its = talk;
      return isClosed() || (its != null ? its.gone() : in.ready(0) && !in.hasNext());
    } catch (IOException e) {
      return true;
    }
  }

  /** The next so many bytes, whatever they are. */
  public byte[] bytes(int count) throws IOException {
    raw |= talk == null;
    return thawed(() -> in.next(count));
  }

  /** The next byte, whatever it is, which is not taken; -1 when the client has ended its side. */
  public int peek() throws IOException {
    return thawed(in::peek);
  }

  /**
   * Reads what has come, whatever it is, and waits until something has.
   *
   * @return how many bytes, or -1 when the client has ended its side
   */
  public int read(byte[] into) throws IOException {
    raw |= talk == null;
    return thawed(() -> in.read(into));
  }

  /** Reads until the client ends its side or its WebSocket, and throws it away. */
  public void awaitEnd() throws IOException {
    if (raw) {
      drain();
    } else {
      talk().drain();
    }
  }

  /** Reads to the end of the bytes, and throws them away. */
  void drain() throws IOException {
    thaw();
    in.drain();
    thaw();
  }

  /** Whether something can be read at once. */
  boolean hasArrived() throws IOException {
    return in.isBuffered() || wire.hasArrived();
  }

  // ---- what goes

  /** Writes this for the script, whatever it is. */
  public void writeRaw(byte[] bytes) throws IOException {
    raw |= talk == null;
    write(bytes);
  }

  /** Writes this. */
  void write(byte[] bytes) throws IOException {
    thaw();
    out.write(bytes);
  }

  /** Ends this side in good order. */
  public void endOutput() throws IOException {
    thaw();
    out.end();
  }

  /** From now on there is a pause behind each byte. */
  public void slow(Duration pause) {
    out.slow(pause);
  }

  /** Ends this side when so many bytes more were written. */
  public void cutAfter(long bytes) throws IOException {
    out.cutAfter(bytes);
  }

  /** Ends this side in good order, waits for the client to end its own, and closes. */
  public void end() {
    try {
      thaw();
      if (talk != null) {
        talk.end();
      }
      out.end();
      drain(); // or the kernel would take back what the client has not read
    } catch (IOException e) {
      // it has ended otherwise
    }
    close();
  }

  // ---- the connection

  /** From now on nothing is read or written: whoever tries waits until the connection has ended. */
  public void freeze() {
    guard.run(() -> frozen = true);
  }

  private void thaw() throws IOException {
    Thread me = Thread.currentThread();
    while (guard.get(() -> mustWait(me))) {
      machine.park("the end of a half-open connection", Long.MAX_VALUE);
      refuseInterrupt();
    }
  }

  static void refuseInterrupt() throws IOException {
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("interrupted");
    }
  }

  /** Whether this thread has to wait for the end, and is noted as one that does; in the guard. */
  private boolean mustWait(Thread thread) {
    boolean waits = frozen && !closed; // a closed wire says so itself
    if (waits) {
      waiting.add(thread);
    } else {
      waiting.remove(thread);
    }
    return waits;
  }

  /** Ends the connection by a RST. */
  public void reset() {
    wire.reset();
    closed();
  }

  /** Ends the connection. */
  public void close() {
    wire.close();
    closed();
  }

  private void closed() {
    List<Thread> all =
        guard.get(
            () -> {
              closed = true;
              return List.copyOf(waiting);
            });
    all.forEach(machine::unpark);
  }

  /** Whether it was ended here. */
  public boolean isClosed() {
    return guard.get(() -> closed);
  }
}
