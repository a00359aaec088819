package dev.lariat.it.fuzzing;

import static dev.lariat.it.fuzzing.Frame.continuation;
import static dev.lariat.it.fuzzing.Frame.text;
import static dev.lariat.it.fuzzing.Step.together;

import dev.lariat.it.fuzzing.Ending.Strictness;
import dev.lariat.it.fuzzing.Heard.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Group 6: text that is UTF-8 (RFC 3629) and text that is not. */
final class Utf8Cases {
  private static final String KOSME = "cebae1bdb9cf83cebcceb5";

  /** Valid up to its 12th octet; the 13th makes it a character past U+10FFFF. */
  private static final byte[] TOO_FAR = hex(KOSME + "f4908080" + "656469746564");

  private static final int KOSME_OCTETS = 11;

  /** The sequences of groups 6.5 and later, by Markus Kuhn's stress test for decoders. */
  private static final String[][] SEQUENCES = {
    {
      "Some correct text",
      "68656c6c6f24776f726c64 68656c6c6fc2a2776f726c64 68656c6c6fe282ac776f726c64"
          + " 68656c6c6ff0a4ada2776f726c64 "
          + KOSME
    },
    {"All prefixes of a text", prefixes()},
    {"First sequence of a length", "00 c280 e0a080 f0908080"},
    {"First sequence of a length that is too long", "f888808080 fc8480808080"},
    {"Last sequence of a length", "7f dfbf efbfbf f48fbfbf"},
    {"Last sequence of a length that is too long", "f7bfbfbf fbbfbfbfbf fdbfbfbfbfbf"},
    {"Other borders", "ed9fbf ee8080 efbfbd f48fbfbf f4908080"},
    {
      "Continuation octets without a start",
      "80 bf 80bf 80bf80 80bf80bf 80bf80bf80 80bf80bf80bf " + run(0x80, 0xbe, "")
    },
    {
      "Start octets alone",
      String.join(
          " ",
          run(0xc0, 0xde, "20"),
          run(0xe0, 0xee, "20"),
          run(0xf0, 0xf6, "20"),
          run(0xf8, 0xfa, "20"),
          run(0xfc, 0xfc, "20"))
    },
    {"The last octet missing", missing(" ")},
    {"All of these in a row", missing("")},
    {"Octets that never occur", "fe ff fefeffff"},
    {"A slash in too many octets", "c0af e080af f08080af f8808080af fc80808080af"},
    {"The largest in too many octets", "c1bf e09fbf f08fbfbf f887bfbfbf fc83bfbfbfbf"},
    {"NUL in too many octets", "c080 e08080 f0808080 f880808080 fc8080808080"},
    {"Single surrogates", "eda080 edadbf edae80 edafbf edb080 edbe80 edbfbf"},
    {
      "Pairs of surrogates",
      "eda080edb080 eda080edbfbf edadbfedb080 edadbfedbfbf edae80edb080 edae80edbfbf edafbfedb080"
          + " edafbfedbfbf"
    },
    {"Code points that are no characters", noncharacters()},
    {"Special code points", "efbfb9 efbfba efbfbb efbfbc efbfbd efbfbe efbfbf"},
  };

  private Utf8Cases() {}

  static void addTo(Cases cases) {
    emptyFragments(cases.group("6.1"));
    valid(cases.group("6.2"));
    invalid(cases.group("6.3"));
    failFast(cases.group("6.4"));
    for (int i = 0; i < SEQUENCES.length; i++) {
      cases.group("6." + (5 + i));
      for (String sequence : SEQUENCES[i][1].split(" ")) {
        sequence(cases, SEQUENCES[i][0], sequence);
      }
    }
  }

  private static void emptyFragments(Cases cases) {
    cases.add("An empty text", echoed(together(text("")), ""));
    cases.add("An empty text in three fragments", echoed(three("", "", ""), ""));
    cases.add(
        "A text in three fragments, the outer two empty",
        echoed(three("", "middle frame payload", ""), "middle frame payload"));
  }

  private static List<Step> three(String first, String second, String third) {
    return together(
        text(first).unfinished(), continuation(second).unfinished(), continuation(third));
  }

  private static void valid(Cases cases) {
    String first = "Hello-\u00b5@\u00df\u00f6\u00e4";
    String second = "\u00fc\u00e0\u00e1-UTF-8!!";
    String kosme = new String(hex(KOSME), StandardCharsets.UTF_8);
    cases.add("A text in one frame", echoed(together(text(first + second)), first + second));
    cases.add(
        "A text cut between two characters",
        echoed(together(text(first).unfinished(), continuation(second)), first + second));
    cases.add(
        "A text in fragments of one octet",
        echoed(octetwise((first + second).getBytes(StandardCharsets.UTF_8)), first + second));
    cases.add(
        "A text of longer characters in fragments of one octet",
        echoed(octetwise(hex(KOSME)), kosme));
  }

  private static List<Step> octetwise(byte[] text) {
    return List.of(Step.whole(Frame.message(false, 0, text, 1)));
  }

  private static void invalid(Cases cases) {
    byte[] text = hex(KOSME + "eda080" + "656469746564");
    cases.add(
        "A text with a surrogate",
        Script.of(together(Frame.of(Frame.TEXT, text)), Ending.failed(1007)));
    cases.add(
        "The same in fragments of one octet", Script.of(octetwise(text), Ending.failed(1007)));
  }

  private static void failFast(Cases cases) {
    byte[] first = Arrays.copyOf(TOO_FAR, KOSME_OCTETS);
    byte[] second = Arrays.copyOfRange(TOO_FAR, KOSME_OCTETS, KOSME_OCTETS + 4);
    byte[] third = Arrays.copyOfRange(TOO_FAR, KOSME_OCTETS + 4, TOO_FAR.length);
    byte[] almost = Arrays.copyOf(TOO_FAR, KOSME_OCTETS + 1);
    byte[] culprit = {TOO_FAR[KOSME_OCTETS + 1]};
    byte[] rest = Arrays.copyOfRange(TOO_FAR, KOSME_OCTETS + 2, TOO_FAR.length);

    cases.add("Invalid in its second fragment", failsFast(frames(first, second, third)));
    cases.add(
        "Invalid with the octet of its second fragment", failsFast(frames(almost, culprit, rest)));
    cases.add("Invalid in the second piece of one frame", failsFast(pieces(first, second, third)));
    cases.add(
        "Invalid with the octet that is the second piece of one frame",
        failsFast(pieces(almost, culprit, rest)));
  }

  private static byte[][] frames(byte[] first, byte[] second, byte[] third) {
    return new byte[][] {
      Frame.of(Frame.TEXT, first).unfinished().octets(),
      Frame.of(Frame.CONTINUATION, second).unfinished().octets(),
      Frame.of(Frame.CONTINUATION, third).octets()
    };
  }

  private static byte[][] pieces(byte[] first, byte[] second, byte[] third) {
    byte[] frame = Frame.of(Frame.TEXT, TOO_FAR).octets();
    byte[] head = Arrays.copyOf(frame, frame.length - TOO_FAR.length);
    return new byte[][] {SmallWindow.joined(head, first), second, third};
  }

  /**
   * The client is silent behind the first part, which may become anything, and fails the second.
   */
  private static Script failsFast(byte[][] parts) {
    List<Step> steps =
        List.of(
            Step.whole(parts[0]),
            new Step.Wait(Optional.of("A"), false),
            Step.whole(parts[1]),
            new Step.Wait(Optional.of("B"), true),
            Step.whole(parts[2]));
    return Script.of(steps, Ending.failed(1007).strictness(Strictness.SIDE), Heard.silence("A"))
        .orLax(Heard.silence("A"), Heard.silence("B"));
  }

  private static void sequence(Cases cases, String description, String sequence) {
    byte[] text = hex(sequence);
    List<Step> steps = together(Frame.of(Frame.TEXT, text));
    cases.add(
        description + ": " + sequence,
        isUtf8(text)
            ? Script.of(steps, Ending.NORMAL, Heard.of(Kind.TEXT, text))
            : Script.of(steps, Ending.failed(1007).strictness(Strictness.SIDE)));
  }

  private static Script echoed(List<Step> steps, String text) {
    return Script.of(steps, Ending.NORMAL, Heard.text(text));
  }

  private static boolean isUtf8(byte[] text) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  // ---- the sequences that are made by a rule

  private static String prefixes() {
    List<String> prefixes = new ArrayList<>();
    for (int end = 2; end <= KOSME.length(); end += 2) {
      prefixes.add(KOSME.substring(0, end));
    }
    return String.join(" ", prefixes);
  }

  private static String run(int first, int last, String behindEach) {
    StringBuilder run = new StringBuilder();
    for (int octet = first; octet <= last; octet++) {
      run.append(Integer.toHexString(octet)).append(behindEach);
    }
    return run.toString();
  }

  private static String missing(String between) {
    return String.join(
        between,
        "c0",
        "e080",
        "f08080",
        "f8808080",
        "fc80808080",
        "df",
        "efbf",
        "f7bfbf",
        "fbbfbfbf",
        "fdbfbfbfbf");
  }

  private static String noncharacters() {
    List<String> sequences = new ArrayList<>();
    for (int plane = 0; plane <= 16; plane++) {
      sequences.add(utf8(plane << 16 | 0xfffe));
      sequences.add(utf8(plane << 16 | 0xffff));
    }
    return String.join(" ", sequences);
  }

  private static String utf8(int codePoint) {
    byte[] octets = Character.toString(codePoint).getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().formatHex(octets);
  }

  private static byte[] hex(String octets) {
    return HexFormat.of().parseHex(octets);
  }
}
