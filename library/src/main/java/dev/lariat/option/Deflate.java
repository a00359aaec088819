package dev.lariat.option;

import java.util.List;
import java.util.OptionalInt;

/**
 * Compression of WebSocket messages by permessage-deflate (RFC 7692): what is offered to the
 * server, and how this side compresses.
 *
 * <p>The server takes one offer or none; without one, nothing is compressed. What it answers is
 * held against the offers, and the first that it accepts is agreed. An answer that accepts none
 * fails the upgrade with a {@code Reason.Protocol}.
 *
 * <p>While a side carries its window on from message to message, this side keeps the state for it:
 * about 260 KiB to compress, and up to 75 KiB to inflate. Without context takeover a connection
 * holds neither between messages.
 *
 * @param offers the alternatives, most wanted first: 1 to 8; by default one, {@code Offer.DEFAULT}
 * @param level how hard this side works: 1 (fastest) to 9 (smallest), 4 by default
 * @param smallest the size in bytes from which a message is worth compressing: 0 to 2147483647, 0
 *     by default; what is smaller is sent as it is. The size of a message that is sent in parts is
 *     not known when its first part is sent: it is compressed, unless that part is also its last
 */
public record Deflate(List<Offer> offers, int level, int smallest) {
  private static final int MAX_OFFERS = 8; // more than there are servers that read so far

  /**
   * One alternative (RFC 7692 section 7.1).
   *
   * @param serverNoContextTakeover whether the server must begin each message with an empty window,
   *     which spares this side the memory for it (section 7.1.1.1)
   * @param clientNoContextTakeover whether this side does so, whatever the server answers; the
   *     server may ask for it in any case (section 7.1.1.2)
   * @param serverMaxWindowBits the base-2 logarithm of the largest window that the server may use:
   *     8 to 15; empty if it is free (section 7.1.2.1)
   * @param clientMaxWindowBits the same of this side's own window, whatever the server answers, and
   *     that the server may ask for a smaller one: 8 to 15, where 15 is offered without a value;
   *     empty if the server may not ask (section 7.1.2.2). A window of 8 to 10 makes messages
   *     larger, and none makes this side's memory smaller
   */
  public record Offer(
      boolean serverNoContextTakeover,
      boolean clientNoContextTakeover,
      OptionalInt serverMaxWindowBits,
      OptionalInt clientMaxWindowBits) {

    /** {@code client_max_window_bits}: the server may choose everything. */
    public static final Offer DEFAULT =
        new Offer(false, false, OptionalInt.empty(), OptionalInt.of(15));

    /** No parameters at all, for servers that refuse what they do not know. */
    public static final Offer BARE =
        new Offer(false, false, OptionalInt.empty(), OptionalInt.empty());

    /** Checks both windows. */
    public Offer {
      serverMaxWindowBits.ifPresent(
          bits -> Range.check("deflate.serverMaxWindowBits", bits, 8, 15));
      clientMaxWindowBits.ifPresent(
          bits -> Range.check("deflate.clientMaxWindowBits", bits, 8, 15));
    }
  }

  /** One offer that lets the server choose everything. */
  public static final Deflate DEFAULT = new Deflate(List.of(Offer.DEFAULT), 4, 0);

  /** Checks every component. */
  public Deflate {
    offers = List.copyOf(offers);
    Range.check("deflate.offers", offers.size(), 1, MAX_OFFERS);
    Range.check("deflate.level", level, 1, 9);
    Range.check("deflate.smallest", smallest, 0, Integer.MAX_VALUE);
  }

  /**
   * Sets the alternatives, most wanted first: 1 to 8, {@code Offer.DEFAULT} by default.
   *
   * @param offers the offers, by preference
   * @return a copy of these options with this value
   */
  public Deflate offers(Offer... offers) {
    return new Deflate(List.of(offers), level, smallest);
  }

  /**
   * Sets how hard this side works: 1 (fastest) to 9 (smallest), 4 by default.
   *
   * @param level the level
   * @return a copy of these options with this value
   */
  public Deflate level(int level) {
    return new Deflate(offers, level, smallest);
  }

  /**
   * Sets the size in bytes from which a message is compressed: 0 to 2147483647, 0 by default.
   *
   * @param smallest the number of bytes
   * @return a copy of these options with this value
   */
  public Deflate smallest(int smallest) {
    return new Deflate(offers, level, smallest);
  }
}
