package dev.lariat.it.fuzzing;

import dev.lariat.it.fuzzing.Step.Send;
import dev.lariat.it.fuzzing.Step.Wait;
import java.util.List;

/**
 * Sends what it has to, and compares what it hears.
 *
 * @param closes whether the steps hold the server's close frame
 * @param strict what a client must be heard to do, and nothing else
 * @param lax what it may be heard to do instead, with less praise
 */
record Script(
    List<Step> steps, boolean closes, List<Heard> strict, List<List<Heard>> lax, Ending ending)
    implements Play {
  private static final int GOING_AWAY = 1001;

  /** A script that its client must play to the letter. */
  static Script of(List<Step> steps, Ending ending, Heard... strict) {
    return new Script(steps, false, List.of(strict), List.of(), ending);
  }

  /** The same whose client may be heard to do this too. */
  Script orLax(Heard... heard) {
    return new Script(steps, closes, strict, List.of(List.of(heard)), ending);
  }

  /** The same, whose steps hold the server's close frame. */
  Script closing() {
    return new Script(steps, true, strict, lax, ending);
  }

  @Override
  public Verdict with(Link link, Pace pace) {
    for (Step step : steps) {
      if (link.over()) {
        break;
      }
      switch (step) {
        case Send(var octets, var chop) -> link.send(octets, chop);
        case Wait(var name, var owed) -> link.silence(name, owed ? pace.patience() : pace.quiet());
      }
    }
    if (closes) {
      link.closeSent();
    }
    while (!link.over()) {
      if (link.open() && ending.byServer() && link.heard().equals(strict)) {
        link.close(ending.codes().getFirst());
      } else if (!link.await(pace.patience())) {
        if (!link.open()) {
          break;
        }
        link.close(GOING_AWAY);
      }
    }
    link.finish(pace.patience());
    return ending.judge(link, behavior(link.heard()), "heard " + link.heard());
  }

  private Mark behavior(List<Heard> heard) {
    if (heard.equals(strict)) {
      return Mark.OK;
    }
    return lax.contains(heard) ? Mark.NON_STRICT : Mark.FAILED;
  }
}
