package dev.lariat.internal.hop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.lariat.internal.hop.Negotiation.Progress;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.uri.Authority;
import dev.lariat.message.Bytes;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Bound;
import dev.lariat.option.Credentials;
import dev.lariat.option.Proxy;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpConnectTest {
  private static final Proxy PLAIN = Proxy.of("http://proxy.example:3128");
  private static final Proxy WITH_LOGIN = Proxy.of("http://user:secret@proxy.example:3128");
  private static final String OK = "HTTP/1.1 200 Connection established\r\n\r\n";
  private static final String BASIC = "Proxy-Authenticate: Basic realm=\"squid\"\r\n";
  private static final String BASIC_OF_USER = "proxy-authorization: Basic dXNlcjpzZWNyZXQ=\r\n";

  private static Talk talk(Proxy proxy) {
    return Talk.with(proxy, "server.example", 443);
  }

  private static String digest(String nonce, String more) {
    return "Proxy-Authenticate: Digest realm=\"squid\", nonce=\""
        + nonce
        + "\", qop=\"auth\""
        + more
        + "\r\n";
  }

  private static String refusal(int status, String headers, String body) {
    return "HTTP/1.1 "
        + status
        + " No\r\n"
        + headers
        + "Content-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  private static int status(Progress progress) {
    return ((Reason.Status) Talk.why(progress)).status();
  }

  @Test
  void theRequestNamesTheNextHost() {
    assertThat(talk(PLAIN).sent())
        .isEqualTo("CONNECT server.example:443 HTTP/1.1\r\nhost: server.example:443\r\n\r\n");
    assertThat(Talk.with(PLAIN, "2001:db8::1", 80).sent()).startsWith("CONNECT [2001:db8::1]:80 ");
    assertThat(Talk.with(PLAIN, "fe80::1%eth0", 80).sent())
        .as("a zone is of this machine alone")
        .startsWith("CONNECT [fe80::1]:80 ");
  }

  @Test
  void anAddressThatWasLookedUpStandsForTheName() throws Exception {
    InetAddress address = InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, 7});
    assertThat(Talk.with(PLAIN, "server.example", 443, address).sent())
        .startsWith("CONNECT 192.0.2.7:443 HTTP/1.1\r\nhost: 192.0.2.7:443\r\n");
  }

  @Test
  void theUsersHeadersGoToTheProxy() {
    assertThat(talk(PLAIN.headers(Headers.of("user-agent", "mine"))).sent())
        .contains("\r\nuser-agent: mine\r\n");
  }

  @Test
  void whatFollowsA2xxIsTheTunnelsWhereverItIsCut() {
    byte[] answer = (OK + "first bytes").getBytes(StandardCharsets.ISO_8859_1);
    for (int cut = 0; cut <= answer.length; cut++) {
      Talk talk = talk(PLAIN);
      assertThat(talk.hears(answer, cut)).isEqualTo(Progress.THROUGH);
      assertThat(talk.left()).isEqualTo("first bytes");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 5\r\n",
        "Content-Length: many\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip\r\nContent-Length: 1, 2\r\n",
        "Connection: close\r\n"
      })
  void a2xxHasNoBodyWhateverItSays(String headers) {
    Talk talk = talk(PLAIN);
    assertThat(talk.hears("HTTP/1.1 200 OK\r\n" + headers + "\r\nhello"))
        .isEqualTo(Progress.THROUGH);
    assertThat(talk.left()).isEqualTo("hello");
  }

  @Test
  void informationalResponsesAreSkippedUpToABound() {
    String inform = "HTTP/1.1 100 Continue\r\n\r\n";
    assertThat(talk(PLAIN).hears(inform.repeat(32) + OK)).isEqualTo(Progress.THROUGH);
    assertThat(Talk.why(talk(PLAIN).hears(inform.repeat(33) + OK)))
        .isEqualTo(new Reason.Limit(Bound.INFORMS, 32));
    assertThat(Talk.why(talk(PLAIN).hears("HTTP/1.1 101 Switching Protocols\r\n\r\n")))
        .isInstanceOf(Reason.Protocol.class);
  }

  @Test
  void aRefusalHasTheProxysAnswerWhereverItIsCut() {
    byte[] answer =
        refusal(403, "Content-Type: text/plain\r\n", "not you")
            .getBytes(StandardCharsets.ISO_8859_1);
    for (int cut = 0; cut <= answer.length; cut++) {
      Progress progress = talk(PLAIN).hears(answer, cut);
      assertThat(Talk.why(progress))
          .isInstanceOfSatisfying(
              Reason.Status.class,
              why -> {
                assertThat(why.status()).isEqualTo(403);
                assertThat(why.headers().first("content-type")).contains("text/plain");
                assertThat(why.body().utf8()).isEqualTo("not you");
              });
    }
  }

  @Test
  void aRefusalUntilTheEndOfTheConnectionIsWholeThen() {
    Talk talk = talk(PLAIN);
    assertThat(talk.hears("HTTP/1.0 502 Bad Gateway\r\n\r\nnobody")).isEqualTo(Progress.MORE);
    assertThat(talk.negotiation.refusal()).isPresent();
    assertThat(((Reason.Status) Talk.why(talk.negotiation.ended())).body().utf8())
        .isEqualTo("nobody");
  }

  @Test
  void anEndlessRefusalIsReadUpToABound() {
    Talk talk = talk(PLAIN);
    talk.hears("HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n");
    String chunk = "1000\r\n" + "x".repeat(0x1000) + "\r\n";
    for (int i = 0; i < 16; i++) {
      assertThat(talk.hears(chunk)).isEqualTo(Progress.MORE);
    }
    assertThat(((Reason.Status) Talk.why(talk.hears(chunk))).body().size())
        .isEqualTo(Reason.Status.MOST_OF_BODY);
  }

  @Test
  void aBlockOfHeadersThatDoesNotEndIsRefused() {
    Talk talk = talk(PLAIN);
    Progress progress = talk.hears("HTTP/1.1 200 OK\r\n");
    for (int i = 0; progress == Progress.MORE; i++) {
      assertThat(i).isLessThan(400);
      progress = talk.hears("x-more: " + "x".repeat(40) + "\r\n");
    }
    assertThat(Talk.why(progress)).isEqualTo(new Reason.Limit(Bound.HEADER_BLOCK, 16 << 10));
  }

  @Test
  void whatIsNoHttpIsAProtocolError() {
    assertThat(Talk.why(talk(PLAIN).hears("SSH-2.0-OpenSSH\r\n")))
        .isInstanceOf(Reason.Protocol.class);
    assertThat(Talk.why(talk(PLAIN).negotiation.ended())).isEqualTo(new Reason.Closed());
  }

  // ---- credentials

  @Test
  void aPasswordIsShownWhenItIsAskedFor() {
    Talk talk = talk(WITH_LOGIN);
    assertThat(talk.sent()).doesNotContain("authorization");
    assertThat(talk.hears(refusal(407, BASIC, "who?"))).isEqualTo(Progress.MORE);
    assertThat(talk.sent()).startsWith("CONNECT server.example:443 ").contains(BASIC_OF_USER);
    assertThat(talk.hears(OK)).isEqualTo(Progress.THROUGH);
  }

  @Test
  void onlyBasicAndATokenAreShownAtOnce() {
    assertThat(talk(PLAIN.credentials(Credentials.basic("user", "secret"))).sent())
        .contains(BASIC_OF_USER);
    assertThat(talk(PLAIN.credentials(Credentials.bearer("token"))).sent())
        .contains("proxy-authorization: Bearer token\r\n");
  }

  @Test
  void aProxyThatEndsTheConnectionAfterItsChallengeIsAskedOnAnother() {
    for (String answer :
        new String[] {
          refusal(407, BASIC + "Connection: close\r\n", "who?"),
          "HTTP/1.0 407 No\r\n" + BASIC + "\r\n"
        }) {
      Talk talk = talk(WITH_LOGIN);
      talk.sent();
      assertThat(talk.hears(answer)).isEqualTo(Progress.ANEW);
      assertThat(talk.sent()).isEmpty();
      talk.again();
      assertThat(talk.sent()).contains(BASIC_OF_USER);
      assertThat(talk.hears(OK)).isEqualTo(Progress.THROUGH);
    }
  }

  @Test
  void aProxyThatEndsTheConnectionAgainstItsWordIsAskedOnAnother() {
    Talk talk = talk(WITH_LOGIN);
    assertThat(talk.hears(refusal(407, BASIC, ""))).isEqualTo(Progress.MORE);
    assertThat(talk.negotiation.ended()).isEqualTo(Progress.ANEW);
    talk.again();
    assertThat(Talk.why(talk.negotiation.ended())).isEqualTo(new Reason.Closed());
  }

  @Test
  void aSecondChallengeIsARefusal() {
    Talk talk = talk(WITH_LOGIN);
    talk.hears(refusal(407, BASIC, ""));
    assertThat(status(talk.hears(refusal(407, BASIC, "")))).isEqualTo(407);
    assertThat(status(talk(PLAIN).hears(refusal(407, BASIC, "")))).isEqualTo(407);
  }

  @Test
  void digestIsPreferredAndAStaleNonceIsReplacedOnce() {
    Talk talk = talk(WITH_LOGIN);
    talk.sent();
    assertThat(talk.hears(refusal(407, BASIC + digest("one", ""), ""))).isEqualTo(Progress.MORE);
    assertThat(talk.sent())
        .contains("proxy-authorization: Digest ")
        .contains("uri=\"server.example:443\"")
        .contains("nonce=\"one\"")
        .contains("nc=00000001")
        .doesNotContain("Basic");
    assertThat(talk.hears(refusal(407, digest("two", ", stale=true"), "")))
        .isEqualTo(Progress.MORE);
    assertThat(talk.sent()).contains("nonce=\"two\"");
    assertThat(status(talk.hears(refusal(407, digest("three", ", stale=true"), ""))))
        .isEqualTo(407);
  }

  @Test
  void aResponseBeforeItsRequestIsAProtocolError() {
    Talk talk = talk(WITH_LOGIN);
    assertThat(Talk.why(talk.hears(refusal(407, BASIC, "") + OK)))
        .isEqualTo(talk.negotiation.early());
  }

  // ---- over HTTP/2, where a connection speaks with the proxy

  private static final Headers CHALLENGE =
      Headers.of("proxy-authenticate", "Basic realm=\"squid\"");
  private static final Reason REFUSED =
      new Reason.Status(407, Optional.empty(), CHALLENGE, Bytes.EMPTY);

  private static Negotiation http2(Proxy proxy) {
    return Negotiation.with(proxy, Authority.of("server.example", 443), null);
  }

  private static Command.Connect request(Negotiation negotiation) {
    ConnectionRef connection = () -> "proxy.example:3128";
    return negotiation.request(() -> connection, NOBODY);
  }

  @Test
  void theRequestOverHttp2HasTheDestinationAndTheHeaders() {
    Headers headers = Headers.of("user-agent", "mine");
    Command.Connect request = request(http2(PLAIN.headers(headers)));
    assertThat(request.destination()).isEqualTo("server.example:443");
    assertThat(request.authorized()).isEqualTo(headers);
  }

  @Test
  void aChallengeOverHttp2IsAnsweredOnceAndOnAnotherConnectionIfThatEnds() {
    Negotiation negotiation = http2(WITH_LOGIN);
    Command.Connect first = request(negotiation);
    assertThat(first.authorized()).isEqualTo(Headers.EMPTY);
    assertThat(first.stream().authorization().asksAgain(407, CHALLENGE)).isTrue();
    assertThat(negotiation.failed(new Reason.Closed())).isEqualTo(Progress.ANEW);
    Command.Connect second = request(negotiation);
    assertThat(second.authorized().first("proxy-authorization")).contains("Basic dXNlcjpzZWNyZXQ=");
    assertThat(negotiation.failed(new Reason.Closed()))
        .as("an end without a challenge before it")
        .isEqualTo(new Progress.Refused(new Reason.Closed()));
    assertThat(second.stream().authorization().asksAgain(407, CHALLENGE)).isFalse();
    assertThat(negotiation.failed(REFUSED)).isEqualTo(new Progress.Refused(REFUSED));
  }

  @Test
  void aChallengeOverHttp2ThatCannotBeAnsweredThereIsAnsweredOnAnotherConnection() {
    Negotiation negotiation = http2(WITH_LOGIN);
    Command.Connect first = request(negotiation);
    first.authorized();
    first.stream().authorization().learn(407, CHALLENGE);
    assertThat(negotiation.failed(REFUSED)).isEqualTo(Progress.ANEW);
    Reason reset = new Reason.StreamReset(10);
    assertThat(negotiation.failed(reset)).isEqualTo(new Progress.Refused(reset));
  }

  @Test
  void socksHasNoRequests() {
    Negotiation socks = http2(Proxy.of("socks5h://proxy.example"));
    assertThatIllegalStateException().isThrownBy(() -> request(socks));
  }

  private static final Inbox NOBODY =
      new Inbox() {
        @Override
        public void put(Message[] batch, int count) {}

        @Override
        public boolean full() {
          return false;
        }

        @Override
        public void whenRoom(Runnable action) {}
      };
}
