package dev.lariat.it.fuzzing;

import java.io.IOException;

/** The peer broke a rule. */
final class Violation extends IOException {
  private static final long serialVersionUID = 1;

  Violation(String rule) {
    super(rule);
  }
}
