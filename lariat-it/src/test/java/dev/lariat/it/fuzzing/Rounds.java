package dev.lariat.it.fuzzing;

import dev.lariat.it.fuzzing.Heard.Kind;
import java.util.List;

/**
 * Sends many messages, each when the echo of the one before it has come.
 *
 * @param slices where they are from
 * @param size octets of each
 * @param fragment octets of a fragment, on the wire; 0 for none
 * @param compressed whether a client that did not agree to compression lacks something
 */
record Rounds(Slices slices, int size, int fragment, boolean compressed) implements Play {
  private static final int NORMAL = 1000;

  @Override
  public Verdict with(Link link, Pace pace) {
    Mark behavior = compressed && !link.compresses() ? Mark.UNIMPLEMENTED : Mark.OK;
    String why = "compression was not agreed";
    if (behavior == Mark.OK) {
      int echoes = 0;
      while (echoes < pace.rounds() && echo(link, pace)) {
        echoes++;
      }
      behavior = echoes == pace.rounds() ? Mark.OK : Mark.FAILED;
      why = echoes + " echoes of " + pace.rounds() + " were right";
    }
    if (link.open()) {
      link.close(NORMAL);
    }
    while (!link.over() && link.await(pace.patience())) {
      // only the client's close frame is of interest now
    }
    link.finish(pace.patience());
    return Ending.NORMAL.judge(link, behavior, why);
  }

  private boolean echo(Link link, Pace pace) {
    byte[] message = slices.next(size);
    link.message(slices.binary(), message, fragment);
    link.heard().clear();
    while (link.heard().isEmpty() && !link.over()) {
      if (!link.await(pace.patience())) {
        return false;
      }
    }
    return link.heard()
        .equals(List.of(Heard.of(slices.binary() ? Kind.BINARY : Kind.TEXT, message)));
  }
}
