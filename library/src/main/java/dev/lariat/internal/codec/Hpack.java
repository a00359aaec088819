package dev.lariat.internal.codec;

import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The compression of one connection's fields, both ways (RFC 7541), which Netty does. */
public final class Hpack {
  /** The size of this side's tables, and the most of the server's that is used. */
  private static final int TABLE = 4096;

  private static final int TABLE_SIZES = 6; // octets of two updates of its size

  private static final List<String> OF_RESPONSE = List.of(":status");
  private static final List<String> OF_REQUEST =
      List.of(":method", ":scheme", ":authority", ":path");
  private static final int SHORT_COOKIE = 20; // can be guessed from the size (RFC 7541 section 7.1)

  /**
   * The head of a response.
   *
   * @param status 100 to 999
   */
  public record Response(int status, Headers headers) {}

  /** The head of a request that the server promises. */
  public record Request(
      String method, String scheme, String authority, String path, Headers headers) {}

  private final int limit;
  private final FieldSection received = new FieldSection();
  private final FieldSection sent = new FieldSection();

  /** Whether what was decoded last was more than the limit, and was dropped. */
  private boolean tooLarge;

  /** The smallest size of the server's table since the last field section; -1 if it kept its. */
  private long smallestTable = -1;

  /** The size that the server's table has now. */
  private long table = TABLE;

  private final DefaultHttp2HeadersDecoder decoder;
  private final DefaultHttp2HeadersEncoder encoder =
      new DefaultHttp2HeadersEncoder(Hpack::isSecret, true);

  /**
   * The compression of a new connection.
   *
   * @param limit bytes of a field section when it is decompressed, each field counting 32 more (RFC
   *     9113 section 6.5.2)
   */
  public Hpack(int limit) {
    this.limit = limit;
    this.decoder =
        new DefaultHttp2HeadersDecoder(false, limit) {
          @Override
          protected Http2Headers newHeaders() {
            return received.clear();
          }
        };
  }

  private static boolean isSecret(CharSequence name, CharSequence value) {
    String text = name.toString();
    return text.equals("authorization")
        || text.equals("proxy-authorization")
        || text.equals("cookie") && value.length() < SHORT_COOKIE;
  }

  // ---- what is sent

  /** A field section to be filled and given to {@link #encode}; the one before it is gone. */
  public FieldSection begin() {
    return sent.clear();
  }

  /** At least as many octets as the field section that was begun takes on the wire. */
  public int sentOctets() {
    return sent.octets() + TABLE_SIZES;
  }

  /** Writes the field section that was begun. */
  public void encode(int stream, ByteBuf room) {
    try {
      if (smallestTable >= 0) { // two updates at the most (RFC 7541 section 4.2)
        encoder.configuration().maxHeaderTableSize(smallestTable);
        encoder.configuration().maxHeaderTableSize(table);
        smallestTable = -1;
      }
      encoder.encodeHeaders(stream, sent, room);
    } catch (Http2Exception e) {
      throw new IllegalStateException(e); // it has no limit, and the sizes are allowed
    }
    sent.clear();
  }

  /** The server takes a table of this size. */
  public void tableSize(long size) {
    long used = Math.min(TABLE, size);
    if (used != table || smallestTable >= 0) {
      smallestTable = smallestTable < 0 ? used : Math.min(smallestTable, used);
      table = used;
    }
  }

  // ---- what is received

  /**
   * Decodes a block, as each must be, in order.
   *
   * @throws Violation if it is no field block: the connection cannot go on
   */
  public void decode(int stream, ByteBuf block) throws Violation {
    tooLarge = false;
    try {
      decoder.decodeHeaders(stream, block);
    } catch (Http2Exception.HeaderListSizeException e) {
      tooLarge = true;
    } catch (Http2Exception e) {
      String detail = e.getMessage() == null ? "" : ": " + e.getMessage();
      throw Violation.protocol(
          "a field block cannot be decompressed" + detail,
          "RFC 7541 section 3.2",
          Http2Frames.COMPRESSION_ERROR);
    }
  }

  /**
   * What was decoded last, as the head of a response.
   *
   * @throws Violation if it is none: its stream cannot go on
   */
  public Response response() throws Violation {
    Headers headers = head(OF_RESPONSE);
    String status = received.pseudo(":status");
    received.clear();
    return new Response(status(status), headers);
  }

  /**
   * What was decoded last, as the head of a request that the server promises.
   *
   * @throws Violation if it is none: its stream cannot go on
   */
  public Request request() throws Violation {
    Headers headers = head(OF_REQUEST);
    Request request =
        new Request(
            pseudo(":method"), pseudo(":scheme"), pseudo(":authority"), pseudo(":path"), headers);
    received.clear();
    return request;
  }

  private String pseudo(String name) throws Violation {
    String value = received.pseudo(name);
    if (value == null) {
      throw Violation.protocol(
          "a promised request has no " + name,
          "RFC 9113 section 8.4.1",
          Http2Frames.PROTOCOL_ERROR);
    }
    return value;
  }

  /**
   * What was decoded last, as trailers.
   *
   * @throws Violation if they are none: their stream cannot go on
   */
  public Headers trailers() throws Violation {
    Headers trailers = head(List.of());
    received.clear();
    return trailers;
  }

  private Headers head(List<String> pseudo) throws Violation {
    if (tooLarge) {
      throw Violation.of(new Reason.Limit(Reason.Bound.HEADER_BLOCK, limit), Http2Frames.CANCEL);
    }
    return received.head(pseudo);
  }

  private static int status(@Nullable String status) throws Violation {
    if (status == null) {
      throw Violation.protocol(
          "a response has no :status", "RFC 9113 section 8.3.2", Http2Frames.PROTOCOL_ERROR);
    }
    boolean digits = status.length() == 3;
    for (int i = 0; i < status.length(); i++) {
      digits &= status.charAt(i) >= '0' && status.charAt(i) <= '9';
    }
    if (!digits || status.charAt(0) == '0') {
      throw Violation.protocol(
          "the :status of a response is not three digits from 100 on",
          "RFC 9113 section 8.3.2",
          Http2Frames.PROTOCOL_ERROR);
    }
    return Integer.parseInt(status);
  }
}
