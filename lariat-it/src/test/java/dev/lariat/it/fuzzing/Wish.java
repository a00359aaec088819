package dev.lariat.it.fuzzing;

import java.util.List;
import java.util.Optional;

/**
 * What the server wants of a client's compression (RFC 7692 section 7.1).
 *
 * @param clientNoTakeover whether each message is to be compressed by itself
 * @param clientBits the largest window, 8 to 15; 0 for no wish
 */
record Wish(boolean clientNoTakeover, int clientBits) {

  /** What comes of these wishes and these offers. */
  static Optional<Terms> agree(List<Wish> wishes, List<Offer> offers) {
    return wishes.stream()
        .flatMap(wish -> offers.stream().flatMap(offer -> wish.agree(offer).stream()))
        .findFirst();
  }

  private Optional<Terms> agree(Offer offer) {
    if (clientBits != 0 && !offer.clientMayBeAsked()) {
      return Optional.empty();
    }
    int bits = Math.min(clientBits, offer.clientBits());
    return Optional.of(
        new Terms(
            offer.serverNoTakeover(),
            offer.serverBits(),
            clientNoTakeover || offer.clientNoTakeover(),
            bits));
  }
}
