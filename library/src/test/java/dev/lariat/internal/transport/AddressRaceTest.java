package dev.lariat.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** RFC 8305 sections 4 and 5. */
class AddressRaceTest {
  private static final InetAddress FOUR_A = address("192.0.2.1");
  private static final InetAddress FOUR_B = address("192.0.2.2");
  private static final InetAddress SIX_A = address("2001:db8::1");
  private static final InetAddress SIX_B = address("2001:db8::2");

  @Test
  void theFamiliesTakeTurnsBeginningWithTheFirst() {
    assertThat(AddressRace.interleave(List.of(SIX_A, SIX_B, FOUR_A, FOUR_B)))
        .containsExactly(SIX_A, FOUR_A, SIX_B, FOUR_B);
    assertThat(AddressRace.interleave(List.of(FOUR_A, FOUR_B, SIX_A)))
        .containsExactly(FOUR_A, SIX_A, FOUR_B);
    assertThat(AddressRace.interleave(List.of(FOUR_A, FOUR_B))).containsExactly(FOUR_A, FOUR_B);
  }

  @Test
  void theNextAddressWaitsForTheHeadStartOfTheOneBefore() {
    AddressRace race = new AddressRace(List.of(SIX_A, FOUR_A), 250);
    assertThat(race.next(1000)).isEqualTo(SIX_A);
    assertThat(race.delay(1000)).isEqualTo(250);
    assertThat(race.next(1249)).isNull();
    assertThat(race.next(1250)).isEqualTo(FOUR_A);
    assertThat(race.delay(1250)).isNegative();
  }

  @Test
  void theNextAddressDoesNotWaitForOneThatHasFailed() {
    AddressRace race = new AddressRace(List.of(SIX_A, FOUR_A), 250);
    race.next(0);
    race.failed(10);
    assertThat(race.next(10)).isEqualTo(FOUR_A);
  }

  @Test
  void theRaceIsLostWhenEveryAddressHasFailed() {
    AddressRace race = new AddressRace(List.of(SIX_A, FOUR_A), 250);
    race.next(0);
    race.next(250);
    race.failed(300);
    assertThat(race.lost()).isFalse();
    race.failed(301);
    assertThat(race.lost()).isTrue();
  }

  private static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
