package dev.lariat.it.soak;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Every call that blocks is interrupted at random moments, on platform threads and on virtual ones.
 * What is read is neither lost nor read twice; what is sent arrives once if the call returned, and
 * not at all if it threw; no answer goes to another's question; the status is as documented.
 */
final class Interrupts implements Part {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** Makes a task, with the server and the connection that it needs. */
  private interface Maker {
    Victim.Task make(Ledger ledger) throws Exception;
  }

  @Override
  public void run(Duration time, SplittableRandom random, Ledger ledger) throws Exception {
    List<Victim> victims = new ArrayList<>();
    for (boolean virtual : new boolean[] {false, true}) {
      victims.add(victim("take", InterruptedReaders::takes, virtual, ledger));
      victims.add(victim("frames", InterruptedReaders::frames, virtual, ledger));
      victims.add(victim("events", InterruptedReaders::events, virtual, ledger));
      victims.add(victim("response", InterruptedCalls::responses, virtual, ledger));
      victims.add(victim("inputStream", InterruptedCalls::streams, virtual, ledger));
      victims.add(victim("caller", InterruptedCalls::calls, virtual, ledger));
      victims.add(victim("data", InterruptedSenders::bodies, virtual, ledger));
      victims.add(victim("send", InterruptedSenders::frames, virtual, ledger));
      victims.add(victim("live send", InterruptedSenders::live, virtual, ledger));
      victims.add(victim("send a stream", InterruptedSenders::messages, virtual, ledger));
      victims.add(victim("await", InterruptedCalls::awaits, virtual, ledger));
      victims.add(victim("supervisor", InterruptedCalls::supervises, virtual, ledger));
    }
    victims.forEach(victim -> victim.thread().start());
    long end = Part.in(time);
    while (System.nanoTime() < end) {
      Part.pause(Duration.ofNanos(random.nextLong(4_000_000)));
      victims.get(random.nextInt(victims.size())).interrupt();
    }
    victims.forEach(Victim::finish);
    for (Victim victim : victims) {
      if (!victim.thread().join(PATIENCE)) {
        victim.complain("it has not come to its end in " + PATIENCE);
      } else if (ledger.counted(victim.name() + " interrupted") == 0) {
        victim.complain("no wait of it was interrupted");
      }
    }
  }

  private static Victim victim(String name, Maker maker, boolean virtual, Ledger ledger)
      throws Exception {
    return new Victim(name, maker.make(ledger), virtual, ledger);
  }
}
