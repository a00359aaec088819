package dev.lariat.client;

import dev.lariat.Connection;
import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.entrance.Core;
import dev.lariat.internal.pool.Reached;
import dev.lariat.internal.protocol.Slots;
import dev.lariat.internal.transport.Machine;
import dev.lariat.internal.uri.Authority;
import dev.lariat.message.Protocol;
import dev.lariat.option.PoolOptions;
import dev.lariat.option.Request;
import dev.lariat.option.Tls;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * What a {@link Pool} finds out, so that one connection of HTTP/2 can carry requests for several
 * origins (RFC 9113 section 9.1.1).
 */
final class Coalescing {
  private Coalescing() {}

  /** Whether a connection to there can be shared, as far as its options go. */
  private static boolean isPossible(HttpUri origin, PoolOptions rules) {
    Tls tls = rules.connection().tls().orElse(Tls.DEFAULT);
    boolean verified = !tls.trustAll() && tls.verifyHostName() && tls.serverName().isEmpty();
    return rules.coalesce()
        && origin.secure()
        && !origin.authority().isAddress()
        && verified
        && tls.identity().isEmpty()
        && rules.connection().via().isEmpty();
  }

  /** What the connection to this place is connected to; empty if it cannot be shared. */
  static Optional<Reached> reached(
      Place place, PoolOptions rules, Protocol protocol, Slots.Peer peer) {
    boolean possible =
        protocol == Protocol.HTTP_2 && place.apart().isEmpty() && isPossible(place.origin(), rules);
    return peer.address()
        .filter(address -> possible && !peer.names().isEmpty())
        .map(address -> new Reached(rules.connection(), address, peer.names()));
  }

  /** Where an origin is; empty if it must have connections of its own. Never fails. */
  static CompletableFuture<Optional<Reached.Sought>> sought(
      Place place, PoolOptions rules, Machine machine) {
    if (!place.apart().isEmpty() || !isPossible(place.origin(), rules)) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    Authority authority = place.origin().authority();
    return machine
        .lookup(authority.lookup())
        .thenApply(
            all ->
                Optional.of(
                    new Reached.Sought(
                        rules.connection(), sockets(all, authority.port()), authority.name())))
        .exceptionally(failure -> Optional.empty()); // which the attempt to connect will tell
  }

  private static Set<InetSocketAddress> sockets(List<InetAddress> addresses, int port) {
    return addresses.stream()
        .map(address -> new InetSocketAddress(address, port))
        .collect(Collectors.toSet());
  }

  /** The request as it is sent on this connection, which may be one to another origin. */
  static Request on(Connection connection, HttpUri uri, Request request) {
    boolean own = Core.get().home(connection).sameOrigin(uri);
    return own || request.headers().contains("host")
        ? request
        : request.header("host", uri.authority().uri(HttpUri.port(uri.secure())));
  }
}
