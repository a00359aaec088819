package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.FailedException;
import dev.lariat.message.Reason;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Exit codes and sentences of failures that have another one as their cause. */
final class ExitTest {
  private static final Reason CERTIFICATE =
      new Reason.Tls(Optional.of("certificate_required"), "the server requires a certificate");

  @ParameterizedTest
  @CsvSource({
    "CONNECTION_REFUSED, 4",
    "HOST_UNREACHABLE, 4",
    "NETWORK_UNREACHABLE, 4",
    "EXPIRED, 4",
    "NOT_ALLOWED, 8",
    "LOGIN_REFUSED, 8",
    "COMMAND_NOT_SUPPORTED, 8",
    "FAILED, 8",
  })
  void whatAProxyCannotReachIsNotReached(Reason.SocksReply reply, int code) {
    Reason reason = new Reason.Hop(1, "socks5://a:1", new Reason.Socks(reply, 5));

    assertThat(Exit.of(reason)).isEqualTo(code);
  }

  @Test
  void aCertificateThatIsMissingIsAFailureOfTls() {
    List.of(
            new Reason.Unprocessed("the connection ended", Optional.of(CERTIFICATE)),
            new Reason.Unanswered(CERTIFICATE),
            new Reason.Incomplete(CERTIFICATE))
        .forEach(
            reason -> {
              assertThat(Exit.of(reason)).isEqualTo(Exit.TLS);
              assertThat(Words.of(reason)).startsWith("TLS failed: ");
            });
    assertThat(Exit.of(new Reason.Unprocessed("the connection ended", Optional.empty())))
        .isEqualTo(Exit.BROKEN);
  }

  @Test
  void aCommandThatComesAfterTheEndOfItsConnectionFailsForTheReasonOfThatEnd() {
    Reason late = new Reason.BadState("request", "the connection has terminated");

    assertThat(Words.why(new FailedException(late, CERTIFICATE))).isEqualTo(CERTIFICATE);
    assertThat(Words.why(new FailedException(late))).isEqualTo(late);
    assertThat(Words.why(new FailedException(new Reason.Unanswered(CERTIFICATE))))
        .isEqualTo(new Reason.Unanswered(CERTIFICATE));
  }
}
