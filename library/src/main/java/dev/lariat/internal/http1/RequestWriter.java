package dev.lariat.internal.http1;

import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Out;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.option.Request;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;
import java.util.Set;

/** Turns requests into Netty's form, with the headers that HTTP/1.1 asks for and no others. */
final class RequestWriter {
  // Everything was checked in the user's thread, when the request was made.
  static final HttpHeadersFactory UNCHECKED =
      DefaultHttpHeadersFactory.headersFactory().withValidation(false);
  private static final Set<String> EXPECT_CONTENT =
      Set.of("POST", "PUT", "PATCH"); // RFC 9110 section 8.6

  private final String authority;
  private final HttpVersion version;

  /**
   * A writer of requests to one origin.
   *
   * @param authority for the {@code Host} header
   */
  RequestWriter(String authority, HttpVersion version) {
    this.authority = authority;
    this.version = version;
  }

  /**
   * Writes a request with its whole body.
   *
   * @param protocols those that the server may switch to (RFC 9110 section 7.8)
   */
  void request(Request request, List<String> protocols, FieldNames names, Out out) {
    HttpHeaders headers = headers(request.headers(), names);
    if (!protocols.isEmpty()) {
      headers.add(names.of(HttpHeaderNames.CONNECTION), HttpHeaderValues.UPGRADE);
      headers.add(names.of(HttpHeaderNames.UPGRADE), String.join(", ", protocols));
    }
    setLength(headers, request, names);
    write(request.method(), request.target(), headers, request.body(), out);
  }

  private static void setLength(HttpHeaders headers, Request request, FieldNames names) {
    Bytes body = request.body();
    if (!body.isEmpty() || EXPECT_CONTENT.contains(request.method())) {
      headers.set(names.of(HttpHeaderNames.CONTENT_LENGTH), body.size());
    }
  }

  /**
   * Writes the head of a request whose body goes its own way.
   *
   * @param whole whether that body is in the request; otherwise it follows, of the length that the
   *     headers say, or chunked
   * @param expecting whether the server is to consent to it first
   * @return whether it is to be chunked
   */
  boolean head(Request request, boolean whole, boolean expecting, FieldNames names, Out out) {
    HttpHeaders headers = headers(request.headers(), names);
    if (whole) {
      setLength(headers, request, names);
    }
    boolean chunked = !headers.contains(HttpHeaderNames.CONTENT_LENGTH);
    if (chunked) {
      headers.add(names.of(HttpHeaderNames.TRANSFER_ENCODING), HttpHeaderValues.CHUNKED);
    }
    if (expecting) {
      headers.add(names.of(HttpHeaderNames.EXPECT), HttpHeaderValues.CONTINUE);
    }
    out.write(
        new DefaultHttpRequest(
            version, HttpMethod.valueOf(request.method()), request.target(), headers));
    return chunked;
  }

  void upgrade(String path, Headers handshake, Headers users, FieldNames names, Out out) {
    HttpHeaders headers = headers(users, names);
    for (Headers.Field field : handshake) {
      headers.add(names.of(field.name()), field.value());
    }
    write("GET", path, headers, Bytes.EMPTY, out);
  }

  /** The user's headers behind the host (RFC 9112 section 3.2), which they may name themselves. */
  private HttpHeaders headers(Headers users, FieldNames names) {
    HttpHeaders headers = UNCHECKED.newHeaders();
    if (!users.contains("host")) {
      headers.add(names.of(HttpHeaderNames.HOST), authority);
    }
    for (Headers.Field field : users) {
      headers.add(names.of(field.name()), field.value());
    }
    return headers;
  }

  private void write(String method, String target, HttpHeaders headers, Bytes body, Out out) {
    out.write(
        new DefaultFullHttpRequest(
            version,
            HttpMethod.valueOf(method),
            target,
            Unpooled.wrappedBuffer(body.asByteBuffer()),
            headers,
            EmptyHttpHeaders.INSTANCE));
  }
}
