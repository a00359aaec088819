package dev.lariat.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import java.net.InetSocketAddress;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyOptionTest {
  private static final Proxy SOCKS5 = Proxy.of("socks5h://proxy.example");
  private static final Proxy HTTP = Proxy.of("http://proxy.example");

  @ParameterizedTest
  @CsvSource({
    "http://proxy.example, HTTP, proxy.example, 80, false, false, http://proxy.example:80",
    "HTTPS://Proxy.Example/, HTTP, proxy.example, 443, true, false, https://proxy.example:443",
    "socks5://192.0.2.1:9050, SOCKS5, 192.0.2.1, 9050, false, true, socks5://192.0.2.1:9050",
    "socks5h://[::1]:1081, SOCKS5, ::1, 1081, false, false, socks5h://[::1]:1081",
    "socks4://a, SOCKS4, a, 1080, false, true, socks4://a:1080",
    "socks4a://a, SOCKS4A, a, 1080, false, false, socks4a://a:1080"
  })
  void aProxyIsReadFromText(
      String text,
      Proxy.Kind kind,
      String host,
      int port,
      boolean tls,
      boolean resolve,
      String uri) {
    Proxy proxy = Proxy.of(text);
    assertThat(proxy.kind()).isEqualTo(kind);
    assertThat(proxy.host()).isEqualTo(host);
    assertThat(proxy.port()).isEqualTo(port);
    assertThat(proxy.tls()).isEqualTo(tls ? Optional.of(Tls.DEFAULT) : Optional.empty());
    assertThat(proxy.resolve()).isEqualTo(resolve);
    assertThat(proxy.credentials()).isEmpty();
    assertThat(proxy.uri()).isEqualTo(uri);
    assertThat(Proxy.of(uri)).isEqualTo(proxy);
  }

  @ParameterizedTest
  @CsvSource({
    "user:secret, user, secret",
    "user, user, ''",
    "us%40er:se%3Acr%2Fet, us@er, se:cr/et",
    "user:se:cr@et, user, se:cr@et",
    "a+b:c+d, a+b, c+d",
    "%C3%BC:%E2%82%AC, ü, €"
  })
  void theUserInformationIsDecoded(String given, String user, String password) {
    assertThat(Proxy.of("http://" + given + "@proxy.example").credentials())
        .contains(Credentials.of(user, password));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "proxy.example",
        "proxy.example:8080",
        "ftp://user:secret@proxy.example",
        "http://",
        "http://proxy.example:0",
        "http://proxy.example/path",
        "http://proxy.example?query",
        "http://user:sec/ret@proxy.example",
        "http://user:secret%@proxy.example",
        "http://user:secret%FF@proxy.example",
        "http://user:secret@pro xy",
        "http://user:secret@proxy.example\r\nx: y"
      })
  void whatIsNoProxyIsRefusedWithoutItsPassword(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Proxy.of(text))
        .satisfies(
            e -> assertThat(e).hasMessageStartingWith("proxy: ").hasMessageContaining("allowed"))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret", "sec/ret", "\n"));
  }

  @Test
  void noTextShowsThePassword() {
    Proxy proxy =
        Proxy.of("http://user:secret@proxy.example").headers(Headers.of("cookie", "id=secret"));
    assertThat(proxy.toString()).contains("user", "proxy.example").doesNotContain("secret");
    assertThat(proxy.uri()).isEqualTo("http://proxy.example:80");
    assertThat(ConnectionOptions.DEFAULT.via(proxy).toString()).doesNotContain("secret");
  }

  @Test
  void socksTakesShortNamesAndPasswordsOnly() {
    String longest = "ü".repeat(127) + "x"; // 255 octets
    SOCKS5.credentials(Credentials.digest(longest, longest));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SOCKS5.credentials(Credentials.of(longest + "x", "")))
        .withMessage("proxy.credentials: a name of 256 bytes, allowed 1 to 255 bytes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SOCKS5.credentials(Credentials.of("user", longest + "x")))
        .withMessage("proxy.credentials: a password of 256 bytes, allowed 0 to 255 bytes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Proxy.of("socks5h://:secret@proxy.example"))
        .withMessage("proxy.credentials: a name of 0 bytes, allowed 1 to 255 bytes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SOCKS5.credentials(Credentials.bearer("token")))
        .withMessageStartingWith("proxy.credentials: Credentials[bearer], allowed a name");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Proxy.of("socks4a://user:secret@proxy.example"))
        .withMessageStartingWith("proxy.credentials: a password, allowed a name only");
    assertThat(Proxy.of("socks4a://user@proxy.example").credentials()).isPresent();
  }

  @Test
  void onlyHttpHasHeadersAndNoneThatFramesTheRequest() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SOCKS5.headers(Headers.of("a", "b")))
        .withMessageStartingWith("proxy.headers: some for SOCKS, allowed none");
    for (String name : new String[] {"host", "content-length", "transfer-encoding"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> HTTP.headers(Headers.of(name, "1")))
          .withMessageStartingWith("proxy.headers: " + name + ", allowed any but");
    }
    Headers negotiate = Headers.of("proxy-authorization", "Negotiate abc=");
    HTTP.headers(negotiate);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HTTP.credentials(Credentials.of("user", "secret")).headers(negotiate))
        .withMessageStartingWith("proxy.credentials: some beside a Proxy-Authorization header");
  }

  @Test
  void onlyHttpHasProtocols() {
    assertThat(HTTP.protocols()).containsExactly(Protocol.HTTP_1_1);
    Proxy both = HTTP.protocols(Protocol.HTTP_2, Protocol.HTTP_1_1);
    assertThat(both.protocols()).containsExactly(Protocol.HTTP_2, Protocol.HTTP_1_1);
    assertThat(both).isNotEqualTo(HTTP).isNotEqualTo(HTTP.protocols(Protocol.HTTP_2));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HTTP.protocols(new Protocol[0]))
        .withMessage("proxy.protocols: [], allowed h2 and http/1.1, each once");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HTTP.protocols(Protocol.HTTP_2, Protocol.HTTP_2))
        .withMessage("proxy.protocols: [h2, h2], allowed h2 and http/1.1, each once");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HTTP.protocols(Protocol.RAW))
        .withMessage("proxy.protocols: [raw], allowed h2 and http/1.1, each once");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SOCKS5.protocols(Protocol.HTTP_2))
        .withMessageStartingWith("proxy.protocols: [h2] for SOCKS, allowed the default");
  }

  @Test
  void theNamesForAlpnHaveOneThatIsSpokenToAProxy() {
    List<String> both = List.of("acme", "h2");
    assertThat(HTTP.tls(Tls.DEFAULT.alpn(both)).tls().orElseThrow().alpn()).isEqualTo(both);
    assertThat(HTTP.tls(Tls.DEFAULT.alpn(List.of())).tls()).isPresent();
    assertThat(SOCKS5.tls(Tls.DEFAULT.alpn(List.of("acme"))).tls()).isPresent();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HTTP.tls(Tls.DEFAULT.alpn(List.of("acme", "mqtt"))))
        .withMessage(
            "proxy.tls.alpn: [acme, mqtt], allowed lists with h2 or http/1.1, or the empty one for"
                + " no ALPN");
  }

  @Test
  void socks4KnowsNoNames() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Proxy.of("socks4://proxy.example").resolve(false))
        .withMessageStartingWith("proxy.resolve: false, allowed true for socks4");
    assertThat(SOCKS5.resolve(true).uri()).isEqualTo("socks5://proxy.example:1080");
  }

  @Test
  void aConnectionGoesThroughSixteenProxiesAtMost() {
    ConnectionOptions options = ConnectionOptions.DEFAULT.via(Collections.nCopies(16, HTTP));
    assertThat(options.via()).hasSize(16);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options.via(Collections.nCopies(17, HTTP)))
        .withMessage("via: 17 proxies, allowed 0 to 16");
  }

  @Test
  void theAbsoluteFormIsForTheLastProxyAndForHttp() {
    Proxy forward = HTTP.absoluteForm(true);
    ConnectionOptions options = ConnectionOptions.DEFAULT;
    assertThat(options.via(SOCKS5, forward).via().getLast().absoluteForm()).isTrue();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options.via(SOCKS5, forward, HTTP))
        .withMessage(
            "proxy.absoluteForm: true for proxy 2 of 3, allowed false, except for the last one");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SOCKS5.absoluteForm(true))
        .withMessage("proxy.absoluteForm: true for SOCKS, allowed false, since it has no requests");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options.protocols(Protocol.RAW).via(forward))
        .withMessage("proxy.absoluteForm: true with raw, allowed false, since raw has no requests");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> forward.resolve(true))
        .withMessageStartingWith("proxy.resolve: true with absoluteForm, allowed false");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> forward.authenticator((host, port) -> null))
        .withMessageStartingWith("proxy.authenticator: one with absoluteForm, allowed none");
  }

  @Test
  void anAuthenticatorIsAloneAndIsNotShown() {
    ProxyAuthenticator authenticator =
        new ProxyAuthenticator() {
          @Override
          public Authentication begin(String host, int port) {
            throw new AssertionError();
          }

          @Override
          public String toString() {
            return "secret";
          }
        };
    Proxy proxy = HTTP.authenticator(authenticator);
    assertThat(proxy.authenticator()).containsSame(authenticator);
    assertThat(proxy).isEqualTo(HTTP.authenticator(authenticator)).isNotEqualTo(HTTP);
    assertThat(proxy.toString()).contains("authenticator=").doesNotContain("secret");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> proxy.credentials(Credentials.of("user", "secret")))
        .withMessage(
            "proxy.authenticator: one beside credentials or a Proxy-Authorization header, allowed"
                + " one of them (RFC 9110 section 11.7.2)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> proxy.headers(Headers.of("proxy-authorization", "x")))
        .withMessageStartingWith("proxy.authenticator: one beside");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SOCKS5.authenticator(authenticator))
        .withMessage(
            "proxy.authenticator: one for SOCKS, allowed none, since it has no challenges");
  }

  @Test
  void theProxyProtocolTakesResolvedAddressesOnly() {
    InetSocketAddress unresolved = InetSocketAddress.createUnresolved("a.example", 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ProxyProtocol.V1.source(unresolved))
        .withMessageStartingWith("proxyProtocol.source: a.example");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ProxyProtocol.V2.destination(unresolved))
        .withMessageStartingWith("proxyProtocol.destination: a.example");
  }
}
