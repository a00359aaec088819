package dev.lariat.it.soak;

import dev.lariat.message.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Servers that attack, one after the other and again. Each attack ends with its typed reason,
 * within its bounds, while well-behaved connections on the same loops are answered in time. The
 * heap is small, so that what a server could make this side keep would be seen.
 */
final class Hostile implements Part {
  /**
   * An attack.
   *
   * @param name what the server does
   * @param ends what must become of it
   * @param play plays it to its end; gives how it ended
   */
  record Attack(String name, Ends ends, Play play) {}

  /** Whether an attack ended as it should. */
  interface Ends {
    boolean by(Reason reason);
  }

  /** The client's side of an attack, with its server. */
  interface Play {
    Reason run() throws Exception;
  }

  @Override
  public void run(Duration time, SplittableRandom random, Ledger ledger) throws Exception {
    List<Attack> attacks = new ArrayList<>(Floods.all());
    attacks.addAll(Fillings.all());
    long end = Part.in(time);
    Calm calm = new Calm(ledger);
    try {
      do {
        for (Attack attack : attacks) {
          play(attack, ledger);
        }
      } while (System.nanoTime() < end);
    } finally {
      calm.end();
    }
  }

  private static void play(Attack attack, Ledger ledger) {
    long began = System.nanoTime();
    try {
      Reason reason = attack.play.run();
      ledger.count(attack.name);
      if (!attack.ends.by(reason)) {
        ledger.complain(attack.name + " ended by " + reason);
      }
    } catch (Throwable e) {
      ledger.complain(attack.name, e);
    }
    ledger.took(attack.name, System.nanoTime() - began);
  }
}
