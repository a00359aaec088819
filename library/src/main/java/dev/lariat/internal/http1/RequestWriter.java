package dev.lariat.internal.http1;

import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Forward;
import dev.lariat.internal.protocol.Out;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.option.Request;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Writes requests (RFC 9112 section 3), with the headers that HTTP/1.1 asks for and no others.
 * Everything was checked in the user's thread, when the request was made.
 */
final class RequestWriter {
  private static final Set<String> EXPECT_CONTENT =
      Set.of("POST", "PUT", "PATCH"); // RFC 9110 section 8.6

  /**
   * Up to this many bytes of content are copied after the head; more are written without a copy.
   */
  private static final int COPIED = 4 << 10;

  private final String authority;
  private final boolean absolute;
  private final String version;
  private final Fields fields = new Fields(); // of the request that is being written

  /**
   * A writer of requests to one origin.
   *
   * @param authority for the {@code Host} header
   * @param absolute whether targets have the absolute form, for a proxy
   * @param version of HTTP, as a request says it
   */
  RequestWriter(String authority, boolean absolute, String version) {
    this.authority = authority;
    this.absolute = absolute;
    this.version = version;
  }

  /**
   * Writes a request with its whole body.
   *
   * @param protocols those that the server may switch to (RFC 9110 section 7.8)
   */
  void request(Request request, List<String> protocols, FieldNames names, Out out) {
    begin(request.headers(), names);
    if (!protocols.isEmpty()) {
      fields.add("connection", "upgrade");
      fields.add("upgrade", String.join(", ", protocols));
    }
    setLength(request);
    write(request, out);
    if (!request.body().isEmpty()) {
      content(request.body().asByteBuffer(), out);
    }
  }

  private void setLength(Request request) {
    Bytes body = request.body();
    if (!body.isEmpty() || EXPECT_CONTENT.contains(request.method())) {
      fields.set("content-length", Integer.toString(body.size()));
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
    begin(request.headers(), names);
    if (whole) {
      setLength(request);
    }
    boolean chunked = !whole && !request.headers().contains("content-length");
    if (chunked) {
      fields.add("transfer-encoding", "chunked");
    }
    if (expecting) {
      fields.add("expect", "100-continue");
    }
    write(request, out);
    return chunked;
  }

  void upgrade(String path, Headers handshake, Headers users, FieldNames names, Out out) {
    begin(users, names);
    fields.addAll(handshake);
    write("GET", path, out);
  }

  /** Writes the request for a tunnel, whose host is its destination (RFC 9112 section 3.2.3). */
  void connect(String destination, Headers users, FieldNames names, Out out) {
    begin(users, names, destination);
    write("CONNECT", destination, out);
  }

  private void begin(Headers users, FieldNames names) {
    begin(users, names, authority);
  }

  /** Begins with the host (RFC 9112 section 3.2), which the user's headers may name themselves. */
  private void begin(Headers users, FieldNames names, String host) {
    fields.begin(names);
    if (!users.contains("host")) {
      fields.add("host", host);
    }
    fields.addAll(users);
  }

  private void write(Request request, Out out) {
    String target = request.target();
    write(
        request.method(),
        absolute ? Forward.target(authority, request.headers(), target) : target,
        out);
  }

  private void write(String method, String target, Out out) {
    int line = method.length() + target.length() + version.length() + 4;
    ByteBuf room = out.room(line + fields.size());
    put(room, method).writeByte(' ');
    put(room, target).writeByte(' ');
    put(room, version);
    newLine(room);
    fields.write(room);
  }

  /** Writes octets of a body as they are. */
  static void content(ByteBuffer octets, Out out) {
    if (octets.remaining() <= COPIED) {
      out.room(octets.remaining()).writeBytes(octets.duplicate());
    } else {
      out.write(Unpooled.wrappedBuffer(octets));
    }
  }

  static ByteBuf put(ByteBuf room, CharSequence text) {
    room.writeCharSequence(text, StandardCharsets.ISO_8859_1);
    return room;
  }

  static void newLine(ByteBuf room) {
    room.writeShort(('\r' << Byte.SIZE) + '\n');
  }

  /** A block of fields to be written, headers or trailers; then it is empty, for the next one. */
  static final class Fields {
    private FieldNames names = FieldNames.PLAIN;
    private final List<CharSequence> pairs = new ArrayList<>();
    private int size = 2; // octets, with the empty line

    /** Begins an empty block, whose names are written like this. */
    void begin(FieldNames names) {
      this.names = names;
      forget();
    }

    private void forget() {
      pairs.clear();
      size = 2;
    }

    void addAll(Headers headers) {
      for (Headers.Field field : headers) {
        add(field.name(), field.value());
      }
    }

    void add(String name, String value) {
      CharSequence written = names.of(name);
      pairs.add(written);
      pairs.add(value);
      size += written.length() + value.length() + 4;
    }

    /** Adds this one in the place of those of its name. */
    void set(String name, String value) {
      for (int i = pairs.size() - 2; i >= 0; i -= 2) {
        if (CharSequence.compare(pairs.get(i), names.of(name)) == 0) {
          size -= pairs.get(i).length() + pairs.get(i + 1).length() + 4;
          pairs.remove(i + 1);
          pairs.remove(i);
        }
      }
      add(name, value);
    }

    int size() {
      return size;
    }

    void write(ByteBuf room) {
      for (int i = 0; i < pairs.size(); i += 2) {
        put(room, pairs.get(i)).writeByte(':').writeByte(' ');
        put(room, pairs.get(i + 1));
        newLine(room);
      }
      newLine(room);
      forget(); // they may be secrets
    }
  }
}
