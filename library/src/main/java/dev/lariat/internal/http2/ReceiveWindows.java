package dev.lariat.internal.http2;

import static dev.lariat.internal.codec.Http2Frames.*;

import dev.lariat.internal.codec.Violation;
import dev.lariat.internal.protocol.Out;

/**
 * How much DATA the server may send, on the connection and on its streams (RFC 9113 section 5.2).
 *
 * <p>The window of the connection is as large as what all streams may keep together ({@code
 * limits.unread}), and is opened as bytes come that are not kept, whoever takes them: no stream
 * holds up another before that. The window of a stream is opened again for what was told, so the
 * server sends no more than a window of what nobody takes.
 */
final class ReceiveWindows {
  static final String SECTION = "RFC 9113 section 6.9.1";

  private final Http2Engine engine;
  private final Sending sending;

  /** How much DATA the server may send on the connection while nothing is kept. */
  private final int size;

  /** How much DATA the server may still send on the connection. */
  private long window;

  /** Octets of the DATA frame that has begun that are still to come. */
  private int coming;

  /** Bytes that streams keep, together. */
  private long kept;

  /** How many octets may still come for streams that are gone: what was in their windows. */
  private long late;

  @SuppressWarnings("NullAway.Init") // nothing comes before begin
  private Out out;

  /**
   * Windows of a connection that has not begun.
   *
   * @param unread {@code limits.unread}, bytes
   */
  ReceiveWindows(Http2Engine engine, Sending sending, long unread) {
    this.engine = engine;
    this.sending = sending;
    this.size = (int) Math.min(MAX_WINDOW, unread);
    this.window = size;
  }

  void begin(Out out) {
    this.out = out;
  }

  /** How much DATA the server may send on the connection at first. */
  int size() {
    return size;
  }

  /**
   * A DATA frame has begun.
   *
   * @param flow how many octets of it count for the windows
   * @param content how many of them are content, and to come
   */
  void begins(int flow, int content) throws Violation {
    window -= flow;
    if (window < 0) {
      throw Violation.protocol(
          "the server sent more DATA than the connection's window has",
          SECTION,
          FLOW_CONTROL_ERROR);
    }
    coming = content;
  }

  /** The frame is on a stream that is gone, and was perhaps on its way before. */
  void late(int flow) throws Violation {
    late -= flow;
    if (late < 0) {
      throw Violation.protocol(
          "the server sent DATA on a stream that has ended", "RFC 9113 section 5.1", STREAM_CLOSED);
    }
  }

  /** So many octets of the frame have come, and are kept or taken by now. */
  void arrived(int octets) {
    coming -= octets;
  }

  /** So much DATA may still come on a stream that is gone. */
  void mayStillCome(int octets) {
    late += octets;
  }

  /** The stream keeps so many bytes more, or less. */
  void keeps(Http2Stream stream, int bytes) {
    stream.keptBytes += bytes;
    kept += bytes;
    if (bytes < 0) {
      refill();
    }
  }

  /** Opens the connection's window again, if half of what may come has come. */
  void refill() {
    long opens = size - kept - coming - window;
    if (opens > 0 && opens >= window && !engine.isOver()) {
      sending.windowUpdate(0, (int) opens);
      window += opens;
    }
  }

  /** Opens the stream's window for what was told of it. */
  void giveBack(Http2Stream stream, int octets) {
    if (octets > 0 && !stream.gotEnd && engine.stream(stream.id) == stream) {
      int opened = stream.window.giveBack(octets, out.now(), engine.roundTrip());
      sending.windowUpdate(stream.id, opened);
    }
  }
}
