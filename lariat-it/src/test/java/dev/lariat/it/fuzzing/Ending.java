package dev.lariat.it.fuzzing;

import java.util.List;

/**
 * How a case's connection is expected to end.
 *
 * @param byServer whether the server begins the close handshake
 * @param codes the close codes that the client may send; the server itself sends the first
 * @param clean whether both close frames must be exchanged
 * @param strictness what else hangs on it
 */
record Ending(boolean byServer, List<Integer> codes, boolean clean, Strictness strictness) {
  /** What the end says about the whole case. */
  enum Strictness {
    /** Nothing. */
    USUAL,
    /** The case has failed if the wrong side closed. */
    SIDE,
    /** The case has failed if the client's code is wrong. */
    CODE,
    /** Nothing at all, as nothing is required. */
    NONE
  }

  /** The server closes when it has heard everything. */
  static final Ending NORMAL = new Ending(true, List.of(1000), true, Strictness.USUAL);

  /** The client fails the connection: by a close frame with this code, or by dropping it. */
  static Ending failed(int code) {
    return new Ending(false, List.of(code), false, Strictness.USUAL);
  }

  Ending strictness(Strictness other) {
    return new Ending(byServer, codes, clean, other);
  }

  /** Judges the close, and by it the whole case. */
  Verdict judge(Link link, Mark behavior, String why) {
    if (!link.violation().isEmpty()) {
      return new Verdict(Mark.FAILED, Mark.FAILED, "the client sent " + link.violation());
    }
    Mark close = judge(link);
    boolean fatal =
        strictness == Strictness.SIDE && link.closedByServer() != byServer
            || strictness == Strictness.CODE && close == Mark.WRONG_CODE;
    if (strictness == Strictness.NONE) {
      return new Verdict(Mark.INFORMATIONAL, Mark.INFORMATIONAL, why);
    }
    String words = close == Mark.OK ? why : why + "; " + explain(close, link);
    return new Verdict(fatal ? Mark.FAILED : behavior, close, words);
  }

  private Mark judge(Link link) {
    if (link.closedByServer() != byServer) {
      return Mark.FAILED;
    }
    if (clean && !link.clean()) {
      return Mark.UNCLEAN;
    }
    return link.clientCode().stream().allMatch(codes::contains) ? Mark.OK : Mark.WRONG_CODE;
  }

  private String explain(Mark close, Link link) {
    return switch (close) {
      case FAILED -> "the " + (byServer ? "client" : "server") + " had to close";
      case UNCLEAN -> "the client did not answer the close frame";
      case WRONG_CODE -> "the client closed with " + link.clientCode().orElse(0) + ", not " + codes;
      default -> throw new IllegalArgumentException("no word on " + close);
    };
  }
}
