package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.option.Deflate;
import dev.lariat.option.Deflate.Offer;
import dev.lariat.option.Subprotocols;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The negotiation of permessage-deflate. In the tables an offer is written in letters: {@code S}
 * and {@code C} for the side's {@code no_context_takeover}, {@code s} and {@code c} with a number
 * for its {@code max_window_bits}, {@code -} for none of them.
 */
class DeflateTermsTest {
  private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

  private static Offer offer(String letters) {
    List<String> all = List.of(letters.split(" "));
    return new Offer(all.contains("S"), all.contains("C"), bits(all, "s"), bits(all, "c"));
  }

  private static OptionalInt bits(List<String> letters, String side) {
    return letters.stream()
        .filter(word -> word.length() > 1 && word.startsWith(side))
        .mapToInt(word -> Integer.parseInt(word.substring(1)))
        .findFirst();
  }

  private static Handshake handshake(String offers) {
    Offer[] all =
        Arrays.stream(offers.split("/"))
            .map(String::strip)
            .map(DeflateTermsTest::offer)
            .toArray(Offer[]::new);
    return new Handshake(KEY, Subprotocols.NONE, Optional.of(Deflate.DEFAULT.offers(all)));
  }

  private static DeflateTerms agreed(String offers, String answer) throws Violation {
    Headers response =
        Headers.of(
            "upgrade", "websocket",
            "connection", "Upgrade",
            "sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
            "sec-websocket-extensions", ("permessage-deflate; " + answer).replaceAll("; $", ""));
    return handshake(offers).verify(response).deflate().orElseThrow();
  }

  // ---- what is offered

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          -               | permessage-deflate
          S               | permessage-deflate; server_no_context_takeover
          C               | permessage-deflate; client_no_context_takeover
          s8              | permessage-deflate; server_max_window_bits=8
          s15             | permessage-deflate; server_max_window_bits=15
          c15             | permessage-deflate; client_max_window_bits
          c14             | permessage-deflate; client_max_window_bits=14
          S C s10 c8      | permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; client_max_window_bits=8
          c15 / -         | permessage-deflate; client_max_window_bits, permessage-deflate
          s9 c9 / S / -   | permessage-deflate; server_max_window_bits=9; client_max_window_bits=9, permessage-deflate; server_no_context_takeover, permessage-deflate
          """)
  void rfc7692_51_theOffersStandInTheirOrderInOneHeader(String offers, String header) {
    assertThat(handshake(offers).headers().all("sec-websocket-extensions")).containsExactly(header);
  }

  // ---- what is agreed

  @ParameterizedTest(name = "{0}: {1} ({3})")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # offers      | answer                                                 | terms       | RFC 7692
          -             | ''                                                     | - s15 c15   | 7.1
          c15           | ''                                                     | - s15 c15   | 7.1
          -             | server_no_context_takeover                             | S s15 c15   | 7.1.1.1: may be answered unasked
          S             | server_no_context_takeover                             | S s15 c15   | 7.1.1.1
          -             | client_no_context_takeover                             | C s15 c15   | 7.1.1.2: may be answered unasked
          C             | client_no_context_takeover                             | C s15 c15   | 7.1.1.2
          C             | ''                                                     | C s15 c15   | 7.1.1.2: the hint binds this side
          -             | Client_No_Context_Takeover ; SERVER_NO_CONTEXT_TAKEOVER| S C s15 c15 | 7.1.1
          -             | server_max_window_bits=8                               | - s8 c15    | 7.1.2.1: may be answered unasked
          -             | server_max_window_bits = 9                             | - s9 c15    | 7.1.2.1
          -             | server_max_window_bits="10"                            | - s10 c15   | 7.1.2.1 (RFC 6455 9.1: quoted)
          -             | 'server_max_window_bits= "1\\5" '                      | - s15 c15   | 7.1.2.1 (RFC 6455 9.1: unescaped)
          s10           | server_max_window_bits=10                              | - s10 c15   | 7.1.2.1
          s10           | server_max_window_bits=9                               | - s9 c15    | 7.1.2.1: the same or smaller
          s15           | server_max_window_bits=15                              | - s15 c15   | 7.1.2.1
          c15           | client_max_window_bits=15                              | - s15 c15   | 7.1.2.2
          c15           | client_max_window_bits=8                               | - s15 c8    | 7.1.2.2
          c15           | client_max_window_bits="14"                            | - s15 c14   | 7.1.2.2 (RFC 6455 9.1: quoted)
          c10           | client_max_window_bits=10                              | - s15 c10   | 7.1.2.2
          c10           | client_max_window_bits=9                               | - s15 c9    | 7.1.2.2: the same or smaller
          c10           | ''                                                     | - s15 c10   | 7.1.2.2: the hint binds this side
          S C s9 c9     | server_no_context_takeover; server_max_window_bits=9   | S C s9 c9   | 7.1
          s9 / -        | ''                                                     | - s15 c15   | 7.1: the second offer
          S / s10 / c15 | client_max_window_bits=12                              | - s15 c12   | 7.1: the third offer
          S / s10 / c15 | server_max_window_bits=9; client_no_context_takeover   | C s9 c15    | 7.1: the second offer
          c10 / -       | ''                                                     | - s15 c10   | 7.1: both fit, the first counts
          C / -         | ''                                                     | C s15 c15   | 7.1: both fit, the first counts
          c9 / c15      | client_max_window_bits=12                              | - s15 c12   | 7.1: the second offer
          """)
  void rfc7692_71_anAnswerThatAcceptsAnOfferIsAgreed(
      String offers, String answer, String terms, String section) throws Violation {
    Offer letters = offer(terms);
    assertThat(agreed(offers, answer))
        .isEqualTo(
            new DeflateTerms(
                letters.serverNoContextTakeover(),
                letters.clientNoContextTakeover(),
                letters.serverMaxWindowBits().orElseThrow(),
                letters.clientMaxWindowBits().orElseThrow()));
  }

  @ParameterizedTest(name = "{0}: {1} ({3})")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # offers | answer                       | "the server answered " and                                                        | RFC 7692 section
          -        | foo                          | with the parameter foo which the extension does not have                               | 7.1
          c15      | foo=1; bar                   | with the parameter foo which the extension does not have                               | 7.1
          -        | max_window_bits=10           | with the parameter max_window_bits which the extension does not have                   | 7.1
          -        | server_no_context_takeover; server_no_context_takeover | with the parameter server_no_context_takeover twice          | 7.1
          -        | client_no_context_takeover; CLIENT_no_context_takeover | with the parameter client_no_context_takeover twice          | 7.1
          -        | server_max_window_bits=9; server_max_window_bits=9     | with the parameter server_max_window_bits twice              | 7.1
          c15      | client_max_window_bits=9; client_max_window_bits=10    | with the parameter client_max_window_bits twice              | 7.1
          -        | server_no_context_takeover=1 | with the parameter server_no_context_takeover with a value                             | 7.1.1.1
          -        | client_no_context_takeover=true | with the parameter client_no_context_takeover with a value                          | 7.1.1.2
          S        | ''                           | without the parameter server_no_context_takeover, which was offered               | 7.1.1.1
          S        | client_no_context_takeover   | without the parameter server_no_context_takeover, which was offered               | 7.1.1.1
          -        | server_max_window_bits       | with the parameter server_max_window_bits with a value that is not 8 to 15             | 7.1.2.1
          -        | server_max_window_bits=7     | with the parameter server_max_window_bits with a value that is not 8 to 15             | 7.1.2.1
          -        | server_max_window_bits=16    | with the parameter server_max_window_bits with a value that is not 8 to 15             | 7.1.2.1
          -        | server_max_window_bits=0     | with the parameter server_max_window_bits with a value that is not 8 to 15             | 7.1.2.1
          -        | server_max_window_bits=08    | with the parameter server_max_window_bits with a value that is not 8 to 15             | 7.1.2.1
          -        | server_max_window_bits="010" | with the parameter server_max_window_bits with a value that is not 8 to 15             | 7.1.2.1
          -        | server_max_window_bits=+9    | with the parameter server_max_window_bits with a value that is not 8 to 15             | 7.1.2.1
          -        | server_max_window_bits=1e1   | with the parameter server_max_window_bits with a value that is not 8 to 15             | 7.1.2.1
          -        | server_max_window_bits=99999999999 | with the parameter server_max_window_bits with a value that is not 8 to 15       | 7.1.2.1
          s10      | server_max_window_bits=11    | with the parameter server_max_window_bits with more than the 10 of the offer           | 7.1.2.1
          s10      | ''                           | without the parameter server_max_window_bits, which was offered                   | 7.1.2.1
          s15      | ''                           | without the parameter server_max_window_bits, which was offered                   | 7.1.2.1
          -        | client_max_window_bits=15    | with the parameter client_max_window_bits which was not offered                        | 7.1.2.2
          -        | client_max_window_bits       | with the parameter client_max_window_bits with a value that is not 8 to 15             | 7.1.2.2
          c15      | client_max_window_bits       | with the parameter client_max_window_bits with a value that is not 8 to 15             | 7.1.2.2
          c15      | client_max_window_bits=7     | with the parameter client_max_window_bits with a value that is not 8 to 15             | 7.1.2.2
          c15      | client_max_window_bits=16    | with the parameter client_max_window_bits with a value that is not 8 to 15             | 7.1.2.2
          c15      | client_max_window_bits=09    | with the parameter client_max_window_bits with a value that is not 8 to 15             | 7.1.2.2
          c10      | client_max_window_bits=11    | with the parameter client_max_window_bits with more than the 10 of the offer           | 7.1.2.2
          S / s10  | ''                           | without the parameter server_no_context_takeover, which was offered               | 7.1.1.1
          s10 / S  | ''                           | without the parameter server_max_window_bits, which was offered                   | 7.1.2.1
          - / s9   | client_max_window_bits=9     | with the parameter client_max_window_bits which was not offered                        | 7.1.2.2
          c9 / S   | client_max_window_bits=12    | with the parameter client_max_window_bits with more than the 9 of the offer            | 7.1.2.2
          """)
  void rfc7692_71_anAnswerThatAcceptsNoOfferIsRefused(
      String offers, String answer, String what, String section) {
    assertThatThrownBy(() -> agreed(offers, answer))
        .isInstanceOfSatisfying(
            Violation.class,
            v ->
                assertThat(v.reason())
                    .isEqualTo(
                        new Reason.Protocol(
                            "the server answered " + what, "RFC 7692 section " + section)));
  }

  /** Every answer to every offer, against the rules as sets of answers. */
  @Test
  void anAnswerIsAgreedExactlyWhereTheRulesAllowIt() {
    int agreed = 0;
    for (Offer offer : all()) {
      Set<Offer> allowed = new HashSet<>(answers(offer));
      for (Offer answer : all()) {
        boolean fits;
        try {
          DeflateTerms terms = DeflateTerms.accept(extension(answer), List.of(offer));
          fits = true;
          agreed++;
          assertThat(terms.clientMaxWindowBits())
              .isLessThanOrEqualTo(offer.clientMaxWindowBits().orElse(15))
              .isLessThanOrEqualTo(answer.clientMaxWindowBits().orElse(15));
        } catch (Violation v) {
          fits = false;
        }
        assertThat(fits).as("%s answered to %s", answer, offer).isEqualTo(allowed.contains(answer));
      }
    }
    assertThat(agreed).isPositive();
  }

  private static List<Offer> all() {
    List<Offer> all = new ArrayList<>();
    for (boolean server : new boolean[] {false, true}) {
      for (boolean client : new boolean[] {false, true}) {
        for (OptionalInt serverBits : windows(15)) {
          for (OptionalInt clientBits : windows(15)) {
            all.add(new Offer(server, client, serverBits, clientBits));
          }
        }
      }
    }
    return all;
  }

  /** None, and each window that is not above the largest, of some. */
  private static List<OptionalInt> windows(int most) {
    return Stream.concat(
            Stream.of(OptionalInt.empty()),
            IntStream.of(8, 9, 12, 15).filter(bits -> bits <= most).mapToObj(OptionalInt::of))
        .toList();
  }

  private static List<Offer> answers(Offer offer) {
    List<Offer> answers = new ArrayList<>();
    for (Offer answer : all()) {
      boolean server = answer.serverNoContextTakeover() || !offer.serverNoContextTakeover();
      List<OptionalInt> serverBits =
          new ArrayList<>(windows(offer.serverMaxWindowBits().orElse(15)));
      if (offer.serverMaxWindowBits().isPresent()) {
        serverBits.remove(OptionalInt.empty());
      }
      List<OptionalInt> clientBits =
          new ArrayList<>(windows(offer.clientMaxWindowBits().orElse(0)));
      if (server
          && serverBits.contains(answer.serverMaxWindowBits())
          && clientBits.contains(answer.clientMaxWindowBits())) {
        answers.add(answer);
      }
    }
    return answers;
  }

  private static Extension extension(Offer answer) throws Violation {
    String header = DeflateTerms.header(answer); // which leaves out the 15 of the client's window
    return Extension.parse(header.replaceAll("client_max_window_bits$", "$0=15")).get(0);
  }
}
