package dev.lariat.it.fuzzing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A client's offer of permessage-deflate (RFC 7692 section 7.1).
 *
 * @param serverBits 8 to 15; 0 where the server is free
 * @param clientMayBeAsked whether it has {@code client_max_window_bits}
 * @param clientBits the largest window that it will use: 8 to 15
 */
record Offer(
    boolean serverNoTakeover,
    boolean clientNoTakeover,
    int serverBits,
    boolean clientMayBeAsked,
    int clientBits) {
  private static final String BITS = "[89]|1[0-5]";

  /** The offers of a {@code Sec-WebSocket-Extensions} header that can be understood. */
  static List<Offer> parse(String header) {
    List<Offer> offers = new ArrayList<>();
    for (String element : header.split(",", -1)) {
      String[] parts = element.strip().split("\\s*;\\s*", -1);
      if (parts[0].equals("permessage-deflate")) {
        parse(parts).ifPresent(offers::add);
      }
    }
    return offers;
  }

  private static Optional<Offer> parse(String[] parts) {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (int i = 1; i < parts.length; i++) {
      String[] pair = parts[i].split("=", 2);
      String value = pair.length == 1 ? "" : pair[1].strip().replace("\"", "");
      if (parameters.put(pair[0].strip(), value) != null) {
        return Optional.empty(); // twice
      }
    }
    String serverTakeover = parameters.remove("server_no_context_takeover");
    String clientTakeover = parameters.remove("client_no_context_takeover");
    String server = parameters.remove("server_max_window_bits");
    String client = parameters.remove("client_max_window_bits");
    boolean understood =
        parameters.isEmpty()
            && (serverTakeover == null || serverTakeover.isEmpty())
            && (clientTakeover == null || clientTakeover.isEmpty())
            && (server == null || server.matches(BITS))
            && (client == null || client.isEmpty() || client.matches(BITS));
    if (!understood) {
      return Optional.empty();
    }
    return Optional.of(
        new Offer(
            serverTakeover != null,
            clientTakeover != null,
            server == null ? 0 : Integer.parseInt(server),
            client != null,
            client == null || client.isEmpty() ? 15 : Integer.parseInt(client)));
  }
}
