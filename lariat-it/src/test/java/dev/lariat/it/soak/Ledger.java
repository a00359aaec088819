package dev.lariat.it.soak;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/** What a part of the soak counts, and what it complains of. Any thread may write into it. */
final class Ledger {
  private static final int PRINTED = 100; // complaints are printed; the others are only counted

  private final String part;
  private final AtomicInteger complained = new AtomicInteger();
  private final Map<String, LongAdder> counts = new ConcurrentSkipListMap<>();
  private final Map<String, LongAccumulator> longest = new ConcurrentSkipListMap<>();
  private final Queue<WeakReference<Object>> leaving = new ConcurrentLinkedQueue<>();

  Ledger(String part) {
    this.part = part;
  }

  void complain(String what) {
    if (complained.incrementAndGet() <= PRINTED) {
      System.out.println(part + ": " + what);
    }
  }

  void complain(String where, Throwable thrown) {
    StringWriter stack = new StringWriter();
    thrown.printStackTrace(new PrintWriter(stack));
    complain(where + ": " + stack);
  }

  void count(String what) {
    count(what, 1);
  }

  void count(String what, long number) {
    counts.computeIfAbsent(what, name -> new LongAdder()).add(number);
  }

  long counted(String what) {
    LongAdder adder = counts.get(what);
    return adder == null ? 0 : adder.sum();
  }

  /** A time, of which the longest is kept. */
  void took(String what, long nanos) {
    longest.computeIfAbsent(what, name -> new LongAccumulator(Math::max, 0)).accumulate(nanos);
  }

  Duration longest(String what) {
    LongAccumulator nanos = longest.get(what);
    return Duration.ofNanos(nanos == null ? 0 : nanos.get());
  }

  /** Something that must be in the memory no more when the part is over. */
  void leaves(Object what) {
    leaving.add(new WeakReference<>(what));
  }

  /** How much of that is still there. */
  long left() {
    return leaving.stream().filter(what -> what.get() != null).count();
  }

  /** How often something went wrong. */
  int complained() {
    return complained.get();
  }

  /** One line: every count, and the longest times. */
  @Override
  public String toString() {
    String counted =
        counts.entrySet().stream()
            .map(count -> count.getKey() + " " + count.getValue())
            .collect(Collectors.joining(", "));
    String times =
        longest.entrySet().stream()
            .map(time -> time.getKey() + " at most " + time.getValue().get() / 1_000_000 + " ms")
            .collect(Collectors.joining(", "));
    return part + ": " + (times.isEmpty() ? counted : counted + "; " + times);
  }
}
