package dev.lariat.option;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a server may make this side hold. Passing one ends the stream or the connection by a {@code
 * Reason.Limit}.
 *
 * <p>Three more limits are fixed. They cost an honest server nothing:
 *
 * <ul>
 *   <li>What carries nothing may come 1,000 times at once, and 100 times a second after that. Empty
 *       WebSocket messages and fragments, pings, pongs that answer no ping, informational
 *       responses, empty lines before a response, chunks that are mostly extensions, and comments
 *       and empty events of server-sent events count. Each frame, chunk or event that carries
 *       something allows one more, and a final response allows all of them again. The time that the
 *       connection was not read counts in full, so heartbeats that gathered meanwhile are no flood.
 *       Stops floods that cost time and pass no other limit; see {@code
 *       Reason.Bound.USELESS_FRAMES} and those that follow it.
 *   <li>Compressed data may contain 1 MiB that inflates to nothing, such as empty blocks, members
 *       and names; each inflated byte allows 16 more. Stops a server that keeps a loop busy without
 *       a byte of content; see {@code Reason.Bound.WITHOUT_OUTPUT}.
 *   <li>After 256 KiB of inflated bytes, the other connections of the same event loop get their
 *       turn, and the connection goes on only if the mailbox has room. This ends nothing.
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
   * Sets how many bytes a status line, and a header or trailer block, may have: 256 to 16 MiB, 64
   * KiB by default. Stops a server that sends headers without end.
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
   * Sets how many bytes a WebSocket message may have, inflated and joined: 1 to 2147483583, 16 MiB
   * by default. Stops a length that was made up, fragments without end, and the worst of a
   * compression bomb.
   *
   * @param message the number of bytes
   * @return a copy of these options with this value
   */
  public Limits message(int message) {
    return with(draft -> draft.message = message);
  }

  /** {@return how many inflated bytes each compressed byte may give} */
  public int inflateRatio() {
    return values.inflateRatio;
  }

  /**
   * Sets how many inflated bytes each compressed byte may give: 1 to 10000, 300 by default. The
   * ratio of a response that is decompressed, and of a WebSocket message, is checked once 1 MiB is
   * inflated. The messages of a WebSocket together may have 16 MiB beyond the ratio; that sum
   * shrinks by what other messages stay below the ratio, and by 1 MiB a second.
   *
   * <p>Stops a bomb long before {@code message} would if that is set high, and a thousand bombs of
   * just less than 1 MiB. Ordinary JSON reaches 10 to 50, a feed that repeats itself reaches 130
   * with context takeover, DEFLATE itself cannot pass 1032.
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
   * turn: 0 to 1000000, 1024 by default. A WebSocket counts its own frames until it is open, up to
   * this number: {@code send} waits for room, {@code trySend} takes no more. Stops an owner that
   * goes on asking while the server is away, slow, or does not read.
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
   * request larger than this is taken if nothing else waits. Frames of a WebSocket count for its
   * {@code sendQueue} instead. Stops an owner whose few requests are large.
   *
   * @param heldBytes the number of bytes
   * @return a copy of these options with this value
   */
  public Limits heldBytes(long heldBytes) {
    return with(draft -> draft.heldBytes = heldBytes);
  }

  /** {@return how many bytes of a cancelled response's body are read and thrown away} */
  public int discarded() {
    return values.discarded;
  }

  /**
   * Sets how many bytes of a cancelled response's body are read and thrown away, so that the
   * connection can go on: 0 to 1 GiB, 64 KiB by default, which take as many round trips as a new
   * TLS connection. If more are to come, or nobody knows how many, the connection ends instead.
   * Stops a cancelled response from delaying the next request.
   *
   * @param discarded the number of bytes
   * @return a copy of these options with this value
   */
  public Limits discarded(int discarded) {
    return with(draft -> draft.discarded = discarded);
  }

  /** {@return how many bytes of a response's body are joined} */
  public int body() {
    return values.body;
  }

  /**
   * Sets how many bytes of a response's body are joined: by {@code exchange.body} and {@code text},
   * and as one line by {@code lines}: 1 to 2147483583, 64 MiB by default. Stops a body without end.
   * A body that is read part by part, or into a file, has no limit.
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
   * Sets how many bytes a response's body may have when it is decompressed: 1 to 1 PiB, 1 GiB by
   * default. Stops a bomb that keeps to the ratio. A body that arrives as events has no such limit:
   * it may go on for years, and {@code event} bounds what is kept of it.
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
   * 2147483583, 16 MiB by default. Stops a line or an event without end.
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
   * Sets how many bytes the id of a server-sent event may have, in UTF-8: 1 to 1 MiB, 4 KiB by
   * default. Every event of a stream keeps its id, and most servers refuse a {@code Last-Event-ID}
   * header of more than a few KiB.
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
   * the server can send no more than that, and never more than 2 GiB. Each stream keeps one window
   * of its own at the most. Stops streams that you do not read from taking your memory.
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
