package dev.lariat.internal.http1;

import dev.lariat.internal.http1.RequestWriter.Fields;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.RequestBody;
import dev.lariat.internal.protocol.SentFile;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Reason;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The body of the newest request. HTTP/1.1 sends one request at a time, so there is at most one of
 * these on a connection. The time for the server's consent counts once the response is next in
 * line.
 */
final class BodyWriter extends RequestBody {
  final Stream stream;
  final boolean chunked;

  /**
   * A body of which nothing was sent yet.
   *
   * @param patience how long to wait for the server's 100 response; null if none is asked for
   */
  BodyWriter(Command.Request request, boolean chunked, @Nullable Duration patience) {
    super(request, patience);
    this.stream = request.stream();
    this.chunked = chunked;
  }

  /**
   * Sends this part after those that wait.
   *
   * @return false after the last part, which nothing may follow
   */
  boolean add(Command.OfBody part) {
    return parts.add(part);
  }

  // ---- writing

  /**
   * Writes what waits, as long as the lane takes it.
   *
   * @return whether the body is complete
   * @throws IOException if a file cannot be read, or is shorter than it was
   */
  boolean drain(Out out) throws IOException {
    return !awaitsConsent() && parts.drain(this, out);
  }

  @Override
  public void data(ByteBuffer piece, boolean ends, Out out) {
    beginChunk(piece.remaining(), out);
    RequestWriter.content(piece, out);
    endChunk(out);
  }

  @Override
  public void file(SentFile file, long position, long size, boolean ends, Out out)
      throws IOException {
    beginChunk(size, out);
    out.write(file, position, size);
    endChunk(out);
  }

  /** Writes the line before a chunk (RFC 9112 section 7.1), if the body is chunked. */
  private void beginChunk(long size, Out out) {
    if (chunked) {
      String line = Long.toHexString(size);
      RequestWriter.newLine(RequestWriter.put(out.room(line.length() + 2), line));
    }
  }

  private void endChunk(Out out) {
    if (chunked) {
      RequestWriter.newLine(out.room(2));
    }
  }

  /** Writes the last chunk and the trailers, if the body is chunked. */
  @Override
  public void end(Command.OfBody last, Out out) {
    if (!chunked) {
      return;
    }
    Fields trailers = new Fields();
    if (last instanceof Command.Data data) {
      trailers.begin(data.names());
      trailers.addAll(data.trailers());
    }
    ByteBuf room = out.room(3 + trailers.size());
    RequestWriter.newLine(room.writeByte('0'));
    trailers.write(room);
  }

  /** Sends nothing more, and answers the parts that wait. */
  void drop(Reason reason, Reason why, Out out) {
    drop(stream, reason, why, out);
  }
}
