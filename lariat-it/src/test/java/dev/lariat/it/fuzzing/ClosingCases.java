package dev.lariat.it.fuzzing;

import static dev.lariat.it.fuzzing.Frame.close;
import static dev.lariat.it.fuzzing.Frame.continuation;
import static dev.lariat.it.fuzzing.Frame.ping;
import static dev.lariat.it.fuzzing.Frame.text;
import static dev.lariat.it.fuzzing.Step.together;

import dev.lariat.it.fuzzing.Ending.Strictness;
import java.util.HexFormat;
import java.util.List;

/** Group 7: the close handshake, its codes and reasons. */
final class ClosingCases {
  private static final String HELLO = "Hello World!";
  private static final int[] VALID = {
    1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999
  };
  private static final int[] INVALID = {0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999};
  private static final int[] UNDEFINED = {5000, 65_535};

  private ClosingCases() {}

  static void addTo(Cases cases) {
    order(cases.group("7.1"));
    payloads(cases.group("7.3"));
    cases
        .group("7.5")
        .add(
            "A close frame whose reason is not UTF-8",
            closed(
                refused(1002, 1007),
                close(1000, HexFormat.of().parseHex("cebae1bdb9cf83cebcceb5eda080656469746564"))));
    cases.group("7.7");
    for (int code : VALID) {
      cases.add("Close code " + code, closed(answered(1000, code), close(code, "")));
    }
    cases.group("7.9");
    for (int code : INVALID) {
      cases.add("Close code " + code, closed(refused(1002), close(code, "")));
    }
    cases.group("7.13");
    for (int code : UNDEFINED) {
      cases.add(
          "Close code " + code,
          closed(refused(1000, code, 1002).strictness(Strictness.NONE), close(code, "")));
    }
  }

  private static void order(Cases cases) {
    Frame close = close(1000, "");
    cases.add(
        "A message, and a close frame behind its echo",
        Script.of(together(text(HELLO)), Ending.NORMAL, Heard.text(HELLO)));
    cases.add("Two close frames", closed(answered(1000), close, Frame.of(Frame.CLOSE, "")));
    cases.add("A ping behind the close frame", closed(answered(1000), close, ping("")));
    cases.add("A text behind the close frame", closed(answered(1000), close, text(HELLO)));
    cases.add(
        "A close frame between two fragments",
        closed(answered(1000), text("fragment1").unfinished(), close, continuation("fragment2")));
    cases.add(
        "256 KiB of text, a text, a close frame, a ping",
        Script.of(
                together(text("BAsd7&jh".repeat(32 << 10)), text(HELLO), close, ping("")),
                answered(1000).strictness(Strictness.NONE),
                Heard.text(HELLO))
            .closing());
  }

  private static void payloads(Cases cases) {
    cases.add("An empty close frame", closed(answered(1000), Frame.of(Frame.CLOSE, "")));
    cases.add("A close frame of one octet", closed(refused(1002), Frame.of(Frame.CLOSE, "a")));
    cases.add("A close frame with a code", closed(answered(1000), close(1000, "")));
    cases.add("A close frame with a reason", closed(answered(1000), close(1000, HELLO)));
    cases.add("A close frame of 125 octets", closed(answered(1000), close(1000, "*".repeat(123))));
    cases.add(
        "A close frame of 126 octets, which is too long",
        closed(refused(1002), close(1000, "*".repeat(124))));
  }

  /** The server sends these frames, a close frame among them, and the client only closes. */
  private static Script closed(Ending ending, Frame... frames) {
    return Script.of(together(frames), ending).closing();
  }

  private static Ending answered(Integer... codes) {
    return new Ending(true, List.of(codes), true, Strictness.CODE);
  }

  /** The client may also drop the connection. */
  private static Ending refused(Integer... codes) {
    return new Ending(true, List.of(codes), false, Strictness.CODE);
  }
}
