package dev.lariat.internal.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.codec.Shared;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.CookieHeaders;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Fate;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Held;
import dev.lariat.internal.protocol.Recorder;
import dev.lariat.internal.protocol.Refusals;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Frame;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.StreamRef;
import dev.lariat.option.Http1;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import dev.lariat.option.Timeouts;
import dev.lariat.option.WebSocketOptions;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The server's end of an engine: bytes in, bytes out. */
final class Server {
  static final long SECOND = 1_000_000_000L;
  static final CookieHeaders NO_COOKIES = new CookieHeaders(Optional.empty(), false);

  static final Http1 PIPELINED = Http1.DEFAULT.pipelining(100).pipelinedMethods(Http1.Methods.ALL);
  static final Reason UNSENT = new Reason.BadState("test", "no connection follows this one");

  final Recorder out = new Recorder(Unpooled.buffer());
  final Held held;
  final Http1Engine engine;
  long now = 1000 * SECOND;
  private String unread = ""; // what the engine left for the next one

  Server() {
    this(Limits.DEFAULT);
  }

  Server(Limits limits) {
    this(limits, NO_COOKIES);
  }

  Server(Limits limits, CookieHeaders cookies) {
    this(PIPELINED, limits, cookies);
  }

  Server(Http1 http1) {
    this(http1, Limits.DEFAULT, NO_COOKIES);
  }

  Server(Http1 http1, Limits limits, CookieHeaders cookies) {
    held = new Held(limits);
    engine =
        new Http1Engine(
            "example.com",
            false,
            http1,
            limits,
            Timeouts.DEFAULT,
            cookies,
            held,
            new Shared(new SecureRandom()));
    engine.begin(out.at(now));
  }

  // ---- what the owner does

  Stream request(String method, String target) {
    return request(Request.of(method, target));
  }

  Stream request(Request request) {
    Stream stream = out.stream("request " + request.method() + " " + request.target());
    engine.command(new Command.Request(stream, request), out.at(now));
    return stream;
  }

  /** Begins a request whose body follows. */
  Stream headers(Request request) {
    Stream stream = out.stream("request " + request.method() + " " + request.target());
    engine.command(
        new Command.Request(stream, request, false, Engine.NEVER, List.of(), FieldNames.PLAIN),
        out.at(now));
    return stream;
  }

  Command.Data data(Stream stream, String part, boolean last) {
    return data(stream, part, last, Headers.EMPTY, null);
  }

  Command.Data data(
      Stream stream, String part, boolean last, Headers trailers, @Nullable Fate fate) {
    Command.Data data =
        new Command.Data(
            stream, Bytes.ofUtf8(part).asByteBuffer(), last, trailers, FieldNames.PLAIN, fate);
    Recorder.gate(stream).waiting += data.bytes();
    engine.command(data, out.at(now));
    return data;
  }

  void cancel(Stream stream) {
    engine.command(new Command.Cancel(stream, new Reason.Cancelled()), out.at(now));
  }

  /** The transport takes more, or no more. */
  void writable(boolean writable) {
    out.writable = writable;
    out.writableTimes = Integer.MAX_VALUE;
    engine.writable(out.at(now));
  }

  /** Lets this time pass; the engine is called where it asked for it. */
  void passes(Duration time) {
    now += time.toNanos();
    held.giveUpLate(now, ref -> Optional.empty(), out);
    if (now >= engine.deadline()) {
      engine.elapsed(out.at(now));
    }
  }

  Stream upgrade() {
    return upgrade(WebSocketOptions.DEFAULT);
  }

  Stream upgrade(WebSocketOptions options) {
    Stream stream = out.stream("upgrade");
    engine.command(new Command.Upgrade(stream, "/ws", options, FieldNames.PLAIN), out.at(now));
    return stream;
  }

  Command.Send send(Stream stream, Frame frame, String payload) {
    Command.Send send = new Command.Send(stream, frame, Bytes.ofUtf8(payload).asByteBuffer());
    Recorder.gate(stream).waiting += send.bytes();
    engine.command(send, out.at(now));
    return send;
  }

  // ---- what the server does

  /** Sends these bytes; lines end as they stand. */
  void says(String text) {
    if (out.change() != null) {
      return; // the connection ends or is another engine's, as it is in earnest
    }
    ByteBuf bytes = Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    if (bytes.isReadable()) {
      engine.received(bytes, out.at(now));
    }
    unread = bytes.toString(StandardCharsets.ISO_8859_1);
    bytes.release();
  }

  /** What of the last words was left for the engine that is next. */
  String unread() {
    return unread;
  }

  /** Sends this head, with its lines' ends and the empty line. */
  void answers(String... lines) {
    says(String.join("\r\n", lines) + "\r\n\r\n");
  }

  void hangsUp() {
    engine.closed(out.at(now));
  }

  /** Ends TLS, which goes on no longer, and nothing else. */
  void notifiesOfItsClose() {
    engine.inputClosed(out.at(now));
  }

  /** Hangs up where TLS expected a goodbye. */
  void isCutOff() {
    engine.inputCut(out);
    engine.closed(out.at(now));
  }

  /** What the client wrote since the last time. */
  String reads() {
    return new String(out.written(), StandardCharsets.ISO_8859_1);
  }

  // ---- the end

  /**
   * The connection ends for this reason and for good; these streams are taken with it, and those
   * that wait are sent by no other.
   */
  Engine.Casualties end(Reason reason) {
    Engine.Casualties casualties = engine.end(reason, out);
    held.removeAll().forEach(command -> Refusals.refuse(command, UNSENT, out));
    assertThat(engine.bodies()).as("bodies that hold native memory").isZero();
    return casualties;
  }

  /** The connection ends; no stream lives. */
  void endQuietly() {
    assertThat(end(new Reason.Closed()).killed()).isEmpty();
    out.expectEnd();
  }

  /** The connection ends; no stream lives, and these wait for the next one. */
  void endLeaving(Stream... waiting) {
    for (int i = 0; i < waiting.length; i++) {
      assertThat(held.streamsBefore(waiting[i].ref())).isEqualTo(i);
    }
    assertThat(end(new Reason.Closed())).isEqualTo(Engine.Casualties.NONE);
    for (Stream each : waiting) {
      out.expect(new StreamFailed(each.ref(), UNSENT));
    }
    out.expectEnd();
  }

  /** The engine asked for the end for this reason. */
  void expectClose(Reason reason) {
    out.expect(new Change.Close(reason));
  }

  static List<StreamRef> refs(Stream... streams) {
    return Arrays.stream(streams).map(Stream::ref).toList();
  }
}
