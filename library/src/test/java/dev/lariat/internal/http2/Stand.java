package dev.lariat.internal.http2;

import static dev.lariat.internal.codec.Http2Frames.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.codec.FieldSection;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.CookieHeaders;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Held;
import dev.lariat.internal.protocol.Recorder;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.option.Http2;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import dev.lariat.option.Timeouts;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An HTTP/2 engine without a socket, and its server, which the test speaks for. */
final class Stand {
  static final long SECOND = 1_000_000_000L;

  /** What the engine wrote: a frame, its fields decompressed. */
  record Frame(int type, int flags, int stream, byte[] payload, Headers fields) {
    boolean has(int flag) {
      return (flags & flag) != 0;
    }

    String text() {
      return new String(payload, StandardCharsets.UTF_8);
    }

    int number(int at) {
      return ByteBuffer.wrap(payload).getInt(at);
    }
  }

  final Recorder out = new Recorder();
  final Held held;
  final Http2Engine engine;
  long now = 10 * SECOND;

  private final DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false, 1 << 20);
  private final List<Frame> unread = new ArrayList<>();
  private boolean prefaced;

  /** What comes is cut into pieces of so many octets. */
  int cut = Integer.MAX_VALUE;

  Stand() {
    this(Http2.DEFAULT, Limits.DEFAULT);
  }

  Stand(Http2 options, Limits limits) {
    this.held = new Held(limits);
    this.engine =
        new Http2Engine(
            "host.example",
            true,
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
    frame(SETTINGS, ACK, 0, new byte[0]);
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
    Stream stream = out.stream("request " + request.target());
    command(new Command.Request(stream, request, whole, Engine.NEVER, List.of(), FieldNames.PLAIN));
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

  void credit(Stream stream, long messages) {
    command(new Command.Credit(stream, messages));
  }

  void later(long nanos) {
    now += nanos;
    engine.elapsed(out.at(now));
    flush();
  }

  // ---- what the server says

  void settings(int... pairs) {
    ByteBuf payload = Unpooled.buffer();
    for (int i = 0; i < pairs.length; i += 2) {
      payload.writeShort(pairs[i]).writeInt(pairs[i + 1]);
    }
    frame(SETTINGS, 0, 0, bytes(payload));
  }

  void answers(int stream, boolean last, String status, String... fields) {
    String[] all = new String[fields.length + 2];
    all[0] = ":status";
    all[1] = status;
    System.arraycopy(fields, 0, all, 2, fields.length);
    headers(stream, last, all);
  }

  void headers(int stream, boolean last, String... fields) {
    frame(HEADERS, END_HEADERS | (last ? END_STREAM : 0), stream, block(stream, fields));
  }

  byte[] block(int stream, String... fields) {
    FieldSection headers = new FieldSection();
    for (int i = 0; i < fields.length; i += 2) {
      headers.add(fields[i], fields[i + 1]);
    }
    ByteBuf block = Unpooled.buffer();
    try {
      encoder.encodeHeaders(stream, headers, block);
    } catch (Http2Exception e) {
      throw new AssertionError(e);
    }
    return bytes(block);
  }

  void sends(int stream, String text, boolean last) {
    frame(DATA, last ? END_STREAM : 0, stream, text.getBytes(StandardCharsets.UTF_8));
  }

  void resets(int stream, int code) {
    frame(RST_STREAM, 0, stream, ByteBuffer.allocate(4).putInt(code).array());
  }

  void goesAway(int last, int code, String debug) {
    byte[] words = debug.getBytes(StandardCharsets.UTF_8);
    frame(
        GOAWAY,
        0,
        0,
        ByteBuffer.allocate(8 + words.length).putInt(last).putInt(code).put(words).array());
  }

  void opens(int stream, int increment) {
    frame(WINDOW_UPDATE, 0, stream, ByteBuffer.allocate(4).putInt(increment).array());
  }

  void pings(long data, boolean acknowledges) {
    frame(PING, acknowledges ? ACK : 0, 0, ByteBuffer.allocate(8).putLong(data).array());
  }

  void frame(int type, int flags, int stream, byte[] payload) {
    ByteBuf frame = Unpooled.buffer();
    header(frame, payload.length, type, flags, stream).writeBytes(payload);
    receives(bytes(frame));
  }

  void receives(byte[] octets) {
    for (int from = 0; from < octets.length; from += Math.min(cut, octets.length - from)) {
      ByteBuf part = Unpooled.copiedBuffer(octets, from, Math.min(cut, octets.length - from));
      while (part.isReadable() && out.change() == null) {
        engine.received(part, out.at(now));
      }
    }
    out.goOn(engine, now);
    flush();
  }

  private static byte[] bytes(ByteBuf buffer) {
    byte[] bytes = new byte[buffer.readableBytes()];
    buffer.readBytes(bytes);
    return bytes;
  }

  // ---- what the server reads

  /** The frames that were written since the last time. */
  List<Frame> frames() {
    ByteBuf written = Unpooled.wrappedBuffer(out.written());
    if (!prefaced && written.isReadable()) {
      prefaced = true;
      assertThat(written.readCharSequence(PREFACE.length(), StandardCharsets.US_ASCII).toString())
          .isEqualTo(PREFACE);
    }
    ByteBuf block = Unpooled.buffer();
    while (written.isReadable()) {
      int length = written.readUnsignedMedium();
      int type = written.readUnsignedByte();
      int flags = written.readUnsignedByte();
      int stream = written.readInt();
      byte[] payload = new byte[length];
      written.readBytes(payload);
      Headers fields = Headers.EMPTY;
      if (type == HEADERS || type == CONTINUATION) {
        block.writeBytes(payload);
        if ((flags & END_HEADERS) != 0) {
          fields = fields(stream, block);
          block.clear();
        }
      }
      unread.add(new Frame(type, flags, stream, payload, fields));
    }
    List<Frame> all = List.copyOf(unread);
    unread.clear();
    return all;
  }

  private Headers fields(int stream, ByteBuf block) {
    try {
      Headers fields = Headers.EMPTY;
      for (Map.Entry<CharSequence, CharSequence> field : decoder.decodeHeaders(stream, block)) {
        // a pseudo-header field's name is no token
        fields =
            fields.with(field.getKey().toString().replace(":", "."), field.getValue().toString());
      }
      return fields;
    } catch (Http2Exception e) {
      throw new AssertionError(e);
    }
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

  /** The connection is over; nothing else happened. */
  void end(Reason reason) {
    engine.end(reason, out.at(now));
    assertThat(engine.bodies()).isZero();
  }
}
