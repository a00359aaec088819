package dev.lariat.cli;

import java.util.ArrayList;
import java.util.List;

/** Numbers of messages, kept and written as ranges: {@code 1, 3 to 7}. */
final class Ranges {
  private static final int SHOWN = 10; // of which each is short

  private record Range(long first, long last) {
    @Override
    public String toString() {
      return first == last ? String.valueOf(first) : first + " to " + last;
    }
  }

  private final List<Range> ranges = new ArrayList<>();

  /** Adds a number that is larger than all before it. */
  void add(long number) {
    boolean follows = !ranges.isEmpty() && ranges.getLast().last() == number - 1;
    ranges.add(new Range(follows ? ranges.removeLast().first() : number, number));
  }

  boolean isEmpty() {
    return ranges.isEmpty();
  }

  void clear() {
    ranges.clear();
  }

  /** {@code message 3}, or {@code messages 1, 3 to 7}. */
  @Override
  public String toString() {
    boolean one = ranges.size() == 1 && ranges.getFirst().first() == ranges.getFirst().last();
    List<String> words = ranges.stream().limit(SHOWN).map(Range::toString).toList();
    return (one ? "message " : "messages ")
        + String.join(", ", words)
        + (ranges.size() > SHOWN ? " and more" : "");
  }
}
