package dev.lariat.it.fuzzing;

import static dev.lariat.it.fuzzing.Frame.continuation;
import static dev.lariat.it.fuzzing.Frame.ping;
import static dev.lariat.it.fuzzing.Frame.pong;
import static dev.lariat.it.fuzzing.Frame.text;
import static dev.lariat.it.fuzzing.Step.apart;
import static dev.lariat.it.fuzzing.Step.chopped;
import static dev.lariat.it.fuzzing.Step.together;

import dev.lariat.it.fuzzing.Heard.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Groups 1 to 5: lengths, pings and pongs, reserved bits, opcodes, fragmentation. */
final class FramingCases {
  private static final int[] LENGTHS = {0, 125, 126, 127, 128, 65_535, 65_536};
  private static final byte[] SMALL_BINARY = {0, -1, -2, -3, -4, -5, 0, -1};
  private static final String HELLO = "Hello, world!";
  private static final Ending PROTOCOL_ERROR = Ending.failed(1002);

  private FramingCases() {}

  static void addTo(Cases cases) {
    lengths(cases.group("1.1"), Frame.TEXT, Kind.TEXT, '*');
    lengths(cases.group("1.2"), Frame.BINARY, Kind.BINARY, 0xfe);
    pings(cases.group("2"));
    reservedBits(cases.group("3"));
    reservedOpcodes(cases.group("4.1"), 3);
    reservedOpcodes(cases.group("4.2"), 11);
    fragments(cases.group("5"));
  }

  private static void lengths(Cases cases, int opcode, Kind kind, int octet) {
    for (int length : LENGTHS) {
      byte[] payload = filled(length, octet);
      cases.add(
          "A message of " + length + " octets",
          Script.of(together(Frame.of(opcode, payload)), Ending.NORMAL, Heard.of(kind, payload)));
    }
    byte[] last = filled(65_536, octet);
    cases.add(
        "A message of 65536 octets in pieces of 997",
        Script.of(chopped(997, Frame.of(opcode, last)), Ending.NORMAL, Heard.of(kind, last)));
  }

  private static void pings(Cases cases) {
    byte[] longest = filled(125, 0xfe);
    Heard longestPong = Heard.of(Kind.PONG, longest);
    Frame[] ten = IntStream.range(0, 10).mapToObj(i -> ping("payload-" + i)).toArray(Frame[]::new);
    Heard[] tenPongs =
        Arrays.stream(ten).map(ping -> Heard.of(Kind.PONG, ping.payload())).toArray(Heard[]::new);

    cases.add("A ping without payload", answered(together(ping("")), Heard.pong("")));
    cases.add("A ping with text", answered(together(ping(HELLO)), Heard.pong(HELLO)));
    cases.add(
        "A ping with binary octets",
        answered(together(Frame.of(Frame.PING, SMALL_BINARY)), Heard.of(Kind.PONG, SMALL_BINARY)));
    cases.add(
        "A ping of 125 octets", answered(together(Frame.of(Frame.PING, longest)), longestPong));
    cases.add(
        "A ping of 126 octets, which is too long",
        failed(together(Frame.of(Frame.PING, filled(126, 0xfe)))));
    cases.add(
        "A ping of 125 octets in single octets",
        answered(chopped(1, Frame.of(Frame.PING, longest)), longestPong));
    cases.add("A pong without payload that nobody asked for", answered(ignored(pong(""))));
    cases.add("A pong that nobody asked for", answered(ignored(pong("unsolicited"))));
    cases.add(
        "A pong that nobody asked for, then a ping",
        answered(apart(pong("unsolicited"), ping("ping payload")), Heard.pong("ping payload")));
    cases.add("Ten pings", answered(together(ten), tenPongs));
    cases.add("Ten pings in single octets", answered(chopped(1, ten), tenPongs));
  }

  private static List<Step> ignored(Frame frame) {
    List<Step> steps = new ArrayList<>(together(frame));
    steps.add(new Step.Wait(Optional.empty(), false));
    return steps;
  }

  private static void reservedBits(Cases cases) {
    Frame good = text(HELLO);
    cases.add("A text with reserved bits 1", failed(together(good.rsv(1))));
    cases.add(
        "A text, one with reserved bits 2, a ping",
        failedBehindAnEcho(together(good, good.rsv(2), ping(""))));
    cases.add(
        "A text, one with reserved bits 3, a ping, frame by frame",
        failedBehindAnEcho(apart(good, good.rsv(3), ping(""))));
    cases.add(
        "A text, one with reserved bits 4, a ping, in single octets",
        failedBehindAnEcho(chopped(1, good, good.rsv(4), ping(""))));
    cases.add(
        "A binary message with reserved bits 5",
        failed(together(Frame.of(Frame.BINARY, SMALL_BINARY).rsv(5))));
    cases.add("A ping with reserved bits 6", failed(together(ping(HELLO).rsv(6))));
    cases.add(
        "A close frame with reserved bits 7", failed(together(Frame.of(Frame.CLOSE, "").rsv(7))));
  }

  private static void reservedOpcodes(Cases cases, int first) {
    Frame good = text(HELLO);
    Frame[] bad = new Frame[5];
    for (int i = 0; i < bad.length; i++) {
      bad[i] = Frame.of(first + i, i % 2 == 0 && i < 4 ? "" : "reserved");
    }
    cases.add("Opcode " + first, failed(together(bad[0])));
    cases.add("Opcode " + (first + 1) + " with payload", failed(together(bad[1])));
    cases.add(
        "A text, opcode " + (first + 2) + ", a ping",
        failedBehindAnEcho(together(good, bad[2], ping(""))));
    cases.add(
        "A text, opcode " + (first + 3) + " with payload, a ping",
        failedBehindAnEcho(together(good, bad[3], ping(""))));
    cases.add(
        "A text, opcode " + (first + 4) + " with payload, a ping, in single octets",
        failedBehindAnEcho(chopped(1, good, bad[4], ping(""))));
  }

  private static void fragments(Cases cases) {
    Frame first = text("fragment1").unfinished();
    Frame last = continuation("fragment2");
    Frame between = ping("ping payload");
    Heard whole = Heard.text("fragment1fragment2");
    Heard pong = Heard.pong("ping payload");
    Frame stray = continuation("non-continuation");
    Frame behind = text(HELLO);

    cases.add("A ping in two fragments", failed(together(ping("fragment1").unfinished(), last)));
    cases.add("A pong in two fragments", failed(together(pong("fragment1").unfinished(), last)));

    cases.add("A text in two fragments", answered(together(first, last), whole));
    cases.add("The same frame by frame", answered(apart(first, last), whole));
    cases.add("The same in single octets", answered(chopped(1, first, last), whole));
    cases.add(
        "A ping between two fragments", answered(together(first, between, last), pong, whole));
    cases.add("The same frame by frame", answered(apart(first, between, last), pong, whole));
    cases.add("The same in single octets", answered(chopped(1, first, between, last), pong, whole));

    cases.add("A last fragment of nothing, then a text", failed(together(stray, behind)));
    cases.add("The same frame by frame", failed(apart(stray, behind)));
    cases.add("The same in single octets", failed(chopped(1, stray, behind)));
    Frame open = stray.unfinished();
    cases.add("A fragment of nothing, then a text", failed(together(open, behind)));
    cases.add("The same frame by frame", failed(apart(open, behind)));
    cases.add("The same in single octets", failed(chopped(1, open, behind)));

    cases.add(
        "A text in two fragments, a fragment of nothing, a text",
        Script.of(
                together(first, last, continuation("fragment3").unfinished(), text("fragment4")),
                PROTOCOL_ERROR,
                whole)
            .orLax());
    Frame zeroth = continuation("fragment0");
    cases.add(
        "Twice: a fragment of nothing, then a text in two fragments",
        failed(together(zeroth.unfinished(), first, last, zeroth.unfinished(), first, last)));
    cases.add(
        "Twice: a last fragment of nothing, then a text in two fragments",
        failed(together(zeroth, first, last, zeroth, first, last)));
    cases.add("Two fragments that are both texts", failed(together(first, text("fragment2"))));
    cases.add("Five fragments, pings and a pause between them", pingsBetweenFragments(true));
    cases.add("The same frame by frame", pingsBetweenFragments(false));
  }

  private static Script pingsBetweenFragments(boolean together) {
    Frame[] before = {
      text("fragment1").unfinished(), continuation("fragment2").unfinished(), ping("pongme 1!")
    };
    Frame[] after = {
      continuation("fragment3").unfinished(),
      continuation("fragment4").unfinished(),
      ping("pongme 2!"),
      continuation("fragment5")
    };
    List<Step> steps = new ArrayList<>(together ? together(before) : apart(before));
    steps.add(new Step.Wait(Optional.empty(), false));
    steps.addAll(together ? together(after) : apart(after));
    return answered(
        steps,
        Heard.pong("pongme 1!"),
        Heard.pong("pongme 2!"),
        Heard.text("fragment1fragment2fragment3fragment4fragment5"));
  }

  private static Script answered(List<Step> steps, Heard... answers) {
    return Script.of(steps, Ending.NORMAL, answers);
  }

  private static Script failed(List<Step> steps) {
    return Script.of(steps, PROTOCOL_ERROR);
  }

  /** What came before an error is answered first; a client that only fails is not strict. */
  private static Script failedBehindAnEcho(List<Step> steps) {
    return Script.of(steps, PROTOCOL_ERROR, Heard.text(HELLO)).orLax();
  }

  private static byte[] filled(int length, int octet) {
    byte[] filled = new byte[length];
    Arrays.fill(filled, (byte) octet);
    return filled;
  }
}
