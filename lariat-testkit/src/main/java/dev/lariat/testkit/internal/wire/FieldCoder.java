package dev.lariat.testkit.internal.wire;

import static dev.lariat.testkit.internal.wire.Http2Frame.refuseIf;

import dev.lariat.message.Headers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The fields of one connection of HTTP/2, which Netty compresses (RFC 7541). */
final class FieldCoder {
  private static final int TABLE = 4096;
  private static final int LARGEST = 1 << 20; // of a field block: a test's client has gone mad
  private static final Set<String> PSEUDO =
      Set.of(":method", ":scheme", ":authority", ":path", ":protocol");
  private static final Set<String> OF_HTTP_1 =
      Set.of("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade");

  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false, LARGEST);
  private final DefaultHttp2HeadersEncoder encoder =
      new DefaultHttp2HeadersEncoder((name, value) -> false, true);

  /**
   * What a request's head says.
   *
   * @param head it as scripts see it
   * @param scheme of what it asks for; "" if it asks for a tunnel
   * @param protocol what an extended CONNECT asks for (RFC 8441 section 4); "" without one
   */
  record Asking(Http.Head head, String scheme, String protocol) {}

  /** The client takes a table of this size. */
  void tableSize(long size) throws IOException {
    try {
      encoder.configuration().maxHeaderTableSize(Math.min(TABLE, size));
    } catch (Http2Exception e) {
      throw new ProtocolException(e.getMessage());
    }
  }

  // ---- what comes

  private Http2Headers decode(int stream, byte[] block) throws IOException {
    try {
      return decoder.decodeHeaders(stream, Unpooled.wrappedBuffer(block));
    } catch (Http2Exception e) {
      throw new ProtocolException("a field block is broken (RFC 7541): " + e.getMessage());
    }
  }

  /** The head of a request (RFC 9113 section 8.3.1). */
  Asking request(int stream, byte[] block) throws IOException {
    Map<String, String> pseudo = new HashMap<>();
    Headers headers = headers(decode(stream, block), pseudo);
    String method = pseudo.getOrDefault(":method", "");
    String authority = pseudo.getOrDefault(":authority", "");
    String protocol = pseudo.getOrDefault(":protocol", "");
    refuseIf(!Headers.isToken(method), "a request has no :method", "8.3.1");
    String target = pseudo.getOrDefault(":path", "");
    if (method.equals("CONNECT") && protocol.isEmpty()) {
      refuseIf(
          authority.isEmpty() || pseudo.size() != 2,
          "a CONNECT has other pseudo-header fields",
          "8.5");
      target = authority;
    } else {
      refuseIf(!pseudo.containsKey(":scheme"), "a request has no :scheme", "8.3.1");
      refuseIf(target.isEmpty(), "a request has no :path", "8.3.1");
      refuseIf(
          !protocol.isEmpty() && !method.equals("CONNECT"), "a :protocol without CONNECT", "8");
    }
    if (!authority.isEmpty() && !headers.contains("host")) {
      headers = headers.with("host", authority);
    }
    String scheme = pseudo.getOrDefault(":scheme", "");
    return new Asking(new Http.Head(method, target, headers), scheme, protocol);
  }

  /** Checks the trailers of a request. */
  void trailers(int stream, byte[] block) throws IOException {
    Map<String, String> pseudo = new HashMap<>();
    headers(decode(stream, block), pseudo);
    refuseIf(!pseudo.isEmpty(), "trailers have " + pseudo.keySet(), "8.1");
  }

  private static Headers headers(Http2Headers all, Map<String, String> pseudo) throws IOException {
    List<Headers.Field> fields = new ArrayList<>();
    List<String> cookies = new ArrayList<>(); // one field for each, perhaps
    for (Map.Entry<CharSequence, CharSequence> field : all) {
      String name = field.getKey().toString();
      String value = field.getValue().toString();
      checkValue(name, value);
      if (name.startsWith(":")) {
        refuseIf(!PSEUDO.contains(name), name + " is unknown", "8.3");
        refuseIf(pseudo.put(name, value) != null, name + " came twice", "8.3");
        continue;
      }
      checkName(name, value);
      if (name.equals("cookie")) {
        cookies.add(value);
      } else {
        fields.add(new Headers.Field(name, value));
      }
    }
    if (!cookies.isEmpty()) {
      fields.add(new Headers.Field("cookie", String.join("; ", cookies))); // section 8.2.3
    }
    return Headers.of(fields);
  }

  private static void checkName(String name, String value) throws IOException {
    refuseIf(!Headers.isToken(name), "\"" + name + "\" is no name of a field", "8.2.1");
    refuseIf(!name.equals(name.toLowerCase(Locale.ROOT)), name + " has upper case", "8.2.1");
    refuseIf(OF_HTTP_1.contains(name), name + " has no place in HTTP/2", "8.2.2");
    refuseIf(name.equals("te") && !value.equals("trailers"), "te says " + value, "8.2.2");
  }

  private static void checkValue(String name, String value) throws IOException {
    boolean good = value.equals(value.strip());
    for (int i = 0; i < value.length(); i++) {
      good &= value.charAt(i) != 0 && value.charAt(i) != '\r' && value.charAt(i) != '\n';
    }
    refuseIf(!good, "the value of " + name + " is none", "8.2.1");
  }

  // ---- what goes

  /** The head of a response; without the headers that only HTTP/1.1 has. */
  byte[] response(int stream, int status, Headers headers) {
    DefaultHttp2Headers all = new DefaultHttp2Headers(false);
    all.add(":status", String.valueOf(status));
    return encode(stream, all, headers);
  }

  /** The head of a request that is promised, beside the one that it comes with. */
  byte[] promise(int stream, Asking with, String target, Headers headers) {
    DefaultHttp2Headers all = new DefaultHttp2Headers(false);
    all.add(":method", "GET");
    all.add(":scheme", with.scheme());
    all.add(":authority", with.head().headers().first("host").orElse(""));
    all.add(":path", target);
    return encode(stream, all, headers);
  }

  /** The trailers of a response. */
  byte[] trailers(int stream, Headers trailers) {
    return encode(stream, new DefaultHttp2Headers(false), trailers);
  }

  private byte[] encode(int stream, DefaultHttp2Headers all, Headers headers) {
    for (Headers.Field field : headers) {
      String name = field.name().toLowerCase(Locale.ROOT);
      if (!OF_HTTP_1.contains(name)) {
        all.add(name, field.value());
      }
    }
    ByteBuf room = Unpooled.buffer();
    try {
      encoder.encodeHeaders(stream, all, room);
    } catch (Http2Exception e) {
      throw new IllegalStateException("it has no limit", e);
    }
    byte[] block = new byte[room.readableBytes()];
    room.readBytes(block);
    return block;
  }
}
