package dev.lariat.it.fuzzing;

import java.util.List;

/**
 * The cases in the order of their numbers: the 517 of the Autobahn test suite by its numbering, and
 * group 14, which is this server's own.
 */
final class Catalogue {
  private Catalogue() {}

  static List<Case> cases() {
    Cases cases = new Cases();
    FramingCases.addTo(cases);
    Utf8Cases.addTo(cases);
    ClosingCases.addTo(cases);
    SizeCases.addTo(cases);
    CompressionCases.addTo(cases);
    return List.copyOf(cases.list());
  }
}
