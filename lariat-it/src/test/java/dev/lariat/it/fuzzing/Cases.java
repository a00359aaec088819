package dev.lariat.it.fuzzing;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A group of cases as it is written down: each gets the next number of its group. */
final class Cases {
  private final List<Case> cases = new ArrayList<>();
  private String group = "";
  private int number;

  /** Begins a group, as {@code 9.1}. */
  Cases group(String group) {
    this.group = group;
    number = 0;
    return this;
  }

  /** Adds a script. */
  void add(String description, Script script) {
    add(description, List.of(), pace -> script);
  }

  /** Adds a play that depends on the pace, or is too big to be kept. */
  void add(String description, List<Wish> wishes, Function<Pace, Play> play) {
    number++;
    cases.add(new Case(group + "." + number, description, wishes, play));
  }

  List<Case> list() {
    return cases;
  }
}
