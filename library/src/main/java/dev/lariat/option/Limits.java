package dev.lariat.option;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How much a server may make this side keep. If a limit is exceeded, the stream or the connection
 * ends with a {@code Reason.Limit}.
 *
 * <p>Three more limits are fixed. They do not affect an honest server:
 *
 * <ul>
 *   <li>Input that carries nothing may arrive 1,000 times at once, and 100 times per second after
 *       that. This counts empty WebSocket messages and fragments, pings, pongs that answer no ping,
 *       informational responses, empty lines before a response, chunks that are mostly extensions,
 *       and comments and empty events of an event stream. Each frame, chunk or event that carries
 *       something allows one more, and a final response resets the count. Time during which Lariat
 *       does not read counts too, so heartbeats that gather during that time are not a flood. Stops
 *       floods that cost time and exceed no other limit; see {@code Reason.Bound.USELESS_FRAMES}
 *       and the bounds that follow it.
 *   <li>Compressed data may contain 1 MiB that decompresses to nothing, such as empty blocks,
 *       members and names. Each decompressed byte allows 16 more. Stops a server that keeps an
 *       event loop busy without sending content; see {@code Reason.Bound.WITHOUT_OUTPUT}.
 *   <li>After 256 KiB of decompressed bytes, the other connections of the same event loop get their
 *       turn. The connection then continues only if the mailbox has room. This limit ends nothing.
 * </ul>
 */
public final class Limits {

  /** The defaults of every limit. */
  public static final Limits DEFAULT = new Limits(new Values());

  private final Values values;

  private Limits(Values values) {
    values.check();
    this.values = values;
  }

  /** {@return how many bytes a status line, and a header or trailer block, may have} */
  public int headerBlock() {
    return values.headerBlock;
  }

  /**
   * Sets how many bytes a status line, and a header or trailer block, may have: 256 bytes to 16
   * MiB, 64 KiB by default. Stops a server that sends endless headers.
   *
   * @param headerBlock the number of bytes
   * @return a copy of these options with this value
   */
  public Limits headerBlock(int headerBlock) {
    return with(draft -> draft.headerBlock = headerBlock);
  }

  /** {@return how many bytes a WebSocket message may have} */
  public int message() {
    return values.message;
  }

  /**
   * Sets how many bytes a WebSocket message may have, decompressed and joined: 1 to 2147483583, 16
   * MiB by default. Stops invented lengths, endless fragments, and the worst effect of a
   * compression bomb.
   *
   * @param message the number of bytes
   * @return a copy of these options with this value
   */
  public Limits message(int message) {
    return with(draft -> draft.message = message);
  }

  /** {@return how many decompressed bytes each compressed byte may produce} */
  public int inflateRatio() {
    return values.inflateRatio;
  }

  /**
   * Sets how many decompressed bytes each compressed byte may produce: 1 to 10000, 300 by default.
   * Lariat checks the ratio of a response or a WebSocket message after it has decompressed 1 MiB.
   * All messages of a WebSocket together may exceed the ratio by 16 MiB. This sum decreases by 1
   * MiB per second, and by the amount by which other messages stay below the ratio.
   *
   * <p>Stops a compression bomb long before a high {@code message} does, and also a thousand bombs
   * of just less than 1 MiB. Ordinary JSON reaches 10 to 50. A repetitive feed reaches 130 with
   * context takeover. DEFLATE itself cannot exceed 1032.
   *
   * @param inflateRatio the ratio
   * @return a copy of these options with this value
   */
  public Limits inflateRatio(int inflateRatio) {
    return with(draft -> draft.inflateRatio = inflateRatio);
  }

  /**
   * {@return how many requests and frames may wait for the connection to be established, or for
   * their turn}
   */
  public int heldCommands() {
    return values.heldCommands;
  }

  /**
   * Sets how many requests and frames may wait for the connection to be established, or for their
   * turn: 0 to 1000000, 1024 by default. A WebSocket counts its own frames until it is open. If
   * they reach this number, {@code send} blocks and {@code trySend} returns {@code false}. Stops an
   * owner that keeps sending requests while the server is unavailable, slow, or does not read.
   *
   * @param heldCommands the number of commands
   * @return a copy of these options with this value
   */
  public Limits heldCommands(int heldCommands) {
    return with(draft -> draft.heldCommands = heldCommands);
  }

  /** {@return how many bytes may wait in requests, with their bodies, and in parts of messages} */
  public long heldBytes() {
    return values.heldBytes;
  }

  /**
   * Sets how many bytes may wait in requests, with their bodies, and in parts of messages, until
   * the connection is established or it is their turn: 1 to 1 TiB, 64 MiB by default. A single
   * request may be larger than this if nothing else waits. The frames of a WebSocket count toward
   * its {@code sendQueue} instead. Stops an owner that sends few but large requests.
   *
   * @param heldBytes the number of bytes
   * @return a copy of these options with this value
   */
  public Limits heldBytes(long heldBytes) {
    return with(draft -> draft.heldBytes = heldBytes);
  }

  /** {@return how many bytes of a cancelled response's body Lariat reads and discards} */
  public int discarded() {
    return values.discarded;
  }

  /**
   * Sets how many bytes of a cancelled response's body Lariat reads and discards, so that the
   * connection can continue: 0 to 1 GiB, 64 KiB by default, which takes as many round trips as a
   * new TLS connection. If more bytes follow, or their number is unknown, the connection ends
   * instead. Stops a cancelled response from delaying the next request.
   *
   * @param discarded the number of bytes
   * @return a copy of these options with this value
   */
  public Limits discarded(int discarded) {
    return with(draft -> draft.discarded = discarded);
  }

  /** {@return how many bytes of a response's body may be joined} */
  public int body() {
    return values.body;
  }

  /**
   * Sets how many bytes of a response's body {@code exchange.body} and {@code text} may join, and
   * how long one line of {@code lines} may be: 1 to 2147483583, 64 MiB by default. Stops an endless
   * body. A body that you read part by part, or into a file, has no limit.
   *
   * @param body the number of bytes
   * @return a copy of these options with this value
   */
  public Limits body(int body) {
    return with(draft -> draft.body = body);
  }

  /** {@return how many bytes a response's body may have when it is decompressed} */
  public long decompressed() {
    return values.decompressed;
  }

  /**
   * Sets how many bytes a response's body may have after decompression: 1 to 1 PiB, 1 GiB by
   * default. Stops a bomb that stays below the ratio. A body that arrives as events has no such
   * limit. It may continue for years, and {@code event} limits what Lariat keeps of it.
   *
   * @param decompressed the number of bytes
   * @return a copy of these options with this value
   */
  public Limits decompressed(long decompressed) {
    return with(draft -> draft.decompressed = decompressed);
  }

  /** {@return how many bytes the lines of a server-sent event, or of a comment, may have} */
  public int event() {
    return values.event;
  }

  /**
   * Sets how many bytes the lines of a server-sent event, or of a comment, may have: 1 to
   * 2147483583, 16 MiB by default. Stops an endless line or event.
   *
   * @param event the number of bytes
   * @return a copy of these options with this value
   */
  public Limits event(int event) {
    return with(draft -> draft.event = event);
  }

  /** {@return how many bytes the id of a server-sent event may have} */
  public int eventId() {
    return values.eventId;
  }

  /**
   * Sets how many bytes the id of a server-sent event may have, in UTF-8: 1 byte to 1 MiB, 4 KiB by
   * default. Every later event of the stream keeps the id, and most servers refuse a {@code
   * Last-Event-ID} header of more than a few KiB.
   *
   * @param eventId the number of bytes
   * @return a copy of these options with this value
   */
  public Limits eventId(int eventId) {
    return with(draft -> draft.eventId = eventId);
  }

  /** {@return how many bytes of bodies the streams of an HTTP/2 connection may keep unread} */
  public long unread() {
    return values.unread;
  }

  /**
   * Sets how many bytes of bodies the streams of an HTTP/2 connection may keep unread together: 64
   * KiB to 1 TiB, 64 MiB by default. It is the window of the connection (RFC 9113 section 5.2), so
   * the server cannot send more than that, and never more than 2 GiB. Each stream keeps at most its
   * own window. Stops streams that you do not read from using up your memory.
   *
   * @param unread the number of bytes
   * @return a copy of these options with this value
   */
  public Limits unread(long unread) {
    return with(draft -> draft.unread = unread);
  }

  private Limits with(Consumer<Values> change) {
    return new Limits(values.with(change));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Limits its && values.equals(its.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return "Limits" + values;
  }

  private static final class Values extends Draft<Values> {
    private static final int MAX_ARRAY =
        Integer.MAX_VALUE - 64; // what every JVM can allocate, with a byte to see the excess by

    int headerBlock = 64 << 10;
    int message = 16 << 20;
    int inflateRatio = 300;
    int heldCommands = 1024;
    long heldBytes = 64 << 20;
    int discarded = 64 << 10;
    int body = 64 << 20;
    long decompressed = 1L << 30;
    int event = 16 << 20;
    int eventId = 4 << 10;
    long unread = 64 << 20;

    @Override
    void check() {
      Range.check("limits.headerBlock", headerBlock, 256, 16 << 20);
      Range.check("limits.message", message, 1, MAX_ARRAY);
      Range.check("limits.inflateRatio", inflateRatio, 1, 10_000);
      Range.check("limits.heldCommands", heldCommands, 0, 1_000_000);
      Range.check("limits.heldBytes", heldBytes, 1, 1L << 40);
      Range.check("limits.discarded", discarded, 0, 1 << 30);
      Range.check("limits.body", body, 1, MAX_ARRAY);
      Range.check("limits.decompressed", decompressed, 1, 1L << 50);
      Range.check("limits.event", event, 1, MAX_ARRAY);
      Range.check("limits.eventId", eventId, 1, 1 << 20);
      Range.check("limits.unread", unread, 64 << 10, 1L << 40);
    }

    @Override
    Object[] parts() {
      return new Object[] {
        "headerBlock", headerBlock,
        "message", message,
        "inflateRatio", inflateRatio,
        "heldCommands", heldCommands,
        "heldBytes", heldBytes,
        "discarded", discarded,
        "body", body,
        "decompressed", decompressed,
        "event", event,
        "eventId", eventId,
        "unread", unread
      };
    }
  }
}
