package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.internal.codec.Handshake.Agreement;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.option.Deflate;
import dev.lariat.option.Subprotocols;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HandshakeTest {
  private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ=="; // RFC 6455 section 1.3
  private static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
  private static final String SECTION_41 = "RFC 6455 section 4.1";

  private static final Deflate BARE = Deflate.DEFAULT.offers(Deflate.Offer.BARE);

  private final Handshake plain = new Handshake(KEY, Subprotocols.NONE, Optional.empty());
  private final Handshake full =
      new Handshake(KEY, Subprotocols.of("chat", "superchat"), Optional.of(BARE));

  private static Headers answer(String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "upgrade", "websocket", "connection", "Upgrade", "sec-websocket-accept", ACCEPT));
    all.addAll(List.of(more));
    return Headers.of(all.toArray(String[]::new));
  }

  private static void assertRefused(
      Handshake handshake, Headers answer, String section, String rule) {
    assertThatThrownBy(() -> handshake.verify(answer))
        .isInstanceOfSatisfying(
            Violation.class,
            v -> assertThat(v.reason()).isEqualTo(new Reason.Protocol(rule, section)));
  }

  // ---- what is asked

  @Test
  void rfc6455_41_theRequestCarriesWhatWasAskedFor() {
    assertThat(plain.headers())
        .isEqualTo(
            Headers.of(
                "connection", "Upgrade",
                "upgrade", "websocket",
                "sec-websocket-version", "13",
                "sec-websocket-key", KEY));
    assertThat(full.headers().all("sec-websocket-protocol")).containsExactly("chat, superchat");
    assertThat(full.headers().all("sec-websocket-extensions"))
        .containsExactly("permessage-deflate");
  }

  @Test
  void rfc6455_41_theKeyIsSixteenBytesAndAnotherEachTime() {
    Shared shared = new Shared(new SecureRandom());
    String one = shared.handshakeKey();
    String other = shared.handshakeKey();
    assertThat(Base64.getDecoder().decode(one)).hasSize(16);
    assertThat(one).isNotEqualTo(other);
  }

  // ---- what is answered

  @Test
  void rfc6455_13_theSampleAnswerIsAccepted() throws Violation {
    assertThat(plain.verify(answer())).isEqualTo(new Agreement(Optional.empty(), Optional.empty()));
  }

  @Test
  void rfc6455_41_tokensAreComparedWithoutRegardToCase() throws Violation {
    plain.verify(
        Headers.of(
            "UPGRADE", "WebSocket",
            "Connection", "keep-alive",
            "connection", "foo ,\tUPGRADE",
            "Sec-WebSocket-Accept", "  " + ACCEPT + " "));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "h2c",
        "websockets",
        "web socket",
        "\"websocket\"",
        "websocket, h2c",
        "websocket,"
      })
  void rfc6455_41_upgradeMustNameWebsocket(String value) {
    assertRefused(
        plain,
        Headers.of("connection", "Upgrade", "sec-websocket-accept", ACCEPT, "upgrade", value),
        SECTION_41,
        "the 101 response has no Upgrade header with websocket alone");
  }

  @Test
  void rfc6455_41_upgradeIsThereOnce() {
    assertRefused(
        plain,
        answer("upgrade", "websocket"),
        SECTION_41,
        "the 101 response has no Upgrade header with websocket alone");
  }

  @Test
  void rfc6455_41_upgradeMustBeThere() {
    assertRefused(
        plain,
        Headers.of("connection", "Upgrade", "sec-websocket-accept", ACCEPT),
        SECTION_41,
        "the 101 response has no Upgrade header with websocket alone");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "close", "upgraded", "keep-alive"})
  void rfc6455_41_connectionMustNameUpgrade(String value) {
    assertRefused(
        plain,
        Headers.of("upgrade", "websocket", "sec-websocket-accept", ACCEPT, "connection", value),
        SECTION_41,
        "the 101 response has no Connection header with Upgrade");
  }

  @Test
  void rfc6455_41_acceptMustBeThere() {
    assertRefused(
        plain,
        Headers.of("upgrade", "websocket", "connection", "upgrade"),
        SECTION_41,
        "the 101 response has no Sec-WebSocket-Accept header");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "s3pPLMBiTxaQ9kYGzzhZRbK+xOo",
        "S3PPLMBITXAQ9KYGZZHZRBK+XOO=",
        "s3pPLMBiTxaQ9kYG zzhZRbK+xOo=",
        KEY
      })
  void rfc6455_41_acceptMustAnswerTheKey(String accept) {
    assertRefused(
        plain,
        Headers.of("upgrade", "websocket", "connection", "upgrade", "sec-websocket-accept", accept),
        SECTION_41,
        "the 101 response's Sec-WebSocket-Accept is not the answer to the key");
  }

  @Test
  void rfc6455_1132_acceptMustBeThereOnce() {
    assertRefused(
        plain,
        answer("sec-websocket-accept", ACCEPT),
        SECTION_41,
        "the 101 response's Sec-WebSocket-Accept is not the answer to the key");
  }

  // ---- subprotocols

  @Test
  void rfc6455_41_theSubprotocolIsOneOfThoseOffered() throws Violation {
    assertThat(full.verify(answer("sec-websocket-protocol", " superchat ")).subprotocol())
        .contains("superchat");
    assertThat(full.verify(answer()).subprotocol()).isEmpty();
  }

  @Test
  void aRequiredSubprotocolMustBeChosen() throws Violation {
    Handshake handshake =
        new Handshake(KEY, Subprotocols.of("chat").required(true), Optional.empty());
    assertRefused(
        handshake,
        answer(),
        "RFC 6455 section 1.9",
        "the server chose none of the subprotocols, though one is required");
    assertThat(handshake.verify(answer("sec-websocket-protocol", "chat")).subprotocol())
        .contains("chat");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "other", "CHAT", "chat, superchat", "chat,"})
  void rfc6455_41_aSubprotocolThatWasNotOfferedIsRefused(String name) {
    String rule = "the server chose a subprotocol that was not offered";
    assertRefused(full, answer("sec-websocket-protocol", name), SECTION_41, rule);
    assertRefused(plain, answer("sec-websocket-protocol", name), SECTION_41, rule);
  }

  @Test
  void rfc6455_1134_twoSubprotocolsAreRefused() {
    assertRefused(
        full,
        answer("sec-websocket-protocol", "chat", "sec-websocket-protocol", "superchat"),
        "RFC 6455 section 11.3.4",
        "the server chose more than one subprotocol");
  }

  // ---- extensions

  @Test
  void withoutTheHeaderNothingIsCompressed() throws Violation {
    assertThat(full.verify(answer()).deflate()).isEmpty();
  }

  @Test
  void rfc6455_41_anExtensionThatWasNotOfferedIsRefused() {
    assertRefused(
        plain,
        answer("sec-websocket-extensions", "permessage-deflate"),
        SECTION_41,
        "the server chose the extension permessage-deflate, which was not offered");
    assertRefused(
        full,
        answer("sec-websocket-extensions", "permessage-deflate, x-webkit-deflate-frame"),
        SECTION_41,
        "the server chose the extension x-webkit-deflate-frame, which was not offered");
  }

  @Test
  void rfc7692_7_permessageDeflateTwiceIsRefused() {
    String rule = "the server chose permessage-deflate twice";
    assertRefused(
        full,
        answer("sec-websocket-extensions", "permessage-deflate, permessage-deflate"),
        "RFC 7692 section 7",
        rule);
    assertRefused(
        full,
        answer(
            "sec-websocket-extensions", "permessage-deflate",
            "sec-websocket-extensions", "permessage-deflate"),
        "RFC 7692 section 7",
        rule);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"permessage-deflate,", ", permessage-deflate", " ,,\t, permessage-deflate ,\t,, "})
  void rfc9110_5612_emptyElementsOfAListDoNotCount(String header) throws Violation {
    assertThat(full.verify(answer("sec-websocket-extensions", header)).deflate())
        .contains(new DeflateTerms(false, false, 15, 15));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        ",",
        ";",
        "permessage-deflate;",
        "permessage-deflate; ;",
        ", ,\t,",
        "permessage-deflate; server_max_window_bits=\"1\\",
        "permessage-deflate; server_max_window_bits=\"1 0\"",
        "permessage-deflate; server_max_window_bits=\"10\"0",
        "permessage-deflate; server_max_window_bits=",
        "permessage-deflate; server_max_window_bits=\"",
        "permessage-deflate; server_max_window_bits=\"10",
        "permessage-deflate; server_max_window_bits=\"\"",
        "permessage-deflate; =10",
        "permessage-deflate server_no_context_takeover",
        "permessage-deflate; server_no_context_takeover x",
        "permessage-deflate = 1",
        "permessage/deflate",
        "\"permessage-deflate\"",
        "é"
      })
  void rfc6455_91_aMalformedHeaderIsRefused(String header) {
    assertRefused(
        full,
        answer("sec-websocket-extensions", header),
        "RFC 6455 section 9.1",
        "the server's Sec-WebSocket-Extensions header is malformed");
  }
}
