package dev.lariat.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Reason;
import java.io.IOException;
import java.net.ConnectException;
import java.security.cert.CertificateException;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the network throws is told in a user's words. */
final class FailuresTest {

  @ParameterizedTest
  @CsvSource({
    "recvAddress(..) failed with error(-104): Connection reset by peer, Connection reset by peer",
    "writevAddresses(..) failed: Broken pipe, Broken pipe",
    "syscall:read(..) failed: Connection reset by peer, Connection reset by peer",
    "Connection reset, Connection reset"
  })
  void theSystemCallThatFailedIsNotNamed(String thrown, String words) {
    assertThat(Failures.broken(new IOException(thrown))).isEqualTo(new Reason.Reset(words));
  }

  @Test
  void anAddressThatCannotBeReachedIsToldByTheSystemsWords() {
    var thrown =
        new ConnectException(
            "finishConnect(..) failed with error(-113): No route to host: /192.0.2.1:80");

    assertThat(Failures.connecting("192.0.2.1:80", thrown))
        .isEqualTo(new Reason.Unreachable("192.0.2.1:80", "No route to host"));
  }

  @Test
  void aHostThatTheJdkAcceptsInNoCertificateIsToldWithTheOptionsThatHelp() {
    var compared =
        new CertificateException(
            "Illegal given domain name: my_host",
            new IllegalArgumentException("Contains non-LDH ASCII characters"));

    assertThat(Failures.handshake(new SSLHandshakeException("no").initCause(compared), null))
        .isEqualTo(
            new Reason.Tls(
                Optional.empty(),
                "the JDK accepts no certificate for the host my_host: use tls.serverName or"
                    + " tls.verifyHostName"));
  }
}
