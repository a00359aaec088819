package dev.lariat.option;

import java.util.List;
import java.util.OptionalInt;

/**
 * Compression of WebSocket messages by permessage-deflate (RFC 7692): what is offered to the
 * server, and how this side compresses.
 *
 * @param offers the alternatives, most wanted first, of which the server takes one or none: 1 to 8
 * @param level how hard this side works: 1 (fastest) to 9 (smallest), 6 by default
 * @param smallest the size in bytes from which a message is worth compressing: 0 to 2147483647, 0
 *     by default; what is smaller is sent as it is
 */
public record Deflate(List<Offer> offers, int level, int smallest) {
  private static final int MAX_OFFERS = 8; // more than there are servers that read so far

  /**
   * One alternative (RFC 7692 section 7.1).
   *
   * @param serverNoContextTakeover whether the server is asked to begin each message with an empty
   *     window, which spares this side the memory for it
   * @param clientNoContextTakeover whether the server is told that this side does so anyway
   * @param serverMaxWindowBits the base-2 logarithm of the largest window that the server may use:
   *     8 to 15; empty where it is free
   * @param clientMaxWindowBits the same of this side's own window, and that the server may ask for
   *     a smaller one: 8 to 15, where 15 is offered without a value; empty where the server may not
   *     ask
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
  public static final Deflate DEFAULT = new Deflate(List.of(Offer.DEFAULT), 6, 0);

  /** Checks every component. */
  public Deflate {
    offers = List.copyOf(offers);
    Range.check("deflate.offers", offers.size(), 1, MAX_OFFERS);
    Range.check("deflate.level", level, 1, 9);
    Range.check("deflate.smallest", smallest, 0, Integer.MAX_VALUE);
  }

  /** The same with other alternatives, in this order. */
  public Deflate offers(Offer... offers) {
    return new Deflate(List.of(offers), level, smallest);
  }

  /** The same with another level. */
  public Deflate level(int level) {
    return new Deflate(offers, level, smallest);
  }

  /** The same with another smallest size. */
  public Deflate smallest(int smallest) {
    return new Deflate(offers, level, smallest);
  }
}
