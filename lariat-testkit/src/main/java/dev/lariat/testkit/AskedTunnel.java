package dev.lariat.testkit;

import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.option.Proxy;
import java.util.Optional;

/**
 * A request for a tunnel that a {@link ProxyServer} has received, whether or not it opened it.
 *
 * @param kind what the client spoke: HTTP, SOCKS 5, SOCKS 4 or SOCKS 4A
 * @param protocol HTTP/1.1 or HTTP/2; empty for SOCKS
 * @param destination the host and port of the destination, such as {@code server.example:443}. The
 *     host is a name, or an address if the client sent one
 * @param credentials what the client showed: over HTTP the value of {@code Proxy-Authorization},
 *     over SOCKS 5 {@code user:password}, over SOCKS 4 and 4A the user ID; empty if it showed none
 * @param headers the headers of the {@code CONNECT} request; empty for SOCKS
 */
public record AskedTunnel(
    Proxy.Kind kind,
    Optional<Protocol> protocol,
    String destination,
    Optional<String> credentials,
    Headers headers) {}
