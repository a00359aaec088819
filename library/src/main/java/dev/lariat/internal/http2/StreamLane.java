package dev.lariat.internal.http2;

import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Fate;
import dev.lariat.internal.protocol.Host;
import dev.lariat.internal.protocol.Lane;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.SentFile;
import dev.lariat.message.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A stream as the lane of another engine (RFC 8441, RFC 9113 section 8.5). What that writes goes
 * into DATA frames, and waits here while the server's windows are shut. What comes for it goes to
 * its {@link Host}, or waits here while it is not wanted, and the stream's window stays shut.
 */
final class StreamLane implements Lane, Sender {
  private static final int BUFFER = 4 << 10; // bytes that wait for a window

  /** Bytes that wait, or a piece of a file. */
  private sealed interface Piece {}

  private record Octets(ByteBuf bytes) implements Piece {}

  private record OfFile(SentFile file, long position, long size) implements Piece {}

  /** Who is told when all that was written up to an offset is on its way. */
  private record Followed(long upTo, Fate fate) {}

  private final Http2Engine engine;
  private final Http2Stream stream;
  private final Sending sending;
  private final Out out;

  /** Who is told what happens on the lane; null until the engine on it has begun. */
  private @Nullable Host host;

  // ---- what is sent

  private final Deque<Piece> waiting = new ArrayDeque<>(0);
  private final Deque<Followed> followed = new ArrayDeque<>(0);

  /** How many bytes of the first piece were sent, if it is of a file. */
  private long sentOfFile;

  /** How many bytes of those were sent. */
  private long sent;

  /** Whether the engine found the lane not writable, and is told when it is again. */
  private boolean wantsWritable;

  /** Whether this side ends after what waits. */
  private boolean ending;

  // ---- what is received

  /** Whether the engine wants what comes. */
  private boolean wanted = true;

  /** When it was last wanted again. */
  private long unreadUntil;

  /** What came while it was not wanted; null if there is nothing. */
  private @Nullable ByteBuf kept;

  /** Whether the server's side has ended, after what is kept. */
  private boolean inputEnded;

  /** Whether the end of this side is to be told. */
  private boolean outputEnded;

  /** Why the server takes nothing more of it, while what came before is told; null before that. */
  private @Nullable Reason left;

  /** Whether the engine on it has ended it. */
  private boolean over;

  StreamLane(Http2Engine engine, Http2Stream stream, Sending sending, Out out) {
    this.engine = engine;
    this.stream = stream;
    this.sending = sending;
    this.out = out;
    this.unreadUntil = out.now();
  }

  /** Tells this host what comes, from now on. */
  void open(Host host) {
    this.host = host;
  }

  boolean isOver() {
    return over;
  }

  // ---- what the engine on it does

  @Override
  public ByteBuf room(int bytes) {
    if (over || ending) {
      return Unpooled.buffer(bytes); // nobody takes it any more
    }
    if (waiting.isEmpty()) {
      ByteBuf room = sending.data(stream, bytes);
      if (room != null) {
        return room;
      }
    }
    if (waiting.peekLast() instanceof Octets(var last) && last.writableBytes() >= bytes) {
      return last;
    }
    ByteBuf more = Unpooled.buffer(Math.max(bytes, BUFFER));
    keep(new Octets(more));
    return more;
  }

  @Override
  public void write(ByteBuf bytes) {
    if (over || ending) {
      bytes.release();
      return;
    }
    keep(new Octets(bytes));
  }

  @Override
  public void write(SentFile file, long position, long size) throws IOException {
    if (!over && !ending) {
      file.hold();
      keep(new OfFile(file, position, size));
    }
  }

  private void keep(Piece piece) {
    waiting.add(piece);
    sending.later(stream);
  }

  @Override
  public void follow(Fate fate) {
    if (over || left != null) {
      fate.lost(left == null ? new Reason.Closed() : left);
    } else if (waiting.isEmpty()) {
      out.follow(fate);
    } else {
      followed.add(new Followed(written(), fate));
    }
  }

  /** How many bytes have been written into the lane since something has waited. */
  private long written() {
    long bytes = sent;
    for (Piece piece : waiting) {
      bytes += size(piece);
    }
    return bytes;
  }

  private long size(Piece piece) {
    return switch (piece) {
      case Octets(var bytes) -> bytes.readableBytes();
      case OfFile file -> file.size() - (piece == waiting.peek() ? sentOfFile : 0);
    };
  }

  @Override
  public boolean writable() {
    if (left != null) {
      return true; // whatever is written is lost at once
    }
    if (over || ending) {
      return false;
    }
    boolean free = waiting.isEmpty() && sending.allowance(stream) > 0 && sending.writable();
    if (!free && !wantsWritable) {
      wantsWritable = true;
      sending.later(stream);
    }
    return free;
  }

  @Override
  public void wanted(boolean wanted) {
    if (this.wanted == wanted || over) {
      return;
    }
    this.wanted = wanted;
    if (wanted) {
      unreadUntil = out.now();
      if (kept != null || inputEnded || left != null) {
        engine.resumes(stream, this); // not within the call of the engine on it
      }
    }
  }

  @Override
  public long unreadUntil() {
    return wanted ? unreadUntil : Engine.NEVER;
  }

  @Override
  public void allowHalfClose() {} // each side of a stream ends by itself

  @Override
  public void endOutput() {
    if (over || ending) {
      return;
    }
    ending = true;
    outputEnded = true;
    if (waiting.isEmpty()) {
      sending.end(stream);
      engine.resumes(stream, this);
    } else {
      sending.later(stream);
    }
  }

  @Override
  public void end(Reason reason) {
    if (over) {
      return;
    }
    over = true;
    drop(reason);
    release();
    engine.laneEnded(stream);
  }

  // ---- what it sends

  @Override
  public boolean needsWindow() {
    Piece piece = waiting.peek();
    return piece == null ? !ending : size(piece) > 0;
  }

  @Override
  public boolean ready() {
    return !over && (!waiting.isEmpty() || wantsWritable || ending && !stream.sentEnd);
  }

  @Override
  public void send(int most) throws IOException {
    Piece piece = waiting.peek();
    if (piece != null) {
      send(piece, most);
    }
    if (!waiting.isEmpty()) {
      return;
    }
    if (ending) {
      if (!stream.sentEnd) {
        sending.end(stream);
      }
      engine.resumes(stream, this);
    } else if (wantsWritable && host != null && sending.writable()) {
      wantsWritable = false;
      host.writabilityChanged();
    }
  }

  private void send(Piece piece, int most) throws IOException {
    switch (piece) {
      case Octets(var bytes) -> {
        int length = Math.min(most, bytes.readableBytes());
        if (length > 0) {
          sending.data(stream, bytes, length, false);
        }
        sent += length;
        if (!bytes.isReadable()) {
          waiting.remove();
          bytes.release();
        }
      }
      case OfFile(var file, var position, var size) -> {
        int length = (int) Math.min(most, size - sentOfFile);
        if (length > 0) {
          sending.data(stream, file, position + sentOfFile, length, false);
        }
        sent += length;
        sentOfFile += length;
        if (sentOfFile == size) {
          waiting.remove();
          file.letGo();
          sentOfFile = 0;
        }
      }
    }
    while (!followed.isEmpty() && followed.element().upTo() <= sent) {
      out.follow(followed.remove().fate());
    }
    if (waiting.isEmpty()) {
      sent = 0;
    }
  }

  @Override
  public void drop(Reason reason) {
    for (Piece piece : waiting) {
      switch (piece) {
        case Octets(var bytes) -> bytes.release();
        case OfFile(var file, var position, var size) -> file.letGo();
      }
    }
    waiting.clear();
    while (!followed.isEmpty()) {
      followed.remove().fate().lost(reason);
    }
  }

  // ---- what comes

  /** Bytes have come; says how many of them the engine has taken. */
  int received(ByteBuf bytes) {
    int count = bytes.readableBytes();
    if (over || inputEnded) {
      bytes.skipBytes(count);
      return count;
    }
    Host its = host;
    if (wanted && kept == null && its != null) {
      its.received(bytes);
      return count;
    }
    ByteBuf before = kept;
    kept = before == null ? Unpooled.buffer(count) : before;
    kept.writeBytes(bytes);
    engine.keeps(stream, count);
    return 0;
  }

  /** The server has ended its side. */
  void ended() {
    inputEnded = true;
    if (kept == null && wanted && host != null) {
      host.inputClosed();
    }
  }

  /** This, or the engine on it, keeps what came before: that is not wanted yet. */
  @Override
  public boolean keeps() {
    return !over && (kept != null || !wanted);
  }

  /** The lane is of no more use, for this reason, which the engine gets after what is kept. */
  void finished(Reason reason) {
    left = reason;
    ending = true; // whatever the engine on it still writes goes nowhere
    drop(reason);
    engine.resumes(stream, this);
  }

  /** The stream is gone, for this reason. */
  void failed(Reason reason) {
    ending = true; // whatever the engine on it still writes goes nowhere
    if (!over && host != null) {
      host.failed(reason);
    }
  }

  /** Goes on, outside of the engine's own call; says how many bytes the engine has taken. */
  int goOn() {
    Host its = host;
    if (over || its == null) {
      return 0;
    }
    if (outputEnded && stream.sentEnd) {
      outputEnded = false;
      its.outputEnded();
    }
    if (left != null) {
      its.writabilityChanged();
    }
    int taken = 0;
    ByteBuf bytes = kept;
    if (bytes != null && wanted) {
      kept = null;
      taken = bytes.readableBytes();
      engine.keeps(stream, -taken);
      its.received(bytes);
      bytes.release();
    }
    if (kept == null && wanted) {
      endsInput(its);
    }
    return taken;
  }

  /** Tells the engine that the server's side has ended, and then that the lane has. */
  private void endsInput(Host its) {
    if (inputEnded && !over) {
      its.inputClosed();
    }
    if (left != null && !over) {
      its.failed(left);
    }
  }

  private void release() {
    if (kept != null) {
      kept.release();
      kept = null;
    }
  }
}
