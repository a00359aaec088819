package dev.lariat.it.fuzzing;

import java.util.List;

/**
 * Groups 12 to 14: permessage-deflate (RFC 7692), with whatever the client offers, as each kind of
 * data, under each answer of the server's, and with each window of the client's.
 */
final class CompressionCases {
  /** Octets of a message, and of a fragment of it or 0 for none. */
  private record Size(int message, int fragment) {}

  private static final List<Size> SIZES =
      List.of(
          new Size(16, 0),
          new Size(64, 0),
          new Size(256, 0),
          new Size(1 << 10, 0),
          new Size(4 << 10, 0),
          new Size(8 << 10, 0),
          new Size(16 << 10, 0),
          new Size(32 << 10, 0),
          new Size(64 << 10, 0),
          new Size(128 << 10, 0),
          new Size(8 << 10, 256),
          new Size(16 << 10, 256),
          new Size(32 << 10, 256),
          new Size(64 << 10, 256),
          new Size(128 << 10, 256),
          new Size(128 << 10, 1 << 10),
          new Size(128 << 10, 4 << 10),
          new Size(128 << 10, 32 << 10));

  private static final Wish ANYTHING = new Wish(false, 0);
  private static final Wish NO_TAKEOVER = new Wish(true, 0);
  private static final Wish SMALL_WINDOW = new Wish(false, 9);
  private static final Wish SMALL_WINDOW_NO_TAKEOVER = new Wish(true, 9);

  /** What the server answers in groups 13.1 to 13.7. */
  private static final List<List<Wish>> ANSWERS =
      List.of(
          List.of(ANYTHING),
          List.of(NO_TAKEOVER),
          List.of(SMALL_WINDOW),
          List.of(new Wish(false, 15)),
          List.of(SMALL_WINDOW_NO_TAKEOVER),
          List.of(new Wish(true, 15)),
          List.of(SMALL_WINDOW_NO_TAKEOVER, NO_TAKEOVER, ANYTHING));

  private CompressionCases() {}

  static void addTo(Cases cases) {
    for (TestData data : TestData.values()) {
      cases.group("12." + (1 + data.ordinal()));
      for (Size size : SIZES) {
        add(cases, data, size, List.of(ANYTHING));
      }
    }
    for (int i = 0; i < ANSWERS.size(); i++) {
      cases.group("13." + (1 + i));
      for (Size size : SIZES) {
        add(cases, TestData.JSON, size, ANSWERS.get(i));
      }
    }
    for (int bits = 8; bits <= 15; bits++) {
      cases.group("14." + bits);
      for (boolean noTakeover : new boolean[] {false, true}) {
        add(cases, TestData.JSON, new Size(12_345, 0), List.of(new Wish(noTakeover, bits)));
      }
    }
  }

  private static void add(Cases cases, TestData data, Size size, List<Wish> wishes) {
    cases.add(
        "1000 messages of %d octets out of %s, in fragments of %d, the server wants one of %s"
            .formatted(size.message(), data.description, size.fragment(), wishes),
        wishes,
        pace -> new Rounds(data.slices(), size.message(), size.fragment(), true));
  }
}
