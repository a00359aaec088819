package dev.lariat.internal.codec;

import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a {@link ResponseDecoder} makes of a server's words: heads, bodies whose parts are joined
 * and which end with a dollar sign, trailers; and why it took no more, empty where it took all.
 */
record Responded(List<String> told, String refused) {
  static final int LIMIT = 512;

  /** Words that come so many octets at a time, then the end of the connection. */
  static Responded of(String said, boolean tolerant, boolean head, int step) {
    List<String> parts = new ArrayList<>();
    for (int from = 0; from < said.length(); from += step) {
      parts.add(said.substring(from, Math.min(said.length(), from + step)));
    }
    return of(parts, tolerant, head);
  }

  /** Words that come in two pieces. */
  static Responded cut(String said, boolean tolerant, int at) {
    return of(List.of(said.substring(0, at), said.substring(at)), tolerant, false);
  }

  private static Responded of(List<String> parts, boolean tolerant, boolean head) {
    Sink sink = new Sink(head);
    ResponseDecoder decoder = new ResponseDecoder(LIMIT, tolerant, false, sink);
    try {
      for (String part : parts) {
        decode(decoder, buffer(part));
      }
      decoder.end();
    } catch (Violation v) {
      return new Responded(sink.told(), v.reason().sentence());
    }
    return new Responded(sink.told(), "");
  }

  static ByteBuf buffer(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }

  /** Gives the decoder words that it takes. */
  static void feed(ResponseDecoder decoder, String text) {
    byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
    feed(decoder, octets, octets.length);
  }

  static void feed(ResponseDecoder decoder, byte[] octets, int length) {
    try {
      decode(decoder, Unpooled.wrappedBuffer(octets, 0, length));
    } catch (Violation v) {
      throw new AssertionError(v);
    }
  }

  private static void decode(ResponseDecoder decoder, ByteBuf in) throws Violation {
    try {
      while (in.isReadable()) {
        int before = in.readableBytes();
        decoder.decode(in);
        if (in.readableBytes() == before) {
          throw new AssertionError("no step further");
        }
      }
    } finally {
      in.release();
    }
  }

  /** The fields with all their values, of which their own text hides some. */
  private static String shown(Headers headers) {
    List<String> fields = new ArrayList<>();
    headers.forEach(field -> fields.add(field.name() + ": " + field.value()));
    return "{" + String.join(", ", fields) + "}";
  }

  /** Notes what it is given. */
  static final class Sink implements ResponseDecoder.Sink {
    private final boolean head;
    private final List<String> told = new ArrayList<>();
    private final StringBuilder body = new StringBuilder();
    Headers headers = Headers.EMPTY;
    long octets;
    boolean ended;

    Sink(boolean head) {
      this.head = head;
    }

    @Override
    public boolean begins(long before) {
      return head;
    }

    @Override
    public void head(ResponseDecoder.Head head) {
      headers = head.headers();
      told.add(
          head.status()
              + " "
              + shown(head.headers())
              + (head.ends() ? " $" : "")
              + (head.last() ? " last" : ""));
    }

    @Override
    public void part(Bytes part, boolean last) {
      octets += part.size();
      ended = last;
      if (octets < 1 << 20) {
        body.append(new String(part.toArray(), StandardCharsets.ISO_8859_1));
      }
      if (last) {
        flush("$");
      }
    }

    @Override
    public void trailers(Headers trailers) {
      flush("");
      told.add("trailers " + shown(trailers));
    }

    private void flush(String end) {
      if (!body.isEmpty() || !end.isEmpty()) {
        told.add(body + end);
        body.setLength(0);
      }
    }

    List<String> told() {
      flush("");
      return List.copyOf(told);
    }
  }
}
