package dev.lariat.internal.codec;

import static dev.lariat.internal.codec.Http2Frames.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Headers;
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

/** A server of HTTP/2 that the test speaks for: it says any frame, right or wrong, and reads. */
public abstract class Http2Peer {
  /** What the client wrote: a frame, its fields decompressed. */
  public record Frame(int type, int flags, int stream, byte[] payload, Headers fields) {
    public boolean has(int flag) {
      return (flags & flag) != 0;
    }

    public String text() {
      return new String(payload, StandardCharsets.UTF_8);
    }

    public int number(int at) {
      return ByteBuffer.wrap(payload).getInt(at);
    }
  }

  private final DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false, 1 << 20);
  private boolean prefaced;

  // ---- what it says

  /** Takes what the server sends. */
  protected abstract void receives(byte[] octets);

  public void settings(int... pairs) {
    ByteBuf payload = Unpooled.buffer();
    for (int i = 0; i < pairs.length; i += 2) {
      payload.writeShort(pairs[i]).writeInt(pairs[i + 1]);
    }
    frame(SETTINGS, 0, 0, bytes(payload));
  }

  public void acknowledgesSettings() {
    frame(SETTINGS, ACK, 0, new byte[0]);
  }

  public void answers(int stream, boolean last, String status, String... fields) {
    String[] all = new String[fields.length + 2];
    all[0] = ":status";
    all[1] = status;
    System.arraycopy(fields, 0, all, 2, fields.length);
    headers(stream, last, all);
  }

  public void headers(int stream, boolean last, String... fields) {
    frame(HEADERS, END_HEADERS | (last ? END_STREAM : 0), stream, block(stream, fields));
  }

  /** Promises the response to a GET of this path. */
  public void promises(int stream, int promised, String path) {
    promise(
        stream,
        promised,
        ":method",
        "GET",
        ":scheme",
        "https",
        ":authority",
        "host.example",
        ":path",
        path);
  }

  public void promise(int stream, int promised, String... fields) {
    byte[] block = block(promised, fields);
    byte[] payload = ByteBuffer.allocate(4 + block.length).putInt(promised).put(block).array();
    frame(PUSH_PROMISE, END_HEADERS, stream, payload);
  }

  public byte[] block(int stream, String... fields) {
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

  public void sends(int stream, String text, boolean last) {
    frame(DATA, last ? END_STREAM : 0, stream, text.getBytes(StandardCharsets.UTF_8));
  }

  public void resets(int stream, int code) {
    frame(RST_STREAM, 0, stream, ByteBuffer.allocate(4).putInt(code).array());
  }

  public void goesAway(int last, int code, String debug) {
    byte[] words = debug.getBytes(StandardCharsets.UTF_8);
    frame(
        GOAWAY,
        0,
        0,
        ByteBuffer.allocate(8 + words.length).putInt(last).putInt(code).put(words).array());
  }

  public void opens(int stream, int increment) {
    frame(WINDOW_UPDATE, 0, stream, ByteBuffer.allocate(4).putInt(increment).array());
  }

  public void pings(long data, boolean acknowledges) {
    frame(PING, acknowledges ? ACK : 0, 0, ByteBuffer.allocate(8).putLong(data).array());
  }

  public void frame(int type, int flags, int stream, byte[] payload) {
    ByteBuf frame = Unpooled.buffer();
    header(frame, payload.length, type, flags, stream).writeBytes(payload);
    receives(bytes(frame));
  }

  private static byte[] bytes(ByteBuf buffer) {
    byte[] bytes = new byte[buffer.readableBytes()];
    buffer.readBytes(bytes);
    return bytes;
  }

  // ---- what it reads

  /** The frames of which these octets are the whole. */
  public List<Frame> frames(byte[] octets) {
    ByteBuf written = Unpooled.wrappedBuffer(octets);
    List<Frame> all = new ArrayList<>();
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
      all.add(new Frame(type, flags, stream, payload, fields));
    }
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
}
