package dev.lariat.internal.http2;

import static dev.lariat.internal.codec.Http2Frames.*;

import dev.lariat.internal.protocol.Engine.Casualties;
import dev.lariat.internal.protocol.Out;
import dev.lariat.message.Notice;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the server takes away: one stream by RST_STREAM, those after a number by GOAWAY, and all by
 * the end of the transport. What a stream keeps to its end is whole, and outlives all of that; what
 * it keeps otherwise outlives the transport.
 */
final class Losses {
  private final Http2Engine engine;
  private final Streams streams;
  private final Ending ending;
  private final Sending sending;
  private final Upgrades upgrades;

  /** Whether the server has ended its side of the transport. */
  private boolean inputClosed;

  /** Whether the connection has ended. */
  private boolean ended;

  /** What GOAWAY left unprocessed. */
  private final List<StreamRef> unprocessed = new ArrayList<>(0);

  @SuppressWarnings("NullAway.Init") // nothing is lost before begin
  private Out out;

  Losses(Http2Engine engine, Streams streams, Ending ending, Sending sending, Upgrades upgrades) {
    this.engine = engine;
    this.streams = streams;
    this.ending = ending;
    this.sending = sending;
    this.upgrades = upgrades;
  }

  void begin(Out out) {
    this.out = out;
  }

  // ---- one stream

  /** The server has reset a stream. */
  void reset(Http2Stream stream, long code) {
    Reason reset = new Reason.StreamReset(code);
    stream.sentEnd = true;
    if (stream.gotEnd && keepsEnd(stream)) {
      leaves(stream, reset);
      return;
    }
    stream.gotEnd = true;
    if (!stream.isPushed() && ending.fallsBack(code)) {
      fallBack(stream, reset);
    } else if (code == REFUSED_STREAM) {
      engine.lose(stream, new Reason.Unprocessed("the server refused the stream"));
    } else {
      engine.lose(stream, reset);
    }
  }

  /** Whether a stream keeps what came to its end (RFC 9113 section 8.1). */
  private static boolean keepsEnd(Http2Stream stream) {
    StreamLane lane = stream.lane;
    return lane == null ? stream.gotEnd : lane.keeps();
  }

  /** The server has no more to do with a stream that keeps its end, which is told in time. */
  private void leaves(Http2Stream stream, Reason why) {
    stream.sentEnd = stream.gotEnd = true;
    if (stream.lane != null) {
      stream.lane.finished(why);
      return;
    }
    engine.dropBody(stream, why);
    if (stream.over) {
      engine.remove(stream);
      engine.streamEnded();
    }
  }

  /** The server demands HTTP/1.1 for this stream, so nothing more begins here. */
  private void fallBack(Http2Stream stream, Reason reset) {
    boolean first = ending.isOpen();
    ending.drain(reset);
    engine.lose(
        stream,
        stream.heard
            ? reset
            : new Reason.Unprocessed("the server demands HTTP/1.1 for it", Optional.of(reset)));
    if (first && !ending.isOver()) { // other streams go on
      engine.goAway(NO_ERROR, reset.sentence());
      out.notice(new Notice.GoingAway(engine.streams()));
    }
  }

  // ---- many

  /** The server acts on no stream of this side's after this one. */
  void after(int last) {
    for (Http2Stream stream : streams.all()) {
      if (stream.id > last && !stream.isPushed() && streams.has(stream)) {
        unprocessed.add(stream.stream.ref());
        stream.sentEnd = stream.gotEnd = true;
        engine.lose(stream, new Reason.Unprocessed("the server went away before it"));
      }
    }
  }

  /** The server has ended its side of the transport, and so the connection. */
  void inputClosed() {
    inputClosed = true;
    ending.drain(new Reason.Closed());
    ending.drained();
  }

  /**
   * The connection ends: so do the streams that are left, but for those of other engines. Streams
   * that keep what came before end later, or by the second call.
   */
  Casualties end(Reason reason) {
    boolean lingers = !ended;
    Reason why = cause(reason);
    ended = true;
    List<StreamRef> killed = new ArrayList<>();
    for (Http2Stream stream : streams.all()) {
      if (lingers && keeps(stream)) {
        sending.forget(stream);
        stream.cut = stream.gotEnd ? null : stream.meaning(why);
        leaves(stream, reason);
        continue;
      }
      engine.remove(stream);
      if (stream.lane == null && !stream.over) {
        stream.over = true;
        killed.add(stream.stream.ref());
        upgrades.fail(stream, stream.meaning(why));
      }
      engine.dropBody(stream, reason);
    }
    return new Casualties(killed, unprocessed);
  }

  /** Whether a stream keeps what must still be told when the connection has ended. */
  private static boolean keeps(Http2Stream stream) {
    return stream.lane == null
        ? !stream.over && (stream.gotEnd || stream.keptBytes > 0)
        : stream.lane.keeps();
  }

  /** Why streams end with the connection: the server's end cuts off what this side would drain. */
  Reason cause(Reason end) {
    boolean itsOwn = end instanceof Reason.OwnerClosed || end instanceof Reason.StreamReset;
    return inputClosed && itsOwn && !ended ? new Reason.Closed() : end;
  }
}
