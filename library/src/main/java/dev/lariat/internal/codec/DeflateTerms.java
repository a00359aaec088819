package dev.lariat.internal.codec;

/**
 * What both sides agreed on for permessage-deflate (RFC 7692 section 7.1).
 *
 * @param serverNoContextTakeover whether the server begins each message with an empty window
 * @param clientNoContextTakeover whether the client does
 * @param serverMaxWindowBits the base-2 logarithm of the server's largest window: 8 to 15
 */
public record DeflateTerms(
    boolean serverNoContextTakeover, boolean clientNoContextTakeover, int serverMaxWindowBits) {

  /** The extension's name. */
  static final String NAME = "permessage-deflate";

  /**
   * The terms of an accepted offer.
   *
   * @param extension the server's answer
   */
  static DeflateTerms accept(Extension extension) throws Violation {
    boolean serverNoContext = false;
    boolean clientNoContext = false;
    int serverBits = 15;
    for (Extension.Parameter parameter : extension.parameters()) {
      switch (parameter.name()) {
        case "server_no_context_takeover" -> serverNoContext = flag(parameter);
        case "client_no_context_takeover" -> clientNoContext = flag(parameter);
        case "server_max_window_bits" -> serverBits = bits(parameter);
        case "client_max_window_bits" ->
            throw refused(parameter, "which was not offered", "RFC 7692 section 7.1.2.2");
        default ->
            throw refused(parameter, "which the extension does not have", "RFC 7692 section 7.1");
      }
    }
    return new DeflateTerms(serverNoContext, clientNoContext, serverBits);
  }

  private static boolean flag(Extension.Parameter parameter) throws Violation {
    if (parameter.value().isPresent()) {
      throw refused(parameter, "with a value", "RFC 7692 section 7.1.1");
    }
    return true;
  }

  private static int bits(Extension.Parameter parameter) throws Violation {
    String value = parameter.value().orElse("");
    if (!value.matches("[89]|1[0-5]")) {
      throw refused(parameter, "with a value that is not 8 to 15", "RFC 7692 section 7.1.2");
    }
    return Integer.parseInt(value);
  }

  private static Violation refused(Extension.Parameter parameter, String why, String section) {
    return Violation.protocol(
        "the server answered the parameter " + parameter.name() + " " + why, section);
  }
}
