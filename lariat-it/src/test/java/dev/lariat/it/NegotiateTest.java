package dev.lariat.it;

import static dev.lariat.it.Through.pageAndWebSocket;
import static dev.lariat.it.Through.port;
import static dev.lariat.it.Through.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.examples.Negotiate;
import dev.lariat.message.Reason;
import dev.lariat.option.Proxy;
import org.ietf.jgss.GSSException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Through a squid that asks for Kerberos, with the program of the guide and the JDK's GSS. */
@Needs({Peer.SQUID, Peer.KRB5_KDC, Peer.KRB5_ADMIN, Peer.NGINX, Peer.PYTHON_WEBSOCKETS})
final class NegotiateTest {
  private static Kerberos kerberos;

  @BeforeAll
  static void start() {
    kerberos = Kerberos.start();
  }

  @AfterAll
  static void stop() {
    kerberos.close();
  }

  private static Proxy proxy(String host) {
    return Proxy.of("http://" + host + ":" + kerberos.port());
  }

  @Test
  void aTicketOpensTheTunnel() {
    pageAndWebSocket(false, Negotiate.with(proxy("localhost")));
    pageAndWebSocket(true, Negotiate.with(proxy("localhost")));
  }

  @Test
  void withoutAnAuthenticatorTheChallengeIsTheReason() {
    Reason.Status why = (Reason.Status) refusal(port(false), proxy("localhost"));
    assertThat(why.status()).isEqualTo(407);
    assertThat(why.headers().all("proxy-authenticate")).contains("Negotiate");
  }

  @Test
  void aProxyThatTheRealmDoesNotKnowIsAReason() {
    Reason why = refusal(port(false), Negotiate.with(proxy("127.0.0.1")));
    assertThat(why)
        .isInstanceOfSatisfying(
            Reason.AuthenticatorThrew.class,
            threw -> assertThat(threw.cause()).isInstanceOf(GSSException.class));
  }
}
