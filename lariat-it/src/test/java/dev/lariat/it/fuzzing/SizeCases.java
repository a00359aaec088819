package dev.lariat.it.fuzzing;

import dev.lariat.it.fuzzing.Heard.Kind;
import java.util.List;
import java.util.function.Function;

/** Groups 9 and 10: large messages, whole, in fragments and in pieces; many messages. */
final class SizeCases {
  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;
  private static final int[] SIZES = {64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB};
  private static final int[] FRAGMENTS = {
    64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB
  };
  private static final int[] CHOPS = {64, 128, 256, 512, KIB, 2 * KIB};
  private static final int[] ROUNDS = {0, 16, 64, 256, KIB, 4 * KIB};

  private SizeCases() {}

  static void addTo(Cases cases) {
    for (boolean binary : new boolean[] {false, true}) {
      cases.group(binary ? "9.2" : "9.1");
      for (int size : SIZES) {
        add(cases, "A message of " + size + " octets", pace -> echo(binary, size, 0, 0));
      }
    }
    for (boolean binary : new boolean[] {false, true}) {
      cases.group(binary ? "9.4" : "9.3");
      for (int fragment : FRAGMENTS) {
        add(
            cases,
            "A message of 4 MiB in fragments of " + fragment,
            pace -> echo(binary, 4 * MIB, fragment, 0));
      }
    }
    for (boolean binary : new boolean[] {false, true}) {
      cases.group(binary ? "9.6" : "9.5");
      for (int chop : CHOPS) {
        add(cases, "A message of 1 MiB in pieces of " + chop, pace -> echo(binary, MIB, 0, chop));
      }
    }
    for (boolean binary : new boolean[] {false, true}) {
      cases.group(binary ? "9.8" : "9.7");
      for (int size : ROUNDS) {
        add(
            cases,
            "1000 messages of " + size + " octets",
            pace -> new Rounds(new Slices(binary, payload(binary, 10)), size, 0, false));
      }
    }
    add(
        cases.group("10.1"),
        "A message of 65536 octets in fragments of 1300",
        pace -> echo(false, 65_536, 1300, 0));
  }

  private static void add(Cases cases, String description, Function<Pace, Play> play) {
    cases.add(description, List.of(), play);
  }

  /** A message in fragments and pieces of these sizes, of which 0 stands for a single one. */
  private static Script echo(boolean binary, int size, int fragment, int chop) {
    byte[] payload = payload(binary, size);
    byte[] octets = Frame.message(binary, 0, payload, fragment);
    Step send = chop == 0 ? Step.whole(octets) : new Step.Send(octets, chop);
    return Script.of(
        List.of(send), Ending.NORMAL, Heard.of(binary ? Kind.BINARY : Kind.TEXT, payload));
  }

  /** Letters, or octets that are no text, that repeat only after a while. */
  private static byte[] payload(boolean binary, int size) {
    byte[] payload = new byte[size];
    for (int i = 0; i < size; i++) {
      payload[i] = (byte) (binary ? 0x80 + i % 127 : ' ' + i % 89);
    }
    return payload;
  }
}
