package dev.lariat.it.soak;

import dev.lariat.message.Protocol;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Loads and attacks, one after the other, each for the same time. Each part counts what it did, and
 * complains of every law that did not hold; no thread, socket or buffer may be left behind it.
 */
public final class Soak {
  private static final String USAGE =
      """
      Soak [--minutes N | --seconds N] [--only PART,PART] [--seed N] [--sockets N] [--mean SECONDS]
        --minutes, --seconds  how long, all parts together; 10 minutes by default
        --only                which parts: %s
        --seed                what happens when; 1 by default
        --sockets, --mean     of cuts: how many, and the seconds a connection lives; 200 and 10\
      """;

  private final Map<String, Part> parts = new LinkedHashMap<>();
  private Duration time = Duration.ofMinutes(10);
  private long seed = 1;
  private int sockets = 200;
  private Duration mean = Duration.ofSeconds(10);

  private Soak(String... arguments) {
    List<String> only = List.of();
    for (int i = 0; i < arguments.length; i += 2) {
      String value = i + 1 < arguments.length ? arguments[i + 1] : "";
      switch (arguments[i]) {
        case "--minutes" -> time = Duration.ofMinutes(Long.parseLong(value));
        case "--seconds" -> time = Duration.ofSeconds(Long.parseLong(value));
        case "--only" -> only = List.of(value.split(","));
        case "--seed" -> seed = Long.parseLong(value);
        case "--sockets" -> sockets = Integer.parseInt(value);
        case "--mean" -> mean = Duration.ofSeconds(Long.parseLong(value));
        default -> throw new IllegalArgumentException(arguments[i]);
      }
    }
    parts.put("cuts", new Cuts(sockets, mean));
    parts.put("storm", new Storm());
    parts.put("interrupts", new Interrupts());
    parts.put("rotations", new Rotations());
    parts.put("senders", new Crowd());
    parts.put("hostile", new Hostile());
    if (!only.isEmpty() && !parts.keySet().containsAll(only)) {
      throw new IllegalArgumentException("--only " + only);
    }
    if (!only.isEmpty()) {
      parts.keySet().retainAll(only);
    }
  }

  /** See the usage; leaves with 1 if there was any complaint. */
  public static void main(String[] arguments) throws Exception {
    Soak soak;
    try {
      soak = new Soak(arguments);
    } catch (IllegalArgumentException e) {
      System.out.println("not understood: " + e.getMessage());
      System.out.printf(USAGE + "%n", "cuts, storm, interrupts, rotations, senders, hostile");
      System.exit(2);
      return;
    }
    int complaints = soak.run();
    System.out.println(complaints + " complaints");
    System.exit(complaints == 0 ? 0 : 1);
  }

  /**
   * Runs it.
   *
   * @return how many complaints there are
   */
  private int run() throws Exception {
    warm();
    SplittableRandom random = new SplittableRandom(seed);
    Duration each = time.dividedBy(parts.size());
    System.out.printf("%s each, seed %d: %s%n", each, seed, parts.keySet());
    int complaints = 0;
    for (Map.Entry<String, Part> part : parts.entrySet()) {
      Ledger ledger = new Ledger(part.getKey());
      try (Remains remains = new Remains(ledger)) {
        part.getValue().run(each, random.split(), ledger);
        remains.look();
      } catch (Throwable e) {
        ledger.complain("it broke", e);
      }
      System.out.println(ledger);
      complaints += ledger.complained();
    }
    return complaints;
  }

  /** Starts what lives as long as the process, such as the threads that watch. */
  private static void warm() throws Exception {
    Ledger ledger = new Ledger("before");
    try (Feed feed = new Feed(ledger)) {
      for (int i = Runtime.getRuntime().availableProcessors() * 2; i > 0; i--) { // all loops
        for (Protocol protocol : List.of(Protocol.HTTP_1_1, Protocol.HTTP_2)) {
          Sender sender = new Sender("warm" + i, feed.port(), protocol, List.of(), feed, ledger);
          sender.finish();
          sender.run();
        }
      }
    }
  }
}
