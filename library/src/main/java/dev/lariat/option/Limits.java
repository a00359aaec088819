package dev.lariat.option;

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
 *
 * @param headerBlock bytes of a status line, and of a header or trailer block: 256 to 16 MiB, 64
 *     KiB by default. Stops a server that sends headers without end
 * @param message bytes of a WebSocket message, inflated and joined: 1 to 2147483583, 16 MiB by
 *     default. Stops a length that was made up, fragments without end, and the worst of a
 *     compression bomb
 * @param inflateRatio inflated bytes for each compressed byte: 1 to 10000, 300 by default. A
 *     response that is decompressed and a WebSocket message are looked at once 1 MiB is inflated.
 *     The messages of a WebSocket together may have 16 MiB beyond the ratio; that sum shrinks by
 *     what other messages stay below the ratio, and by 1 MiB a second. Stops a bomb long before
 *     {@code message} would if that is set high, and a thousand bombs of just less than 1 MiB.
 *     Ordinary JSON reaches 10 to 50, a feed that repeats itself reaches 130 with context takeover,
 *     DEFLATE itself cannot pass 1032
 * @param heldCommands requests and frames that wait for the connection to be established, or for
 *     their turn: 0 to 1000000, 1024 by default. A WebSocket counts its own frames until it is
 *     open, up to this number: {@code send} waits for room, {@code trySend} takes no more. Stops an
 *     owner that goes on asking while the server is away, slow, or does not read
 * @param heldBytes bytes of those requests, their bodies among them, and of the parts of messages
 *     that wait with them: 1 to 1 TiB, 64 MiB by default. A single request larger than this is
 *     taken if nothing else waits. Frames of a WebSocket count for its {@code highWater} instead.
 *     Stops an owner whose few requests are large
 * @param discarded bytes of a cancelled response's body that are read and thrown away, so that the
 *     connection can go on: 0 to 1 GiB, 64 KiB by default, which take as many round trips as a new
 *     TLS connection. If more are to come, or nobody knows how many, the connection ends instead.
 *     Stops a response that nobody wants any more from delaying what is asked for next
 * @param body bytes of a response's body that is joined: by {@code exchange.body} and {@code text},
 *     and as one line by {@code lines}: 1 to 2147483583, 64 MiB by default. Stops a body without
 *     end; one that is read part by part, or into a file, has no limit
 * @param decompressed bytes that a response's body may have when it is decompressed: 1 to 1 PiB, 1
 *     GiB by default. Stops a bomb that keeps to the ratio. A body that is told as events has no
 *     such limit: it may go on for years, and {@code event} bounds what is kept of it
 * @param event bytes of the lines of a server-sent event, and of a comment: 1 to 2147483583, 16 MiB
 *     by default. Stops a line or an event without end
 * @param eventId bytes of the id of a server-sent event, in UTF-8: 1 to 1 MiB, 4 KiB by default.
 *     Every event of a stream keeps its id, and a {@code Last-Event-ID} header of more than a few
 *     KiB is refused by most servers
 */
public record Limits(
    int headerBlock,
    int message,
    int inflateRatio,
    int heldCommands,
    long heldBytes,
    int discarded,
    int body,
    long decompressed,
    int event,
    int eventId) {

  /** The defaults. */
  public static final Limits DEFAULT =
      new Limits(
          64 << 10, 16 << 20, 300, 1024, 64 << 20, 64 << 10, 64 << 20, 1L << 30, 16 << 20, 4 << 10);

  private static final int MAX_ARRAY =
      Integer.MAX_VALUE - 64; // what every JVM can allocate, with a byte to see the excess by

  /** Checks every component. */
  public Limits {
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
  }

  /** The same with another limit of a header block. */
  public Limits headerBlock(int headerBlock) {
    return new Limits(
        headerBlock,
        message,
        inflateRatio,
        heldCommands,
        heldBytes,
        discarded,
        body,
        decompressed,
        event,
        eventId);
  }

  /** The same with another limit of a message. */
  public Limits message(int message) {
    return new Limits(
        headerBlock,
        message,
        inflateRatio,
        heldCommands,
        heldBytes,
        discarded,
        body,
        decompressed,
        event,
        eventId);
  }

  /** The same with another ratio. */
  public Limits inflateRatio(int inflateRatio) {
    return new Limits(
        headerBlock,
        message,
        inflateRatio,
        heldCommands,
        heldBytes,
        discarded,
        body,
        decompressed,
        event,
        eventId);
  }

  /** The same with another limit of held commands. */
  public Limits heldCommands(int heldCommands) {
    return new Limits(
        headerBlock,
        message,
        inflateRatio,
        heldCommands,
        heldBytes,
        discarded,
        body,
        decompressed,
        event,
        eventId);
  }

  /** The same with another limit of the bytes of held commands. */
  public Limits heldBytes(long heldBytes) {
    return new Limits(
        headerBlock,
        message,
        inflateRatio,
        heldCommands,
        heldBytes,
        discarded,
        body,
        decompressed,
        event,
        eventId);
  }

  /** The same with another limit of what is thrown away. */
  public Limits discarded(int discarded) {
    return new Limits(
        headerBlock,
        message,
        inflateRatio,
        heldCommands,
        heldBytes,
        discarded,
        body,
        decompressed,
        event,
        eventId);
  }

  /** The same with another limit of a joined body. */
  public Limits body(int body) {
    return new Limits(
        headerBlock,
        message,
        inflateRatio,
        heldCommands,
        heldBytes,
        discarded,
        body,
        decompressed,
        event,
        eventId);
  }

  /** The same with another limit of a decompressed body. */
  public Limits decompressed(long decompressed) {
    return new Limits(
        headerBlock,
        message,
        inflateRatio,
        heldCommands,
        heldBytes,
        discarded,
        body,
        decompressed,
        event,
        eventId);
  }

  /** The same with another limit of an event. */
  public Limits event(int event) {
    return new Limits(
        headerBlock,
        message,
        inflateRatio,
        heldCommands,
        heldBytes,
        discarded,
        body,
        decompressed,
        event,
        eventId);
  }

  /** The same with another limit of an event's id. */
  public Limits eventId(int eventId) {
    return new Limits(
        headerBlock,
        message,
        inflateRatio,
        heldCommands,
        heldBytes,
        discarded,
        body,
        decompressed,
        event,
        eventId);
  }
}
