package dev.lariat.event;

import java.util.Optional;

/**
 * What a TLS handshake agreed on.
 *
 * @param protocol the version, in the JDK's words: {@code TLSv1.3}
 * @param cipher the cipher suite, in the JDK's words: {@code TLS_AES_128_GCM_SHA256}
 * @param alpn the application protocol that the server chose (RFC 7301), if it chose one
 */
public record TlsSession(String protocol, String cipher, Optional<String> alpn) {}
