package dev.lariat.internal.codec;

import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason.Bound;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * Reads a server's responses (RFC 9112) from bytes cut anywhere: heads as values, bodies as they
 * come.
 *
 * <p>Lines go octet by octet through a {@link StatusLine}, a {@link FieldBlock} and a {@link
 * ChunkLine}, so that the first octet that cannot stand where it does is refused, however the bytes
 * are cut. A head that was read before is known by its octets, see {@link LastHead}. The octets of
 * a body are copied once, into the part that is told. Two readers that forgive different things
 * disagree about where a response ends (section 11.1), so nothing is forgiven that could move that
 * place, unless the user asks for it.
 *
 * <p>Its state is a {@code Place}. A response goes {@code BETWEEN → STATUS_LINE → HEADERS}, and
 * then by the framing of its body:
 *
 * <pre>
 * no body            → BETWEEN
 * Content-Length     → BODY → BETWEEN
 * chunked            → CHUNK_LINE → CHUNK → CHUNK_CR → CHUNK_LF → CHUNK_LINE …
 *                      CHUNK_LINE (size 0) → TRAILERS → BETWEEN
 * until the end      → UNTIL_CLOSE
 * </pre>
 *
 * <p>A {@link Violation} comes after everything before it was given to the sink; the decoder is not
 * called again.
 */
public final class ResponseDecoder {

  /** Where what was decoded goes. */
  public interface Sink {
    /**
     * The first octet of a response has come; also of an informational one.
     *
     * @param before how many octets of the connection came before it
     * @return whether it answers {@code HEAD}, so that it has no body whatever its headers say
     */
    boolean begins(long before) throws Violation;

    /**
     * Whether a response of this status has no body because bytes of another protocol follow its
     * head: it accepts a {@code CONNECT}. Its headers say nothing about a length then, whatever
     * they hold (RFC 9110 section 9.3.6).
     */
    default boolean tunnels(int status) {
      return false;
    }

    /** Its head has come. Its parts follow, unless it has none or is informational. */
    void head(Head head) throws Violation;

    /**
     * A part of its body.
     *
     * @param last whether the body ends with it; it may be empty then
     */
    void part(Bytes part, boolean last) throws Violation;

    /** Its body ends with trailers. */
    void trailers(Headers trailers) throws Violation;
  }

  /**
   * The head of a response.
   *
   * @param http10 whether it is of HTTP/1.0
   * @param status 0 to 999: what is below 100 is none that there is, and counts as a server's error
   * @param headers without what contradicts them about the length
   * @param ends whether nothing follows the head: the response is informational, or has no body
   * @param sized whether the length of the body is known from the beginning
   * @param untilClose whether the body ends with the connection
   * @param last whether no response can follow: the server says so, or contradicts itself
   */
  public record Head(
      boolean http10,
      int status,
      Headers headers,
      boolean ends,
      boolean sized,
      boolean untilClose,
      boolean last) {

    /** Whether the final response is yet to come. */
    public boolean informational() {
      return status >= 100 && status < 200;
    }
  }

  /** The most octets of a body that are given in one part. */
  private static final int PART = 64 << 10;

  /** A chunk's line of up to this many octets costs nothing, however small the chunk is. */
  private static final int SHORT_LINE = 64;

  /** A longer line costs one token, and one more for each of so many octets. */
  private static final int LINE_UNIT = 4 << 10;

  /** Where in a response the next octet stands. */
  private enum Place {
    BETWEEN, // before a status line
    BETWEEN_LF, // after the CR of an empty line before a status line
    STATUS_LINE,
    HEADERS,
    BODY, // in a body with a Content-Length
    CHUNK_LINE, // in the line with a chunk's size
    CHUNK, // in a chunk's content
    CHUNK_CR, // after a chunk's content
    CHUNK_LF, // after the CR that follows a chunk's content
    TRAILERS,
    UNTIL_CLOSE // in a body that ends with the connection
  }

  /** Octets that a status line, a block of fields, or the line of a chunk's size may have. */
  private final int limit;

  /** Whether to take what {@code Http1.tolerant} says. */
  private final boolean tolerant;

  /** Whether the requests are of HTTP/1.0. */
  private final boolean http10;

  private final Sink sink;
  private final StatusLine statusLine;
  private final FieldBlock fields;
  private final LastHead lastHead = new LastHead();
  private final ChunkLine chunkLine;

  /**
   * Pays for what is no part of a final response: informational responses, empty lines and such.
   */
  private final TokenBucket useless = new TokenBucket();

  private Place place = Place.BETWEEN;

  /** How many octets were read since the connection began. */
  private long passed;

  /** How many octets of empty lines were read before the next status line. */
  private int gap;

  /** Whether the response answers HEAD, so that it has no body. */
  private boolean bodiless;

  /** How many octets of the body or of the chunk are to come. */
  private long remaining;

  /**
   * A decoder at the beginning of a connection.
   *
   * @param headerBlock octets that a status line, a block of fields or the line of a chunk's size
   *     may have
   * @param tolerant whether to take what {@code Http1.tolerant} says
   * @param http10 whether the requests are of HTTP/1.0
   */
  public ResponseDecoder(int headerBlock, boolean tolerant, boolean http10, Sink sink) {
    this.limit = headerBlock;
    this.tolerant = tolerant;
    this.http10 = http10;
    this.sink = sink;
    this.statusLine = new StatusLine(headerBlock, tolerant);
    this.fields = new FieldBlock(headerBlock, tolerant);
    this.chunkLine = new ChunkLine(headerBlock, tolerant);
  }

  /** Gives the time, and when reading last resumed. */
  public void at(long now, long unreadUntil) {
    useless.at(now, unreadUntil);
  }

  /** How many octets were read since the connection began. */
  public long passed() {
    return passed;
  }

  /** Whether the next octet belongs to the content of a body, so that a part is given. */
  public boolean inContent() {
    return place == Place.BODY || place == Place.CHUNK || place == Place.UNTIL_CLOSE;
  }

  /** How many octets of the body are to come; negative if that is not known. */
  public long rest() {
    return place == Place.BODY ? remaining : -1;
  }

  /** Whether the body ends with the connection. */
  public boolean untilClose() {
    return place == Place.UNTIL_CLOSE;
  }

  /**
   * Reads up to the next call of the sink at the most, so that the caller can stop after it. The
   * buffer must have something to read.
   */
  public void decode(ByteBuf in) throws Violation {
    if (inContent()) {
      content(in);
      return;
    }
    ByteBuffer octets = Octets.of(in);
    int from = octets.position();
    int to = lines(octets, from, octets.limit());
    in.skipBytes(to - from);
  }

  /** The server has ended its side in good order, which ends a body without a known length. */
  public void end() throws Violation {
    if (place == Place.UNTIL_CLOSE) {
      place = Place.BETWEEN;
      sink.part(Bytes.EMPTY, true);
    }
  }

  // ---- content

  private void content(ByteBuf in) throws Violation {
    int size = Math.min(PART, in.readableBytes());
    boolean sized = place != Place.UNTIL_CLOSE;
    size = sized ? (int) Math.min(size, remaining) : size;
    byte[] octets = new byte[size];
    in.readBytes(octets);
    passed += size;
    boolean last = false;
    if (sized) {
      remaining -= size;
      last = remaining == 0 && place == Place.BODY;
      if (remaining == 0) {
        place = last ? Place.BETWEEN : Place.CHUNK_CR;
      }
    }
    sink.part(Bytes.wrap(octets), last);
  }

  // ---- lines

  /** Takes octets up to a call of the sink, or to content, or all. Returns the index it reached. */
  private int lines(ByteBuffer in, int from, int end) throws Violation {
    int at = from;
    while (at < end && !inContent()) {
      int octet = in.get(at) & 0xff;
      if (place == Place.BETWEEN && octet != '\r' && octet != '\n') {
        bodiless = sink.begins(passed);
        gap = 0;
        if (lastHead.isAt(in, at, end)) {
          passed += lastHead.length();
          head();
          return at + lastHead.length();
        }
        lastHead.begin();
        statusLine.begin();
        place = Place.STATUS_LINE;
      }
      at++;
      passed++;
      if (take(octet)) {
        return at;
      }
    }
    return at;
  }

  /** Takes the next octet, and says whether the sink was called. */
  private boolean take(int octet) throws Violation {
    switch (place) {
      case BETWEEN -> betweenResponses(octet);
      case BETWEEN_LF -> {
        if (octet != '\n') {
          throw halfALine();
        }
        place = Place.BETWEEN;
      }
      case STATUS_LINE -> {
        lastHead.add(octet);
        if (statusLine.take(octet)) {
          fields.begin(false);
          place = Place.HEADERS;
        }
      }
      case HEADERS -> {
        lastHead.add(octet);
        if (fields.take(octet)) {
          lastHead.end(statusLine.isHttp10(), statusLine.code(), fields.headers());
          head();
          return true;
        }
      }
      case CHUNK_LINE -> {
        if (chunkLine.take(octet)) {
          chunk();
        }
      }
      case CHUNK_CR -> {
        if (octet != '\r' && !(tolerant && octet == '\n')) {
          throw notBehindAChunk();
        }
        place = Place.CHUNK_LF;
        if (octet == '\n') {
          nextChunk();
        }
      }
      case CHUNK_LF -> {
        if (octet != '\n') {
          throw notBehindAChunk();
        }
        nextChunk();
      }
      case TRAILERS -> {
        if (fields.take(octet)) {
          place = Place.BETWEEN;
          Headers trailers = fields.headers();
          if (trailers.isEmpty()) {
            sink.part(Bytes.EMPTY, true);
          } else {
            sink.trailers(trailers);
          }
          return true;
        }
      }
      case BODY, CHUNK, UNTIL_CLOSE -> throw new IllegalStateException("content is no line");
    }
    return false;
  }

  /** Empty lines may stand before a response, if they are whole ones (section 2.2). */
  private void betweenResponses(int octet) throws Violation {
    if (octet == '\n' && !tolerant) {
      throw halfALine();
    }
    gap += octet == '\r' ? 2 : 1;
    if (gap > limit) {
      throw Violation.limit(Bound.HEADER_BLOCK, limit);
    }
    useless.spend(Bound.EMPTY_LINES);
    place = octet == '\r' ? Place.BETWEEN_LF : Place.BETWEEN;
  }

  private static Violation halfALine() {
    return Violation.protocol("half of a line end precedes a status line", "RFC 9112 section 2.2");
  }

  private static Violation notBehindAChunk() {
    return Violation.protocol(
        "a chunk is longer than its size, or its line does not end", "RFC 9112 section 7.1");
  }

  /** A chunk's line is complete. One that is longer than its chunk spends tokens. */
  private void chunk() throws Violation {
    remaining = chunkLine.size();
    int line = chunkLine.octets();
    if (line > SHORT_LINE && line > remaining) {
      useless.spend(Bound.CHUNK_EXTENSIONS, 1 + line / LINE_UNIT);
    } else {
      useless.earn();
    }
    if (remaining > 0) {
      place = Place.CHUNK;
    } else {
      fields.begin(true);
      place = Place.TRAILERS;
    }
  }

  private void nextChunk() {
    chunkLine.begin();
    place = Place.CHUNK_LINE;
  }

  // ---- heads

  /** The last head is whole. */
  private void head() throws Violation {
    int status = lastHead.status();
    Headers headers = lastHead.headers();
    boolean informational = status >= 100 && status < 200;
    if (!informational) {
      useless.fill(); // one final response for each request: they need no bound
    } else if (status != 101) {
      useless.spend(Bound.INFORMS);
    }
    Framing framing = framing(status, headers);
    long length = framing.length();
    boolean untilClose = length == Framing.UNTIL_CLOSE;
    if (length == Framing.CHUNKED) {
      nextChunk();
    } else {
      remaining = length;
      place = untilClose ? Place.UNTIL_CLOSE : length > 0 ? Place.BODY : Place.BETWEEN;
    }
    boolean keeps =
        !Handshake.hasToken(headers, "connection", "close")
            && (!lastHead.isHttp10() || Handshake.hasToken(headers, "connection", "keep-alive"));
    sink.head(
        new Head(
            lastHead.isHttp10(),
            status,
            framing.headers(),
            length == 0,
            length >= 0,
            untilClose,
            untilClose || framing.last() || !keeps));
  }

  private Framing framing(int status, Headers headers) throws Violation {
    if (sink.tunnels(status)) {
      return new Framing(0, headers, false);
    }
    boolean informational = status >= 100 && status < 200;
    boolean empty = informational || bodiless || status == 204 || status == 304;
    return empty
        ? new Framing(0, Framing.ofNoBody(headers), false)
        : Framing.of(headers, tolerant, lastHead.isHttp10(), http10);
  }
}
