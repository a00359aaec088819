package dev.lariat.internal.http2;

import static dev.lariat.internal.codec.Http2Frames.*;

import dev.lariat.internal.codec.Gathered;
import dev.lariat.internal.codec.Handshake;
import dev.lariat.internal.codec.Hpack;
import dev.lariat.internal.codec.Http2Decoder;
import dev.lariat.internal.codec.TokenBucket;
import dev.lariat.internal.codec.Violation;
import dev.lariat.internal.content.Body;
import dev.lariat.internal.content.Contents;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.CookieHeaders;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.PendingUpgrade;
import dev.lariat.internal.protocol.PendingUpgrade.ToRaw;
import dev.lariat.internal.protocol.PendingUpgrade.ToWebSocket;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Inform;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Trailers;
import dev.lariat.message.Upgraded;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The receiving side of {@link Http2Engine}. The decoder calls it with what frames say; a stream is
 * looked up for each of them, since whoever is told of one may end it.
 *
 * <p>Content is told as it comes if the stream has credit and its inbox has room, and is kept by
 * the stream otherwise. The window of a stream is opened again for what was told, so the server
 * sends no more than a window of what nobody takes. The window of the connection is as large as
 * what all streams may keep together ({@code limits.unread}), and is opened as bytes come that are
 * not kept, whoever takes them: no stream holds up another before that.
 */
final class Incoming implements Http2Decoder.Sink {
  private static final int SWITCHING_PROTOCOLS = 101;
  private static final int TOO_MANY_REQUESTS = 429; // RFC 6585 section 4
  private static final String MESSAGES = "RFC 9113 section 8.1";

  private static final String WINDOWS = "RFC 9113 section 6.9.1";
  private static final int MOST_INFORMS = 100; // informational responses of one stream

  /** How many answers to frames may wait for the lane before it is left unread. */
  private static final int MOST_ANSWERS = 1000;

  /** Frames of a stream that may be on their way when it is given up: head, trailers, reset. */
  private static final int LATE_FRAMES = 3;

  private final Http2Engine engine;
  private final Hpack hpack;
  private final Http2Decoder decoder;
  private final Contents contents;
  private final CookieHeaders cookies;

  /** What the server may send that carries nothing. */
  private final TokenBucket useless = new TokenBucket();

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

  /** How many other frames may still come for streams that this side has given up. */
  private long lateFrames;

  /** How many frames were answered since the lane last took more. */
  private int answers;

  /** Whether a request was answered, by neither 429 nor 500 to 599. */
  private boolean answered;

  @SuppressWarnings("NullAway.Init") // nothing comes before begin
  private Out out;

  Incoming(Http2Engine engine, Hpack hpack, Limits limits, CookieHeaders cookies) {
    this.engine = engine;
    this.hpack = hpack;
    this.decoder = new Http2Decoder(limits.headerBlock(), this);
    this.size = (int) Math.min(MAX_WINDOW, limits.unread());
    this.window = size;
    this.contents = new Contents(limits);
    this.cookies = cookies;
  }

  void begin(Out out) {
    this.out = out;
  }

  /** How much DATA the server may send on the connection at first. */
  int windowSize() {
    return size;
  }

  /** Whether a request was answered with 200 to 499, but not 429: the server is healthy. */
  boolean answered() {
    return answered;
  }

  /** How many bodies were begun and not released. */
  int bodies() {
    return contents.held();
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
    window -= flow;
    if (window < 0) {
      throw Violation.protocol(
          "the server sent more DATA than the connection's window has",
          WINDOWS,
          FLOW_CONTROL_ERROR);
    }
    coming = content;
    Http2Stream stream = engine.stream(id);
    if (content == 0) {
      useless.spend(Reason.Bound.USELESS_FRAMES);
    } else {
      useless.earn();
    }
    if (stream == null) {
      checkNotIdle(id, "DATA");
      late -= flow;
      if (late < 0) {
        throw Violation.protocol(
            "the server sent DATA on a stream that has ended",
            "RFC 9113 section 5.1",
            STREAM_CLOSED);
      }
    } else if (!stream.window.take(flow)) {
      breaks(
          stream,
          "the server sent more DATA than the stream's window has",
          WINDOWS,
          FLOW_CONTROL_ERROR);
    } else if (stream.gotEnd) {
      endedBefore(stream, "DATA");
    } else if (!stream.responded) {
      malformed(stream, "DATA came before the response", MESSAGES);
    } else if (flow > content) {
      giveBack(stream, flow - content);
    }
    refill();
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
    release(stream);
    if (!stream.gotEnd) {
      late += Math.max(0, stream.window.left());
      lateFrames += LATE_FRAMES;
    }
  }

  /** Nothing more of the stream is told. */
  void release(Http2Stream stream) {
    stream.release();
    keeps(stream, -stream.keptBytes);
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
  private void refill() {
    long opens = size - kept - coming - window;
    if (opens > 0 && opens >= window && !engine.isOver()) {
      engine.sending().windowUpdate(0, (int) opens);
      window += opens;
    }
  }

  /** Opens the stream's window for what was told of it. */
  private void giveBack(Http2Stream stream, int octets) {
    if (octets > 0 && !stream.gotEnd && engine.stream(stream.id) == stream) {
      int opened = stream.window.giveBack(octets, out.now(), engine.roundTrip());
      engine.sending().windowUpdate(stream.id, opened);
    }
  }

  @Override
  public void data(int id, ByteBuf content, boolean last) throws Violation {
    coming -= content.readableBytes();
    Http2Stream stream = engine.stream(id);
    if (stream == null) {
      content.skipBytes(content.readableBytes());
    } else {
      data(stream, content, last);
    }
    refill();
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
      content(
          stream, Bytes.wrap(part), last ? new Data(stream.stream.ref(), true, Bytes.EMPTY) : null);
    }
  }

  private void content(Http2Stream stream, StreamLane lane, ByteBuf content, boolean last) {
    if (content.isReadable()) {
      giveBack(stream, lane.received(content));
    }
    if (last) {
      lane.ended();
      engine.closes(stream);
    }
  }

  /** An engine on a stream goes on with what was kept for it. */
  void goOn(Http2Stream stream, StreamLane lane) {
    giveBack(stream, lane.goOn());
  }

  /** Takes a part of the content, and the message that ends it, if it does. */
  private void content(Http2Stream stream, Bytes part, Message.@Nullable OfStream end) {
    Body body = stream.body;
    if (body != null) {
      body.at(out.now(), out.unreadUntil());
      body.received(part);
      keeps(stream, part.size());
      if (end != null) {
        body.end(end);
      }
      tellContent(stream, body);
      return;
    }
    stream.end = end;
    if (!keepsContent(stream) && (part.isEmpty() || engine.mayTell(stream))) {
      tell(stream, part);
    } else if (!part.isEmpty()) {
      Gathered waits = stream.kept == null ? new Gathered() : stream.kept;
      stream.kept = waits;
      waits.add(part.asByteBuffer());
      keeps(stream, part.size());
    }
  }

  private static boolean keepsContent(Http2Stream stream) {
    return stream.kept != null && !stream.kept.isEmpty();
  }

  /** Tells a part of the content, and what ends it if nothing more is kept. */
  private void tell(Http2Stream stream, Bytes part) {
    Message.OfStream end = keepsContent(stream) ? null : stream.end;
    boolean whole = end instanceof Data;
    if (!part.isEmpty()) {
      stream.spend();
      out.tell(stream.stream.inbox(), new Data(stream.stream.ref(), whole, part));
    }
    if (end == null) {
      giveBack(stream, part.size());
      return;
    }
    if (part.isEmpty() || !whole) {
      out.tell(stream.stream.inbox(), end);
    }
    engine.ended(stream);
  }

  /** Tells what the stream keeps, as far as there is credit and room. */
  void readOn(Http2Stream stream) {
    Body body = stream.body;
    if (body != null) {
      tellContent(stream, body);
    }
    for (Gathered waits = stream.kept;
        waits != null && !waits.isEmpty() && !stream.over && engine.mayTell(stream); ) {
      Bytes part = Bytes.wrap(waits.takePart());
      keeps(stream, -part.size());
      tell(stream, part);
    }
  }

  /** Goes on with a body that has used its share of the loop. */
  void goOn(Http2Stream stream) {
    if (stream.body != null) {
      stream.body.goOn();
    }
    readOn(stream);
  }

  /** Tells the messages that a body was made into, as far as there is credit and room. */
  private void tellContent(Http2Stream stream, Body body) {
    while (!body.hasEnough() && (engine.mayTell(stream) || !body.owes())) {
      Message next = body.next();
      if (next instanceof StreamFailed(var ref, var reason)) {
        engine.fail(stream, reason, CANCEL);
        return;
      }
      if (next == null) {
        break;
      }
      Message.OfStream message = (Message.OfStream) next;
      if (!message.ends()) {
        stream.spend();
      }
      out.tell(stream.stream.inbox(), message);
      if (message.ends()) {
        engine.ended(stream);
        return;
      }
    }
    if (body.hasEnough()) {
      engine.resumes(stream);
    } else if (engine.mayTell(stream)) { // all that has come was made into messages
      int taken = stream.keptBytes;
      keeps(stream, -taken);
      giveBack(stream, taken);
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
    content(
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
      opened(stream, upgrade, head.headers(), last);
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
    Stream its = stream.stream;
    boolean again = engine.asksAgain(stream, head);
    boolean refused = engine.refused(stream);
    answered |= !refused && status < 500 && status != TOO_MANY_REQUESTS;
    if (again) {
      return; // the challenge is nobody's
    }
    if (last && stream.expected > 0) {
      wrongLength(stream);
      return;
    }
    Body body = last ? null : contents.begin(stream.content, its.ref(), status, head.headers());
    stream.body = body;
    Headers told = body == null ? head.headers() : body.headers();
    out.tell(its.inbox(), new Response(its.ref(), last, status, told));
    if (stream.sender instanceof Upload upload && upload.awaitsConsent()) {
      engine.dropBody(
          stream, new Reason.BodyUnfinished("the server answered without asking for it"));
    }
    if (last) {
      engine.ended(stream);
      return;
    }
    if (body != null) {
      tellContent(stream, body); // its handlers may tell something before its first byte
    }
  }

  /** The server accepts an extended CONNECT (RFC 8441 section 5). */
  private void opened(Http2Stream stream, PendingUpgrade upgrade, Headers headers, boolean last)
      throws Violation {
    stream.expected = -1;
    answered = true;
    Stream its = stream.stream;
    if (last) {
      throw Violation.protocol(
          "the server accepted the WebSocket and ended its stream", "RFC 8441 section 5", CANCEL);
    }
    switch (upgrade) {
      case ToWebSocket socket -> {
        Handshake.Agreement agreement = agreement(socket, headers);
        out.tell(
            its.inbox(),
            new Upgraded(its.ref(), Protocol.WEBSOCKET, agreement.subprotocol(), headers));
        engine.host(
            stream,
            new Change.SpeakWebSocket(
                its, agreement, headers, socket.options(), socket.takeEarly()));
      }
      case ToRaw raw -> {
        out.tell(
            its.inbox(),
            new Upgraded(
                its.ref(), Protocol.RAW, Optional.of(raw.protocols().getFirst()), headers));
        engine.host(stream, new Change.SpeakRaw(its, stream.credit, raw.takeEarly()));
      }
    }
  }

  private static Handshake.Agreement agreement(ToWebSocket socket, Headers headers)
      throws Violation {
    try {
      return socket.handshake().verify(headers);
    } catch (Violation v) {
      throw Violation.of(v.reason(), CANCEL);
    }
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
    throw Violation.protocol(
        "the server promised a response, which this side has switched off",
        "RFC 9113 section 6.6",
        PROTOCOL_ERROR);
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
    engine.wasReset(stream, code);
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
          stream, "a WINDOW_UPDATE opens a window past 2^31-1", WINDOWS, FLOW_CONTROL_ERROR);
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

  /** Allows so many more messages of this stream's content. */
  void credit(Http2Stream stream, long messages) {
    long more = stream.credit + messages;
    stream.credit = more < 0 ? Request.UNLIMITED : more;
    readOn(stream);
  }
}
