package dev.lariat.internal.http1;

import dev.lariat.internal.http1.RequestWriter.Fields;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.Parts;
import dev.lariat.internal.protocol.Refusals;
import dev.lariat.internal.protocol.SentFile;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Reason;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The body of the newest request, while it is sent part by part. HTTP/1.1 sends one request at a
 * time, so there is at most one of these on a connection.
 *
 * <p>Its states:
 *
 * <ul>
 *   <li><b>awaiting consent</b>: the head said {@code Expect: 100-continue}. Parts gather here
 *       until the server sends 100, or {@code deadline} comes; the time counts once the response is
 *       next in line;
 *   <li><b>sending</b>: parts go out in order as long as the lane takes them;
 *   <li><b>hurried</b>: the response has ended before the body. The sender has until {@code
 *       deadline} to finish it;
 *   <li><b>complete</b>, after the last part, or <b>dropped</b>.
 * </ul>
 */
final class BodyWriter implements Parts.Form {
  final Stream stream;
  final boolean chunked;

  /** The parts that are not wholly written. */
  private final Parts parts = new Parts();

  /** How long to wait for the server's 100 response; null if it is not awaited. */
  private @Nullable Duration consentTimeout;

  /** When waiting for the consent ends, or, after the response's end, the time for the body. */
  private long deadline = Engine.NEVER;

  /**
   * A body of which nothing was sent yet.
   *
   * @param consentTimeout how long to wait for the server's 100 response; null if none is asked for
   */
  BodyWriter(Stream stream, boolean chunked, @Nullable Duration consentTimeout) {
    this.stream = stream;
    this.chunked = chunked;
    this.consentTimeout = consentTimeout;
  }

  /**
   * Sends this part after those that wait.
   *
   * @return false after the last part, which nothing may follow
   */
  boolean add(Command.OfBody part) {
    return parts.add(part);
  }

  // ---- the server's consent

  boolean awaitsConsent() {
    return consentTimeout != null;
  }

  /** Starts the time for the consent: the response is next in line. */
  void expectConsent(long now) {
    if (consentTimeout != null) {
      deadline = now + consentTimeout.toNanos();
    }
  }

  void consent() {
    consentTimeout = null;
    deadline = Engine.NEVER;
  }

  // ---- the end of the time

  long deadline() {
    return deadline;
  }

  /** The response has ended: the sender has this long to finish the body. */
  void hurry(long now, long time) {
    deadline = now + time;
  }

  /** Whether nothing waits to be written, so that it is the sender who is slow. */
  boolean isStarved() {
    return parts.isEmpty();
  }

  // ---- writing

  /**
   * Writes what waits, as long as the lane takes it.
   *
   * @return whether the body is complete
   * @throws IOException if a file cannot be read, or is shorter than it was
   */
  boolean drain(Out out) throws IOException {
    return consentTimeout == null && parts.drain(this, out);
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
    parts.removeAll().forEach(part -> Refusals.refuse(part, reason, why, out));
    stream.gate().ended();
  }
}
