package dev.lariat.internal.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.pipeline.Host;
import dev.lariat.internal.pipeline.Pipelines;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.CookieHeaders;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Fate;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Held;
import dev.lariat.internal.protocol.Recorder;
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
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The server's end of an engine behind the library's own pipeline: bytes in, bytes out. */
final class Server implements Host {
  static final long SECOND = 1_000_000_000L;
  static final CookieHeaders NO_COOKIES = new CookieHeaders(Optional.empty(), false);

  static final Http1 PIPELINED = Http1.DEFAULT.pipelining(100).pipelinedMethods(Http1.Methods.ALL);
  static final Reason UNSENT = new Reason.BadState("test", "no connection follows this one");

  final EmbeddedChannel channel = new EmbeddedChannel();
  final Recorder out = new Recorder(channel::writeOneOutbound);
  final Held held;
  final Http1Engine engine;
  long now = 1000 * SECOND;
  private @Nullable Throwable broken;

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
    engine = new Http1Engine("example.com", http1, limits, Timeouts.DEFAULT, cookies, held, now);
    Pipelines.http1(channel, limits, this);
  }

  // ---- the host

  @Override
  public void received(Object message) {
    if (out.change() != null) {
      return; // the connection ends or is another engine's, as it is in earnest
    }
    engine.received((HttpObject) message, now, out);
  }

  @Override
  public void unasked() {
    engine.unasked(now, out);
  }

  @Override
  public void writabilityChanged() {}

  @Override
  public void inputCut() {
    engine.inputCut(out);
  }

  @Override
  public void inputClosed() {
    engine.inputClosed(now, out);
  }

  @Override
  public void closed() {
    engine.closed(now, out);
  }

  @Override
  public void broke(Throwable cause) {
    broken = cause; // Netty would only log what is thrown here
  }

  private void expectUnbroken() {
    if (broken != null) {
      throw new AssertionError(broken);
    }
  }

  // ---- what the owner does

  Stream request(String method, String target) {
    return request(Request.of(method, target));
  }

  Stream request(Request request) {
    Stream stream = out.stream("request " + request.method() + " " + request.target());
    engine.command(new Command.Request(stream, request), now, out);
    return stream;
  }

  /** Begins a request whose body follows. */
  Stream headers(Request request) {
    Stream stream = out.stream("request " + request.method() + " " + request.target());
    engine.command(
        new Command.Request(stream, request, false, Engine.NEVER, List.of(), FieldNames.PLAIN),
        now,
        out);
    return stream;
  }

  Command.Data data(Stream stream, String part, boolean last) {
    return data(stream, part, last, Headers.EMPTY, null);
  }

  Command.Data data(
      Stream stream, String part, boolean last, Headers trailers, @Nullable Fate fate) {
    Command.Data data =
        new Command.Data(
            stream, Bytes.utf8(part).asByteBuffer(), last, trailers, FieldNames.PLAIN, fate);
    Recorder.gate(stream).waiting += data.bytes();
    engine.command(data, now, out);
    return data;
  }

  void cancel(Stream stream) {
    engine.command(new Command.Cancel(stream, new Reason.Cancelled()), now, out);
  }

  /** The transport takes more, or no more. */
  void writable(boolean writable) {
    out.writable = writable;
    out.writableTimes = Integer.MAX_VALUE;
    engine.writable(now, out);
  }

  /** Lets this time pass; the engine is called where it asked for it. */
  void passes(Duration time) {
    now += time.toNanos();
    held.giveUpLate(now, out);
    if (now >= engine.deadline()) {
      engine.elapsed(now, out);
    }
  }

  Stream upgrade() {
    return upgrade(WebSocketOptions.DEFAULT);
  }

  Stream upgrade(WebSocketOptions options) {
    Stream stream = out.stream("upgrade");
    engine.command(new Command.Upgrade(stream, "/ws", options, FieldNames.PLAIN), now, out);
    return stream;
  }

  Command.Send send(Stream stream, Frame frame, String payload) {
    Command.Send send = new Command.Send(stream, frame, Bytes.utf8(payload).asByteBuffer());
    Recorder.gate(stream).waiting += send.bytes();
    engine.command(send, now, out);
    return send;
  }

  // ---- what the server does

  /** Sends these bytes; lines end as they stand. */
  void says(String text) {
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
    expectUnbroken();
  }

  /** Sends this head, with its lines' ends and the empty line. */
  void answers(String... lines) {
    says(String.join("\r\n", lines) + "\r\n\r\n");
  }

  void hangsUp() {
    channel.finish();
    expectUnbroken();
  }

  /** Ends TLS, which goes on no longer, and nothing else. */
  void notifiesOfItsClose() {
    channel.pipeline().fireUserEventTriggered(SslCloseCompletionEvent.SUCCESS);
  }

  /** Hangs up where TLS expected a goodbye. */
  void isCutOff() {
    channel
        .pipeline()
        .fireUserEventTriggered(new SslCloseCompletionEvent(new ClosedChannelException()));
    channel.finish();
    expectUnbroken();
  }

  /** What the client wrote since the last time. */
  String reads() {
    channel.flush();
    StringBuilder text = new StringBuilder();
    ByteBuf part;
    while ((part = channel.readOutbound()) != null) {
      text.append(part.toString(StandardCharsets.ISO_8859_1));
      part.release();
    }
    return text.toString();
  }

  // ---- the end

  /**
   * The connection ends for this reason and for good; these streams are taken with it, and those
   * that wait are sent by no other.
   */
  Engine.Casualties end(Reason reason) {
    Engine.Casualties casualties = engine.end(reason, out);
    held.removeAll().forEach(command -> Engine.refuse(command, UNSENT, out));
    assertThat(engine.bodies()).as("bodies that hold native memory").isZero();
    channel.finishAndReleaseAll();
    expectUnbroken();
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
