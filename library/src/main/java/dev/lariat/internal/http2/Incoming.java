package dev.lariat.internal.http2;

import static dev.lariat.internal.codec.Http2Frames.*;

import dev.lariat.internal.codec.Hpack;
import dev.lariat.internal.codec.Http2Decoder;
import dev.lariat.internal.codec.TokenBucket;
import dev.lariat.internal.codec.Violation;
import dev.lariat.internal.protocol.CookieHeaders;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.PendingUpgrade;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Inform;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.Trailers;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The receiving side of {@link Http2Engine}. The decoder calls it with what frames say; a stream is
 * looked up for each of them, since whoever is told of one may end it. {@link ReceiveWindows}
 * counts what comes, {@link Downloads} tells the content of responses, and {@link Upgrades} gives
 * streams to other engines.
 */
final class Incoming implements Http2Decoder.Sink {
  private static final int SWITCHING_PROTOCOLS = 101;
  private static final int TOO_MANY_REQUESTS = 429; // RFC 6585 section 4
  private static final String MESSAGES = "RFC 9113 section 8.1";
  private static final int MOST_INFORMS = 100; // informational responses of one stream

  /** How many answers to frames may wait for the lane before it is left unread. */
  private static final int MOST_ANSWERS = 1000;

  /** Frames of a stream that may be on their way when it is given up: head, trailers, reset. */
  private static final int LATE_FRAMES = 3;

  private final Http2Engine engine;
  private final Hpack hpack;
  private final Http2Decoder decoder;
  private final ReceiveWindows windows;
  private final Downloads downloads;
  private final Requests requests;
  private final Upgrades upgrades;
  private final Losses losses;
  private final CookieHeaders cookies;

  /** What the server may send that carries nothing. */
  private final TokenBucket useless = new TokenBucket();

  /** How many other frames may still come for streams that are gone. */
  private long lateFrames;

  /** How many frames were answered since the lane last took more. */
  private int answers;

  /** Whether a request was answered, by neither 429 nor 500 to 599. */
  private boolean answered;

  @SuppressWarnings("NullAway.Init") // nothing comes before begin
  private Out out;

  Incoming(
      Http2Engine engine,
      Hpack hpack,
      int headerBlock,
      ReceiveWindows windows,
      Downloads downloads,
      Requests requests,
      Upgrades upgrades,
      Losses losses,
      CookieHeaders cookies) {
    this.engine = engine;
    this.hpack = hpack;
    this.decoder = new Http2Decoder(headerBlock, this);
    this.windows = windows;
    this.downloads = downloads;
    this.requests = requests;
    this.upgrades = upgrades;
    this.losses = losses;
    this.cookies = cookies;
  }

  void begin(Out out) {
    this.out = out;
  }

  /** Whether a request was answered with 200 to 499, but not 429: the server is healthy. */
  boolean answered() {
    return answered;
  }

  void release() {
    decoder.release();
  }

  /** Reads a part of these bytes. */
  void decode(ByteBuf bytes) throws Violation {
    useless.at(out.now(), out.unreadUntil());
    decoder.decode(bytes);
  }

  // ---- DATA

  @Override
  public void dataBegins(int id, int flow, int content) throws Violation {
    windows.begins(flow, content);
    Http2Stream stream = engine.stream(id);
    Pushes.checkBegun(stream, "DATA");
    if (content == 0) {
      useless.spend(Reason.Bound.USELESS_FRAMES);
    } else {
      useless.earn();
    }
    if (stream == null) {
      checkNotIdle(id, "DATA");
      windows.late(flow);
    } else if (!stream.window.take(flow)) {
      breaks(
          stream,
          "the server sent more DATA than the stream's window has",
          ReceiveWindows.SECTION,
          FLOW_CONTROL_ERROR);
    } else if (stream.gotEnd) {
      endedBefore(stream, "DATA");
    } else if (!stream.responded) {
      malformed(stream, "DATA came before the response", MESSAGES);
    } else if (flow > content) {
      windows.giveBack(stream, flow - content);
    }
    windows.refill();
  }

  private void endedBefore(Http2Stream stream, String frame) {
    breaks(
        stream,
        "the server sent " + frame + " on a stream that it had ended",
        "RFC 9113 section 5.1",
        STREAM_CLOSED);
  }

  /** A frame is for a stream that is gone, and was perhaps on its way before. */
  private void late(int id, String frame) throws Violation {
    checkNotIdle(id, frame);
    if (lateFrames > 0) {
      lateFrames--;
    } else {
      useless.spend(Reason.Bound.USELESS_FRAMES);
    }
  }

  /** A stream is gone: what the server was allowed to send on it may still come. */
  void gone(Http2Stream stream) {
    downloads.release(stream);
    lateFrames += stream.sentFrames; // WINDOW_UPDATE (RFC 9113 section 5.1)
    if (!stream.gotEnd) {
      mayStillCome(Math.max(0, stream.window.left()));
    }
  }

  /** What comes of a stream that this side has given up is thrown away: so much DATA of it. */
  void mayStillCome(int octets) {
    windows.mayStillCome(octets);
    lateFrames += LATE_FRAMES;
  }

  @Override
  public void data(int id, ByteBuf content, boolean last) throws Violation {
    windows.arrived(content.readableBytes());
    Http2Stream stream = engine.stream(id);
    if (stream == null) {
      content.skipBytes(content.readableBytes());
    } else {
      data(stream, content, last);
    }
    windows.refill();
  }

  private void data(Http2Stream stream, ByteBuf content, boolean last) {
    int count = content.readableBytes();
    stream.arrived += count;
    if (stream.expected >= 0
        && (stream.arrived > stream.expected || last && stream.arrived < stream.expected)) {
      content.skipBytes(count);
      wrongLength(stream);
      return;
    }
    stream.gotEnd |= last;
    StreamLane lane = stream.lane;
    if (lane != null) {
      content(stream, lane, content, last);
    } else {
      byte[] part = new byte[count];
      content.readBytes(part);
      downloads.received(
          stream, Bytes.wrap(part), last ? new Data(stream.stream.ref(), true, Bytes.EMPTY) : null);
    }
  }

  private void content(Http2Stream stream, StreamLane lane, ByteBuf content, boolean last) {
    if (content.isReadable()) {
      windows.giveBack(stream, lane.received(content));
    }
    if (last) {
      lane.ended();
      engine.closes(stream);
    }
  }

  // ---- heads and trailers

  @Override
  public void fields(int id, ByteBuf block, boolean last) throws Violation {
    hpack.decode(id, block);
    Http2Stream stream = engine.stream(id);
    if (stream == null) {
      late(id, "HEADERS");
      return;
    }
    if (stream.gotEnd) {
      endedBefore(stream, "HEADERS");
      return;
    }
    useless.earn();
    stream.heard = true;
    try {
      if (stream.responded) {
        trailers(stream, last);
      } else {
        head(stream, hpack.response(), last);
      }
    } catch (Violation v) {
      boolean flood = v.reason() instanceof Reason.Limit; // whose code is a WebSocket's
      engine.fail(stream, v.reason(), flood ? CANCEL : v.code());
    }
  }

  private void trailers(Http2Stream stream, boolean last) throws Violation {
    if (!last) {
      throw Violation.protocol("a second head follows the first", MESSAGES, PROTOCOL_ERROR);
    }
    if (stream.lane != null) {
      throw Violation.protocol(
          "HEADERS came on a stream that carries bytes", "RFC 9113 section 8.5", PROTOCOL_ERROR);
    }
    Headers trailers = hpack.trailers();
    if (stream.expected >= 0 && stream.arrived < stream.expected) {
      wrongLength(stream);
      return;
    }
    stream.gotEnd = true;
    downloads.received(
        stream,
        Bytes.EMPTY,
        trailers.isEmpty()
            ? new Data(stream.stream.ref(), true, Bytes.EMPTY)
            : new Trailers(stream.stream.ref(), trailers));
  }

  private void head(Http2Stream stream, Hpack.Response head, boolean last) throws Violation {
    int status = head.status();
    if (status == SWITCHING_PROTOCOLS) {
      throw Violation.protocol(
          "the status 101 has no meaning in HTTP/2", "RFC 9113 section 8.6", PROTOCOL_ERROR);
    }
    cookies.received(stream.uri, status, head.headers());
    if (status < 200) {
      inform(stream, head, last);
      return;
    }
    stream.responded = true;
    stream.gotEnd |= last;
    boolean empty = stream.head || status == 204 || status == 304;
    stream.expected = empty ? 0 : length(head.headers());
    PendingUpgrade upgrade = stream.upgrade;
    if (upgrade != null && status < 300) {
      stream.expected = -1;
      answered = true;
      upgrades.accepted(stream, upgrade, head, last);
    } else {
      response(stream, head, last);
    }
  }

  private void inform(Http2Stream stream, Hpack.Response head, boolean last) throws Violation {
    if (last) {
      throw Violation.protocol(
          "an informational response ends its stream", MESSAGES, PROTOCOL_ERROR);
    }
    if (++stream.informs > MOST_INFORMS) {
      throw Violation.of(new Reason.Limit(Reason.Bound.INFORMS, MOST_INFORMS), CANCEL);
    }
    out.tell(stream.stream.inbox(), new Inform(stream.stream.ref(), head.status(), head.headers()));
    if (head.status() == 100 && stream.sender instanceof Upload upload) {
      upload.consent();
    }
  }

  /** What the head says of the content's length; -1 if nothing (RFC 9113 section 8.1.1). */
  private static long length(Headers headers) throws Violation {
    List<String> said = headers.all("content-length");
    if (said.isEmpty()) {
      return -1;
    }
    String length = said.getFirst();
    boolean digits = said.size() == 1 && !length.isEmpty() && length.length() <= 18;
    for (int i = 0; i < length.length(); i++) {
      digits &= length.charAt(i) >= '0' && length.charAt(i) <= '9';
    }
    if (!digits) {
      throw Violation.protocol(
          "the content-length is no single number", "RFC 9110 section 8.6", PROTOCOL_ERROR);
    }
    return Long.parseLong(length);
  }

  private void response(Http2Stream stream, Hpack.Response head, boolean last) {
    int status = head.status();
    PendingUpgrade refused = stream.upgrade;
    answered |= refused == null && status < 500 && status != TOO_MANY_REQUESTS;
    if (requests.asksAgain(stream, head)) {
      return; // the challenge is nobody's
    }
    if (refused != null) {
      upgrades.refused(stream, refused);
    }
    if (last && stream.expected > 0) {
      wrongLength(stream);
      return;
    }
    Headers told = last ? head.headers() : downloads.begins(stream, head);
    Stream its = stream.stream;
    out.tell(its.inbox(), new Response(its.ref(), last, status, told));
    if (stream.sender instanceof Upload upload && upload.awaitsConsent()) {
      engine.dropBody(
          stream, new Reason.BodyUnfinished("the server answered without asking for it"));
    }
    if (last) {
      engine.ended(stream);
      return;
    }
    downloads.readOn(stream); // its handlers may tell something before its first byte
  }

  private void wrongLength(Http2Stream stream) {
    malformed(
        stream, "the length of the content differs from content-length", "RFC 9113 section 8.1.1");
  }

  private void malformed(Http2Stream stream, String rule, String section) {
    breaks(stream, rule, section, PROTOCOL_ERROR);
  }

  private void breaks(Http2Stream stream, String rule, String section, int code) {
    engine.fail(stream, new Reason.Protocol(rule, section), code);
  }

  @Override
  public void promise(int id, int promised, ByteBuf block) throws Violation {
    useless.spend(Reason.Bound.USELESS_FRAMES);
    engine.pushes().promise(id, promised, block);
    answersFrame(); // by a reset, if it was refused
  }

  // ---- other frames

  private void checkNotIdle(int id, String frame) throws Violation {
    if (engine.isIdle(id)) {
      throw Violation.protocol(
          "a " + frame + " frame is on a stream that has not begun",
          "RFC 9113 section 5.1",
          PROTOCOL_ERROR);
    }
  }

  @Override
  public void reset(int id, long code) throws Violation {
    Http2Stream stream = engine.stream(id);
    if (stream == null) {
      late(id, "RST_STREAM");
      return;
    }
    losses.reset(stream, code);
  }

  @Override
  public void settings(ByteBuf parameters) throws Violation {
    useless.spend(Reason.Bound.USELESS_FRAMES);
    engine.settings(parameters);
    answersFrame();
  }

  @Override
  public void settingsAcknowledged() throws Violation {
    engine.settingsAcknowledged();
  }

  @Override
  public void ping(long data, boolean acknowledges) throws Violation {
    if (!acknowledges) {
      useless.spend(Reason.Bound.USELESS_FRAMES);
      engine.sending().ping(data, true);
      answersFrame();
    } else if (!engine.pong(data)) {
      useless.spend(Reason.Bound.USELESS_FRAMES);
    }
  }

  /** An answer was written: a server that does not read them is not read either. */
  private void answersFrame() {
    answers = out.writable() ? 0 : answers + 1;
    if (answers == MOST_ANSWERS) {
      out.wanted(false);
    }
  }

  /** The lane takes more again. */
  void writable() {
    if (answers >= MOST_ANSWERS) {
      out.wanted(true);
    }
    answers = 0;
  }

  @Override
  public void goAway(int last, long code, Bytes debug) throws Violation {
    useless.spend(Reason.Bound.USELESS_FRAMES);
    engine.goesAway(last, code, debug);
  }

  @Override
  public void windowUpdate(int id, int increment) throws Violation {
    Http2Stream stream = engine.stream(id);
    if (id != 0 && stream == null) {
      late(id, "WINDOW_UPDATE");
      return;
    }
    Pushes.checkBegun(stream, "WINDOW_UPDATE");
    if (increment == 0) {
      opensWrongly(
          stream, "a WINDOW_UPDATE opens a window by 0", "RFC 9113 section 6.9", PROTOCOL_ERROR);
      return;
    }
    boolean opened =
        stream == null
            ? engine.sending().opens(increment)
            : engine.sending().opens(stream, increment);
    if (opened) {
      engine.sending().pump();
    } else {
      opensWrongly(
          stream,
          "a WINDOW_UPDATE opens a window past 2^31-1",
          ReceiveWindows.SECTION,
          FLOW_CONTROL_ERROR);
    }
  }

  private void opensWrongly(@Nullable Http2Stream stream, String rule, String section, int code)
      throws Violation {
    if (stream == null) {
      throw Violation.protocol(rule, section, code);
    }
    breaks(stream, rule, section, code);
  }

  @Override
  public void ignored() throws Violation {
    useless.spend(Reason.Bound.USELESS_FRAMES);
  }
}
