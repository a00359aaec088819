package dev.lariat.event;

import java.util.Optional;

/**
 * The result of a TLS handshake.
 *
 * @param protocol the version, by the JDK's name: {@code TLSv1.3}
 * @param cipher the cipher suite, by the JDK's name: {@code TLS_AES_128_GCM_SHA256}
 * @param alpn the application protocol that the server chose (RFC 7301), if it chose one
 */
public record TlsSession(String protocol, String cipher, Optional<String> alpn) {}
