package dev.lariat.cli;

import java.util.Locale;
import java.util.Optional;

/**
 * One thing that was found out.
 *
 * @param what a sentence
 * @param advice what to do about it
 */
record Finding(Area area, Grade grade, String what, Optional<String> advice) {

  /** What it is about, in the order of a page. */
  enum Area {
    NAMES("Names and addresses"),
    PROXIES("Proxies"),
    TCP("TCP"),
    TLS("TLS"),
    HTTP("HTTP"),
    UPGRADE("WebSocket"),
    PINGS("Pings"),
    CLOSING("Closing"),
    SESSIONS("Sessions"),
    GAPS("Gaps"),
    LATENCY("Latency"),
    MESSAGES("Messages");

    final String title;

    Area(String title) {
      this.title = title;
    }
  }

  /** How good it is. */
  enum Grade {
    OK("ok"),
    NOTE("note"),
    PROBLEM("problem"),
    /** It could not be found out; the sentence says why. */
    NOT_TRIED("not tried");

    final String word;

    Grade(String word) {
      this.word = word;
    }
  }

  static Finding ok(Area area, String what) {
    return new Finding(area, Grade.OK, what, Optional.empty());
  }

  static Finding note(Area area, String what, String advice) {
    return new Finding(area, Grade.NOTE, what, Optional.of(advice));
  }

  static Finding problem(Area area, String what, String advice) {
    return new Finding(area, Grade.PROBLEM, what, Optional.of(advice));
  }

  static Finding notTried(Area area, String why) {
    return new Finding(area, Grade.NOT_TRIED, why, Optional.empty());
  }

  JsonObject json() {
    return new JsonObject()
        .with("area", area.name().toLowerCase(Locale.ROOT))
        .with("grade", grade.word)
        .with("finding", what)
        .with("advice", advice);
  }
}
