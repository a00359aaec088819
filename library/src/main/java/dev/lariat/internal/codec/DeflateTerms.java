package dev.lariat.internal.codec;

import dev.lariat.option.Deflate.Offer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What both sides agreed on for permessage-deflate (RFC 7692 section 7.1).
 *
 * @param serverNoContextTakeover whether the server begins each message with an empty window
 * @param clientNoContextTakeover whether the client does
 * @param serverMaxWindowBits the base-2 logarithm of the server's largest window: 8 to 15
 * @param clientMaxWindowBits the same of the client's
 */
public record DeflateTerms(
    boolean serverNoContextTakeover,
    boolean clientNoContextTakeover,
    int serverMaxWindowBits,
    int clientMaxWindowBits) {

  /** The extension's name. */
  static final String NAME = "permessage-deflate";

  private static final String SERVER_NO_CONTEXT = "server_no_context_takeover";
  private static final String CLIENT_NO_CONTEXT = "client_no_context_takeover";
  private static final String SERVER_BITS = "server_max_window_bits";
  private static final String CLIENT_BITS = "client_max_window_bits";
  private static final int MAX_BITS = 15;

  /** An offer in the words of the header. */
  static String header(Offer offer) {
    StringBuilder header = new StringBuilder(NAME);
    if (offer.serverNoContextTakeover()) {
      header.append("; ").append(SERVER_NO_CONTEXT);
    }
    if (offer.clientNoContextTakeover()) {
      header.append("; ").append(CLIENT_NO_CONTEXT);
    }
    offer
        .serverMaxWindowBits()
        .ifPresent(bits -> header.append("; ").append(SERVER_BITS).append('=').append(bits));
    offer
        .clientMaxWindowBits()
        .ifPresent(
            bits ->
                header.append("; ").append(CLIENT_BITS).append(bits == MAX_BITS ? "" : "=" + bits));
    return header.toString();
  }

  /**
   * The terms of the first offer that the answer accepts.
   *
   * @throws Violation if it accepts none of them; the reason is why not the first
   */
  static DeflateTerms accept(Extension answer, List<Offer> offers) throws Violation {
    Answer answered = Answer.of(answer);
    List<Violation> misfits = new ArrayList<>();
    for (Offer offer : offers) {
      Violation misfit = answered.misfit(offer);
      if (misfit == null) {
        return answered.terms(offer);
      }
      misfits.add(misfit);
    }
    throw misfits.get(0);
  }

  /** The server's parameters, as RFC 7692 section 7.1 lets them be, whatever was offered. */
  private record Answer(
      boolean serverNoContextTakeover,
      boolean clientNoContextTakeover,
      OptionalInt serverMaxWindowBits,
      OptionalInt clientMaxWindowBits) {

    static Answer of(Extension extension) throws Violation {
      boolean serverNoContext = false;
      boolean clientNoContext = false;
      OptionalInt serverBits = OptionalInt.empty();
      OptionalInt clientBits = OptionalInt.empty();
      for (Extension.Parameter parameter : extension.parameters()) {
        switch (parameter.name()) {
          case SERVER_NO_CONTEXT -> serverNoContext = flag(parameter, "7.1.1.1");
          case CLIENT_NO_CONTEXT -> clientNoContext = flag(parameter, "7.1.1.2");
          case SERVER_BITS -> serverBits = bits(parameter, "7.1.2.1");
          case CLIENT_BITS -> clientBits = bits(parameter, "7.1.2.2");
          default -> throw refused(parameter.name(), "which the extension does not have", "7.1");
        }
      }
      return new Answer(serverNoContext, clientNoContext, serverBits, clientBits);
    }

    private static boolean flag(Extension.Parameter parameter, String section) throws Violation {
      if (parameter.value().isPresent()) {
        throw refused(parameter.name(), "with a value", section);
      }
      return true;
    }

    private static OptionalInt bits(Extension.Parameter parameter, String section)
        throws Violation {
      String value = parameter.value().orElse("");
      if (!value.matches("[89]|1[0-5]")) {
        throw refused(parameter.name(), "with a value that is not 8 to 15", section);
      }
      return OptionalInt.of(Integer.parseInt(value));
    }

    /** Why it does not accept the offer; null if it does. */
    @Nullable Violation misfit(Offer offer) {
      if (offer.serverNoContextTakeover() && !serverNoContextTakeover) {
        return missing(SERVER_NO_CONTEXT, "7.1.1.1");
      }
      if (offer.serverMaxWindowBits().isPresent()) {
        int most = offer.serverMaxWindowBits().getAsInt();
        if (serverMaxWindowBits.isEmpty()) {
          return missing(SERVER_BITS, "7.1.2.1");
        }
        if (serverMaxWindowBits.getAsInt() > most) {
          return refused(SERVER_BITS, "with more than the " + most + " of the offer", "7.1.2.1");
        }
      }
      if (clientMaxWindowBits.isPresent()) {
        if (offer.clientMaxWindowBits().isEmpty()) {
          return refused(CLIENT_BITS, "which was not offered", "7.1.2.2");
        }
        int most = offer.clientMaxWindowBits().getAsInt();
        if (clientMaxWindowBits.getAsInt() > most) {
          return refused(CLIENT_BITS, "with more than the " + most + " of the offer", "7.1.2.2");
        }
      }
      return null;
    }

    /** What is agreed with the offer: a hint in it binds this side even without an answer. */
    DeflateTerms terms(Offer offer) {
      return new DeflateTerms(
          serverNoContextTakeover,
          clientNoContextTakeover || offer.clientNoContextTakeover(),
          serverMaxWindowBits.orElse(MAX_BITS),
          clientMaxWindowBits.orElse(offer.clientMaxWindowBits().orElse(MAX_BITS)));
    }

    private static Violation refused(String parameter, String why, String section) {
      return Violation.protocol(
          "the server answered with the parameter " + parameter + " " + why,
          "RFC 7692 section " + section);
    }

    private static Violation missing(String parameter, String section) {
      return Violation.protocol(
          "the server answered without the parameter " + parameter + ", which was offered",
          "RFC 7692 section " + section);
    }
  }
}
