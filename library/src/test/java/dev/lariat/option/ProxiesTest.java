package dev.lariat.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxiesTest {
  private static final Map<String, String> ALL = Map.of("all_proxy", "http://all.example");

  private static List<String> chosen(Proxies proxies, String uri) {
    return proxies.to(URI.create(uri)).stream().map(Proxy::host).toList();
  }

  private static List<String> chosen(Map<String, String> variables, String uri) {
    return chosen(new EnvironmentProxies(variables), uri);
  }

  @Test
  void theSchemeChoosesTheVariable() {
    Map<String, String> variables =
        Map.of("http_proxy", "http://plain.example", "HTTPS_PROXY", "socks5h://secure.example");
    for (String scheme : List.of("http", "ws")) {
      assertThat(chosen(variables, scheme + "://a.example")).containsExactly("plain.example");
    }
    for (String scheme : List.of("https", "wss")) {
      assertThat(chosen(variables, scheme + "://a.example")).containsExactly("secure.example");
    }
    assertThat(chosen(ALL, "wss://a.example")).containsExactly("all.example");
    assertThat(chosen(Map.of(), "wss://a.example")).isEmpty();
    assertThat(chosen(Map.of("http_proxy", " "), "ws://a.example")).isEmpty();
  }

  @Test
  void lowerCaseComesFirstAndAValueWithoutASchemeIsAnHttpProxy() {
    Map<String, String> both =
        Map.of("https_proxy", "lower.example:3128", "HTTPS_PROXY", "http://upper.example");
    assertThat(new EnvironmentProxies(both).to(URI.create("https://a.example")))
        .containsExactly(Proxy.of("http://lower.example:3128"));
  }

  /** GNOME sets it so, and has no word for the version. */
  @Test
  void socksWithoutAVersionIsVersion5() {
    assertThat(
            new EnvironmentProxies(Map.of("ALL_PROXY", "Socks://proxy.example:1081/"))
                .to(URI.create("https://a.example")))
        .containsExactly(Proxy.of("socks5h://proxy.example:1081"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EnvironmentProxies(Map.of("all_proxy", "socks6://a.example")))
        .withMessageContaining("all_proxy: ");
  }

  @Test
  void aVariableThatIsSetToNothingAsksForNoProxy() {
    for (String blank : List.of("", " ")) {
      Map<String, String> variables =
          Map.of("https_proxy", blank, "HTTPS_PROXY", "a.example", "all_proxy", "all.example");
      assertThat(chosen(variables, "https://b.example")).isEmpty();
      assertThat(chosen(variables, "http://b.example")).containsExactly("all.example");
    }
  }

  /** A client's header Proxy becomes HTTP_PROXY in a CGI program. */
  @Test
  void aRequestToACgiProgramSetsNoProxy() {
    Map<String, String> variables =
        Map.of("HTTP_PROXY", "http://evil.example", "REQUEST_METHOD", "GET");
    assertThat(chosen(variables, "http://a.example")).isEmpty();
    assertThat(chosen(Map.of("HTTP_PROXY", "http://good.example"), "http://a.example"))
        .containsExactly("good.example");
  }

  @Test
  void aVariableThatNamesNoProxyIsRefusedByItsName() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EnvironmentProxies(Map.of("ALL_PROXY", "ftp://u:secret@a.example")))
        .withMessageStartingWith("ALL_PROXY: proxy: ")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret"));
  }

  @ParameterizedTest
  @CsvSource({
    "example.com, https://example.com, true",
    "example.com, https://www.example.com, true",
    "example.com, https://badexample.com, false",
    "example.com, https://EXAMPLE.com., true",
    ".example.com, https://www.example.com, true",
    ".example.com, https://example.com, true",
    "*.example.com, https://www.example.com, true",
    "other.com, https://example.com, false",
    "'a.example, ,example.com', https://example.com, true",
    "a.example example.com, https://example.com, true",
    "EXAMPLE.COM, https://example.com, true",
    "*, https://example.com, true",
    "example.com:443, https://example.com, true",
    "example.com:443, https://example.com:8443, false",
    "example.com:80, ws://example.com, true",
    "192.0.2.1, https://192.0.2.1, true",
    "192.0.2.1, https://192.0.2.10, false",
    "192.0.2.1:8443, https://192.0.2.1:8443, true",
    "192.0.2.1:8443, https://192.0.2.1, false",
    "2.1, https://192.0.2.1, false",
    "10.0.0.0/8, https://10.255.0.1, true",
    "10.0.0.0/8, https://11.0.0.1, false",
    "10.0.0.0/8, https://[::1:2], false",
    "10.0.0.0/9, https://10.128.0.1, false",
    "0.0.0.0/0, https://192.0.2.1, true",
    "10.0.0.0/33, https://10.0.0.1, false",
    "10.0.0.0/x, https://10.0.0.1, false",
    "example.com/8, https://example.com, false",
    "2001:db8::1, 'https://[2001:db8:0::1]', true",
    "[2001:db8::1]:8443, 'https://[2001:db8::1]:8443', true",
    "[2001:db8::1]:8443, 'https://[2001:db8::1]', false",
    "2001:db8::/32, 'https://[2001:db8:ffff::1]', true",
    "2001:db8::/32, 'https://[2001:db9::1]', false",
    "'', https://localhost, true",
    "'', https://www.localhost, true",
    "'', https://127.9.9.9, true",
    "'', 'https://[::1]', true"
  })
  void someHostsNeedNoProxy(String none, String uri, boolean direct) {
    Map<String, String> variables = Map.of("all_proxy", "http://all.example", "no_proxy", none);
    assertThat(chosen(variables, uri).isEmpty()).isEqualTo(direct);
    Map<String, String> upper = Map.of("all_proxy", "http://all.example", "NO_PROXY", none);
    assertThat(chosen(upper, uri).isEmpty()).isEqualTo(direct);
  }

  @Test
  void aSelectorSelectsForTheSchemesThatItKnows() {
    List<URI> asked = new ArrayList<>();
    List<java.net.Proxy> answer = new ArrayList<>();
    ProxySelector selector =
        new ProxySelector() {
          @Override
          public List<java.net.Proxy> select(URI uri) {
            asked.add(uri);
            return answer;
          }

          @Override
          public void connectFailed(URI uri, SocketAddress address, IOException e) {}
        };
    Proxies proxies = Proxies.of(selector);
    assertThat(chosen(proxies, "wss://a.example:8443/feed")).isEmpty();
    assertThat(chosen(proxies, "ws://a.example")).isEmpty();
    assertThat(asked)
        .containsExactly(URI.create("https://a.example:8443/"), URI.create("http://a.example/"));
    InetSocketAddress address = InetSocketAddress.createUnresolved("proxy.example", 3128);
    answer.add(new java.net.Proxy(java.net.Proxy.Type.HTTP, address));
    answer.add(java.net.Proxy.NO_PROXY);
    assertThat(proxies.to(URI.create("ws://a.example")))
        .containsExactly(Proxy.of("http://proxy.example:3128"));
    answer.set(0, new java.net.Proxy(java.net.Proxy.Type.SOCKS, address));
    assertThat(proxies.to(URI.create("ws://a.example")))
        .containsExactly(Proxy.of("socks5h://proxy.example:3128"));
    answer.removeFirst();
    assertThat(proxies.to(URI.create("ws://a.example"))).isEmpty();
  }
}
