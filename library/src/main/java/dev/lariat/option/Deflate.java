package dev.lariat.option;

import java.util.List;
import java.util.OptionalInt;

/**
 * Compression of WebSocket messages by permessage-deflate (RFC 7692): what Lariat offers to the
 * server, and how it compresses.
 *
 * <p>The server accepts one offer or none. If it accepts none, nothing is compressed. Lariat
 * compares the server's answer with the offers in their order, and uses the first that matches. If
 * none matches, the upgrade fails with a {@code Reason.Protocol}.
 *
 * <p>If a side keeps its window from message to message, this side keeps the state for it: about
 * 260 KiB to compress, and up to 75 KiB to decompress. Without context takeover, a connection keeps
 * neither between messages.
 *
 * @param offers the alternatives, by preference: 1 to 8; by default one, {@code Offer.DEFAULT}
 * @param level the compression level: 1 (fastest) to 9 (smallest), 4 by default
 * @param smallest the size in bytes from which a message is compressed: 0 to 2147483647, 0 by
 *     default. A smaller message is sent as it is. The size of a message in parts is not known in
 *     advance, so it is compressed unless its first part is also its last
 */
public record Deflate(List<Offer> offers, int level, int smallest) {
  private static final int MAX_OFFERS = 8; // more than there are servers that read so far

  /**
   * One alternative (RFC 7692 section 7.1).
   *
   * @param serverNoContextTakeover whether the server must begin each message with an empty window,
   *     which saves memory on this side (section 7.1.1.1)
   * @param clientNoContextTakeover whether this side begins each message with an empty window,
   *     regardless of the server's answer; the server can require it in any case (section 7.1.1.2)
   * @param serverMaxWindowBits the base-2 logarithm of the largest window that the server may use:
   *     8 to 15; empty if the server can choose (section 7.1.2.1)
   * @param clientMaxWindowBits the same for the window of this side, which the server can make
   *     smaller still: 8 to 15, and 15 is offered without a value; empty if the server must not
   *     limit it (section 7.1.2.2). A window of 8 to 10 makes messages larger and saves no memory
   *     on this side
   */
  public record Offer(
      boolean serverNoContextTakeover,
      boolean clientNoContextTakeover,
      OptionalInt serverMaxWindowBits,
      OptionalInt clientMaxWindowBits) {

    /** {@code client_max_window_bits}: the server can choose everything. */
    public static final Offer DEFAULT =
        new Offer(false, false, OptionalInt.empty(), OptionalInt.of(15));

    /** No parameters at all, for servers that refuse parameters that they do not know. */
    public static final Offer BARE =
        new Offer(false, false, OptionalInt.empty(), OptionalInt.empty());

    /** Checks both windows. */
    public Offer {
      Range.check("deflate.serverMaxWindowBits", serverMaxWindowBits, 8, 15);
      Range.check("deflate.clientMaxWindowBits", clientMaxWindowBits, 8, 15);
    }
  }

  /** One offer, in which the server can choose everything. */
  public static final Deflate DEFAULT = new Deflate(List.of(Offer.DEFAULT), 4, 0);

  /** Checks every component. */
  public Deflate {
    offers = List.copyOf(offers);
    Range.check("deflate.offers", offers.size(), 1, MAX_OFFERS);
    Range.check("deflate.level", level, 1, 9);
    Range.check("deflate.smallest", smallest, 0, Integer.MAX_VALUE);
  }

  /**
   * Sets the alternatives, by preference: 1 to 8, {@code Offer.DEFAULT} by default.
   *
   * @param offers the offers, by preference
   * @return a copy of these options with this value
   */
  public Deflate offers(Offer... offers) {
    return new Deflate(Range.list("offers", offers), level, smallest);
  }

  /**
   * Sets the compression level: 1 (fastest) to 9 (smallest), 4 by default.
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
