package dev.lariat.cli;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where the connections to some hosts go instead: {@code --resolve} and {@code --connect-to}. */
final class Address {
  private static final String HOST = "(\\[[0-9A-Fa-f:.]+]|[^:\\[\\]]*)";
  private static final Pattern RESOLVE = Pattern.compile(HOST + ":([0-9]+):(.+)");
  private static final Pattern CONNECT_TO =
      Pattern.compile(HOST + ":([0-9]*):" + HOST + ":([0-9]*)");

  /** A host and a port. */
  record Place(String host, int port) {
    /** As in a URL. */
    @Override
    public String toString() {
      return (host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host) + ":" + port;
    }
  }

  private final String fromHost; // empty for every host
  private final int fromPort; // 0 for every port
  private final String toHost; // empty for the same host
  private final int toPort; // 0 for the same port

  private Address(String fromHost, int fromPort, String toHost, int toPort) {
    this.fromHost = fromHost.toLowerCase(Locale.ROOT);
    this.fromPort = fromPort;
    this.toHost = toHost;
    this.toPort = toPort;
  }

  static Address resolve(String value) {
    Matcher matcher = RESOLVE.matcher(value);
    if (!matcher.matches() || matcher.group(1).isEmpty()) {
      throw refused("--resolve", value, "HOST:PORT:ADDRESS");
    }
    String host = matcher.group(1).equals("*") ? "" : matcher.group(1);
    return new Address(host, port("--resolve", matcher.group(2)), matcher.group(3), 0);
  }

  static Address connectTo(String value) {
    Matcher matcher = CONNECT_TO.matcher(value);
    if (!matcher.matches()) {
      throw refused("--connect-to", value, "HOST:PORT:OTHER-HOST:OTHER-PORT");
    }
    return new Address(
        matcher.group(1),
        matcher.group(2).isEmpty() ? 0 : port("--connect-to", matcher.group(2)),
        matcher.group(3),
        matcher.group(4).isEmpty() ? 0 : port("--connect-to", matcher.group(4)));
  }

  private static UsageException refused(String option, String value, String allowed) {
    return new UsageException(option + ": \"" + Line.plain(value) + "\" is not " + allowed + ".");
  }

  private static int port(String option, String port) {
    int number = port.length() > 5 ? 0 : Integer.parseInt(port);
    if (number < 1 || number > 65535) {
      throw new UsageException(option + ": the port " + port + ", allowed are 1 to 65535.");
    }
    return number;
  }

  private Optional<Place> instead(Place place) {
    boolean its =
        (fromHost.isEmpty() || fromHost.equals(place.host().toLowerCase(Locale.ROOT)))
            && (fromPort == 0 || fromPort == place.port());
    return its
        ? Optional.of(
            new Place(
                toHost.isEmpty() ? place.host() : toHost, toPort == 0 ? place.port() : toPort))
        : Optional.empty();
  }

  /** Where to connect to for this place: by the first of these that is about it. */
  static Place instead(List<Address> addresses, Place place) {
    return addresses.stream()
        .flatMap(address -> address.instead(place).stream())
        .findFirst()
        .orElse(place);
  }
}
