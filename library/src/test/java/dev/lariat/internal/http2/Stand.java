package dev.lariat.internal.http2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.codec.Http2Peer;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.CookieHeaders;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Held;
import dev.lariat.internal.protocol.Recorder;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.internal.text.Priority;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.option.Http2;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import dev.lariat.option.Timeouts;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An HTTP/2 engine without a socket, and its server, which the test speaks for. */
final class Stand extends Http2Peer {
  static final long SECOND = 1_000_000_000L;

  final Recorder out = new Recorder();
  final Held held;
  final Http2Engine engine;
  long now = 10 * SECOND;

  /** The streams of what the server has promised and this side has taken. */
  final List<Stream> pushed = new ArrayList<>();

  /** What comes is cut into pieces of so many octets. */
  int cut = Integer.MAX_VALUE;

  Stand() {
    this(Http2.DEFAULT, Limits.DEFAULT);
  }

  Stand(Http2 options, Limits limits) {
    this(options, limits, false);
  }

  /** One whose connection may be followed by one of HTTP/1.1. */
  Stand(Http2 options, Limits limits, boolean mayFallBack) {
    this.held = new Held(limits);
    this.engine =
        new Http2Engine(
            "host.example",
            true,
            mayFallBack,
            options,
            limits,
            Timeouts.DEFAULT,
            new CookieHeaders(Optional.empty(), true),
            held);
  }

  /** The engine has begun, and the server has said that it is one. */
  Stand open(int... parameters) {
    begin();
    settings(parameters);
    acknowledgesSettings();
    frames();
    return this;
  }

  void begin() {
    engine.begin(out.at(now));
    flush();
  }

  void flush() {
    engine.flushing(out.at(now));
  }

  // ---- what the user asks

  Stream get(String target) {
    return ask(Request.of("GET", target));
  }

  Stream ask(Request request) {
    return ask(request, true);
  }

  Stream ask(Request request, boolean whole) {
    return ask(request, whole, Engine.NEVER);
  }

  Stream ask(Request request, boolean whole, long deadline) {
    Stream stream = out.stream("request " + request.target(), this::take);
    command(new Command.Request(stream, request, whole, deadline, List.of(), FieldNames.PLAIN));
    return stream;
  }

  private Stream take(Request promised) {
    Stream stream = out.stream("request that is promised: " + promised.target());
    pushed.add(stream);
    return stream;
  }

  void command(Command.OfStream command) {
    engine.command(command, out.at(now));
    flush();
  }

  void data(Stream stream, String text, boolean last) {
    ByteBuffer payload = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    Command.Data data = new Command.Data(stream, payload, last, null);
    assertThat(stream.gate().tryEnter(data.bytes())).isTrue();
    command(data);
  }

  void cancel(Stream stream) {
    command(new Command.Cancel(stream, new Reason.Cancelled()));
  }

  void prioritize(Stream stream, int urgency, boolean incremental) {
    command(new Command.SetPriority(stream, new Priority(urgency, incremental)));
  }

  void credit(Stream stream, long messages) {
    command(new Command.Credit(stream, messages));
  }

  void later(long nanos) {
    now += nanos;
    engine.elapsed(out.at(now));
    flush();
  }

  // ---- what the server says and reads

  @Override
  protected void receives(byte[] octets) {
    for (int from = 0; from < octets.length; from += Math.min(cut, octets.length - from)) {
      ByteBuf part = Unpooled.copiedBuffer(octets, from, Math.min(cut, octets.length - from));
      while (part.isReadable() && out.change() == null) {
        engine.received(part, out.at(now));
      }
    }
    out.goOn(engine, now);
    flush();
  }

  /** The frames that were written since the last time. */
  List<Frame> frames() {
    return frames(out.written());
  }

  /** The only frame that was written. */
  Frame frame() {
    List<Frame> all = frames();
    assertThat(all).hasSize(1);
    return all.getFirst();
  }

  <T extends Message> T told(Class<T> kind) {
    return out.next(kind);
  }

  /** The connection is over; nothing else happened. An engine that lingers may hold bodies. */
  void end(Reason reason) {
    engine.end(reason, out.at(now));
    assertThat(engine.lingers() || engine.bodies() == 0).as("bodies are freed").isTrue();
  }
}
