package dev.lariat.testkit;

import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;

/**
 * A request that an {@link Origin} has received.
 *
 * @param method its method
 * @param target its target as in the request line (RFC 9112 section 3.2): usually a path with an
 *     optional query
 * @param headers its headers
 * @param body its body, without the framing; empty if there is none
 */
public record Asked(String method, String target, Headers headers, Bytes body) {}
