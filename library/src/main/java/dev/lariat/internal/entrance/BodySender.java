package dev.lariat.internal.entrance;

import dev.lariat.FailedException;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.SentFile;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Sends a request's body in parts, from one thread at a time, and counts them against the length
 * that was declared: what would break the message's framing never leaves the caller's thread.
 */
public final class BodySender extends FollowedSender {
  private static final long UNKNOWN = -1;
  private static final long ENDED = -2;

  private final FieldNames names;
  private final Stream stream;
  private final boolean trailers; // whether trailers may follow the body
  private final AtomicLong left; // bytes of the declared length to come; or UNKNOWN, or ENDED
  private @Nullable SentFile file; // its sender's, then the loop's

  /**
   * A sender of which nothing was sent yet.
   *
   * @param names how the names of trailers are written
   * @param length of the body; empty if it is not known
   * @param trailers whether they may follow
   */
  public BodySender(
      Door door,
      FieldNames names,
      Stream stream,
      SendGate gate,
      OptionalLong length,
      boolean trailers) {
    super(door, gate);
    this.names = names;
    this.stream = stream;
    this.trailers = trailers;
    this.left = new AtomicLong(length.orElse(UNKNOWN));
    completion()
        .whenComplete(
            (done, failure) -> {
              if (failure != null && !isLost()) { // else there is nothing left to give up
                door.post(new Command.Cancel(stream, new Reason.Cancelled()));
              }
            });
  }

  /** Bytes of the body that wait to be written. */
  public long waiting() {
    return gate().waiting();
  }

  // ---- parts whose fate nobody follows

  /** Sends a part when there is room for it; blocks until then. */
  public void data(ByteBuffer part, boolean last) {
    check(part.remaining(), last);
    if (part.hasRemaining() || last) {
      enter(new Command.Data(stream, part, last, null));
    }
  }

  /** Ends the body with trailers, when there is room for them; blocks until then. */
  public void end(Headers trailers) {
    check(0, true);
    ByteBuffer nothing = ByteBuffer.allocate(0);
    enter(new Command.Data(stream, nothing, true, trailers, names.with(trailers), null));
  }

  private void enter(Command.Data data) {
    gate().enter(data.bytes());
    post(data);
  }

  /** Sends a part if there is room for it. */
  public boolean tryData(ByteBuffer part, boolean last) {
    check(part.remaining(), last);
    if (part.hasRemaining() || last) {
      Command.Data data = new Command.Data(stream, part, last, null);
      if (!gate().tryEnter(data.bytes())) {
        return false;
      }
      post(data);
    }
    return true;
  }

  /** Whether trailers may follow. */
  public void checkTrailers() {
    if (!trailers) {
      throw new IllegalArgumentException(
          "trailers: after a body that is not chunked, allowed only after a chunked body (RFC 9112"
              + " section 7.1.2)");
    }
  }

  /** Refuses a part after the body's end. */
  public void refuseEnded() {
    if (left.get() == ENDED) {
      throw new FailedException(new Reason.BadState("data", "the request's body has ended"));
    }
  }

  private void check(long size, boolean last) {
    refuseEnded();
    long now = left.get();
    if (now != UNKNOWN && (last ? size != now : size > now)) {
      throw new IllegalArgumentException(
          "data: "
              + size
              + (last ? " bytes in the last part" : " bytes")
              + ", allowed "
              + (last ? "" : "up to ")
              + now
              + ", which is what remains of the content-length");
    }
  }

  private void post(Command.Data data) {
    count(data.payload().remaining(), data.last());
    if (!door().post(data)) {
      gate().left(data.bytes());
      throw door().terminated("data");
    }
  }

  private void count(long size, boolean last) {
    if (last) {
      left.set(ENDED);
    } else if (left.get() != UNKNOWN) {
      left.addAndGet(-size);
    }
  }

  // ---- a body as one

  @Override
  public void send(ByteBuffer part, boolean last) {
    check(part.remaining(), last);
    Command.Data data = new Command.Data(stream, part, last, this);
    gate().enter(data.bytes());
    follow(data);
  }

  @Override
  public void offer(ByteBuffer part, boolean last) {
    check(part.remaining(), last);
    if (part.hasRemaining() || last) {
      Command.Data data = new Command.Data(stream, part, last, this);
      gate().force(data.bytes());
      follow(data);
    }
  }

  private void follow(Command.Data data) {
    count(data.payload().remaining(), data.last());
    follow(data, data.bytes());
  }

  /** Sends a file to its end, and closes it when the loop does not need it any more. */
  public void send(FileChannel channel) throws IOException {
    SentFile sent = new SentFile(channel);
    file = sent;
    long size;
    try {
      size = size(channel);
      check(size, true);
      count(size, true);
    } catch (Throwable e) {
      letGo();
      throw e;
    }
    if (!door().post(new Command.SendFile(stream, sent, 0, size, this))) {
      lost(door().terminated("send").reason());
    }
  }

  private static long size(FileChannel file) throws IOException {
    try {
      return file.size();
    } catch (ClosedByInterruptException e) {
      throw Await.interrupted("send");
    }
  }

  private void letGo() {
    SentFile sent = file;
    if (sent != null) {
      file = null;
      sent.letGo();
    }
  }

  @Override
  public void written() {
    letGo();
    super.written();
  }

  @Override
  public void lost(Reason reason) {
    letGo();
    super.lost(reason);
  }
}
