package dev.lariat.internal.hop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.hop.Negotiation.Progress;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.SocksReply;
import dev.lariat.option.Credentials;
import dev.lariat.option.Proxy;
import java.net.InetAddress;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SocksTest {
  private static final Proxy SOCKS5 = Proxy.of("socks5h://proxy.example");
  private static final Proxy WITH_LOGIN = Proxy.of("socks5h://user:pw@proxy.example");
  private static final Proxy SOCKS4A = Proxy.of("socks4a://proxy.example");

  private static Talk talk(Proxy proxy) {
    return Talk.with(proxy, "a.example", 443);
  }

  private static InetAddress address(String literal) throws Exception {
    return InetAddress.getByName(literal);
  }

  private static Reason refused(SocksReply reply, int code) {
    return new Reason.Socks(reply, code);
  }

  // ---- SOCKS 5

  @Test
  void aNameIsSentToTheProxy() {
    Talk talk = talk(SOCKS5);
    assertThat(talk.sentHex()).isEqualTo("050100");
    assertThat(talk.hearsHex("0500")).isEqualTo(Progress.MORE);
    assertThat(talk.sentHex()).isEqualTo("05010003" + "09612e6578616d706c65" + "01bb");
  }

  @ParameterizedTest
  @CsvSource({"192.0.2.7, 01c0000207", "2001:db8::1, 0420010db8000000000000000000000001"})
  void anAddressIsSentAsOne(String literal, String hex) throws Exception {
    Talk talk = Talk.with(SOCKS5, "a.example", 80, address(literal));
    talk.sent();
    talk.hearsHex("0500");
    assertThat(talk.sentHex()).isEqualTo("050100" + hex + "0050");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "05000001" + "7f000001" + "1234",
        "05000004" + "00000000000000000000000000000001" + "1234",
        "05000003" + "03" + "616263" + "1234",
        "05000003" + "00" + "1234",
        "05000701" + "7f000001" + "1234"
      })
  void whatFollowsTheReplyIsTheTunnelsWhereverItIsCut(String reply) {
    byte[] bytes = HexFormat.of().parseHex(reply + "68656c6c6f");
    for (int cut = 0; cut <= bytes.length; cut++) {
      Talk talk = talk(SOCKS5);
      talk.hearsHex("05");
      talk.hearsHex("00");
      assertThat(talk.hears(bytes, cut)).isEqualTo(Progress.THROUGH);
      assertThat(talk.left()).isEqualTo("hello");
    }
  }

  @Test
  void theNameAndThePasswordAreShownIfTheProxyAsks() {
    Talk talk = talk(WITH_LOGIN);
    assertThat(talk.sentHex()).isEqualTo("05020002");
    talk.hearsHex("0502");
    assertThat(talk.sentHex()).isEqualTo("01" + "0475736572" + "027077");
    assertThat(talk.hearsHex("01")).isEqualTo(Progress.MORE);
    assertThat(talk.hearsHex("00")).isEqualTo(Progress.MORE);
    assertThat(talk.sentHex()).startsWith("05010003");
    Talk unasked = talk(WITH_LOGIN);
    unasked.sent();
    unasked.hearsHex("0500");
    assertThat(unasked.sentHex()).startsWith("05010003");
  }

  @Test
  void refusalsOfMethodsAndLoginsAreTyped() {
    assertThat(Talk.why(talk(SOCKS5).hearsHex("05ff")))
        .isEqualTo(refused(SocksReply.NO_METHOD, 0xff));
    Talk talk = talk(WITH_LOGIN);
    talk.hearsHex("0502");
    assertThat(Talk.why(talk.hearsHex("0102"))).isEqualTo(refused(SocksReply.LOGIN_REFUSED, 2));
  }

  @ParameterizedTest
  @CsvSource({
    "1, FAILED",
    "2, NOT_ALLOWED",
    "3, NETWORK_UNREACHABLE",
    "4, HOST_UNREACHABLE",
    "5, CONNECTION_REFUSED",
    "6, EXPIRED",
    "7, COMMAND_NOT_SUPPORTED",
    "8, ADDRESS_NOT_SUPPORTED",
    "9, UNASSIGNED"
  })
  void eachReplyHasItsMeaning(int code, SocksReply meaning) {
    Talk talk = talk(SOCKS5);
    talk.hearsHex("0500");
    assertThat(Talk.why(talk.hearsHex("050" + code))).isEqualTo(refused(meaning, code));
  }

  @ParameterizedTest
  @CsvSource({
    "04, '', RFC 1928 section 3",
    "48, '', RFC 1928 section 3",
    "0503, '', RFC 1928 section 3",
    "0502, '', RFC 1928 section 3",
    "05000500000100, '', RFC 1928 section 3",
    "0500, 01, RFC 1928 section 6",
    "0500, 0500000261, RFC 1928 section 6"
  })
  void whatBreaksTheProtocolNamesTheSection(String method, String reply, String section) {
    Talk talk = talk(SOCKS5);
    Progress progress = talk.hearsHex(method);
    if (progress == Progress.MORE) {
      progress = talk.hearsHex(reply);
    }
    assertThat(Talk.why(progress))
        .isInstanceOfSatisfying(
            Reason.Protocol.class, why -> assertThat(why.section()).isEqualTo(section));
  }

  @Test
  void anotherVersionOfTheLoginIsAProtocolError() {
    Talk talk = talk(WITH_LOGIN);
    talk.hearsHex("0502");
    assertThat(Talk.why(talk.hearsHex("0500"))).isInstanceOf(Reason.Protocol.class);
  }

  @Test
  void anAnswerToTheLoginBeforeTheLoginIsAProtocolError() {
    assertThat(Talk.why(talk(WITH_LOGIN).hearsHex("05020100"))).isInstanceOf(Reason.Protocol.class);
    Talk talk = talk(WITH_LOGIN);
    talk.hearsHex("0502");
    assertThat(Talk.why(talk.hearsHex("010005"))).isInstanceOf(Reason.Protocol.class);
  }

  @Test
  void aProxyThatLeavesIsClosed() {
    assertThat(Talk.why(talk(SOCKS5).negotiation.ended())).isEqualTo(new Reason.Closed());
    assertThat(Talk.why(talk(SOCKS4A).negotiation.ended())).isEqualTo(new Reason.Closed());
    assertThat(talk(SOCKS5).negotiation.refusal()).isEmpty();
  }

  // ---- SOCKS 4

  @Test
  void socks4SendsAnAddressAnd4aAName() throws Exception {
    Proxy named = Proxy.of("socks4://proxy.example").credentials(Credentials.of("user", ""));
    assertThat(Talk.with(named, "a.example", 80, address("192.0.2.7")).sentHex())
        .isEqualTo("04010050" + "c0000207" + "7573657200");
    assertThat(Talk.with(SOCKS4A, "a.example", 80).sentHex())
        .isEqualTo("04010050" + "00000001" + "00" + "612e6578616d706c6500");
  }

  @Test
  void theAnswerOfSocks4IsReadWhereverItIsCut() {
    byte[] bytes = HexFormat.of().parseHex("005a" + "0000" + "00000000" + "68656c6c6f");
    for (int cut = 0; cut <= bytes.length; cut++) {
      Talk talk = talk(SOCKS4A);
      assertThat(talk.hears(bytes, cut)).isEqualTo(Progress.THROUGH);
      assertThat(talk.left()).isEqualTo("hello");
    }
  }

  @ParameterizedTest
  @CsvSource({"5b, REJECTED", "5c, NO_IDENTD", "5d, OTHER_USER", "5e, UNASSIGNED"})
  void eachAnswerOfSocks4HasItsMeaning(String code, SocksReply meaning) {
    assertThat(Talk.why(talk(SOCKS4A).hearsHex("00" + code + "000000000000")))
        .isEqualTo(refused(meaning, Integer.parseInt(code, 16)));
  }

  @Test
  void anotherVersionOfTheAnswerIsAProtocolError() {
    assertThat(Talk.why(talk(SOCKS4A).hearsHex("04"))).isInstanceOf(Reason.Protocol.class);
  }
}
